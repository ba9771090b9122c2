"""Merging branches: what is taken, what stays, and how often."""

import concurrent.futures
import uuid

import pytest
from harness.changes import new_key
from harness.versions import API, Catalog


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.set("t", "0")
    return catalog


def test_what_the_source_changed_is_taken(catalog):
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    catalog.make_table("new", branch="dev")
    catalog.make_space("b", branch="dev")
    catalog.make_table("u", space="b", branch="dev")
    made = catalog.merge("dev")
    assert made["status"] == "Completed" and made["conflicts"] == []
    assert made["result_commit_id"] == catalog.head() == made["id"]
    assert made["base_commit_id"] and made["completed_at"]
    assert catalog.value("t") == "1"
    assert sorted(catalog.tables()) == ["new", "t"]
    assert catalog.tables("b") == ["u"]
    assert catalog.operation(made["id"]) == made
    one, = catalog.ask(
        "GET", f"{API}/catalogs/{catalog.name}/merge-operations").json()
    assert one["id"] == made["id"] and one["conflicts_count"] == 0


def test_what_the_target_changed_stays(catalog):
    catalog.make_table("mine")
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    catalog.set("mine", "2")
    catalog.make_table("later")
    catalog.merge("dev")
    assert catalog.value("t") == "1" and catalog.value("mine") == "2"
    assert sorted(catalog.tables()) == ["later", "mine", "t"]
    assert catalog.value("mine", branch="dev") == ""
    assert sorted(catalog.tables(branch="dev")) == ["mine", "t"]


def test_a_drop_is_merged(catalog):
    catalog.make_table("gone")
    catalog.fork("dev")
    catalog.drop("gone", branch="dev")
    catalog.merge("dev")
    assert catalog.tables() == ["t"]
    # and its place is free again
    catalog.make_table("gone")


def test_a_rename_is_merged(catalog):
    before = catalog.value("t")
    catalog.fork("dev")
    catalog.rename("t", "v", branch="dev")
    catalog.merge("dev")
    assert catalog.tables() == ["v"] and catalog.value("v") == before
    catalog.set("v", "after")
    catalog.drop("v")


@pytest.mark.parametrize("ends", ["renamed", "dropped"])
def test_what_never_was_on_the_branch_between_is_gone_behind_it(catalog, ends):
    catalog.fork("between")
    catalog.fork("dev")
    catalog.make_table("x", branch="dev")
    catalog.fork("old", origin="dev")
    if ends == "renamed":
        catalog.rename("x", "y", branch="dev")
    else:
        catalog.drop("x", branch="dev")
    plan = catalog.plan("dev", "between")
    assert plan["status"] == "Ready", plan
    assert [one["name"] for one in plan["changes"]] == (
        ["y"] if ends == "renamed" else [])
    catalog.merge("dev", "between")
    catalog.merge("between", "old")
    assert catalog.tables(branch="old") == (
        ["t", "y"] if ends == "renamed" else ["t"])


def test_drops_of_two_tables_of_one_name_are_both_known(catalog):
    catalog.fork("between")
    catalog.fork("dev")
    catalog.make_table("x", branch="between")
    catalog.drop("x", branch="between")
    catalog.make_table("x", branch="dev")
    catalog.fork("old", origin="dev")
    catalog.merge("between", "old")
    assert catalog.tables(branch="old") == ["t", "x"]
    catalog.drop("x", branch="dev")
    catalog.merge("dev", "between")
    catalog.merge("between", "old")
    assert catalog.tables(branch="old") == ["t"]


def test_what_was_changed_back_is_changed_back_behind_the_merge(catalog):
    catalog.fork("between")
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    changed = catalog.head("dev")
    catalog.fork("old", origin="dev")
    catalog.restore("revert", "dev", changed)
    catalog.merge("dev", "between")
    catalog.merge("between", "old")
    assert catalog.value("t", branch="old") == "0"


def test_a_change_follows_a_rename(catalog):
    catalog.make_table("u")
    catalog.fork("dev")
    catalog.rename("t", "t2", branch="dev")
    catalog.set("t", "changed")
    catalog.set("u", "changed", branch="dev")
    catalog.rename("u", "u2")
    catalog.merge("dev")
    assert sorted(catalog.tables()) == ["t2", "u2"]
    assert catalog.value("t2") == catalog.value("u2") == "changed"


def test_a_second_merge_carries_only_what_is_new(catalog):
    """A4: the fork point is not the base of a second merge."""
    catalog.fork("dev")
    for value in "123":
        catalog.set("t", value, branch="dev")
        catalog.merge("dev")
        assert catalog.value("t") == value
    # what main changes after a merge is known to be newer
    catalog.set("t", "4")
    catalog.make_table("u", branch="dev")
    catalog.merge("dev")
    assert catalog.value("t") == "4" and "u" in catalog.tables()


def test_nothing_new_is_no_commit(catalog):
    catalog.fork("dev")
    for _ in range(2):
        head = catalog.head()
        made = catalog.merge("dev")
        assert made["status"] == "Completed"
        assert made["result_commit_id"] == catalog.head() == head
        catalog.make_table(f"t{uuid.uuid4().hex[:8]}")
    catalog.set("t", "1", branch="dev")
    catalog.merge("dev")
    head = catalog.head()
    assert catalog.merge("dev")["result_commit_id"] == head
    assert catalog.plan("dev")["status"] == "Completed"


