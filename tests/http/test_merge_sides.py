"""What a merge is between: its base, its source, its target."""

import pytest
from harness.changes import set_property
from harness.versions import API, Catalog


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.make_table("u")
    return catalog


def both_change_t(catalog):
    catalog.fork("dev")
    catalog.set("t", "dev", branch="dev")
    catalog.set("t", "main")


def refuse(catalog, source="dev"):
    operation = catalog.merge(source, want=409)["operation_id"]
    found, = catalog.conflicts(operation)
    return operation, found


def test_a_base_whose_file_is_gone_is_a_conflict(catalog):
    path = f"{catalog.path(space='a')}/tables/t"
    base = catalog.ask("GET", path, want=200).json()["metadata-location"]
    both_change_t(catalog)
    catalog.server.folder.joinpath(base.removeprefix("file://")).unlink()
    operation, found = refuse(catalog)
    assert list(found["conflict_type"]) == ["DataOverlap"]
    assert base in found["description"]
    catalog.resolve(found["id"], "TakeSource")
    catalog.complete(operation)
    assert catalog.value("t") == "dev"


def test_an_address_of_a_renamed_branch_is_still_that_state(catalog):
    both_change_t(catalog)
    at = catalog.head("dev")
    catalog.set("u", "later", branch="dev")
    operation, found = refuse(catalog, f"dev~{at}")
    catalog.change("dev", name="then")
    catalog.resolve(found["id"], "TakeSource")
    catalog.complete(operation)
    assert catalog.value("t") == "dev" and catalog.value("u") == ""


def test_a_conflict_names_the_properties(catalog):
    both_change_t(catalog)
    _, found = refuse(catalog)
    assert found["description"] == (
        "table a.t: both sides have changed the property `value`")
    assert found["details"] == {
        "asset_name": "t", "conflicting_properties": ["value"],
        "properties": [{"property": "value", "base": None, "source": "dev",
                        "target": "main"}]}


def test_a_conflict_names_the_properties_of_a_namespace(catalog):
    def say(value, more, branch=None):
        catalog.ask("POST", catalog.path(branch, "a") + "/properties", {
            "updates": {"owner": value, "long": more * 3000}}, 200)
    say("base", "")
    catalog.fork("dev")
    say("dev", "\u00e4", "dev")
    say("main", "b")
    _, found = refuse(catalog)
    assert found["description"] == (
        "Both have changed properties of namespace a: owner, long")
    one, two = sorted(found["details"]["properties"],
                      key=lambda field: field["property"], reverse=True)
    assert one == {"property": "owner", "base": "base", "source": "dev",
                   "target": "main"}
    assert len(two["source"]) < 1100 and two["target"].endswith("...")
    assert two["base"] == ""


# ---- what somebody has seen planned

def test_what_was_planned_is_what_is_merged(catalog):
    catalog.fork("dev")
    catalog.set("t", "seen", branch="dev")
    plan = catalog.plan("dev")
    assert plan["source_head"] == catalog.head("dev")
    assert plan["target_head"] == catalog.head()
    expected = {"expected_source_head": plan["source_head"],
                "expected_target_head": plan["target_head"]}
    catalog.set("u", "unseen", branch="dev")
    for dry_run in (False, True):
        reply = catalog.merge("dev", want=409, dry_run=dry_run, **expected)
        message = reply["error"]
        assert catalog.head("dev") in str(message), reply
        assert plan["source_head"] in str(message), reply
    assert catalog.value("t") == ""
    catalog.set("u", "main")
    reply = catalog.merge(f"dev~{plan['source_head']}", want=409, **expected)
    assert catalog.head() in str(reply), reply
    expected["expected_target_head"] = catalog.head()
    catalog.merge(f"dev~{plan['source_head']}", **expected)
    assert catalog.value("t") == "seen" and catalog.value("u") == "main"


# ---- what the target protects

