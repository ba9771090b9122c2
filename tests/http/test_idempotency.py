"""Idempotency-Key: what was answered once is answered again, and done once."""

import concurrent.futures
import itertools
import json
import uuid

import pytest
from harness.wait import until

V1 = "/v1/default"
NAMESPACES = f"{V1}/namespaces"
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}
VIEW_VERSION = {
    "version-id": 1, "timestamp-ms": 1760000000000, "schema-id": 0,
    "summary": {}, "default-namespace": [], "representations": [
        {"type": "sql", "sql": "select 1", "dialect": "spark"}]}
_numbers = itertools.count(1)


def new_key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def set_property(name, value):
    return [{"action": "set-properties", "updates": {name: value}}]


def same(one, other):
    assert (one.status, one.headers["ETag"], one.body) == \
        (other.status, other.headers["ETag"], other.body)


class Space:
    """A namespace with table `t`, view `v` and an empty child `child`."""

    def __init__(self, server):
        self.server, self.name = server, f"once{next(_numbers)}"
        self.path = f"{NAMESPACES}/{self.name}"
        self.add("POST", NAMESPACES, {
            "namespace": [self.name], "properties": {"a": "1", "b": "2"}})
        self.add("POST", NAMESPACES, {"namespace": [self.name, "child"]})
        self.add("POST", f"{self.path}/tables", self.table("t"))
        self.add("POST", f"{self.path}/views", self.view("v"))
        self.location = self.load("t")["metadata-location"]
        self.view_location = self.get("views/v")["metadata-location"]

    def add(self, method, path, body=None):
        reply = self.server.call(method, path, body)
        assert reply.status in (200, 204), reply
        return reply

    def get(self, what):
        return self.server.call("GET", f"{self.path}/{what}").json()

    def load(self, table):
        return self.get(f"tables/{table}")

    def state(self):
        """All that there is, and where it points."""
        children = self.server.call(
            "GET", f"{NAMESPACES}?parent={self.name}").json()["namespaces"]
        found = [children, self.server.call("GET", self.path).json()]
        for kind in ("tables", "views"):
            for one in self.get(kind)["identifiers"]:
                where = self.get(f"{kind}/{one['name']}")["metadata-location"]
                found.append((one["name"], where))
        return found

    def files(self):
        return sorted(self.server.folder.rglob(f"{self.name}/*/metadata/*"))

    @staticmethod
    def table(name, **more):
        return {"name": name, "schema": SCHEMA, **more}

    @staticmethod
    def view(name):
        return {"name": name, "schema": SCHEMA, "properties": {},
                "view-version": VIEW_VERSION}

    def ident(self, name):
        return {"namespace": [self.name], "name": name}


@pytest.fixture(name="space")
def fixture_space(server):
    return Space(server)


# Each: the request, what happens until it comes again, and another request
# that takes the same key.
def create_namespace(s):
    return ("POST", NAMESPACES, {"namespace": [s.name, "new"],
                                 "properties": {"a": "b"}},
            [("DELETE", f"{s.path}%1Fnew")])


def drop_namespace(s):
    return ("DELETE", f"{s.path}%1Fchild", None,
            [("POST", NAMESPACES, {"namespace": [s.name, "child"]})])


def change_namespace(s):
    change = {"removals": ["a", "none"], "updates": {"c": "3"}}
    return ("POST", f"{s.path}/properties", change,
            [("POST", f"{s.path}/properties", {"updates": {"none": "1"}})])


def create_table(s):
    return ("POST", f"{s.path}/tables", s.table("new"),
            [("DELETE", f"{s.path}/tables/new")])


def register_table(s):
    return ("POST", f"{s.path}/register",
            {"name": "new", "metadata-location": s.location},
            [("DELETE", f"{s.path}/tables/new")])


def commit_table(s):
    return ("POST", f"{s.path}/tables/t", {
        "requirements": [], "updates": set_property("a", "1")},
            [("POST", f"{s.path}/tables/t", {
                "requirements": [], "updates": set_property("a", "2")})])


def drop_table(s):
    return ("DELETE", f"{s.path}/tables/t?purgeRequested=true", None,
            [("POST", f"{s.path}/tables", s.table("t"))])


