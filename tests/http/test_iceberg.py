"""The Iceberg routes in raw requests: answers and errors of the spec."""

import itertools
import json
import os
import pathlib
import re
import uuid

import pytest

NAMESPACES = "/v1/default/namespaces"
FIELD = {"id": 1, "name": "x", "type": "long", "required": False}
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [FIELD]}
_numbers = itertools.count(1)


@pytest.fixture(name="space")
def fixture_space(server):
    name = f"raw{next(_numbers)}"
    made = server.call("POST", NAMESPACES, {"namespace": [name]})
    assert made.status == 200
    return name


@pytest.fixture(name="table")
def fixture_table(server, space):
    return create(server, space, "t")


class Table:
    """A table that was made, and where it answers."""

    def __init__(self, server, path, answer):
        self.server, self.path, self.answer = server, path, answer
        self.uuid = answer["metadata"]["table-uuid"]

    def load(self, query=""):
        reply = self.server.call("GET", self.path + query)
        assert reply.status == 200, reply
        return reply.json()

    def commit(self, updates, requirements=()):
        return self.server.call("POST", self.path, {
            "requirements": list(requirements), "updates": updates})


def create(server, space, name, **more):
    path = f"{NAMESPACES}/{space}/tables"
    reply = server.call("POST", path, {"name": name, "schema": SCHEMA, **more})
    assert reply.status == 200, reply
    return Table(server, f"{path}/{name}", reply.json())


def check_error(reply, status, kind, *words):
    assert reply.status == status, reply
    error = reply.json()["error"]
    assert error["code"] == status and error["type"] == kind
    for word in words:
        assert word in error["message"]


def set_property(key="k", value="v"):
    return {"action": "set-properties", "updates": {key: value}}


def path_of(location):
    return pathlib.Path(location.removeprefix("file://").removeprefix("file:"))


# ---- configuration

def test_config_answers_for_a_warehouse(server):
    answer = server.call("GET", "/v1/config?warehouse=default").json()
    assert isinstance(answer["defaults"], dict)
    assert answer["overrides"]["prefix"] == "default"


# ---- namespaces

def test_a_namespace_and_its_errors(server, space):
    path = f"{NAMESPACES}/{space}"
    check_error(server.call("POST", NAMESPACES, {"namespace": [space]}),
                409, "AlreadyExistsException", space)
    check_error(server.call("GET", f"{NAMESPACES}/absent"),
                404, "NoSuchNamespaceException", "absent")
    check_error(server.call("DELETE", f"{NAMESPACES}/absent"),
                404, "NoSuchNamespaceException", "absent")
    check_error(server.call("GET", f"{NAMESPACES}?parent=absent"),
                404, "NoSuchNamespaceException", "absent")
    assert server.call("HEAD", path).status in (200, 204)
    assert server.call("HEAD", f"{NAMESPACES}/absent").status == 404
    assert server.call("DELETE", path).status == 204
    assert server.call("HEAD", path).status == 404


@pytest.mark.parametrize("name", (
    [], [""], ["a", ""], "a", None, [1], ["a\u001fb"], ["a\u0000b"],
    ["x" * 1100]))
def test_a_bad_namespace_name_is_refused(server, name):
    reply = server.call("POST", NAMESPACES, {"namespace": name})
    assert reply.status == 400, reply
    assert reply.json()["error"]["code"] == 400


def test_properties_say_what_happened(server, space):
    path = f"{NAMESPACES}/{space}/properties"
    reply = server.call("POST", path, {"updates": {"a": "1", "b": "2"}})
    assert sorted(reply.json()["updated"]) == ["a", "b"]
    reply = server.call("POST", path,
                        {"removals": ["a", "c"], "updates": {"b": "3"}})
    assert reply.json() == {
        "updated": ["b"], "removed": ["a"], "missing": ["c"]}
    check_error(server.call("POST", path,
                            {"removals": ["b"], "updates": {"b": "4"}}),
                422, "UnprocessableEntityException", "b")