def say(catalog, value, branch=None, table="t"):
    catalog.ask("POST", f"{catalog.path(branch, 'a')}/tables/{table}", {
        "requirements": [], "updates": set_property("protected", value)}, 200)


def rename(catalog, branch, name, to):
    catalog.ask("POST", f"/v1/{catalog.name}@{branch}/tables/rename", {
        "source": {"namespace": ["a"], "name": name},
        "destination": {"namespace": ["a"], "name": to}}, 204)


def drops(catalog):
    catalog.drop("t", branch="dev")


def renames(catalog):
    rename(catalog, "dev", "t", "v")


def renames_and_changes(catalog):
    rename(catalog, "dev", "t", "v")
    catalog.set("v", "dev", branch="dev")
    catalog.set("t", "main")


def replaces(catalog):
    catalog.drop("t", branch="dev")
    rename(catalog, "dev", "u", "t")


@pytest.mark.parametrize("change, kind", [
    (drops, "DeletionConflict"), (renames, "NameConflict"),
    (renames_and_changes, "NameConflict"), (replaces, "NameConflict")],
    ids=["drop", "rename", "rename and change", "replace"])
def test_what_the_target_protects_stays(catalog, change, kind):
    say(catalog, "true")
    catalog.fork("dev")
    say(catalog, "false", "dev")
    change(catalog)
    value = catalog.value("t")
    operation = catalog.merge("dev", want=409)["operation_id"]
    found = [one for one in catalog.conflicts(operation)
             if "protects table a.t" in one["description"]]
    assert [list(one["conflict_type"]) for one in found] == [[kind]]
    catalog.resolve(found[0]["id"], "TakeSource")
    reply = catalog.complete(operation, want=409)
    assert "protects table a.t" in str(reply), reply
    assert catalog.value("t") == value
    catalog.resolve(found[0]["id"], "TakeTarget")
    catalog.complete(operation)
    assert catalog.value("t") == value and catalog.value("v") is None
    assert catalog.plan("dev")["status"] == "Completed"


def test_what_is_protected_no_more_is_dropped(catalog):
    say(catalog, "true")
    catalog.fork("dev")
    say(catalog, "false", "dev")
    catalog.drop("t", branch="dev")
    operation = catalog.merge("dev", want=409)["operation_id"]
    say(catalog, "false")
    found, = catalog.conflicts(operation)
    catalog.resolve(found["id"], "TakeSource")
    assert catalog.complete(operation, want=409)["operation_id"] == operation
    found, = catalog.conflicts(operation)
    catalog.resolve(found["id"], "TakeSource")
    catalog.complete(operation)
    assert catalog.value("t") is None


def test_a_protected_namespace_stays_and_what_is_in_it(catalog):
    catalog.make_space("b")
    catalog.make_table("t", "b")
    catalog.ask("POST", catalog.path(space="b") + "/properties", {
        "updates": {"protected": "true"}}, 200)
    catalog.fork("dev")
    catalog.ask("POST", catalog.path("dev", "b") + "/properties", {
        "removals": ["protected"]}, 200)
    catalog.drop("t", "b", branch="dev")
    catalog.ask("DELETE", catalog.path("dev", "b"), want=204)
    operation, found = refuse(catalog)
    assert list(found["conflict_type"]) == ["NamespaceDeletion"]
    catalog.resolve(found["id"], "TakeTarget")
    catalog.complete(operation)
    assert catalog.ask("GET", catalog.path(space="b")).status == 200
    assert catalog.value("t", "b") is None


def test_a_reset_does_not_drop_what_is_protected(catalog):
    before = catalog.head()
    catalog.make_table("new")
    say(catalog, "true", table="new")
    body = {"catalog": catalog.name, "commit_id": before}
    reply = catalog.ask("POST", f"{API}/branches/main/reset", body, 409)
    assert "protects table a.new" in str(reply.json()), reply.json()
    say(catalog, "false", table="new")
    catalog.ask("POST", f"{API}/branches/main/reset", body, 200)
    assert catalog.value("new") is None
