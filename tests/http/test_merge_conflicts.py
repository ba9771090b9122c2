"""Conflicts of merges: how they are told, and how people decide."""

import json
import pathlib
import uuid

import pytest
from harness.changes import new_key
from harness.versions import API, Catalog


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.make_table("u")
    catalog.set("t", "0")
    return catalog


def refuse(catalog, source="dev", target="main"):
    """Merges what conflicts; the operation and its conflicts."""
    head = catalog.head(target)
    reply = catalog.merge(source, target, want=409)
    assert reply["status"] == "conflicted" and reply["message"]
    assert catalog.head(target) == head
    found = catalog.conflicts(reply["operation_id"])
    assert len(found) == reply["conflicts"]
    operation = catalog.operation(reply["operation_id"])
    assert operation["status"] == "Conflicted"
    assert operation["conflicts"] == [one["id"] for one in found]
    return reply["operation_id"], found


def kind_of(conflict):
    (name, details), = conflict["conflict_type"].items()
    assert conflict["details"] == details
    assert conflict["description"] and conflict["resolution"] is None
    return name


def both_change_t(catalog):
    catalog.fork("dev")
    catalog.set("t", "dev", branch="dev")
    catalog.set("t", "main")


def test_both_sides_changed_a_property(catalog):
    both_change_t(catalog)
    _, (found,) = refuse(catalog)
    assert kind_of(found) == "MetadataConflict"
    assert found["asset_name"] == "a.t"
    assert found["details"]["asset_name"] == "t"
    assert found["details"]["conflicting_properties"] == ["value"]
    for side in ("base", "source", "target"):
        assert found[side]["name"] == "table a.t"
        assert found[side]["metadata_location"].endswith(".metadata.json")
    assert found["base"] != found["source"] != found["target"]


@pytest.mark.parametrize("strategy, value", [
    ("TakeSource", "dev"), ("TakeTarget", "main")])
def test_a_side_is_taken(catalog, strategy, value):
    both_change_t(catalog)
    catalog.set("u", "1", branch="dev")
    operation, (found,) = refuse(catalog)
    assert catalog.value("u") == ""
    catalog.complete(operation, want=400)
    assert catalog.resolve(found["id"], strategy) == {
        "status": "resolved", "conflict_id": found["id"]}
    assert catalog.operation(operation)["status"] == "Ready"
    decided = catalog.conflicts(operation)[0]["resolution"]
    assert decided["strategy"] == strategy and decided["resolved_at"]
    done = catalog.complete(operation)
    assert done == {"status": "completed", "operation_id": operation,
                    "commit_id": catalog.head()}
    assert catalog.complete(operation) == done
    assert catalog.value("t") == value and catalog.value("u") == "1"
    assert catalog.operation(operation)["status"] == "Completed"
    # and the decision holds for what comes
    catalog.set("t", "after")
    head = catalog.head()
    assert catalog.merge("dev")["result_commit_id"] == head
    catalog.abort(operation, want=409)


def test_a_decision_for_the_target_alone_is_a_commit(catalog):
    """Or every fork of the target's past would have decided it, too."""
    both_change_t(catalog)
    catalog.fork("fork")
    before = catalog.head()
    operation, (found,) = refuse(catalog)
    catalog.resolve(found["id"], "TakeTarget")
    catalog.complete(operation)
    assert catalog.head() != before and catalog.value("t") == "main"
    _, (again,) = refuse(catalog, "dev", "fork")
    assert again["asset_name"] == "a.t"


def test_a_version_of_ones_own(catalog):
    both_change_t(catalog)
    catalog.fork("fix", "dev")
    catalog.set("t", "both", branch="fix")
    location = catalog.ask(
        "GET", catalog.path("fix", "a") + "/tables/t").json()[
            "metadata-location"]
    other = catalog.ask("GET", catalog.path(None, "a") + "/tables/u").json()[
        "metadata-location"]
    operation, (found,) = refuse(catalog)
    for value in (None, other, "/etc/passwd"):
        catalog.resolve(found["id"], "Manual", want=400, value=value)
    for value in (7, {"x": 1}, [location]):
        catalog.resolve(found["id"], "Manual", want=422, value=value)
    catalog.resolve(found["id"], "Manual",
                    value={"metadata_location": location})
    catalog.complete(operation)
    assert catalog.value("t") == "both"