def unregister_table(s):
    return ("POST", f"{s.path}/tables/t/unregister", None,
            [("POST", f"{s.path}/tables", s.table("t"))])


def rename_table(s):
    there, back = (
        {"source": s.ident(a), "destination": s.ident(b)}
        for a, b in (("t", "moved"), ("moved", "t")))
    return ("POST", f"{V1}/tables/rename", there,
            [("POST", f"{V1}/tables/rename", back)])


def commit_transaction(s):
    return ("POST", f"{V1}/transactions/commit", {"table-changes": [
        {"identifier": s.ident("t"), "requirements": [],
         "updates": set_property("a", "1")}]},
            [("POST", f"{s.path}/tables/t", {
                "requirements": [], "updates": set_property("a", "2")})])


def create_view(s):
    return ("POST", f"{s.path}/views", s.view("new"),
            [("DELETE", f"{s.path}/views/new")])


def replace_view(s):
    return ("POST", f"{s.path}/views/v", {
        "requirements": [], "updates": set_property("a", "1")},
            [("POST", f"{s.path}/views/v", {
                "requirements": [], "updates": set_property("a", "2")})])


def drop_view(s):
    return ("DELETE", f"{s.path}/views/v", None,
            [("POST", f"{s.path}/views", s.view("v"))])


def rename_view(s):
    there, back = (
        {"source": s.ident(a), "destination": s.ident(b)}
        for a, b in (("v", "moved"), ("moved", "v")))
    return ("POST", f"{V1}/views/rename", there,
            [("POST", f"{V1}/views/rename", back)])


def register_view(s):
    return ("POST", f"{s.path}/register-view",
            {"name": "new", "metadata-location": s.view_location},
            [("DELETE", f"{s.path}/views/new")])


OPERATIONS = {
    create_namespace: "POST /v1/{prefix}/namespaces",
    drop_namespace: "DELETE /v1/{prefix}/namespaces/{namespace}",
    change_namespace: "POST /v1/{prefix}/namespaces/{namespace}/properties",
    create_table: "POST /v1/{prefix}/namespaces/{namespace}/tables",
    register_table: "POST /v1/{prefix}/namespaces/{namespace}/register",
    commit_table: "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    drop_table: "DELETE /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    unregister_table:
        "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/unregister",
    rename_table: "POST /v1/{prefix}/tables/rename",
    commit_transaction: "POST /v1/{prefix}/transactions/commit",
    create_view: "POST /v1/{prefix}/namespaces/{namespace}/views",
    replace_view: "POST /v1/{prefix}/namespaces/{namespace}/views/{view}",
    drop_view: "DELETE /v1/{prefix}/namespaces/{namespace}/views/{view}",
    rename_view: "POST /v1/{prefix}/views/rename",
    register_view: "POST /v1/{prefix}/namespaces/{namespace}/register-view",
}
# What changes nothing takes no key.
UNKEYED = ("metrics", "plan", "plan/{plan-id}", "tasks", "sign")
every_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda op: op.__name__)


def test_every_operation_that_changes_something_is_here(server):
    config = server.call("GET", "/v1/config").json()
    assert config["idempotency-key-lifetime"] == "PT30M"
    changing = {e for e in config["endpoints"]
                if e.split()[0] not in ("GET", "HEAD")
                and not e.endswith(UNKEYED)}
    assert changing == set(OPERATIONS.values())


@every_operation
def test_a_success_is_answered_again_and_done_once(space, operation):
    method, path, body, meanwhile = operation(space)
    key = new_key()
    first = space.server.call(method, path, body, headers=key)
    assert first.status in (200, 204), first
    same(space.server.call(method, path, body, headers=key), first)
    for request in meanwhile:
        space.add(*request)
    before, files = space.state(), space.files()
    same(space.server.call(method, path, body, headers=key), first)
    assert (space.state(), space.files()) == (before, files)


