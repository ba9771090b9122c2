"""What a branch shows: the state it was made from, then its own changes."""

import concurrent.futures
import itertools

import pytest
from harness.changes import SCHEMA, set_property
from harness.versions import API, Catalog
from harness.wait import until


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.set("t", "1")
    return catalog


def test_neither_sees_what_the_other_does(catalog):
    catalog.fork("dev")
    catalog.set("t", "main")
    catalog.make_table("mine")
    assert catalog.value("t", branch="dev") == "1"
    assert catalog.tables(branch="dev") == ["t"]
    catalog.set("t", "dev", branch="dev")
    catalog.make_table("theirs", branch="dev")
    catalog.make_space("b", "dev")
    catalog.drop("t")
    assert catalog.value("t", branch="dev") == "dev"
    assert catalog.tables(branch="dev") == ["t", "theirs"]
    assert catalog.tables() == ["mine"]
    assert catalog.ask("GET", catalog.path(space="b")).status == 404


def test_a_fork_below_its_parents_fork(catalog):
    """versions.md A3: the parent is the branch that holds the commit."""
    old = catalog.head()
    catalog.set("t", "2")
    catalog.fork("dev")
    catalog.set("t", "3", branch="dev")
    assert catalog.fork("exp", f"dev~{old}")["head_commit_id"] == old
    assert catalog.value("t", branch="exp") == "1"
    assert catalog.value("t", branch="dev") == "3"


def test_a_fork_of_forks_keeps_reading_right(catalog):
    """A chain of more than eight links is folded, and nothing changes."""
    values = {}
    origin = "main"
    for n in range(12):
        name = f"b{n}"
        catalog.fork(name, origin)
        catalog.make_table(name, branch=name)
        catalog.set("t", str(n), branch=name)
        if n % 3 == 2:
            catalog.drop(f"b{n - 2}", branch=name)
        values[name] = (str(n), catalog.tables(branch=name))
        origin = name
    assert values["b11"][1] == ["b1", "b10", "b11", "b2", "b4", "b5", "b7",
                                "b8", "t"]
    for name in ("b5", "b7"):
        catalog.delete(name)
        del values[name]
    for name, (value, tables) in values.items():
        assert catalog.value("t", branch=name) == value
        assert catalog.tables(branch=name) == tables


def test_a_partial_branch_shows_what_it_was_made_with(catalog):
    catalog.make_space("a%1Fb")
    catalog.make_table("deep.name", "a%1Fb")
    catalog.make_table("u")
    catalog.make_space("other")
    made = catalog.fork("part", assets=["a.t", "a\x1fb\x1fdeep.name"])
    assert made["partial"] and sorted(made["assets"]) == [
        "a.b.deep.name", "a.t"]
    assert catalog.branch("part") == made
    assert catalog.tables(branch="part") == ["t"]
    assert catalog.tables("a%1Fb", "part") == ["deep.name"]
    spaces = catalog.ask("GET", catalog.path("part")).json()["namespaces"]
    assert spaces == [["a"]]
    catalog.set("t", "part", branch="part")
    catalog.make_table("new", branch="part")
    catalog.drop("deep.name", "a%1Fb", "part")
    assert catalog.tables(branch="part") == ["new", "t"]
    assert catalog.value("t") == "1"
    assert catalog.tables("a%1Fb") == ["deep.name"]
    catalog.fork("child", "part")
    assert catalog.tables(branch="child") == ["new", "t"]
    for assets, word in ((["a.none"], "a.none"), (["t"], "/assets"),
                         ([".t"], "/assets"), (["a."], "Asset"),
                         (["a.t"] * 1001, "/assets")):
        assert word in catalog.fork("bad", want=400, assets=assets)["error"]
    assert not catalog.fork("whole", assets=[])["partial"]


def test_a_partial_branch_knows_whose_places_are_taken(catalog):
    catalog.fork("part", assets=["a.t"])
    location = catalog.ask("GET", catalog.path(space="a") + "/tables/t"
                           ).json()["metadata"]["location"]
    for place in (location, location + "/in"):
        catalog.ask("POST", catalog.path("part", "a") + "/tables", {
            "name": "u", "schema": SCHEMA, "location": place}, want=409)


def test_a_deleted_branch_breaks_nothing(catalog):
    catalog.fork("dev")
    catalog.set("t", "dev", branch="dev")
    catalog.fork("child", "dev")
    catalog.tag("v1", **{"from": "dev"})
    catalog.set("t", "late", branch="dev")
    late = catalog.head("dev")
    catalog.delete("dev")
    for name in ("child", "v1"):
        assert catalog.value("t", branch=name) == "dev"
    catalog.ask("GET", catalog.path("dev"), want=404)
    catalog.ask("POST", catalog.path("dev"), {"namespace": ["x"]}, want=404)
    catalog.fork("dev")
    assert catalog.value("t", branch="dev") == "1"
    assert catalog.value("t", branch="child") == "dev"
    # what the tag names can be used, what nobody names cannot
    assert catalog.fork("again", "v1")
    assert catalog.value("t", branch="again") == "dev"
    assert catalog.fork("more", "child")
    assert "deleted" in catalog.fork("lost", f"~{late}", want=409)["error"]
    assert "deleted" in catalog.tag("lost", late, want=409)["error"]