def test_pages_follow_their_tokens(server, space):
    for i in range(7):
        server.call("POST", NAMESPACES, {"namespace": [space, f"n{i}"]})
    query, seen = f"{NAMESPACES}?parent={space}&pageSize=3", []
    token = ""
    while token is not None:
        page = server.call("GET", f"{query}&pageToken={token}").json()
        assert len(page["namespaces"]) <= 3
        seen += page["namespaces"]
        token = page.get("next-page-token")
    assert seen == [[space, f"n{i}"] for i in range(7)]
    # who sends no token knows of no pages: a cut list would lose the rest
    assert server.call("GET", query).json() == {"namespaces": seen}
    reply = server.call("GET", f"{query}&pageToken=nonsense")
    assert reply.status == 400, reply
    reply = server.call("GET", f"{NAMESPACES}?pageSize=0")
    assert reply.status == 400, reply


@pytest.mark.parametrize("encoded", ("a%20b", "a+b", "a%2520b"))
def test_a_parent_is_found_as_each_client_spells_it(server, space, encoded):
    """Java: '+'; PyIceberg encodes twice."""
    for name in ([space, "a b"], [space, "a b", "below"]):
        server.call("POST", NAMESPACES, {"namespace": name})
    reply = server.call("GET", f"{NAMESPACES}?parent={space}%1F{encoded}")
    assert reply.status == 200, reply
    assert reply.json()["namespaces"] == [[space, "a b", "below"]]


# ---- tables

def test_a_new_table_has_its_first_file(server, table):
    metadata = table.answer["metadata"]
    assert uuid.UUID(metadata["table-uuid"])
    assert metadata["format-version"] == 2
    assert metadata["last-column-id"] == 1
    assert metadata["partition-specs"][0]["fields"] == []
    location = table.answer["metadata-location"]
    assert re.search(r"/metadata/00000-[0-9a-f-]{36}\.metadata\.json$",
                     location)
    assert json.loads(path_of(location).read_text())["table-uuid"] == table.uuid
    assert table.load()["metadata-location"] == location
    folder = path_of(metadata["location"])
    assert (folder / "data").is_dir()


def test_ids_of_columns_are_given_anew(server, space):
    made = create(server, space, "ids", schema={
        "type": "struct", "identifier-field-ids": [7], "fields": [
            {"id": 9, "name": "a", "required": False, "type": {
                "type": "struct", "fields": [
                    {"id": 5, "name": "c", "type": "int", "required": False}]}},
            {"id": 7, "name": "b", "type": "int", "required": True}]})
    schema = made.answer["metadata"]["schemas"][0]
    assert [f["id"] for f in schema["fields"]] == [1, 2]
    assert schema["fields"][0]["type"]["fields"][0]["id"] == 3
    assert schema["identifier-field-ids"] == [2]


def test_missing_tables_are_told_as_the_spec_says(server, space):
    for path in (f"{NAMESPACES}/{space}/tables/t",
                 f"{NAMESPACES}/absent/tables/t"):
        check_error(server.call("GET", path), 404, "NoSuchTableException",
                    "Table does not exist: ", ".t")
        assert server.call("HEAD", path).status == 404
        check_error(server.call("DELETE", path), 404, "NoSuchTableException")
        check_error(server.call("POST", path, {
            "requirements": [], "updates": [set_property()]}),
                    404, "NoSuchTableException")
    check_error(server.call("POST", f"{NAMESPACES}/absent/tables",
                            {"name": "t", "schema": SCHEMA}),
                404, "NoSuchNamespaceException", "absent")
    check_error(server.call("GET", f"{NAMESPACES}/absent/tables"),
                404, "NoSuchNamespaceException", "absent")


@pytest.mark.parametrize("body,word", (
    ({"schema": SCHEMA}, "name"),
    ({"name": "t"}, "schema"),
    ({"name": "", "schema": SCHEMA}, "name"),
    ({"name": 7, "schema": SCHEMA}, "name"),
    ({"name": "t", "schema": []}, "schema"),
    ({"name": "t", "schema": {"type": "struct", "fields": [
        {"id": 1, "name": "x", "type": "strong", "required": False}]}},
     "strong"),
    ({"name": "t", "schema": {"type": "struct", "fields": [FIELD, FIELD]}},
     "x"),
    ({"name": "t", "schema": SCHEMA, "properties": {"k": 1}}, "properties"),
    ({"name": "t", "schema": SCHEMA, "partition-spec": {
        "fields": [{"source-id": 99, "transform": "identity",
                    "name": "p"}]}}, "99"),
    ({"name": "t", "schema": SCHEMA,
      "properties": {"format-version": "9"}}, "9"),
    ({"name": "t", "schema": SCHEMA, "location": "file:///etc/x"}, "/etc/x"),
    ({"name": "t", "schema": SCHEMA, "location": "nonsense"}, "location"),
))
def test_a_bad_table_is_refused_by_name(server, space, body, word):
    reply = server.call("POST", f"{NAMESPACES}/{space}/tables", body)
    assert reply.status in (400, 403), reply
    assert word in reply.json()["error"]["message"]
    assert server.call("HEAD",
                       f"{NAMESPACES}/{space}/tables/t").status == 404


