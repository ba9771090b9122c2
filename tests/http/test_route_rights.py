"""Every route of /openapi.json, asked by every kind of principal.

Requests are such that whom the door lets through is refused by what is there
(names that are taken, protected tables, requirements that do not hold), so
that nothing changes and one request is as good as the next.  A route without a
row fails.
"""

import uuid

import pytest

from harness.tenants import PASSWORD, Tenant

NIL = "00000000-0000-0000-0000-00000000abcd"
IMPLIED = {"write": {"read", "update", "delete", "create", "list"},
           "read": {"list"}}
ACTIONS = ("list", "read", "create", "write", "delete", "ingest-branching",
           "experimental-branching", "all")
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}
VERSION = {"version-id": 1, "timestamp-ms": 1760000000000, "schema-id": 0,
           "summary": {}, "default-namespace": ["a"], "representations": [
               {"type": "sql", "sql": "select 1", "dialect": "spark"}]}
REQUIRED = {"requirements": [{"type": "assert-table-uuid", "uuid": NIL}],
            "updates": []}
RENAME = {"source": {"namespace": ["a"], "name": "t"},
          "destination": {"namespace": ["a"], "name": "t2"}}


class Door:
    """What a route asks for: an action on a place, or a built-in role."""

    def __init__(self, action="", place="", also=None):
        self.action, self.place, self.also = action, place, also

    def opens(self, scope, action):
        """Whether a grant of this action in this scope is enough."""
        given = {action} | IMPLIED.get(action, set())
        if action == "all":
            given = set(ACTIONS)
        covered = {"tenant": "unknown catalog namespace view table object",
                   "catalog": "catalog namespace view table object",
                   "namespace": "namespace view table",
                   "asset": "table object"}[scope].split()
        if self.place == "catalog at all":  # any grant in it
            return True
        if self.action == "see":
            mine = "list" in given
        else:
            mine = self.action in given and self.place in covered
        return mine and (not self.also or self.also.opens(scope, action))


EVERYBODY, ADMINS, ROOT, OWN, HIDDEN, PUBLIC = (
    "everybody", "admins", "root", "own", "hidden", "public")
SEE = Door("see", "catalog")
READ, WRITE = Door("read", "table"), Door("write", "table")
HISTORY, MERGE = Door("read", "catalog"), Door("write", "catalog")
CREATE = Door("create", "namespace")
VIEW = {"read": Door("read", "view"), "write": Door("write", "view"),
        "delete": Door("delete", "view")}

SPACES = "/v1/{prefix}/namespaces"
ONE = SPACES + "/{namespace}"
TABLE = ONE + "/tables/{table}"
API = "/api/v1"