def decided_file(catalog):
    """A refused merge, its conflict, and a metadata file that is decided
    for."""
    both_change_t(catalog)
    catalog.fork("fix", "dev")
    catalog.set("t", "both", branch="fix")
    location = catalog.ask(
        "GET", catalog.path("fix", "a") + "/tables/t").json()[
            "metadata-location"]
    operation, (found,) = refuse(catalog)
    catalog.resolve(found["id"], "Manual",
                    value={"metadata_location": location})
    return operation, found["id"], pathlib.Path(
        location.removeprefix("file://"))


def test_a_file_that_went_behind_the_decision_for_it_is_not_taken(catalog):
    operation, conflict, file = decided_file(catalog)
    file.unlink()
    refused = catalog.complete(operation, want=409)["error"]
    assert "a.t" in refused and "decide again" in refused, refused
    assert catalog.value("t") == "main"
    catalog.resolve(conflict, "TakeSource")
    catalog.complete(operation)
    assert catalog.value("t") == "dev"


def test_a_decision_moves_no_table_into_the_directory_of_another(catalog):
    operation, _, file = decided_file(catalog)
    other = catalog.ask("GET", catalog.path(None, "a") + "/tables/u").json()
    metadata = json.loads(file.read_text())
    metadata["location"] = other["metadata"]["location"]
    file.write_text(json.dumps(metadata))
    refused = catalog.complete(operation, want=409)["error"]
    assert "its location is the table's on neither side" in refused, refused
    assert catalog.value("t") == "main"


def change(catalog, table, branch=None, **updates):
    catalog.ask("POST", f"{catalog.path(branch, 'a')}/tables/{table}", {
        "requirements": [], "updates": [
            {"action": "set-properties", "updates": updates}]}, want=200)


def table_properties(catalog, table):
    """Those that somebody has set."""
    found = catalog.ask("GET", f"{catalog.path(None, 'a')}/tables/{table}",
                        want=200).json()["metadata"]["properties"]
    return {k: v for k, v in found.items() if not k.startswith(("write.", "gc."))}


def test_changes_that_do_not_meet_are_no_conflict(catalog):
    catalog.fork("dev")
    change(catalog, "t", "dev", ours="1", same="1")
    change(catalog, "t", theirs="2", same="0")
    change(catalog, "t", same="1")
    plan, = catalog.plan("dev")["changes"]
    assert plan["change"] == "merged"
    catalog.merge("dev")
    assert table_properties(catalog, "t") == {
        "value": "0", "ours": "1", "theirs": "2", "same": "1"}
    # the same on both sides, however it came about
    change(catalog, "u", "dev", x="1")
    change(catalog, "u", x="2")
    change(catalog, "u", x="1")
    head = catalog.head()
    catalog.merge("dev")
    assert catalog.head() == head
    change(catalog, "u", x="3")
    catalog.merge("dev")
    assert table_properties(catalog, "u") == {"x": "3"}


@pytest.mark.parametrize("strategy, value", [
    ("TakeSource", "dev"), ("TakeTarget", "main"), ("Manual", "both")])
def test_a_decision_about_a_property_is_about_it_alone(
        catalog, strategy, value):
    """What else either side has done to the table is merged."""
    both_change_t(catalog)
    change(catalog, "t", "dev", ours="1")
    change(catalog, "t", theirs="2")
    operation, (found,) = refuse(catalog)
    catalog.resolve(found["id"], strategy,
                    value={"properties": {"value": "both"}}
                    if strategy == "Manual" else None)
    catalog.complete(operation)
    assert table_properties(catalog, "t") == {
        "value": value, "ours": "1", "theirs": "2"}
    head = catalog.head()
    assert catalog.merge("dev")["result_commit_id"] == head


