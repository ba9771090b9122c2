"""Every request of the Iceberg API that changes something."""

import itertools
import uuid

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
        # of a table and a view that are there no more
        self.left = self.left_by("tables", self.table("left"))
        self.left_view = self.left_by("views", self.view("left"))

    def left_by(self, kind, body):
        made = self.add("POST", f"{self.path}/{kind}", body).json()
        self.add("DELETE", f"{self.path}/{kind}/{body['name']}")
        return made["metadata-location"]

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
            {"name": "new", "metadata-location": s.left},
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
         "updates": set_property("a", "1")},
        {"identifier": s.ident("u"), "requirements": [
            {"type": "assert-create"}], "updates": [
                {"action": "add-schema", "schema": SCHEMA},
                {"action": "set-current-schema", "schema-id": -1}]}]},
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
            {"name": "new", "metadata-location": s.left_view},
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