def rows(c):
    """(method, path): what opens it, and the body, of a catalog's name."""
    return {
        ("GET", "/v1/config"): (Door(place="catalog at all"), None),
        ("GET", SPACES): (SEE, None),
        ("POST", SPACES): (CREATE, {"namespace": ["a"]}),
        ("GET", ONE): (Door("read", "namespace"), None),
        ("HEAD", ONE): (SEE, None),
        ("DELETE", ONE): (Door("delete", "namespace"), None),
        ("POST", ONE + "/properties"): (
            Door("write", "namespace"), {"removals": ["gone"]}),
        ("GET", ONE + "/tables"): (SEE, None),
        ("POST", ONE + "/tables"): (CREATE, {"name": "t", "schema": SCHEMA}),
        ("GET", ONE + "/functions"): (SEE, None),
        ("GET", ONE + "/functions/{function}"): (
            Door("read", "namespace"), None),
        ("POST", TABLE + "/plan"): (READ, {}),
        ("GET", TABLE + "/plan/{plan-id}"): (READ, None),
        ("DELETE", TABLE + "/plan/{plan-id}"): (READ, None),
        ("POST", TABLE + "/tasks"): (READ, {"plan-task": "x"}),
        ("POST", ONE + "/register"): (
            CREATE, {"name": "t", "metadata-location": "file:///x"}),
        ("GET", TABLE): (READ, None),
        ("POST", TABLE): (WRITE, REQUIRED),
        ("DELETE", TABLE): (Door("delete", "table"), None),
        ("HEAD", TABLE): (READ, None),
        ("POST", TABLE + "/unregister"): (Door("delete", "table"), None),
        ("GET", TABLE + "/credentials"): (READ, None),
        ("POST", TABLE + "/sign"): (
            READ, {"region": "r", "uri": "https://x/y", "method": "GET",
                   "headers": {}}),
        ("GET", TABLE + "/presign"): (READ, None),
        ("POST", "/v1/{prefix}/tables/rename"): (
            Door("write", "table", CREATE), RENAME),
        ("POST", TABLE + "/metrics"): (READ, {}),
        ("POST", "/v1/{prefix}/transactions/commit"): (
            WRITE, {"table-changes": [{
                "identifier": {"namespace": ["a"], "name": "t"},
                **REQUIRED}]}),
        ("GET", ONE + "/views"): (SEE, None),
        ("POST", ONE + "/views"): (CREATE, {
            "name": "v", "schema": SCHEMA, "view-version": VERSION,
            "properties": {}}),
        ("GET", ONE + "/views/{view}"): (VIEW["read"], None),
        ("POST", ONE + "/views/{view}"): (VIEW["write"], {
            "requirements": [{"type": "assert-view-uuid", "uuid": NIL}],
            "updates": []}),
        ("DELETE", ONE + "/views/{view}"): (VIEW["delete"], None),
        ("HEAD", ONE + "/views/{view}"): (VIEW["read"], None),
        ("POST", "/v1/{prefix}/views/rename"): (
            Door("write", "view", CREATE), {
                "source": {"namespace": ["a"], "name": "v"},
                "destination": {"namespace": ["a"], "name": "v2"}}),
        ("POST", ONE + "/register-view"): (
            CREATE, {"name": "v", "metadata-location": "file:///x"}),

        ("GET", f"{API}/users/me"): (EVERYBODY, None),
        ("GET", f"{API}/users"): (EVERYBODY, None),
        ("POST", f"{API}/users"): (ADMINS, {
            "username": "admin", "email": "x@example.com",
            "password": PASSWORD, "role": "tenant-user"}),
        ("GET", f"{API}/users/{{id}}"): (OWN, None),
        ("PUT", f"{API}/users/{{id}}"): (OWN, {}),
        ("DELETE", f"{API}/users/{{id}}"): (ADMINS, None),
        ("GET", f"{API}/users/me/permissions"): (EVERYBODY, None),
        ("GET", f"{API}/users/me/tokens"): (EVERYBODY, None),
        ("GET", f"{API}/users/{{id}}/tokens"): (OWN, None),
        ("DELETE", f"{API}/tokens/{{id}}"): (OWN, None),
        ("POST", f"{API}/tokens"): (ADMINS, {"username": "not-there"}),
        ("POST", f"{API}/auth/revoke/{{id}}"): (OWN, None),
        ("POST", f"{API}/auth/cleanup-tokens"): (ADMINS, None),
        ("POST", f"{API}/auth/rotate-key"): (ROOT, None),
        ("GET", f"{API}/service-users"): (ADMINS, None),
        ("POST", f"{API}/service-users"): (
            ADMINS, {"name": "taken", "role": "tenant-user"}),
        ("GET", f"{API}/service-users/{{id}}"): (ADMINS, None),
        ("PUT", f"{API}/service-users/{{id}}"): (ADMINS, {}),
        ("DELETE", f"{API}/service-users/{{id}}"): (ADMINS, None),
        ("POST", f"{API}/service-users/{{id}}/rotate"): (ADMINS, None),
        ("GET", f"{API}/users/{{id}}/roles"): (OWN, None),
        ("POST", f"{API}/users/{{id}}/roles"): (ADMINS, {"role-id": NIL}),
        ("DELETE", f"{API}/users/{{id}}/roles/{{role}}"): (ADMINS, None),
        ("GET", f"{API}/roles"): (ADMINS, None),
        ("POST", f"{API}/roles"): (ADMINS, {"name": "taken"}),
        ("GET", f"{API}/roles/{{id}}"): (ADMINS, None),
        ("PUT", f"{API}/roles/{{id}}"): (
            ADMINS, {"name": "x", "permissions": []}),
        ("DELETE", f"{API}/roles/{{id}}"): (ADMINS, None),
        ("GET", f"{API}/permissions"): (EVERYBODY, None),
        ("POST", f"{API}/permissions"): (ADMINS, {
            "user-id": NIL, "scope": {"type": "tenant"},
            "actions": ["read"]}),
        ("GET", f"{API}/permissions/check"): (ADMINS, None),
        ("DELETE", f"{API}/permissions/{{id}}"): (ADMINS, None),
        ("POST", f"{API}/assets/{{id}}/metadata"): (ADMINS, {"tags": []}),
        ("GET", f"{API}/assets/{{id}}/metadata"): (
            Door("read", "unknown"), None),
        ("DELETE", f"{API}/assets/{{id}}/metadata"): (ADMINS, None),
        ("GET", f"{API}/tenants"): (ROOT, None),
        ("POST", f"{API}/tenants"): (ROOT, {"name": "default"}),
        ("GET", f"{API}/tenants/{{id}}"): (OWN, None),
        ("PUT", f"{API}/tenants/{{id}}"): (ROOT, {}),
        ("DELETE", f"{API}/tenants/{{id}}"): (ROOT, None),

        ("GET", f"{API}/warehouses"): (EVERYBODY, None),
        ("POST", f"{API}/warehouses"): (ADMINS, {"name": "a/b"}),
        ("GET", f"{API}/warehouses/{{name}}"): (EVERYBODY, None),
        ("PUT", f"{API}/warehouses/{{name}}"): (ADMINS, {}),
        ("DELETE", f"{API}/warehouses/{{name}}"): (ADMINS, None),
        ("POST", f"{API}/warehouses/{{name}}/probe"): (ADMINS, {}),
        ("GET", f"{API}/warehouses/{{name}}/credentials"): (
            Door("read", "object"), None),
        ("GET", f"{API}/catalogs"): (EVERYBODY, None),
        ("POST", f"{API}/catalogs"): (ADMINS, {"name": "a/b"}),
        ("GET", f"{API}/catalogs/{{name}}"): (SEE, None),
        ("PUT", f"{API}/catalogs/{{name}}"): (ADMINS, {}),
        ("DELETE", f"{API}/catalogs/{{name}}"): (ADMINS, None),

        ("POST", f"{API}/namespaces/move"): (
            Door("write", "catalog", Door("create", "catalog")), {
                "catalog": c, "source": ["a"], "destination": ["c"]}),
        ("GET", f"{API}/branches"): (SEE, None),
        ("POST", f"{API}/branches"): (
            Door("ingest-branching", "catalog"), {
                "name": "main", "catalog": c, "branch_type": "ingest"}),
        ("GET", f"{API}/branches/{{branch}}"): (SEE, None),
        ("PATCH", f"{API}/branches/{{branch}}"): (ADMINS, {}),
        ("DELETE", f"{API}/branches/{{branch}}"): (
            Door("delete", "catalog"), None),
        ("GET", f"{API}/branches/{{branch}}/commits"): (HISTORY, None),
        ("GET", f"{API}/diff"): (HISTORY, None),
        ("GET", f"{API}/tags"): (SEE, None),
        ("POST", f"{API}/tags"): (
            MERGE, {"name": "main", "catalog": c, "from": "main"}),
        ("GET", f"{API}/tags/{{tag}}"): (SEE, None),
        ("PUT", f"{API}/tags/{{tag}}"): (
            MERGE, {"commit_id": NIL, "expected_commit_id": NIL}),
        ("DELETE", f"{API}/tags/{{tag}}"): (MERGE, None),
        ("POST", f"{API}/branches/merge"): (MERGE, {
            "catalog": c, "source_branch": "gone", "target_branch": "main"}),
        ("POST", f"{API}/branches/{{branch}}/rebase"): (
            MERGE, {"name": "main", "catalog": c, "from_branch": "gone"}),
        **{("POST", f"{API}/branches/{{branch}}/{verb}"): (
            MERGE, {"catalog": c, "commit_id": NIL})
           for verb in ("reset", "revert", "cherry-pick")},
        ("GET", f"{API}/dropped"): (HISTORY, None),
        ("POST", f"{API}/undrop"): (MERGE, {"catalog": c, "id": NIL}),
        ("POST", f"{API}/purge"): (ADMINS, {"catalog": c, "id": NIL}),
        ("GET", f"{API}/branches/{{branch}}/conflicts"): (HISTORY, None),
        ("GET", f"{API}/catalogs/{{name}}/merge-operations"): (HISTORY, None),
        ("GET", f"{API}/merge-operations/{{id}}"): (HIDDEN, None),
        ("GET", f"{API}/merge-operations/{{id}}/conflicts"): (HIDDEN, None),
        ("POST", f"{API}/merge-operations/{{id}}/complete"): (HIDDEN, None),
        ("POST", f"{API}/merge-operations/{{id}}/abort"): (HIDDEN, None),
        ("POST", f"{API}/conflicts/{{id}}/resolve"): (
            HIDDEN, {"strategy": "TakeSource"}),
        ("GET", f"{API}/tasks"): (ADMINS, None),
        ("POST", f"{API}/tasks"): (ADMINS, {"kind": "gone", "catalog": c}),
        ("GET", f"{API}/tasks/{{id}}"): (OWN, None),
        ("GET", f"{API}/tasks/{{id}}/results"): (OWN, None),
        ("POST", f"{API}/tasks/{{id}}/cancel"): (OWN, None),
        **{("POST", f"{API}/tasks/{{id}}/{verb}"): (ADMINS, None)
           for verb in ("pause", "resume")},
        ("GET", f"{API}/audit"): (ADMINS, None),
        ("GET", f"{API}/audit/count"): (ADMINS, None),
        ("GET", f"{API}/audit/export"): (ADMINS, None),
        ("GET", f"{API}/audit/{{id}}"): (ADMINS, None),
        ("DELETE", f"{API}/cache"): (ROOT, None),
        ("GET", f"{API}/cache/stats"): (ADMINS, None),
        ("GET", f"{API}/store/statements"): (ROOT, None),
        **{(method, path): (PUBLIC, None) for method, path in (
            ("POST", "/v1/oauth/tokens"), ("GET", f"{API}/app-config"),
            ("POST", f"{API}/users/login"), ("GET", "/"),
            ("GET", f"{API}/oauth/providers"),
            ("POST", f"{API}/oauth/exchange"),
            ("GET", "/oauth/authorize/{provider}"),
            ("GET", "/oauth/callback/{provider}"),
            ("GET", "/assets/{file}"), ("GET", "/health/live"),
            ("GET", "/health/ready"), ("GET", "/health"),
            ("GET", "/metrics"), ("GET", "/openapi.json"))},
    }