def test_both_sides_changed_the_schema(catalog):
    def add_column(name, branch=None):
        path = f"{catalog.path(branch, 'a')}/tables/t"
        schema = catalog.ask("GET", path).json()["metadata"]["schemas"][-1]
        fields = [*schema["fields"], {"id": 2, "name": name, "type": "long",
                                      "required": False}]
        catalog.ask("POST", path, {"requirements": [], "updates": [
            {"action": "add-schema", "last-column-id": 2, "schema": {
                "type": "struct", "fields": fields}},
            {"action": "set-current-schema", "schema-id": -1}]}, want=200)

    catalog.fork("dev")
    catalog.fork("same")
    add_column("y", "dev")
    add_column("z")
    add_column("z", "same")
    operation, (found,) = refuse(catalog)
    assert kind_of(found) == "SchemaChange"
    for side, name in (("source", "y"), ("target", "z")):
        assert name in str(found["details"][f"{side}_schema"])
    catalog.abort(operation)
    assert catalog.merge("same")["status"] == "Completed"


def test_a_drop_against_a_change(catalog):
    catalog.fork("dev")
    catalog.drop("t", branch="dev")
    catalog.set("t", "main")
    catalog.set("u", "dev", branch="dev")
    catalog.drop("u")
    operation, found = refuse(catalog)
    by_name = {one["asset_name"]: one for one in found}
    assert {kind_of(one) for one in found} == {"DeletionConflict"}
    assert by_name["a.t"]["details"] == {
        "asset_name": "t", "deleted_in": "source", "modified_in": "target"}
    assert by_name["a.u"]["details"] == {
        "asset_name": "u", "deleted_in": "target", "modified_in": "source"}
    catalog.resolve(by_name["a.t"]["id"], "TakeSource")
    assert catalog.operation(operation)["status"] == "Resolving"
    catalog.resolve(by_name["a.u"]["id"], "TakeSource")
    catalog.complete(operation)
    assert catalog.tables() == ["u"] and catalog.value("u") == "dev"
    catalog.set("u", "again")


def test_two_tables_of_one_name(catalog):
    catalog.fork("dev")
    ours = catalog.make_table("new", branch="dev")["metadata"]["table-uuid"]
    catalog.make_table("new")
    operation, (found,) = refuse(catalog)
    assert kind_of(found) == "NameConflict"
    catalog.resolve(found["id"], "TakeSource")
    catalog.complete(operation)
    table = catalog.ask(
        "GET", catalog.path(None, "a") + "/tables/new").json()
    assert table["metadata"]["table-uuid"] == ours
    catalog.drop("new")


def test_two_names_of_one_table(catalog):
    """A6: never two live entries of one table."""
    catalog.fork("dev")
    catalog.rename("t", "v", branch="dev")
    catalog.rename("t", "w")
    operation, (found,) = refuse(catalog)
    assert kind_of(found) == "NameConflict"
    assert found["details"] == {
        "asset_name": "v", "source_name": "table a.v",
        "target_name": "table a.w"}
    catalog.resolve(found["id"], "TakeSource")
    catalog.complete(operation)
    assert sorted(catalog.tables()) == ["u", "v"]
    catalog.set("v", "one")


def test_a_namespace_that_one_side_has_dropped(catalog):
    catalog.make_space("b")
    catalog.make_space("c")
    catalog.fork("dev")
    catalog.ask("DELETE", catalog.path("dev", "b"), want=204)
    catalog.make_table("t", space="b")
    catalog.make_table("t", space="c", branch="dev")
    catalog.ask("DELETE", catalog.path(None, "c"), want=204)
    operation, found = refuse(catalog)
    by_name = {one["asset_name"]: one for one in found}
    assert {kind_of(one) for one in found} == {"NamespaceDeletion"}
    assert by_name["b"]["details"]["deleted_in"] == "source"
    assert by_name["c"]["details"]["deleted_in"] == "target"
    catalog.resolve(by_name["b"]["id"], "TakeSource")
    catalog.resolve(by_name["c"]["id"], "TakeSource")
    catalog.complete(operation)
    catalog.ask("GET", catalog.path(None, "b"), want=404)
    assert catalog.tables("c") == ["t"]


