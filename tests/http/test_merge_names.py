"""Names of renamed tables: whatever is decided, what both sides have lives under
one name afterwards."""

import pytest
from harness.versions import Catalog


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.set("t", "first")
    return catalog


def make(catalog, name, value, branch=None):
    catalog.make_table(name, branch=branch)
    catalog.set(name, value, branch=branch)


def shown(catalog, branch=None):
    """Table -> what it says."""
    return {name: catalog.value(name, branch=branch)
            for name in catalog.tables(branch=branch)}


def decide(catalog, refused, **strategies):
    """Decides the conflicts by the names that they are about."""
    found = catalog.conflicts(refused["operation_id"])
    undecided = {one["asset_name"].split(".")[1]: one["id"] for one in found
                 if one["resolution"] is None}
    assert set(undecided) == set(strategies), found
    for name, strategy in strategies.items():
        catalog.resolve(undecided[name], strategy)


def complete(catalog, refused, want=200):
    return catalog.complete(refused["operation_id"], want)


def test_a_table_whose_new_name_is_given_away_has_its_old_one(catalog):
    catalog.fork("dev")
    catalog.rename("t", "u")
    make(catalog, "u", "other", "dev")
    refused = catalog.merge("dev", want=409)
    decide(catalog, refused, u="TakeSource")
    complete(catalog, refused)
    assert shown(catalog) == {"t": "first", "u": "other"}
    catalog.merge("main", "dev")
    assert shown(catalog, "dev") == shown(catalog)


def test_an_old_name_that_was_decided_for_holds_on_the_way_back(catalog):
    catalog.fork("dev")
    catalog.rename("t", "u", branch="dev")
    make(catalog, "u", "other")
    refused = catalog.merge("dev", want=409)
    decide(catalog, refused, u="TakeTarget")
    complete(catalog, refused)
    assert shown(catalog) == {"t": "first", "u": "other"}
    catalog.merge("main", "dev")
    assert shown(catalog, "dev") == {"t": "first", "u": "other"}


def test_two_new_names_are_a_conflict_where_the_old_one_is_used_again(catalog):
    catalog.fork("dev")
    catalog.rename("t", "u")
    catalog.rename("t", "v", branch="dev")
    make(catalog, "t", "new", "dev")
    refused = catalog.merge("dev", want=409)
    decide(catalog, refused, v="TakeSource")
    complete(catalog, refused)
    assert shown(catalog) == {"t": "new", "v": "first"}


def test_decisions_that_leave_a_table_no_name_are_refused(catalog):
    catalog.fork("old")
    catalog.rename("t", "v")
    renamed = catalog.head()
    catalog.fork("dev")
    catalog.restore("revert", "dev", renamed)
    make(catalog, "v", "dev's", "dev")
    make(catalog, "t", "main's")
    refused = catalog.merge("dev", want=409)
    decide(catalog, refused, t="TakeTarget")
    complete(catalog, refused, want=409)
    decide(catalog, refused, v="TakeSource")
    head = catalog.head()
    reply = complete(catalog, refused, want=409)
    assert "without a name" in reply["error"] and "a.v" in reply["error"]
    assert catalog.head() == head
    again = {one["asset_name"]: one["id"] for one in
             catalog.conflicts(refused["operation_id"])}
    catalog.resolve(again["a.v"], "TakeTarget")
    complete(catalog, refused)
    assert shown(catalog) == {"t": "main's", "v": "first"}


def test_what_was_dropped_before_a_new_table_of_its_name_stays_so(catalog):
    """The source has moved another table through the name meanwhile."""
    catalog.make_table("w")
    catalog.fork("dev")
    catalog.rename("t", "u")
    make(catalog, "u", "new", "dev")
    catalog.rename("u", "v", branch="dev")
    catalog.merge("dev")
    assert shown(catalog) == {"u": "first", "v": "new", "w": ""}


# ---- partial branches, which show no tombstones

def test_a_partial_branch_brings_no_second_name(catalog):
    catalog.fork("old")
    catalog.rename("t", "u")
    catalog.fork("part", assets=["a.u"])
    catalog.set("u", "part", branch="part")
    catalog.merge("part", "old")
    assert shown(catalog, "old") == {"u": "part"}


def test_a_partial_branch_brings_none_through_another_either(catalog):
    catalog.fork("old")
    catalog.set("t", "old", branch="old")
    catalog.make_space("b")
    catalog.ask("POST", f"/v1/{catalog.name}/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["b"], "name": "u"}}, 204)
    catalog.fork("part", assets=["b.u"])
    catalog.fork("other", "part")
    catalog.merge("other", "old")
    assert catalog.tables(branch="old") == []
    assert catalog.value("u", space="b", branch="old") == "old"


def test_a_change_under_an_old_name_reaches_a_partial_branch(catalog):
    catalog.fork("old")
    catalog.rename("t", "u")
    catalog.fork("part", assets=["a.u"])
    catalog.set("t", "old", branch="old")
    catalog.merge("old", "part")
    assert shown(catalog, "part") == {"u": "old"}


def test_a_table_of_a_partial_branch_follows_its_parents_rename(catalog):
    make(catalog, "other", "x")
    catalog.fork("part", assets=["a.t"])
    catalog.rename("t", "u")
    make(catalog, "new", "x")
    catalog.merge("main", "part")
    assert shown(catalog, "part") == {"u": "first"}