# An administrator would be let through.
DELETES = {("DELETE", f"{API}/catalogs/{{name}}"),
           ("DELETE", f"{API}/warehouses/{{name}}")}

# End the session that asks; a browser's by cookie: test_session_cookie.py.
ENDS = {("POST", f"{API}/users/logout"), ("POST", f"{API}/auth/revoke"),
        ("POST", f"{API}/tokens/rotate"), ("DELETE", f"{API}/session"),
        ("POST", f"{API}/session")}


class House(Tenant):
    """A tenant whose table, view and namespace are protected."""

    def __init__(self, server):
        super().__init__(server)
        base = f"/v1/{self.catalog}/namespaces"
        kept = {"protected": "true"}
        self.must(200, "POST", base, {"namespace": ["a"], "properties": kept})
        made = self.must(200, "POST", f"{base}/a/tables", {
            "name": "t", "schema": SCHEMA, "properties": kept}).json()
        self.table = made["metadata"]["table-uuid"]
        self.location = made["metadata"]["location"]
        self.must(200, "POST", f"{base}/a/views", {
            "name": "v", "schema": SCHEMA, "view-version": VERSION,
            "properties": kept})
        self.catalog_id = self.must(
            200, "GET", f"{API}/catalogs/{self.catalog}").json()["id"]
        self.must(201, "POST", f"{API}/service-users",
                  {"name": "taken", "role": "tenant-user"})
        self.must(201, "POST", f"{API}/roles", {"name": "taken"})
        self.numbers = 0

    def scope(self, kind):
        scope = {"type": kind}
        if kind != "tenant":
            scope["catalog_id"] = self.catalog_id
        if kind in ("namespace", "asset"):
            scope["namespace"] = "a"
        if kind == "asset":
            scope["asset_id"] = self.table
        return scope

    def user(self, kind=None, action=None, by_role=False):
        """Headers of a user, who has a grant."""
        self.numbers += 1
        name = f"{self.name}-{self.numbers}"
        user = self.add_user(name, "tenant-user")
        grant = {"scope": self.scope(kind), "actions": [action]} if kind else 0
        if kind and by_role:
            role = self.must(201, "POST", f"{API}/roles", {
                "name": name, "permissions": [grant]}).json()["id"]
            self.must(201, "POST", f"{API}/users/{user}/roles",
                      {"role-id": role})
        elif kind:
            self.must(201, "POST", f"{API}/permissions",
                      {"user-id": user, **grant})
        return self.server.bearer(name, PASSWORD)

    def ask(self, headers, method, path, body):
        for name, value in (("{prefix}", self.catalog), ("{namespace}", "a"),
                            ("{table}", "t"), ("{view}", "v"),
                            ("{branch}", "main"), ("{tag}", "gone"),
                            ("{plan-id}", "gone"), ("{function}", "gone"),
                            ("{id}", NIL), ("{role}", NIL)):
            path = path.replace(name, value)
        path = path.replace("{name}", self.warehouse if "/warehouses/" in path
                            else self.catalog)
        path += (f"?catalog={self.catalog}&warehouse={self.catalog}"
                 f"&location={self.location}")
        return self.server.request(method, path, body, headers)