@every_operation
def test_a_key_is_for_one_request(space, operation):
    method, path, body, meanwhile = operation(space)
    key = new_key()
    assert space.server.call(
        method, path, body, headers=key).status in (200, 204)
    before, files = space.state(), space.files()
    for other in (*meanwhile, (method, path + "?a=b", body)):
        check_error(space.server.call(*other, headers=key), 422,
                    "UnprocessableEntityException", "Idempotency-Key")
    assert (space.state(), space.files()) == (before, files)


# Each: a request that is refused, the status, and what would let it pass.
REFUSED = {
    "there": lambda s: ("POST", f"{s.path}/tables", s.table("t"), 409,
                        ("DELETE", f"{s.path}/tables/t")),
    "nowhere": lambda s: ("POST", f"{NAMESPACES}/{s.name}%1Fno/tables",
                          s.table("t"), 404,
                          ("POST", NAMESPACES, {"namespace": [s.name, "no"]})),
    "missing": lambda s: ("DELETE", f"{s.path}/tables/gone", None, 404,
                          ("POST", f"{s.path}/tables", s.table("gone"))),
    "full": lambda s: ("DELETE", s.path, None, 409,
                       ("DELETE", f"{s.path}/views/v"),
                       ("DELETE", f"{s.path}/tables/t"),
                       ("DELETE", f"{s.path}%1Fchild")),
    "requirement": lambda s: ("POST", f"{s.path}/tables/t", {
        "requirements": [{"type": "assert-create"}],
        "updates": set_property("a", "1")}, 409,
        ("DELETE", f"{s.path}/tables/t")),
    "both": lambda s: ("POST", f"{s.path}/properties",
                       {"removals": ["a"], "updates": {"a": "1"}}, 422),
    "form": lambda s: ("POST", f"{s.path}/views", {"name": 7}, 400),
}


def check_error(reply, status, kind, message):
    assert reply.status == status, reply
    error = reply.json()["error"]
    assert error["type"] == kind and message in error["message"], error


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_a_refusal_stays_one(space, refused):
    method, path, body, status, *meanwhile = refused(space)
    key = new_key()
    first = space.server.call(method, path, body, headers=key)
    assert first.status == status, first
    for request in meanwhile:
        space.add(*request)
    again = space.server.call(method, path, body, headers=key)
    same(again, first)


def test_what_changed_nothing_undoes_nothing_later(space):
    """Without a commit there is nothing in the log to know the key by."""
    path = f"{space.path}/tables/t"
    noop = {"requirements": [], "updates": set_property("a", "1")}
    space.add("POST", path, noop)
    key = new_key()
    first = space.server.call("POST", path, noop, headers=key)
    assert first.json()["metadata-location"] == \
        space.load("t")["metadata-location"]
    space.add("POST", path, {"requirements": [],
                             "updates": set_property("a", "2")})
    same(space.server.call("POST", path, noop, headers=key), first)
    assert space.load("t")["metadata"]["properties"]["a"] == "2"
    check_error(space.server.call("POST", path, {
        "requirements": [], "updates": set_property("b", "1")}, headers=key),
                422, "UnprocessableEntityException", "Idempotency-Key")


def test_no_operation_that_changed_nothing_is_done_later(space):
    changes = {"updates": {"a": "1"}, "removals": ["none"]}
    path, key = f"{space.path}/properties", new_key()
    first = space.server.call("POST", path, changes, headers=key)
    assert first.json()["missing"] == ["none"]
    space.add("POST", path, {"updates": {"none": "here", "a": "2"}})
    same(space.server.call("POST", path, changes, headers=key), first)
    kept = space.server.call("GET", space.path).json()["properties"]
    assert (kept["a"], kept["none"]) == ("2", "here")


def test_a_staged_table_is_the_same_one_again(space):
    staged = space.table("new", **{"stage-create": True})
    path, key = f"{space.path}/tables", new_key()
    first = space.server.call("POST", path, staged, headers=key)
    assert first.status == 200 and "metadata-location" not in first.json()
    same(space.server.call("POST", path, staged, headers=key), first)
    other = space.server.call("POST", path, staged, headers=new_key())
    assert other.body != first.body


