"""Commits made of commits: picked, undone, gone back to."""

import uuid

import pytest
from harness.changes import new_key
from harness.versions import Catalog


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.set("t", "0")
    return catalog


def test_a_commit_is_picked(catalog):
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    catalog.make_table("u", branch="dev")
    picked = catalog.head("dev")
    catalog.set("u", "later", branch="dev")
    done = catalog.restore("cherry-pick", "main", picked)
    assert done == {"status": "completed", "branch": "main",
                    "commit_id": catalog.head()}
    assert catalog.value("t") == "0" and catalog.value("u") == ""
    # what was picked is no conflict when all is merged
    catalog.merge("dev")
    assert catalog.value("t") == "1" and catalog.value("u") == "later"


def test_picking_again_changes_nothing(catalog):
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    picked = catalog.head("dev")
    catalog.restore("cherry-pick", "main", picked)
    head = catalog.head()
    assert catalog.restore("cherry-pick", "main", picked) == {
        "status": "unchanged", "branch": "main", "commit_id": head}


def test_a_pick_that_conflicts_changes_nothing(catalog):
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    catalog.set("t", "2")
    head = catalog.head()
    reply = catalog.restore("cherry-pick", "main", catalog.head("dev"),
                            want=409)
    assert "a.t" in reply["error"]
    assert catalog.head() == head and catalog.value("t") == "2"


def test_a_commit_is_undone(catalog):
    catalog.set("t", "1")
    wrong = catalog.head()
    catalog.make_table("u")
    made = catalog.head()
    catalog.drop("u")
    dropped = catalog.head()
    catalog.restore("revert", "main", wrong)
    assert catalog.value("t") == "0"
    catalog.restore("revert", "main", dropped)
    assert sorted(catalog.tables()) == ["t", "u"]
    catalog.restore("revert", "main", made)
    assert catalog.tables() == ["t"]
    # its place is free
    catalog.make_table("u")


def test_what_changed_since_is_not_undone(catalog):
    catalog.set("t", "1")
    wrong = catalog.head()
    catalog.set("t", "2")
    catalog.restore("revert", "main", wrong, want=409)
    assert catalog.value("t") == "2"


def test_a_merge_is_undone(catalog):
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    catalog.make_table("u", branch="dev")
    merged = catalog.merge("dev")["result_commit_id"]
    catalog.restore("revert", "main", merged)
    assert catalog.value("t") == "0" and catalog.tables() == ["t"]
    # as in git: the branch is merged, and stays undone
    assert catalog.merge("dev")["result_commit_id"] == catalog.head()
    # and its own commits can be picked again
    catalog.restore("cherry-pick", "main", catalog.head("dev"))
    assert "u" in catalog.tables()


def test_a_branch_goes_back(catalog):
    before = catalog.head()
    catalog.set("t", "1")
    catalog.make_space("b")
    catalog.make_table("u", space="b")
    middle = catalog.head()
    catalog.drop("t")
    sequence = catalog.branch()["sequence"]
    catalog.restore("reset", "main", before)
    assert catalog.tables() == ["t"] and catalog.value("t") == "0"
    catalog.ask("GET", catalog.path(None, "b"), want=404)
    assert catalog.branch()["sequence"] == sequence + 1
    catalog.restore("reset", "main", middle)
    assert catalog.value("t") == "1" and catalog.tables("b") == ["u"]
    assert catalog.restore("reset", "main", catalog.head())[
        "status"] == "unchanged"
    catalog.set("u", "1", space="b")


def test_a_branch_goes_back_beyond_its_fork(catalog):
    early = catalog.head()
    catalog.set("t", "1")
    catalog.fork("dev")
    catalog.set("t", "2", branch="dev")
    catalog.set("t", "main")
    later = catalog.head()
    catalog.restore("reset", "dev", early)
    assert catalog.value("t", branch="dev") == "0"
    assert catalog.value("t") == "main"
    reply = catalog.restore("reset", "dev", later, want=400)
    assert "history" in reply["error"]


def test_what_is_undone_is_merged_as_a_change(catalog):
    early = catalog.head()
    catalog.set("t", "1")
    catalog.fork("dev")
    catalog.restore("reset", "dev", early)
    catalog.merge("dev")
    assert catalog.value("t") == "0"


def test_protected_branches_and_tags_are_not_restored(catalog):
    catalog.tag("v1", catalog.head())
    catalog.fork("dev", branch_type="ingest", protected=True)
    for how in ("reset", "revert", "cherry-pick"):
        catalog.restore(how, "v1", catalog.head(), want=400)
        catalog.restore(how, "dev", catalog.head(), want=403)
        catalog.restore(how, "none", catalog.head(), want=404)
        catalog.restore(how, "main", str(uuid.uuid4()), want=404)


def test_with_a_key_it_is_done_once(catalog):
    catalog.set("t", "1")
    key, wrong = new_key(), catalog.head()
    done = catalog.restore("revert", "main", wrong, headers=key)
    catalog.set("t", "1")
    assert catalog.restore("revert", "main", wrong, headers=key) == done
    assert catalog.value("t") == "1"


def test_a_branch_begins_anew_without_its_later_commits(catalog):
    """What a hard reset would be, see docs/adr/0051."""
    catalog.fork("dev")
    catalog.set("t", "kept", branch="dev")
    kept = catalog.head("dev")
    catalog.set("t", "later", branch="dev")
    later = catalog.head("dev")
    catalog.tag("later", later)
    catalog.fork("child", "dev")
    catalog.fork("new", f"dev~{kept}")
    catalog.delete("dev", expected_head=later)
    catalog.change("new", name="dev")
    history = [one["id"] for one in catalog.ask(
        "GET", catalog.refs(name="dev/commits"), want=200).json()]
    assert history[0] == kept and later not in history
    assert catalog.value("t", branch="dev") == "kept"
    for ref in ("later", "child"):
        assert catalog.value("t", branch=ref) == "later"
    # merges know what was made anew from what was merged before
    catalog.merge("child")
    catalog.set("t", "anew", branch="dev")
    catalog.merge("dev", want=409)
    assert catalog.value("t") == "later"


def test_a_reset_goes_back_behind_links_that_were_folded(catalog):
    """What a fold took into the branch is its history all the same."""
    heads, origin = {}, "main"
    for number in range(12):
        name = f"b{number}"
        catalog.fork(name, origin)
        catalog.set("t", name, branch=name)
        catalog.make_table(name, branch=name)
        heads[name], origin = catalog.head(name), name
    for name in ("b5", "b9", "b2", "b11"):
        catalog.restore("reset", "b11", heads[name])
        assert catalog.value("t", branch="b11") == name
        assert catalog.tables(branch="b11") == \
            catalog.tables(branch=f"~{heads[name]}")


def test_a_pick_gives_a_renamed_table_no_second_name(catalog):
    catalog.fork("dev")
    catalog.drop("t", branch="dev")
    catalog.restore("revert", "dev", catalog.head("dev"))
    catalog.rename("t", "u")
    reply = catalog.restore("cherry-pick", "main", catalog.head("dev"),
                            want=409)
    assert "another name" in reply["error"] and "a.u" in reply["error"]
    assert catalog.tables() == ["u"]