@pytest.fixture(scope="module", name="house")
def fixture_house(start_kind):
    with start_kind(("sqlite", 2, {"auth": {"rate_limit": 0}})) as server:
        yield House(server)


def test_every_route_has_a_row(house):
    paths = house.server.get("/openapi.json").json()["paths"]
    there = {(method.upper(), path) for path, methods in paths.items()
             for method in methods if method != "parameters"}
    table = set(rows("")) | ENDS
    assert there - table == set(), "routes without expectation"
    assert table - there == set(), "rows of routes that are gone"


def refusals(house, headers, allowed):
    """Rows that are decided otherwise than `allowed(door)` says."""
    wrong = []
    for (method, path), (door, body) in rows(house.catalog).items():
        if door == PUBLIC:
            continue
        reply = house.ask(headers, method, path, body)
        expected = allowed(door)
        if expected == "hidden":
            fine = reply.status in (403, 404)
        elif expected:
            fine = reply.status not in (401, 403, 500)
        elif method == "HEAD":
            fine = reply.status in (403, 404)
        else:
            fine = reply.status == 403
        if not fine:
            wrong.append((method, path, reply.status, reply.body[:120]))
    return wrong


@pytest.mark.parametrize("by_role", [False, True])
@pytest.mark.parametrize("kind", ["tenant", "catalog", "namespace", "asset"])
@pytest.mark.parametrize("action", ACTIONS)
def test_a_grant_opens_what_it_names(house, kind, action, by_role):
    def allowed(door):
        if isinstance(door, Door):
            return door.opens(kind, action)
        if door in (OWN, HIDDEN):
            return "hidden"
        return door == EVERYBODY

    headers = house.user(kind, action, by_role)
    assert refusals(house, headers, allowed) == []