def test_a_branch_that_a_merge_uses_stays(catalog):
    catalog.fork("dev")
    catalog.drop("t", branch="dev")
    catalog.set("t", "2")
    operation = catalog.merge("dev", want=409)["operation_id"]
    assert operation in catalog.delete("dev", want=409).json()["error"]
    catalog.ask("POST", f"{API}/merge-operations/{operation}/abort", want=200)
    catalog.delete("dev")


def test_a_drop_and_its_return_leave_branches_their_files(catalog):
    """versions.md A5: no commit and no drop deletes what a branch reads."""
    catalog.ask("POST", f"{catalog.path(space='a')}/tables/t", {
        "requirements": [], "updates": [
            *set_property("write.metadata.delete-after-commit.enabled",
                          "true"),
            *set_property("write.metadata.previous-versions-max", "1")]},
        want=200)
    catalog.fork("dev")
    catalog.tag("v1", catalog.head())
    place = catalog.ask("GET", catalog.path(space="a") + "/tables/t"
                        ).json()["metadata"]["location"]
    for n in range(5):
        catalog.set("t", str(n))
    catalog.ask("DELETE", catalog.path(space="a")
                + "/tables/t?purgeRequested=true", want=204)
    made = catalog.make_table("t")
    assert made["metadata"]["location"] != place
    for name in ("dev", "v1"):
        assert catalog.value("t", branch=name) == "1"


def test_a_fork_shows_what_it_was_made_from_whoever_writes(catalog):
    """versions.md A1: positions come in order, and none comes late."""
    for n in range(3):
        catalog.make_table(f"w{n}")

    def write(n):
        for value in range(12):
            catalog.set(f"w{n}", str(value))

    def values(branch):
        return [catalog.value(f"w{n}", branch=branch) for n in range(3)]

    def fork(n):
        made = catalog.fork(f"f{n}")
        first = values(f"f{n}")
        return made["name"], made["fork_commit_id"], first

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(write, n) for n in range(3)]
        made = list(pool.map(fork, range(12)))
        for writer in writers:
            writer.result()
    for name, commit, first in made:
        assert values(name) == values(f"main~{commit}") == first
    history = catalog.ask("GET", catalog.refs(
        "branches", "main/commits", limit=100), want=200).json()
    places = [commit["id"] for commit in history]
    assert all(commit in places for _, commit, _ in made)


def test_a_name_is_given_once_whoever_asks(catalog):
    def fork(n):
        return catalog.ask("POST", f"{API}/branches", {
            "name": "dev", "catalog": catalog.name,
            "protected": n % 2 == 0}).status

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            found = sorted(pool.map(fork, range(8)))
            assert found == [201] + [409] * 7
            catalog.change("dev", protected=False)
            catalog.delete("dev")
    assert [b["name"] for b in catalog.branches()] == ["main"]


def test_many_branches_cost_a_row_each(catalog):
    names = [f"n{n:03}" for n in range(60)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(catalog.fork, names))
    listed = [b["name"] for b in catalog.branches()]
    assert listed == sorted(["main", *names])
    assert all(catalog.value("t", branch=name) == "1"
               for name in itertools.islice(names, 0, None, 20))


def test_the_task_fold_finds_nothing_to_do(catalog):
    origin = "main"
    for n in range(10):
        catalog.fork(f"b{n}", origin)
        origin = f"b{n}"
        catalog.set("t", str(n), branch=origin)
    task = catalog.ask("POST", f"{API}/tasks", {
        "kind": "fold", "catalog": catalog.name}, want=202).json()["task_id"]
    path = f"{API}/tasks/{task}"
    until(lambda: catalog.ask("GET", path).json()["finished_at"], "the task")
    assert catalog.ask("GET", path).json()["state"] == "completed"
    for n in range(10):
        assert catalog.value("t", branch=f"b{n}") == str(n)


def test_a_list_of_the_past_is_kept_and_never_changes(catalog):
    catalog.make_space("kept")
    catalog.make_table("old", "kept")
    lists = [catalog.path(f"main~{catalog.head()}") + end for end in (
        "", "/kept/tables", "/kept/views", "?parent=kept")]

    def ask():
        return [catalog.ask("GET", path, want=200) for path in lists]

    first = [reply.body for reply in ask()]
    assert b"old" in first[1] and b"kept" in first[0]
    catalog.make_table("new", "kept")
    catalog.drop("old", "kept")
    again = ask()
    assert [reply.body for reply in again] == first
    for reply in again:
        assert reply.headers["Cache-Status"].startswith("pangolin; hit"), reply
    assert catalog.tables("kept") == ["new"]
    catalog.ask("GET", catalog.path(f"main~{catalog.head()}") + "/none/tables",
                want=404)
