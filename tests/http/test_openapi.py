"""/openapi.json is valid, and the server does what it says."""

import itertools
import re

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

_numbers = itertools.count(1)


@pytest.fixture(name="document", scope="module")
def fixture_document(server):
    reply = server.get("/openapi.json")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    return reply.json()


def resolve(document, value):
    """What a $ref of the document points at."""
    while "$ref" in value:
        found = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        value = found
    return value


def operation_of(document, method, path):
    """The operation whose template has this path; literals go first."""
    fitting = [template for template in document["paths"]
               if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path)]
    fitting.sort(key=lambda template: template.count("{"))
    return document["paths"][fitting[0]][method.lower()]


def response_of(document, operation, status):
    responses = operation["responses"]
    return resolve(document,
                   responses.get(str(status)) or responses["default"])


def check(document, schema, value):
    whole = {**schema, "components": document["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


def test_it_is_openapi(document):
    validate(document)
    assert document["openapi"] == "3.1.0"


def test_every_form_is_a_json_schema(document):
    schemas = document["components"]["schemas"]
    assert len(schemas) > 30
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
        assert all(member.get("description")
                   for member in schema["properties"].values())


def test_it_lists_what_the_catalog_announces(server, document):
    endpoints = server.call("GET", "/v1/config").json()["endpoints"]
    for endpoint in endpoints:
        method, path = endpoint.split(" ")
        path = re.sub(r"\{(\w+)\}", "x", path)
        assert operation_of(document, method, path)["tags"] == ["iceberg"]


def test_public_routes_need_no_security(server, document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            public = operation.get("security") == []
            reply = server.request(method.upper(),
                                   re.sub(r"\{\w+\}", "x", path))
            if not public:
                assert reply.status == 401, (method, path, reply)
            elif method == "get":
                assert reply.status != 401, (method, path, reply)


class Checked:
    """Requests whose bodies and answers must be as the document says."""

    def __init__(self, server, document):
        self.server, self.document = server, document
        self.schema_count = 0

    def __call__(self, method, path, body=None, user="admin", want=None):
        operation = operation_of(self.document, method, path.split("?")[0])
        if body is not None:
            content = operation["requestBody"]["content"]
            check(self.document, content["application/json"]["schema"], body)
        reply = self.server.call(method, path, body, user)
        if want:
            assert reply.status == want, reply
            assert str(want) in operation["responses"], (method, path)
        response = response_of(self.document, operation, reply.status)
        if "content" not in response:
            assert reply.body == b"", (method, path)
            return None
        if "*/*" in response["content"]:
            return reply.body
        schema = response["content"]["application/json"]["schema"]
        check(self.document, schema, reply.json())
        self.schema_count += 1
        return reply.json()


@pytest.fixture(name="ask")
def fixture_ask(server, document):
    return Checked(server, document)


@pytest.fixture(name="name")
def fixture_name():
    return f"described{next(_numbers)}"


SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "id", "required": True, "type": "long"}]}


def test_catalog_answers_are_as_described(ask, name):
    spaces = "/v1/default/namespaces"
    tables = f"{spaces}/{name}/tables"
    ask("GET", "/v1/config?warehouse=default", want=200)
    ask("POST", spaces, {"namespace": [name], "properties": {"a": "b"}},
        want=200)
    ask("GET", f"{spaces}?pageSize=1", want=200)
    ask("GET", f"{spaces}/{name}", want=200)
    ask("POST", f"{spaces}/{name}/properties",
        {"removals": ["a"], "updates": {"c": "d"}}, want=200)
    made = ask("POST", tables, {"name": "t", "schema": SCHEMA}, want=200)
    ask("GET", tables, want=200)
    ask("GET", f"{tables}/t", want=200)
    ask("POST", f"{tables}/t", {
        "requirements": [{"type": "assert-table-uuid",
                          "uuid": made["metadata"]["table-uuid"]}],
        "updates": [{"action": "set-properties", "updates": {"x": "y"}}]},
        want=200)
    ask("POST", "/v1/default/tables/rename", {
        "source": {"namespace": [name], "name": "t"},
        "destination": {"namespace": [name], "name": "u"}}, want=204)
    ask("HEAD", f"{tables}/u", want=204)
    ask("DELETE", f"{tables}/u", want=204)
    ask("DELETE", f"{spaces}/{name}", want=204)
    assert ask.schema_count >= 8


