"""Views in raw requests: the routes, answers and errors of the spec."""

import itertools
import uuid

import pytest

NAMESPACES = "/v1/default/namespaces"
FIELD = {"id": 1, "name": "x", "type": "long", "required": False}
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [FIELD]}
_numbers = itertools.count(1)


def version(sql="select 1", dialect="spark", **more):
    return {"version-id": 1, "timestamp-ms": 1760000000000, "schema-id": 0,
            "summary": {"engine-name": "spark"},
            "representations": [
                {"type": "sql", "sql": sql, "dialect": dialect}],
            "default-namespace": ["db"], **more}


@pytest.fixture(name="space")
def fixture_space(server):
    name = f"views{next(_numbers)}"
    made = server.call("POST", NAMESPACES, {"namespace": [name]})
    assert made.status == 200
    return name


def views(space):
    return f"{NAMESPACES}/{space}/views"


def create(server, space, name, **more):
    return server.call("POST", views(space), {
        "name": name, "schema": SCHEMA, "view-version": version(),
        "properties": {}, **more})


def replace(server, space, name, *updates, requirements=()):
    return server.call("POST", f"{views(space)}/{name}", {
        "requirements": list(requirements), "updates": list(updates)})


def new_query(sql, dialect="spark"):
    return ({"action": "add-view-version",
             "view-version": version(sql, dialect)},
            {"action": "set-current-view-version", "view-version-id": -1})


def check_error(reply, status, kind, message):
    assert reply.status == status, reply
    error = reply.json()["error"]
    assert (error["code"], error["type"]) == (status, kind)
    assert error["message"].startswith(message), error


def test_a_view_is_made_loaded_listed_and_dropped(server, space):
    made = create(server, space, "v", properties={"comment": "one"})
    assert made.status == 200, made
    path = f"{views(space)}/v"
    loaded = server.call("GET", path).json()
    assert loaded == made.json()
    assert loaded["config"] == {}
    assert loaded["metadata"]["current-version-id"] == 1
    assert loaded["metadata"]["properties"] == {"comment": "one"}
    assert loaded["metadata-location"].endswith(".gz.metadata.json")
    assert server.call("HEAD", path).status == 204
    assert server.call("GET", views(space)).json()["identifiers"] == [
        {"namespace": [space], "name": "v"}]
    assert server.call("GET", f"{NAMESPACES}/{space}/tables").json()[
        "identifiers"] == []
    assert server.call("DELETE", path).status == 204
    assert server.call("HEAD", path).status == 404
    check_error(server.call("GET", path), 404, "NoSuchViewException",
                f"View does not exist: {space}.v")
    check_error(server.call("DELETE", path), 404, "NoSuchViewException",
                f"View does not exist: {space}.v")


def test_two_who_replace_a_view_both_succeed(server, space):
    create(server, space, "v")
    first = replace(server, space, "v", *new_query("select 2"))
    second = replace(server, space, "v", *new_query("select 3"))
    assert (first.status, second.status) == (200, 200), second
    metadata = second.json()["metadata"]
    assert [v["version-id"] for v in metadata["versions"]] == [1, 2, 3]
    assert metadata["current-version-id"] == 3
    assert first.json()["metadata-location"] != second.json()[
        "metadata-location"]


def test_a_replace_that_changes_nothing_writes_nothing(server, space):
    made = create(server, space, "v").json()
    again = replace(server, space, "v", *new_query("select 1"))
    assert again.json() == made


def test_a_requirement_that_does_not_hold_is_a_conflict(server, space):
    made = create(server, space, "v").json()["metadata"]
    assert replace(server, space, "v", *new_query("select 2"), requirements=[
        {"type": "assert-view-uuid", "uuid": made["view-uuid"]}]).status == 200
    check_error(replace(server, space, "v", requirements=[
        {"type": "assert-view-uuid", "uuid": str(uuid.uuid4())}]),
        409, "CommitFailedException",
        "Requirement failed: view UUID does not match: expected "
        + made["view-uuid"])


def test_a_name_is_a_table_or_a_view(server, space):
    tables = f"{NAMESPACES}/{space}/tables"
    table = {"name": "t", "schema": SCHEMA}
    assert server.call("POST", tables, table).status == 200
    create(server, space, "v")
    check_error(create(server, space, "t"), 409, "AlreadyExistsException",
                f"Table with same name already exists: {space}.t")
    check_error(create(server, space, "v"), 409, "AlreadyExistsException",
                f"View already exists: {space}.v")
    check_error(server.call("POST", tables, {**table, "name": "v"}), 409,
                "AlreadyExistsException",
                f"View with same name already exists: {space}.v")
    check_error(server.call("GET", f"{views(space)}/t"), 404,
                "NoSuchViewException", "View does not exist")
    check_error(server.call("GET", f"{tables}/v"), 404,
                "NoSuchTableException", "Table does not exist")
    check_error(server.call("DELETE", f"{NAMESPACES}/{space}"), 409,
                "NamespaceNotEmptyException", "")