def test_criss_cross(catalog):
    catalog.make_table("u")
    catalog.fork("a")
    catalog.fork("b")
    catalog.set("t", "a", branch="a")
    catalog.set("u", "b", branch="b")
    catalog.merge("a", "b")
    catalog.merge("b", "a")
    for branch in "ab":
        assert (catalog.value("t", branch=branch),
                catalog.value("u", branch=branch)) == ("a", "b")
    catalog.set("t", "a2", branch="a")
    catalog.set("u", "b2", branch="b")
    catalog.merge("a", "b")
    catalog.merge("b", "a")
    catalog.merge("a")
    assert (catalog.value("t"), catalog.value("u")) == ("a2", "b2")
    assert catalog.merge("b")["status"] == "Completed"


def test_a_rebase_takes_what_the_parent_has(catalog):
    catalog.fork("dev")
    catalog.set("t", "main")
    catalog.make_table("mine", branch="dev")
    reply = catalog.ask("POST", f"{API}/branches/dev/rebase",
                        {"name": "dev", "catalog": catalog.name}, want=200)
    assert reply.body == b""
    assert catalog.value("t", branch="dev") == "main"
    assert sorted(catalog.tables(branch="dev")) == ["mine", "t"]
    assert catalog.tables() == ["t"]


def test_a_dry_run_changes_nothing(catalog):
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    catalog.make_table("u", branch="dev")
    head = catalog.head()
    plan = catalog.plan("dev")
    assert plan["status"] == "Ready" and plan["changes_count"] == 2
    assert {(c["name"], c["change"], c["kind"]) for c in plan["changes"]} == {
        ("t", "changed", "table"), ("u", "added", "table")}
    assert catalog.head() == head and catalog.value("t") == "0"


def test_merges_go_by_branch_not_by_name(catalog):
    """B8: a branch made again under its name is another one."""
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    catalog.merge("dev")
    catalog.delete("dev")
    catalog.fork("dev")
    catalog.set("t", "2", branch="dev")
    catalog.merge("dev")
    assert catalog.value("t") == "2"


def test_the_commit_says_what_it_is(catalog):
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    source = catalog.head("dev")
    catalog.merge("dev")
    commits = catalog.refs(name="main") .replace("?", "/commits?")
    newest = catalog.ask("GET", commits, want=200).json()[0]
    assert newest["message"] == "merge dev into main"
    assert newest["merged_commit_id"] == source
    catalog.set("t", "2", branch="dev")
    catalog.merge("dev", message="the second", squash=True)
    newest = catalog.ask("GET", commits, want=200).json()[0]
    assert newest["message"] == "the second"
    assert newest["merged_commit_id"] is None
    # it is known all the same
    head = catalog.head()
    assert catalog.merge("dev")["result_commit_id"] == head


def test_protected_branches_take_merges_but_no_experiments(catalog):
    catalog.fork("try")
    catalog.fork("dev", branch_type="ingest")
    catalog.set("t", "1", branch="dev")
    catalog.set("t", "1", branch="try")
    catalog.change("main", protected=True)
    refused = catalog.merge("try", want=400)
    assert "experimental" in refused["error"]
    assert catalog.merge("dev")["status"] == "Completed"
    assert catalog.value("t") == "1"


def test_what_cannot_be_merged(catalog):
    catalog.fork("dev")
    catalog.tag("v1", catalog.head())
    for source, target, status in (
            ("dev", "dev", 400), ("none", "main", 404), ("dev", "none", 404),
            ("dev", "v1", 400), ("dev", f"main~{catalog.head()}", 400)):
        catalog.merge(source, target, want=status)
    catalog.ask("POST", f"{API}/branches/merge", {
        "source_branch": "dev", "target_branch": "main",
        "catalog": "none"}, want=404)


def test_a_tag_and_a_commit_can_be_merged(catalog):
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    first = catalog.head("dev")
    catalog.tag("v1", first)
    catalog.set("t", "2", branch="dev")
    catalog.merge("v1")
    assert catalog.value("t") == "1"
    catalog.merge(f"dev~{catalog.head('dev')}")
    assert catalog.value("t") == "2"


def test_a_merge_with_a_key_is_made_once(catalog):
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    key = new_key()
    made = catalog.merge("dev", headers=key)
    head = catalog.head()
    catalog.set("t", "2", branch="dev")
    assert catalog.merge("dev", headers=key) == made
    assert catalog.head() == head and catalog.value("t") == "1"
    catalog.merge("dev", headers=key, squash=True, want=422)


def test_many_tables_are_one_commit(catalog):
    catalog.fork("dev")
    names = [f"t{n:03}" for n in range(200)]
    for name in names:
        catalog.make_table(name, branch="dev")
    before = catalog.branch()["sequence"]
    catalog.merge("dev")
    assert catalog.branch()["sequence"] == before + 1
    assert catalog.tables() == ["t", *names]


def test_merges_beside_writers_lose_nothing(catalog):
    """Every write of either side is there at the end."""
    names = [f"w{n}" for n in range(4)]
    for name in names:
        catalog.make_table(name)
    catalog.fork("dev")

    def write(name, branch):
        for value in range(1, 6):
            catalog.set(name, str(value), branch=branch)

    def merge():
        for _ in range(6):
            made = catalog.merge("dev", want=None)
            assert made.get("status") == "Completed" or "error" in made

    with concurrent.futures.ThreadPoolExecutor() as pool:
        work = [pool.submit(write, name, "dev" if n % 2 else None)
                for n, name in enumerate(names)]
        work.append(pool.submit(merge))
        for one in work:
            one.result()
    catalog.merge("dev")
    assert [catalog.value(name) for name in names] == ["5"] * 4