def test_a_staged_table_leaves_nothing(server, space):
    path = f"{NAMESPACES}/{space}/tables"
    reply = server.call("POST", path, {
        "name": "staged", "schema": SCHEMA, "stage-create": True})
    assert reply.status == 200
    answer = reply.json()
    assert answer.get("metadata-location") is None
    assert server.call("HEAD", f"{path}/staged").status == 404
    folder = path_of(answer["metadata"]["location"])
    assert (folder / "metadata").is_dir() and not list(
        (folder / "metadata").iterdir())


@pytest.mark.parametrize("purge", ("", "?purgeRequested=true",
                                   "?purgeRequested=False",
                                   "?purgeRequested=TRUE"))
def test_drop_takes_any_spelling_of_purge(server, space, purge):
    table = create(server, space, "dropped")
    assert server.call("DELETE", table.path + purge).status == 204
    assert server.call("HEAD", table.path).status == 404
    assert path_of(table.answer["metadata-location"]).exists()


def test_rename_has_its_errors(server, space, table):
    create(server, space, "taken")

    def rename(*names):
        source, destination = names
        return server.call("POST", "/v1/default/tables/rename", {
            "source": {"namespace": [source[0]], "name": source[1]},
            "destination": {"namespace": [destination[0]],
                            "name": destination[1]}})

    check_error(rename((space, "t"), (space, "taken")), 409,
                "AlreadyExistsException", "taken")
    check_error(rename((space, "absent"), (space, "u")), 404,
                "NoSuchTableException", "absent")
    check_error(rename((space, "t"), ("absent", "u")), 404,
                "NoSuchNamespaceException", "absent")
    assert rename((space, "t"), (space, "u")).status == 204
    assert server.call("HEAD", table.path).status == 404
    moved = server.call("GET", f"{NAMESPACES}/{space}/tables/u").json()
    assert moved["metadata"]["table-uuid"] == table.uuid


@pytest.mark.parametrize("location", (
    "file:///etc/passwd", "file:///proc/self/environ", "nonsense", "",
    "s3://bucket/x", "file://{warehouse}/../initial-admin-password",
    "file://{warehouse}/absent.metadata.json"))
def test_register_reads_only_its_own_warehouse(server, space, location):
    location = location.format(warehouse=server.state_dir / "warehouse")
    reply = server.call("POST", f"{NAMESPACES}/{space}/register",
                        {"name": "taken", "metadata-location": location})
    assert reply.status in (400, 403, 404), reply
    assert b"root:" not in reply.body
    assert server.call("HEAD",
                       f"{NAMESPACES}/{space}/tables/taken").status == 404


# ---- commits

def test_a_commit_writes_the_next_file(table):
    before = table.load()
    reply = table.commit([set_property()], [
        {"type": "assert-table-uuid", "uuid": table.uuid}])
    assert reply.status == 200, reply
    after = reply.json()
    assert "/00001-" in after["metadata-location"]
    assert after["metadata"]["properties"]["k"] == "v"
    assert after["metadata"]["metadata-log"][-1]["metadata-file"] == before[
        "metadata-location"]
    loaded = table.load()
    assert loaded["metadata"] == after["metadata"]
    assert loaded["metadata-location"] == after["metadata-location"]
    on_disk = json.loads(path_of(after["metadata-location"]).read_text())
    assert on_disk == after["metadata"]


