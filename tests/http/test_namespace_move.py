"""A namespace moves with all below it, in one commit."""

import pytest
from harness.changes import new_key
from harness.versions import API, Catalog

PATH = f"{API}/namespaces/move"


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    """a with tables t and u, a.b with v and a.b.c with w."""
    catalog = Catalog(server)
    for space, *names in (("a", "t", "u"), ("a%1Fb", "v"), ("a%1Fb%1Fc", "w"),
                          ("other",)):
        catalog.make_space(space)
        for name in names:
            catalog.make_table(name, space)
    return catalog


def move(catalog, source, destination, want=204, headers=None, **more):
    return catalog.ask("POST", PATH, {
        "catalog": catalog.name, "source": source.split("."),
        "destination": destination.split("."), **more}, want, headers)


def refused(reply, word):
    assert word in reply.json()["error"], reply


def spaces(catalog, branch=None, parent=""):
    query = f"?parent={parent}" if parent else ""
    reply = catalog.ask("GET", catalog.path(branch) + query, want=200)
    return [".".join(one) for one in reply.json()["namespaces"]]


def load(catalog, name, space):
    return catalog.ask(
        "GET", catalog.path(None, space) + f"/tables/{name}", want=200).json()


def test_all_that_is_below_moves_in_one_commit(catalog):
    catalog.ask("POST", catalog.path(None, "a") + "/properties",
                {"updates": {"owner": "ann"}}, want=200)
    before = load(catalog, "w", "a%1Fb%1Fc")
    sequence = catalog.branch()["sequence"]
    move(catalog, "a", "other.x")
    assert catalog.branch()["sequence"] == sequence + 1
    assert spaces(catalog) == ["other"]
    assert spaces(catalog, parent="other") == ["other.x"]
    assert spaces(catalog, parent="other%1Fx") == ["other.x.b"]
    assert catalog.tables("other%1Fx") == ["t", "u"]
    assert catalog.tables("other%1Fx%1Fb") == ["v"]
    assert load(catalog, "w", "other%1Fx%1Fb%1Fc") == before
    moved = catalog.ask("GET", catalog.path(None, "other%1Fx"), want=200)
    assert moved.json()["properties"]["owner"] == "ann"
    catalog.ask("GET", catalog.path(None, "a"), want=404)
    catalog.ask("GET", catalog.path(None, "a%1Fb") + "/tables/v", want=404)
    # the names that were left are free, and their places are not
    catalog.make_space("a")
    catalog.make_table("t", "a")
    catalog.set("t", "moved", "other%1Fx")
    assert catalog.value("t", "a") == ""


def test_back_and_forth(catalog):
    for _ in range(3):
        move(catalog, "a", "z")
        move(catalog, "z", "a")
    assert catalog.tables("a%1Fb%1Fc") == ["w"]
    assert spaces(catalog) == ["a", "other"]


def test_a_branch_moves_what_it_inherited(catalog):
    catalog.fork("dev")
    catalog.drop("u", "a", branch="dev")
    catalog.make_table("mine", "a", branch="dev")
    move(catalog, "a", "z", branch="dev")
    assert spaces(catalog) == ["a", "other"]
    assert catalog.tables("a") == ["t", "u"]
    assert spaces(catalog, "dev") == ["other", "z"]
    assert catalog.tables("z", branch="dev") == ["mine", "t"]
    assert catalog.tables("z%1Fb%1Fc", branch="dev") == ["w"]
    head = catalog.head()
    refused(move(catalog, "a", "y", 400, branch=f"main~{head}"),
            "historic view")
    catalog.change("dev", protected=True)
    refused(move(catalog, "z", "y", 403, branch="dev"), "protected")
    move(catalog, "a", "y", 404, branch="none")


def test_what_cannot_move_is_refused(catalog):
    refused(move(catalog, "none", "z", 404), "none")
    refused(move(catalog, "a", "none.z", 404), "none")
    refused(move(catalog, "a", "other", 409), "other")
    for below in ("a", "a.x", "a.b.c.d"):
        refused(move(catalog, "a", below, 400), "itself")
    refused(move(catalog, "a", "x" * 300, 400), "bytes")
    reply = catalog.ask("POST", PATH, {
        "catalog": "none", "source": ["a"], "destination": ["z"]}, 404)
    refused(reply, "none")
    catalog.make_space("ab")  # no child of a, though its name begins so
    move(catalog, "a", "ab.a")
    assert catalog.tables("ab%1Fa%1Fb") == ["v"]


def test_a_move_that_comes_again_is_answered_again(catalog):
    key = new_key()
    move(catalog, "a", "z", headers=key)
    catalog.make_space("a")
    move(catalog, "a", "z", headers=key)
    assert spaces(catalog) == ["a", "other", "z"]


def test_more_than_a_page_moves(servers):
    catalog = Catalog(servers.start(store="memory"))
    catalog.make_space("many")
    for i in range(1001):
        catalog.make_space(f"many%1Fs{i}")
    move(catalog, "many", "all")
    assert len(spaces(catalog, parent="all")) == 1001
    assert spaces(catalog) == ["all"]
