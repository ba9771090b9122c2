"""Names of renamed tables: whatever is decided, what both sides have lives under
one name afterwards."""

import pytest
from harness.upkeep import Kept
from harness.versions import API, Relations


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Kept(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.set("t", "first")
    return catalog


def make(catalog, name, value, branch=None):
    catalog.make_table(name, branch=branch)
    catalog.set(name, value, branch=branch)


def forget(catalog):
    """Prunes all that is older than now."""
    catalog.ask("PUT", f"{API}/catalogs/{catalog.name}", {
        "properties": {"history.retention": "0s"}}, 200)
    assert catalog.run("prune") != 0


def shown(catalog, branch=None):
    """Table -> what it says."""
    return {name: catalog.value(name, branch=branch)
            for name in catalog.tables(branch=branch)}


def dropped(catalog, branch="main"):
    """Name -> id of what may come back."""
    found = catalog.ask("GET", f"{API}/dropped?catalog={catalog.name}"
                        f"&branch={branch}", want=200).json()
    assert len({one["id"] for one in found}) == len(found), found
    return {one["name"]: one["id"] for one in found}


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


@pytest.mark.parametrize("kind", ["tables", "views"])
def test_a_name_that_was_taken_again_and_forgotten_is_no_second_one(
        catalog, kind):
    """The tombstone of the old name was pruned."""
    things = Relations(catalog, kind)
    things.make("x")
    catalog.fork("dev")
    things.rename("x", "y", "dev")
    things.make("x", "dev")
    forget(catalog)
    catalog.fork("part", "dev", assets=["a.y"])
    catalog.merge("part")
    assert [one for one in things.names() if one != "t"] == ["y"]


@pytest.mark.parametrize("kind", ["tables", "views"])
def test_what_a_part_has_dropped_under_a_new_name_is_dropped(catalog, kind):
    things = Relations(catalog, kind)
    things.make("x")
    catalog.fork("dev")
    things.rename("x", "y", "dev")
    catalog.fork("part", "dev", assets=["a.y"])
    things.drop("y", "part")
    catalog.merge("part")
    assert "x" not in things.names()
    assert list(dropped(catalog)) == ["y"]


@pytest.mark.parametrize("kind", ["tables", "views"])
def test_a_new_name_goes_on_from_a_branch_that_never_had_the_old_one(
        catalog, kind):
    """The branch on which it was renamed is forgotten."""
    things = Relations(catalog, kind)
    catalog.fork("other")
    things.make("x")
    catalog.fork("dev")
    things.rename("x", "y", "dev")
    catalog.fork("part", "dev", assets=["a.y"])
    catalog.merge("part", "other")
    for branch in ("part", "dev"):
        catalog.delete(branch)
    forget(catalog)
    catalog.merge("other")
    assert [one for one in things.names() if one != "t"] == ["y"]


# ---- names that neither side has changed since they met

def test_what_both_drop_under_new_names_is_listed_once(catalog):
    catalog.fork("dev")
    catalog.rename("t", "u", branch="dev")
    catalog.drop("u", branch="dev")
    catalog.rename("t", "v")
    catalog.drop("v")
    catalog.merge("dev")
    assert list(dropped(catalog)) == ["v"]
    catalog.merge("main", "dev")
    assert len(dropped(catalog, "dev")) == 1


def test_a_dropped_view_that_comes_back_under_another_name_is_not_listed(
        catalog):
    """A part of a branch brings it, from where no version tells of its drop."""
    views = Relations(catalog, "views")
    views.make("old")
    views.rename("old", "new")
    renamed = catalog.head()
    views.make("old")
    views.drop("new")
    views.drop("old")
    catalog.fork("dev")
    views.make("new", "dev")
    catalog.fork("part", "dev", assets=["a.t"])
    catalog.fork("fork", "part")
    catalog.restore("revert", "dev", renamed)
    catalog.merge("dev", "fork")
    assert views.names("fork") == ["old"]
    catalog.merge("fork")
    assert views.names() == ["old"]
    assert not dropped(catalog)


def test_a_name_in_a_namespace_that_stays_dropped_is_not_all(catalog):
    """The source's name of it is the only one that was left."""
    catalog.make_space("b")
    catalog.make_table("x", space="b")
    catalog.fork("dev")
    make(catalog, "u", "other", "dev")
    catalog.set("x", "changed", space="b", branch="dev")
    catalog.ask("POST", f"/v1/{catalog.name}/tables/rename", {
        "source": {"namespace": ["b"], "name": "x"},
        "destination": {"namespace": ["a"], "name": "u"}}, 204)
    catalog.set("u", "mine")
    catalog.ask("DELETE", catalog.path(space="b"), want=204)
    refused = catalog.merge("dev", want=409)
    decide(catalog, refused, x="TakeTarget")
    complete(catalog, refused, want=409)
    space, = [one["id"] for one in
              catalog.conflicts(refused["operation_id"])
              if one["asset_name"] == "b"]
    catalog.resolve(space, "TakeTarget")
    reply = complete(catalog, refused, want=409)
    assert "a.u without a name" in reply["error"], reply
    catalog.resolve(space, "TakeSource")
    complete(catalog, refused)
    assert shown(catalog) == {"t": "first", "u": "other"}
    assert catalog.value("x", space="b") == "mine"


@pytest.mark.parametrize("name", ["t", "x"])
def test_a_rename_is_told_whatever_the_order_of_the_names(catalog, name):
    """The target has changed the table and changed it back."""
    if name != "t":
        catalog.rename("t", name)
    catalog.fork("dev")
    catalog.rename(name, "u", branch="dev")
    catalog.set(name, "changed")
    catalog.restore("revert", "main", catalog.head())
    make(catalog, "u", "other")
    refused = catalog.merge("dev", want=409)
    decide(catalog, refused, u="TakeSource")
    complete(catalog, refused)
    assert shown(catalog)["u"] == "first"


@pytest.fixture(name="crossed", params=["tables", "views"])
def fixture_crossed(catalog, request):
    """Branch `here` has as `m` what `there` has as `u`, and each knows both
    names of the other."""
    things = Relations(catalog, request.param)
    things.make("m")
    for branch in ("names", "there", "here"):
        catalog.fork(branch)
    things.rename("m", "u", "names")
    things.set("m", "there", "there")
    changed = catalog.head("there")
    catalog.restore("revert", "there", changed)
    catalog.merge("there", "here")
    things.make("u", "here")
    refused = catalog.merge("names", "here", want=409)
    decide(catalog, refused, u="TakeTarget")
    complete(catalog, refused)
    assert {"m", "u"} <= set(things.names("here"))
    catalog.restore("cherry-pick", "there", catalog.head("names"))
    things.make("more", "there")
    catalog.merge("there", "here")
    refused = catalog.merge("here", "there", want=409)
    decide(catalog, refused, u="TakeTarget")
    complete(catalog, refused)
    things.drop("u", "here")
    things.set("u", "changed", "there")
    return things


@pytest.mark.parametrize("strategy, name", [
    ("TakeSource", "u"), ("TakeTarget", "m")])
def test_a_name_that_both_know_brings_no_second_one(
        crossed, strategy, name):
    catalog = crossed.catalog
    before = [one for one in crossed.names("here") if one != "m"]
    refused = catalog.merge("there", "here", want=409)
    found, = catalog.conflicts(refused["operation_id"])
    assert "NameConflict" in found["conflict_type"], found
    decide(catalog, refused, u=strategy)
    complete(catalog, refused)
    assert crossed.names("here") == sorted(before + [name])


@pytest.mark.parametrize("strategy, name", [
    ("TakeSource", "x"), ("TakeTarget", "y")])
@pytest.mark.parametrize("kind", ["tables", "views"])
def test_a_name_that_a_third_branch_brings_back_is_no_second_one(
        catalog, kind, strategy, name):
    things = Relations(catalog, kind)
    for branch in ("dev", "third"):
        catalog.fork(branch)
    things.make("x", "dev")
    catalog.merge("dev", "third")
    things.rename("x", "y", "dev")
    things.make("x")
    catalog.merge("main", "dev")
    refused = catalog.merge("third", want=409)
    decide(catalog, refused, x="TakeSource")
    complete(catalog, refused)
    refused = catalog.merge("main", "dev", want=409)
    found, = catalog.conflicts(refused["operation_id"])
    assert "NameConflict" in found["conflict_type"], found
    decide(catalog, refused, x=strategy)
    complete(catalog, refused)
    left = ["x", "y"] if strategy == "TakeTarget" else ["x"]
    assert [one for one in things.names("dev") if one != "t"] == left


def test_what_lives_again_is_not_listed_where_a_namespace_stays_dropped(
        catalog):
    catalog.make_space("b")
    catalog.make_table("x", space="b")
    catalog.fork("dev")
    catalog.ask("POST", f"/v1/{catalog.name}/tables/rename", {
        "source": {"namespace": ["b"], "name": "x"},
        "destination": {"namespace": ["a"], "name": "x"}}, 204)
    for name in ("x", "t"):
        catalog.drop(name)
    catalog.ask("DELETE", catalog.path(space="a"), want=204)
    catalog.set("x", "changed", space="b", branch="dev")
    make(catalog, "x", "other", "dev")
    refused = catalog.merge("dev", want=409)
    answers = {"b.x": "TakeSource", "a": "TakeTarget"}
    for one in catalog.conflicts(refused["operation_id"]):
        catalog.resolve(one["id"], answers[one["asset_name"]])
    complete(catalog, refused)
    assert catalog.value("x", space="b") == "changed"
    assert sorted(dropped(catalog)) == ["a", "t"]


def test_a_name_that_two_tables_need_is_one_conflict(catalog):
    """The target keeps one table's old name and the other's, as was decided,
    and the source changes what it shows under the name of both."""
    make(catalog, "q", "second")
    catalog.make_table("x")
    catalog.fork("dev")
    catalog.rename("q", "z", branch="dev")
    catalog.rename("t", "q", branch="dev")
    catalog.set("x", "dev's", branch="dev")
    catalog.set("t", "main's")
    catalog.set("q", "dev's", branch="dev")
    make(catalog, "z", "other")
    refused = catalog.merge("dev", want=409)
    decide(catalog, refused, q="TakeTarget", z="TakeTarget")
    complete(catalog, refused)
    before = {"t": "main's", "q": "second", "x": "dev's", "z": "other"}
    assert shown(catalog) == before
    catalog.set("q", "again", branch="dev")
    refused = catalog.merge("dev", want=409)
    decide(catalog, refused, q="TakeTarget")
    complete(catalog, refused)
    assert shown(catalog) == before


def test_a_table_is_dropped_once_where_its_namespace_stays_dropped(catalog):
    """What would have taken the name of the older drop stays out with it."""
    catalog.fork("dev")
    catalog.drop("t", branch="dev")
    catalog.ask("DELETE", catalog.path("dev", "a"), want=204)
    catalog.make_space("b")
    catalog.ask("POST", f"/v1/{catalog.name}/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["b"], "name": "u"}}, 204)
    catalog.drop("u", space="b")
    catalog.make_table("t")
    refused = catalog.merge("main", "dev", want=409)
    conflict, = catalog.conflicts(refused["operation_id"])
    assert conflict["asset_name"] == "a", conflict
    catalog.resolve(conflict["id"], "TakeTarget")
    complete(catalog, refused)
    assert sorted(dropped(catalog, "dev")) == ["a", "t"]