def test_a_commit_that_changes_nothing_writes_nothing(table):
    table.commit([set_property()])
    before = table.load()
    folder = path_of(before["metadata-location"]).parent
    files = sorted(os.listdir(folder))
    for updates in ([], [set_property()],
                    [{"action": "remove-properties", "removals": ["none"]}]):
        reply = table.commit(updates)
        assert reply.status == 200, reply
        assert reply.json()["metadata-location"] == before[
            "metadata-location"]
    assert sorted(os.listdir(folder)) == files


@pytest.mark.parametrize("requirement", (
    {"type": "assert-create"},
    {"type": "assert-table-uuid", "uuid": str(uuid.uuid4())},
    {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": 7},
    {"type": "assert-last-assigned-field-id", "last-assigned-field-id": 99},
    {"type": "assert-current-schema-id", "current-schema-id": 99},
    {"type": "assert-last-assigned-partition-id",
     "last-assigned-partition-id": 99},
    {"type": "assert-default-spec-id", "default-spec-id": 99},
    {"type": "assert-default-sort-order-id", "default-sort-order-id": 99},
))
def test_a_requirement_that_fails_is_a_conflict(table, requirement):
    before = table.load()
    check_error(table.commit([set_property("no", "1")], [requirement]),
                409, "CommitFailedException", "Requirement failed")
    assert table.load() == before


@pytest.mark.parametrize("updates,word", (
    ([{"action": "nonsense"}], "nonsense"),
    ([{}], "action"),
    ([{"action": "set-current-schema", "schema-id": 99}], "99"),
    ([{"action": "set-current-schema", "schema-id": -1}], ""),
    ([{"action": "set-default-spec", "spec-id": 99}], "99"),
    ([{"action": "set-snapshot-ref", "ref-name": "main", "type": "branch",
       "snapshot-id": 99}], "99"),
    ([{"action": "upgrade-format-version", "format-version": 1}], ""),
    ([{"action": "upgrade-format-version", "format-version": 4}], "4"),
    ([{"action": "set-location", "location": "file:///etc"}], "file:///etc"),
    ([{"action": "set-properties", "updates": {"k": 1}}], "updates"),
    ("nonsense", "updates"),
))
def test_a_bad_update_changes_nothing(table, updates, word):
    before = table.load()
    reply = table.commit(updates)
    assert reply.status in (400, 403), reply
    assert word in reply.json()["error"]["message"]
    assert table.load() == before


def snapshot(number, parent=None):
    made = {"snapshot-id": number, "sequence-number": 1,
            "timestamp-ms": 1900000000000,
            "manifest-list": "file:/none.avro",
            "summary": {"operation": "append"}, "schema-id": 0}
    return {**made, "parent-snapshot-id": parent} if parent else made


def test_ids_of_64_bits_stay_exact(table):
    number = (1 << 63) - 25
    now = table.load()["metadata"]["last-updated-ms"]
    added = {**snapshot(number), "timestamp-ms": now}
    reply = table.commit([
        {"action": "add-snapshot", "snapshot": added},
        {"action": "set-snapshot-ref", "ref-name": "main", "type": "branch",
         "snapshot-id": number}])
    assert reply.status == 200, reply
    loaded = table.load()["metadata"]
    assert loaded["current-snapshot-id"] == number
    assert loaded["snapshots"][0]["snapshot-id"] == number
    only = table.load("?snapshots=refs")["metadata"]
    assert [s["snapshot-id"] for s in only["snapshots"]] == [number]


def test_unknown_fields_survive(server, space):
    table = create(server, space, "odd")
    location = table.answer["metadata-location"]
    metadata = json.loads(path_of(location).read_text())
    metadata["not-of-this-release"] = {"deep": [1, 2.50, None, "é"]}
    metadata["table-uuid"] = str(uuid.uuid4())
    other = path_of(location).with_name("00009-x.metadata.json")
    other.write_text(json.dumps(metadata))
    os.chmod(other, 0o666)
    server.call("DELETE", table.path)
    reply = server.call("POST", f"{NAMESPACES}/{space}/register", {
        "name": "odd", "metadata-location": f"file://{other}"})
    assert reply.status == 200, reply
    after = table.commit([set_property()]).json()
    assert after["metadata"]["not-of-this-release"] == {
        "deep": [1, 2.5, None, "é"]}
    assert "/00010-" in after["metadata-location"]