def test_a_namespace_stays_when_the_targets_is_taken(catalog):
    catalog.make_space("b")
    catalog.make_space("c")
    catalog.fork("dev")
    catalog.ask("DELETE", catalog.path("dev", "b"), want=204)
    catalog.make_table("t", space="b")
    catalog.make_table("t", space="c", branch="dev")
    catalog.ask("DELETE", catalog.path(None, "c"), want=204)
    operation, found = refuse(catalog)
    for one in found:
        catalog.resolve(one["id"], "TakeTarget")
    catalog.complete(operation)
    assert catalog.tables("b") == ["t"]
    catalog.ask("GET", catalog.path(None, "c"), want=404)


def test_what_moved_where_nothing_is_now_stays(catalog):
    """The table keeps the name that the target has for it."""
    catalog.make_space("c")
    catalog.fork("dev")
    catalog.ask("POST", f"/v1/{catalog.name}@dev/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["c"], "name": "t"}}, want=204)
    catalog.ask("DELETE", catalog.path(None, "c"), want=204)
    operation, (found,) = refuse(catalog)
    assert kind_of(found) == "NamespaceDeletion"
    catalog.resolve(found["id"], "TakeTarget")
    catalog.complete(operation)
    assert sorted(catalog.tables()) == ["t", "u"]
    assert catalog.value("t") == "0"


def set_properties(catalog, space, updates, branch=None):
    catalog.ask("POST", catalog.path(branch, space) + "/properties",
                {"updates": updates, "removals": []}, want=200)


def properties(catalog, space):
    return catalog.ask("GET", catalog.path(None, space)).json()["properties"]


def test_properties_of_a_namespace(catalog):
    catalog.fork("dev")
    set_properties(catalog, "a", {"x": "1", "same": "1"}, "dev")
    set_properties(catalog, "a", {"y": "2", "same": "1"})
    catalog.merge("dev")
    assert properties(catalog, "a") == {"x": "1", "y": "2", "same": "1"}
    set_properties(catalog, "a", {"x": "dev"}, "dev")
    set_properties(catalog, "a", {"x": "main"})
    operation, (found,) = refuse(catalog)
    assert kind_of(found) == "MetadataConflict"
    assert found["details"]["conflicting_properties"] == ["x"]
    catalog.resolve(found["id"], "Manual",
                    value={"properties": {"x": "ours"}})
    catalog.complete(operation)
    assert properties(catalog, "a") == {"x": "ours"}


def test_what_moves_meanwhile_is_planned_again(catalog):
    both_change_t(catalog)
    catalog.set("u", "1", branch="dev")
    operation, (found,) = refuse(catalog)
    catalog.resolve(found["id"], "TakeSource")
    # an unrelated change keeps the decision
    catalog.make_table("other")
    catalog.set("u", "2", branch="dev")
    catalog.complete(operation)
    assert catalog.value("t") == "dev" and catalog.value("u") == "2"


@pytest.mark.parametrize("branch", ["dev", None])
def test_a_decision_is_bound_to_what_it_saw(catalog, branch):
    """B11: a decision that is days old overwrites no newer commit."""
    both_change_t(catalog)
    operation, (found,) = refuse(catalog)
    catalog.resolve(found["id"], "TakeSource")
    catalog.set("t", "newer", branch=branch)
    reply = catalog.complete(operation, want=409)
    assert reply["operation_id"] == operation and reply["conflicts"] == 1
    again, = catalog.conflicts(operation)
    assert again["id"] != found["id"] and again["resolution"] is None
    assert catalog.operation(operation)["status"] == "Conflicted"
    catalog.resolve(again["id"], "TakeTarget")
    catalog.complete(operation)
    assert catalog.value("t") == ("newer" if branch is None else "main")


def test_an_aborted_merge_is_over(catalog):
    both_change_t(catalog)
    operation, (found,) = refuse(catalog)
    assert catalog.abort(operation) == {
        "status": "aborted", "operation_id": operation}
    assert catalog.abort(operation)["status"] == "aborted"
    catalog.complete(operation, want=400)
    catalog.resolve(found["id"], "TakeSource", want=409)
    assert catalog.operation(operation)["completed_at"]
    assert catalog.value("t") == "main"


def test_what_is_not_there(catalog):
    nobody = str(uuid.uuid4())
    for method, path in (
            ("GET", f"merge-operations/{nobody}"),
            ("GET", f"merge-operations/{nobody}/conflicts"),
            ("POST", f"merge-operations/{nobody}/complete"),
            ("POST", f"merge-operations/{nobody}/abort")):
        catalog.ask(method, f"{API}/{path}", want=404)
    catalog.resolve(nobody, "TakeSource", want=404)
    catalog.resolve(nobody, "Whatever", want=422)
    catalog.resolve("x", "TakeSource", want=400)


def test_other_words_for_a_decision(catalog):
    both_change_t(catalog)
    operation, (found,) = refuse(catalog)
    catalog.ask("POST", f"{API}/conflicts/{found['id']}/resolve",
                {"resolution": "take_source", "content": None}, want=200)
    catalog.complete(operation)
    assert catalog.value("t") == "dev"


def test_conflicts_before_there_is_an_operation(catalog):
    catalog.fork("dev")
    for branch in ("dev", None):
        for table in "tu":
            catalog.set(table, str(branch), branch=branch)
    path = catalog.refs(name="dev").replace("?", "/conflicts?") + "&into=main"
    found = catalog.ask("GET", path, want=200).json()
    assert {one["asset_name"] for one in found} == {"a.t", "a.u"}
    assert all(one["merge_operation_id"] is None for one in found)
    first = catalog.ask("GET", path + "&limit=1", want=200)
    assert 'rel="next"' in first.headers["Link"]
    second = catalog.ask("GET", path + "&limit=1&offset=1", want=200)
    assert "Link" not in second.headers
    assert [one["asset_name"] for page in (first, second)
            for one in page.json()] == [one["asset_name"] for one in found]
    assert catalog.ask("GET", f"{API}/catalogs/{catalog.name}"
                       "/merge-operations", want=200).json() == []
    plan = catalog.plan("dev")
    assert plan["status"] == "Conflicted" and plan["conflicts_count"] == 2


def test_a_refused_merge_with_a_key_is_refused_once(catalog):
    both_change_t(catalog)
    key = new_key()
    first = catalog.merge("dev", want=409, headers=key)
    assert catalog.merge("dev", want=409, headers=key) == first
    found, = catalog.conflicts(first["operation_id"])
    catalog.resolve(found["id"], "TakeSource")
    assert first["operation_id"] != key["Idempotency-Key"]
    key = new_key()
    done = catalog.complete(first["operation_id"], headers=key)
    assert catalog.complete(first["operation_id"], headers=key) == done
    assert done["commit_id"] == catalog.head()


def test_a_merge_refused_with_a_key_is_completed_without(catalog):
    both_change_t(catalog)
    first = catalog.merge("dev", want=409, headers=new_key())
    found, = catalog.conflicts(first["operation_id"])
    catalog.resolve(found["id"], "TakeSource")
    done = catalog.complete(first["operation_id"])
    assert done["commit_id"] == catalog.head() and catalog.value("t") == "dev"


def test_operations_are_of_one_tenant(catalog, server):
    both_change_t(catalog)
    operation, (found,) = refuse(catalog)
    tenant = server.as_root("POST", f"{API}/tenants", {
        "name": f"t{uuid.uuid4().hex[:8]}"}).json()["id"]
    for method, path in (
            ("GET", f"merge-operations/{operation}"),
            ("GET", f"merge-operations/{operation}/conflicts"),
            ("POST", f"merge-operations/{operation}/complete"),
            ("POST", f"merge-operations/{operation}/abort")):
        reply = server.as_root(method, f"{API}/{path}", tenant=tenant)
        assert reply.status == 404
    reply = server.as_root("POST", f"{API}/conflicts/{found['id']}/resolve",
                           {"strategy": "TakeSource"}, tenant=tenant)
    assert reply.status == 404


def test_an_operation_is_about_branches_not_names(catalog):
    both_change_t(catalog)
    operation, (found,) = refuse(catalog)
    catalog.resolve(found["id"], "TakeSource")
    catalog.change("dev", name="old")
    catalog.fork("dev")
    catalog.set("t", "another", branch="dev")
    catalog.complete(operation)
    assert catalog.value("t") == "dev"