@pytest.mark.parametrize("key", (
    "", "x", "017F22E2-79B0-7CC3-98C4-DC0C0C07398", "{}".format("0" * 36),
    "017F22E2-79B0-7CC3-98C4-DC0C0C07398F0"))
def test_a_key_is_a_uuid(space, key):
    reply = space.server.call("DELETE", f"{space.path}/tables/t",
                              headers={"Idempotency-Key": key})
    check_error(reply, 400, "BadRequestException", "Idempotency-Key")
    assert space.load("t")


def test_letters_of_a_key_have_no_case(space):
    path, key = f"{space.path}/tables/t", str(uuid.uuid4())
    for written in (key.upper(), key.lower()):
        reply = space.server.call("DELETE", path,
                                  headers={"Idempotency-Key": written})
        assert reply.status == 204


def test_a_key_belongs_to_who_sent_it(space):
    """And to the tenant that it was sent for."""
    path, key = f"{space.path}/tables/t", new_key()
    tenant = space.server.call("GET", "/api/v1/users/me").json()["tenant-id"]
    assert space.server.call("DELETE", path, headers=key).status == 204
    other = space.server.call("DELETE", path, user="root", headers={
        **key, "X-Pangolin-Tenant": tenant})
    assert other.status == 404


def test_requests_at_once_with_one_key_are_one(space):
    path, key = f"{space.path}/tables/t", new_key()
    body = {"requirements": [], "updates": set_property("n", "1")}

    def send(_):
        return space.server.call("POST", path, body, headers=key)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(send, range(16)))
    for reply in replies:
        same(reply, replies[0])
    assert replies[0].status == 200
    assert len(space.load("t")["metadata"]["metadata-log"]) == 1


def test_what_failed_here_is_not_remembered(space):
    path, key = f"{space.path}/tables/t", new_key()
    body = {"requirements": [], "updates": set_property("n", "1")}
    file = next(space.server.folder.rglob(
        space.location.rpartition("/")[2]))
    text = file.read_text()
    file.write_text("{")
    failed = space.server.call("POST", path, body, headers=key)
    assert failed.status == 500, failed
    file.write_text(text)
    reply = space.server.call("POST", path, body, headers=key)
    assert reply.status == 200, reply
    same(space.server.call("POST", path, body, headers=key), reply)


def test_metrics_need_no_key_and_take_any(space):
    reply = space.server.call(
        "POST", f"{space.path}/tables/t/metrics", {"report-type": "x"},
        headers={"Idempotency-Key": "any"})
    assert reply.status in (204, 400), reply
    assert b"Idempotency" not in reply.body


def test_keys_outlive_the_server(servers):
    server = servers.start(store="sqlite", workers=2)
    space = Space(server)
    requests = [commit_table(space)[:3], create_table(space)[:3],
                ("DELETE", f"{space.path}/tables/gone", None),
                ("POST", f"{space.path}/tables/t",
                 {"requirements": [], "updates": []})]
    keys = [new_key() for _ in requests]
    first = [server.call(*r, headers=k)
             for r, k in zip(requests, keys, strict=True)]
    assert [r.status for r in first] == [200, 200, 404, 200]
    server.kill()
    server.restart()
    space.add("POST", f"{space.path}/tables", space.table("gone"))
    for request, key, reply in zip(requests, keys, first, strict=True):
        same(server.call(*request, headers=key), reply)


def test_answers_without_a_commit_expire(servers):
    server = servers.start(store="sqlite", settings={
        "iceberg": {"idempotency_lifetime": "1s"}})
    space = Space(server)
    config = server.call("GET", "/v1/config").json()
    assert config["idempotency-key-lifetime"] == "PT1S"
    path, key = f"{space.path}/tables/gone", new_key()
    assert server.call("DELETE", path, headers=key).status == 404
    space.add("POST", f"{space.path}/tables", space.table("gone"))
    assert server.call("DELETE", path, headers=key).status == 404
    until(lambda: server.call("DELETE", path, headers=key).status == 204,
          "the key forgotten", 30)
    same(server.call("DELETE", path, headers=key),
         server.call("DELETE", path, headers=key))
    assert json.loads(server.call("GET", path).body)["error"]["code"] == 404