def test_management_answers_are_as_described(ask, name):
    for kind in ("users", "service-users", "warehouses", "catalogs"):
        ask("GET", f"/api/v1/{kind}?limit=3&offset=0", want=200)
    ask("GET", "/api/v1/tenants", user="root", want=200)
    ask("GET", "/api/v1/app-config", want=200)
    ask("GET", "/api/v1/users/me", want=200)
    user = ask("POST", "/api/v1/users", {
        "username": name, "email": f"{name}@example.org",
        "password": "correct horse", "role": "tenant-user"}, want=201)
    ask("POST", "/api/v1/users/login",
        {"username": name, "password": "correct horse"}, want=200)
    ask("PUT", f"/api/v1/users/{user['id']}", {"active": False}, want=200)
    ask("DELETE", f"/api/v1/users/{user['id']}", want=204)
    robot = ask("POST", "/api/v1/service-users",
                {"name": name, "role": "tenant-user"}, want=201)
    path = f"/api/v1/service-users/{robot['id']}"
    ask("PUT", path, {"name": name + "x"}, want=200)
    ask("POST", path + "/rotate", want=200)
    ask("DELETE", path, want=200)
    ask("GET", "/api/v1/warehouses/default", want=200)
    ask("GET", "/api/v1/catalogs/default", want=200)
    assert ask.schema_count >= 14


def test_branches_and_tags_are_as_described(ask, name):
    where = "?catalog=default"
    ask("POST", "/v1/default/namespaces", {"namespace": [name]}, want=200)
    made = ask("POST", "/api/v1/branches",
               {"name": name, "catalog": "default"}, want=201)
    head = made["head_commit_id"]
    path = f"/api/v1/branches/{name}"
    ask("GET", "/api/v1/branches" + where, want=200)
    ask("GET", path, want=200)
    ask("GET", f"{path}/commits{where}&limit=3", want=200)
    ask("GET", f"/api/v1/diff{where}&to={name}", want=200)
    ask("PATCH", path + where, {"protected": False}, want=200)
    ask("DELETE", path, want=204)
    ask("POST", "/api/v1/tags", {"name": name, "commit_id": head}, want=200)
    path = f"/api/v1/tags/{name}"
    ask("GET", "/api/v1/tags" + where, want=200)
    ask("GET", path, want=200)
    ask("PUT", path + where,
        {"commit_id": head, "expected_commit_id": head}, want=200)
    ask("DELETE", path, want=204)
    assert ask.schema_count == 11


def test_tasks_are_as_described(ask):
    task = ask("POST", "/api/v1/tasks",
               {"kind": "verify_catalog", "catalog": "default"}, want=202)
    path = f"/api/v1/tasks/{task['task_id']}"
    ask("GET", "/api/v1/tasks?limit=2", want=200)
    ask("GET", path, want=200)
    ask("GET", path + "/results", want=200)
    ask("POST", path + "/cancel")
    assert ask.schema_count == 5


def test_errors_are_as_described(ask):
    for method, path in (("GET", "/v1/default/namespaces/none"),
                         ("GET", "/v1/nowhere/namespaces"),
                         ("GET", "/api/v1/catalogs/none"),
                         ("GET", "/api/v1/users/none")):
        ask(method, path)
    assert ask.schema_count == 4


def test_health_and_tokens_are_as_described(server, document):
    for path in ("/health", "/health/live", "/health/ready"):
        response = response_of(document, operation_of(document, "GET", path),
                               200)
        check(document, response["content"]["application/json"]["schema"],
              server.get(path).json())
    operation = operation_of(document, "POST", "/v1/oauth/tokens")
    for secret, status in ((server.first_password, 200), ("wrong", 401)):
        reply = server.sign_in("admin", secret)
        assert reply.status == status
        response = response_of(document, operation, status)
        check(document, response["content"]["application/json"]["schema"],
              reply.json())
