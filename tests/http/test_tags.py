"""Tags: names of commits, which move only from where they are expected."""

import uuid

import pytest
from harness.changes import new_key, same
from harness.versions import API, Catalog


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    catalog.make_table("t")
    return catalog


def refused(reply, word):
    assert word in reply.json()["error"], reply


def move(catalog, name, commit, expected, want=200, headers=None):
    return catalog.ask("PUT", catalog.refs("tags", name), {
        "commit_id": commit, "expected_commit_id": expected}, want, headers)


def test_a_tag_names_a_commit(catalog):
    head = catalog.head()
    made = catalog.tag("v1", head)
    assert made.items() >= {
        "name": "v1", "commit_id": head, "catalog": catalog.name,
        "branch": "main", "sequence": 2}.items()
    assert catalog.ask("GET", catalog.refs("tags", "v1")).json() == made
    catalog.make_table("u")
    assert catalog.tags() == [made]
    assert [b["name"] for b in catalog.branches()] == ["main"]


def test_a_tag_names_what_a_ref_or_an_instant_shows(catalog):
    first = catalog.head()
    catalog.tag("v1", first)
    catalog.fork("dev")
    catalog.make_table("u")
    now = catalog.fork("other")["created_at"]
    for name, origin, commit in (
            ("a", "main", catalog.head()), ("b", "v1", first),
            ("c", "dev", first), ("d", f"main~{first}", first),
            ("e", f"main~{now}", catalog.head())):
        assert catalog.tag(name, **{"from": origin})["commit_id"] == commit


def test_what_is_not_there_takes_no_tag(catalog, server):
    catalog.tag("v1", str(uuid.uuid4()), want=404)
    catalog.tag("v1", "x", want=422)
    catalog.tag("v1", want=400)
    catalog.tag("v1", catalog.head(), want=400, **{"from": "main"})
    catalog.tag("v1", want=404, **{"from": "none"})
    empty = Catalog(server)
    empty.tag("v1", want=409, **{"from": "main"})
    # a commit of another catalog
    empty.tag("v1", catalog.head(), want=404)


def test_a_tag_moves_from_where_it_is_expected(catalog):
    first = catalog.head()
    catalog.tag("v1", first)
    catalog.make_table("u")
    second = catalog.head()
    refused(move(catalog, "v1", second, second, 409), first)
    assert move(catalog, "v1", second, first).json()["commit_id"] == second
    tag, = catalog.tags()
    assert tag["commit_id"] == second and tag["sequence"] == 3
    refused(move(catalog, "none", second, first, 404), "none")
    refused(move(catalog, "main", second, first, 404), "branch")
    refused(move(catalog, "v1", second, None, 422), "/expected_commit_id")
    refused(move(catalog, "v1", str(uuid.uuid4()), second, 404), "no commit")


def test_a_tag_of_a_part_moves_to_the_whole(catalog):
    """Both are of one commit: the move changed nothing."""
    catalog.make_table("u")
    catalog.fork("part", assets=["a.t"])
    catalog.tag("v1", **{"from": "part"})
    assert catalog.tables(branch="v1") == ["t"]
    head = catalog.head()
    move(catalog, "v1", head, head)
    assert catalog.tables(branch="v1") == ["t", "u"]


def test_a_tag_is_deleted(catalog):
    head = catalog.head()
    catalog.tag("v1", head)
    path = catalog.refs("tags", "v1")
    refused(catalog.ask("DELETE", path + f"&expected_commit_id={uuid.uuid4()}",
                        want=409), head)
    catalog.ask("DELETE", path + f"&expected_commit_id={head}", want=204)
    catalog.ask("DELETE", path, want=404)
    catalog.ask("GET", path, want=404)
    assert catalog.tags() == []
    catalog.fork("v1")
    refused(catalog.ask("DELETE", path, want=404), "branch")


def test_a_tag_outlives_its_branch(catalog):
    catalog.fork("dev")
    catalog.tag("v0", **{"from": "dev"})
    head = catalog.head()
    catalog.delete("dev")
    assert catalog.fork("again", "v0")["head_commit_id"] == head


def test_a_key_makes_and_moves_a_tag_once(catalog):
    first, key = catalog.head(), new_key()
    body = {"name": "v1", "catalog": catalog.name, "commit_id": first}
    reply = catalog.ask("POST", f"{API}/tags", body, 200, key)
    same(catalog.ask("POST", f"{API}/tags", body, 200, key), reply)
    catalog.make_table("u")
    second, key = catalog.head(), new_key()
    reply = move(catalog, "v1", second, first, 200, key)
    same(move(catalog, "v1", second, first, 200, key), reply)
    move(catalog, "v1", first, second)
    move(catalog, "v1", second, first, 200, key)
    assert catalog.tags()[0]["commit_id"] == first
    path, key = catalog.refs("tags", "v1"), new_key()
    catalog.ask("DELETE", path, want=204, headers=key)
    catalog.tag("v1", first)
    catalog.ask("DELETE", path, want=204, headers=key)
    assert catalog.tags()