def test_without_a_grant_nothing_opens(house):
    def allowed(door):
        return "hidden" if door in (OWN, HIDDEN) else door == EVERYBODY

    assert refusals(house, house.user(), allowed) == []


def test_a_grant_elsewhere_opens_nothing_here(house):
    """P1: the same grants in another tenant; its administrator, too."""
    other = House(house.server)
    for headers in (other.user("tenant", "all"),
                    other.user("catalog", "all"),
                    house.server.bearer(other.admin, PASSWORD)):
        for (method, path), (door, body) in rows(house.catalog).items():
            if not isinstance(door, Door):
                continue
            reply = house.ask(headers, method, path, body)
            assert reply.status in (403, 404), (method, path, reply)


def test_administrators_need_no_grant(house):
    headers = house.server.bearer(house.admin, PASSWORD)
    for (method, path), (door, body) in rows(house.catalog).items():
        if door == PUBLIC or (method, path) in DELETES:
            continue
        reply = house.ask(headers, method, path, body)
        if door == ROOT:
            assert reply.status == 403, (method, path, reply)
        else:
            assert reply.status not in (401, 403, 500), (method, path, reply)


@pytest.mark.parametrize("named", [False, True])
def test_root_names_a_tenant_or_is_told_to(house, named):
    headers = house.server.bearer("root")
    if named:
        headers["X-Pangolin-Tenant"] = house.id
    for (method, path), (door, body) in rows(house.catalog).items():
        if door == PUBLIC or method == "DELETE":
            continue
        reply = house.ask(headers, method, path, body)
        assert reply.status not in (401, 403, 500), (method, path, reply)
        if not named and isinstance(door, Door):
            assert reply.status == 400, (method, path, reply)


def test_nobody_comes_in(house):
    """Nobody, a token that was ended, one whose user is inactive or gone."""
    name = f"{house.name}-ended"
    user = house.add_user(name, "tenant-user")
    ended = house.server.bearer(name, PASSWORD)
    assert house.server.request(
        "POST", f"{API}/users/logout", headers=ended).status == 204
    name = f"{house.name}-inactive"
    user = house.add_user(name, "tenant-user")
    inactive = house.server.bearer(name, PASSWORD)
    house.must(200, "PUT", f"{API}/users/{user}", {"active": False})
    for headers in ({}, ended, inactive,
                    {"X-API-Key": f"pgl_{uuid.uuid4().hex}_{'a' * 43}"}):
        for (method, path), (door, body) in rows(house.catalog).items():
            if door == PUBLIC:
                continue
            reply = house.ask(headers, method, path, body)
            assert reply.status == 401, (method, path, reply)