def test_a_view_is_renamed(server, space):
    create(server, space, "one")
    create(server, space, "two")
    server.call("POST", f"{NAMESPACES}/{space}/tables",
                {"name": "t", "schema": SCHEMA})

    def rename(kind, source, destination, to=space):
        return server.call("POST", f"/v1/default/{kind}/rename", {
            "source": {"namespace": [space], "name": source},
            "destination": {"namespace": [to], "name": destination}})

    check_error(rename("views", "one", "two"), 409, "AlreadyExistsException",
                f"Cannot rename {space}.one to {space}.two. "
                "View already exists")
    check_error(rename("views", "one", "t"), 409, "AlreadyExistsException",
                f"Cannot rename {space}.one to {space}.t. "
                "Table already exists")
    check_error(rename("tables", "t", "one"), 409, "AlreadyExistsException",
                f"Cannot rename {space}.t to {space}.one. "
                "View already exists")
    check_error(rename("views", "gone", "x"), 404, "NoSuchViewException",
                f"View does not exist: {space}.gone")
    check_error(rename("views", "one", "x", "nowhere"), 404,
                "NoSuchNamespaceException",
                "Namespace does not exist: nowhere")
    before = server.call("GET", f"{views(space)}/one").json()
    assert rename("views", "one", "three").status == 204
    assert server.call("GET", f"{views(space)}/three").json() == before
    assert server.call("HEAD", f"{views(space)}/one").status == 404


def test_a_view_is_registered_once_under_a_name(server, space):
    made = create(server, space, "v").json()
    body = {"name": "v", "metadata-location": made["metadata-location"]}
    path = f"{NAMESPACES}/{space}/register-view"
    check_error(server.call("POST", path, body), 409,
                "AlreadyExistsException", "View already exists")
    assert server.call("DELETE", f"{views(space)}/v").status == 204
    assert server.call("POST", path, body).json() == made
    body = {"name": "w", "metadata-location": "file:///nowhere/x.json"}
    check_error(server.call("POST", path, body), 400, "BadRequestException",
                "metadata-location is outside the catalog's place")


@pytest.mark.parametrize("change, kind, message", (
    ({"name": ""}, "BadRequestException", "View name"),
    ({"schema": None}, "BadRequestException", "schema"),
    ({"view-version": version(dialect=7)}, "BadRequestException",
     "Field 'dialect' must be a string"),
    ({"view-version": version() | {"representations": []}},
     "BadRequestException", "Field 'representations' must not be empty"),
    ({"view-version": version() | {"representations": [
        {"type": "sql", "sql": "a", "dialect": "trino"},
        {"type": "sql", "sql": "b", "dialect": "trino"}]}},
     "IllegalArgumentException",
     "Invalid view version: Cannot add multiple queries for dialect trino"),
    ({"location": "file:///elsewhere"}, "BadRequestException",
     "Location is outside the catalog's place"),
), ids=("name", "schema", "dialect", "queries", "twice", "place"))
def test_what_is_no_view_is_refused(server, space, change, kind, message):
    reply = create(server, space, **{"name": "v"} | change)
    assert reply.status == 400, reply
    error = reply.json()["error"]
    assert error["type"] == kind and message in error["message"], error
    assert server.call("GET", views(space)).json()["identifiers"] == []


def test_a_view_in_no_namespace_is_refused(server):
    check_error(create(server, "nowhere", "v"), 404,
                "NoSuchNamespaceException",
                "Namespace does not exist: nowhere")
    check_error(server.call("GET", views("nowhere")), 404,
                "NoSuchNamespaceException",
                "Namespace does not exist: nowhere")


def test_a_table_is_unregistered_and_its_files_stay(server, space):
    tables = f"{NAMESPACES}/{space}/tables"
    made = server.call(
        "POST", tables, {"name": "t", "schema": SCHEMA}).json()
    gone = server.call("POST", f"{tables}/t/unregister")
    assert gone.json() == {"metadata-location": made["metadata-location"],
                           "metadata": made["metadata"]}
    assert server.call("HEAD", f"{tables}/t").status == 404
    back = server.call("POST", f"{NAMESPACES}/{space}/register", {
        "name": "t", "metadata-location": made["metadata-location"]})
    assert back.json()["metadata"] == made["metadata"]
    check_error(server.call("POST", f"{tables}/x/unregister"), 404,
                "NoSuchTableException", "Table does not exist")


def test_reports_of_any_kind_are_taken(server, space):
    tables = f"{NAMESPACES}/{space}/tables"
    server.call("POST", tables, {"name": "t", "schema": SCHEMA})
    path = f"{tables}/t/metrics"
    for body in ({"report-type": "scan-report", "metrics": {}},
                 {"report-type": "of-tomorrow", "what": [1]}, {}):
        assert server.call("POST", path, body).status == 204
    check_error(server.call("POST", f"{tables}/x/metrics", {}), 404,
                "NoSuchTableException", "Table does not exist")
