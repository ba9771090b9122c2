"""The audit log: each deed of the management API is on record, once."""

import json
import re
import uuid

import pytest

from harness.tenants import PASSWORD, Tenant
from harness.wait import until

API = "/api/v1"
BUILT_IN = {"id", "tenant_id", "user_id", "username", "action",
            "resource_type", "resource_id", "resource_name", "timestamp",
            "ip_address", "user_agent", "result", "error_message", "metadata"}


def entries(tenant, query=""):
    return tenant.must(200, "GET", f"{API}/audit{query}").json()


def settled(tenant):
    """A tenant whose own commits are on record, which come later."""
    until(lambda: entries(tenant, "?action=create_table"), "its table")
    return tenant


@pytest.fixture(scope="module", name="tenant")
def fixture_tenant(server):
    return settled(Tenant(server))


class Log:
    """What comes onto the record while a test runs."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.seen = self.count()

    def count(self):
        return self.tenant.must(
            200, "GET", f"{API}/audit/count").json()["count"]

    def new(self):
        """(action, type, name) of what has come, the oldest first."""
        now = self.count()
        rows = entries(self.tenant, f"?limit={max(now - self.seen, 1)}")
        rows = rows[:now - self.seen]
        self.seen = now
        return [(one["action"], one["resource_type"], one["resource_name"])
                for one in reversed(rows)]


def test_an_entry_says_who_did_what_from_where(tenant):
    made = tenant.server.call(
        "POST", f"{API}/roles", {"name": "seen"}, tenant.admin,
        {"User-Agent": "a b\xff/1"}).json()
    entry, = entries(tenant, f"?resource_id={made['id']}")
    assert set(entry) == BUILT_IN
    assert entry["tenant_id"] == tenant.id
    assert entry["user_id"] == tenant.admin_id
    assert entry["username"] == tenant.admin
    assert (entry["action"], entry["resource_type"]) == ("create_role", "role")
    assert (entry["resource_name"], entry["result"]) == ("seen", "success")
    assert entry["ip_address"] == "127.0.0.1"
    assert entry["user_agent"] == "a b?/1"
    assert entry["error_message"] is None and entry["metadata"] is None
    assert tenant.must(
        200, "GET", f"{API}/audit/{entry['id']}").json() == entry


def test_every_management_deed_is_on_record_once(tenant):
    log, made = Log(tenant), {}

    def do(status, method, path, body=None):
        reply = tenant.must(status, method, f"{API}/{path}", body)
        return json.loads(reply.body) if reply.body[:1] in (b"{", b"[") else None

    table = tenant.must(
        200, "GET", f"/v1/{tenant.catalog}/namespaces/ns/tables/t"
    ).json()["metadata"]["table-uuid"]
    user = do(201, "POST", "users", {
        "username": f"{tenant.name}-u", "email": "u@x.org",
        "password": PASSWORD, "role": "tenant-user",
        "tenant_id": tenant.id})["id"]
    do(200, "PUT", f"users/{user}", {"email": "v@x.org"})
    program = do(201, "POST", "service-users",
                 {"name": "prog", "role": "tenant-user"})["id"]
    do(200, "PUT", f"service-users/{program}", {"description": "x"})
    do(200, "POST", f"service-users/{program}/rotate")
    made["role"] = do(201, "POST", "roles", {"name": "r"})
    role = made["role"]["id"]
    do(200, "PUT", f"roles/{role}", {**made["role"], "name": "r2"})
    do(201, "POST", f"users/{user}/roles", {"role-id": role})
    do(204, "DELETE", f"users/{user}/roles/{role}")
    grant = do(201, "POST", "permissions", {
        "user-id": user, "scope": {"type": "tenant"},
        "actions": ["read"]})["id"]
    do(204, "DELETE", f"permissions/{grant}")
    do(204, "DELETE", f"roles/{role}")
    do(201, "POST", "warehouses", {"name": "w", "storage_config": {
        "location": f"file://{tenant.server.folder}/{tenant.name}w"}})
    do(200, "PUT", "warehouses/w", {"use_sts": False, "name": "w2"})
    do(201, "POST", "catalogs", {"name": f"{tenant.name}-c",
                                 "warehouse_name": "w2"})
    do(200, "PUT", f"catalogs/{tenant.name}-c", {"properties": {"a": "b"}})
    do(201, "POST", "branches", {"name": "dev", "catalog": tenant.catalog})
    do(200, "PATCH", f"branches/dev?catalog={tenant.catalog}",
       {"protected": True})
    do(200, "PATCH", f"branches/dev?catalog={tenant.catalog}",
       {"protected": False})
    head = do(200, "GET", f"branches/dev/commits?catalog={tenant.catalog}"
              )[0]["id"]
    do(200, "POST", "tags", {"name": "v1", "catalog": tenant.catalog,
                             "commit_id": head})
    do(204, "DELETE", f"tags/v1?catalog={tenant.catalog}")
    do(204, "DELETE", f"branches/dev?catalog={tenant.catalog}")
    do(200, "POST", f"assets/{table}/metadata?catalog={tenant.catalog}"
       "&namespace=ns&asset=t", {"tags": ["pii"]})
    do(204, "DELETE", f"assets/{table}/metadata")
    do(204, "DELETE", f"catalogs/{tenant.name}-c")
    do(204, "DELETE", "warehouses/w2")
    do(202, "POST", "tasks", {"kind": "verify_catalog",
                              "catalog": tenant.catalog})
    do(200, "DELETE", f"service-users/{program}")
    do(204, "DELETE", f"users/{user}")
    name, catalog = tenant.name, tenant.catalog
    assert log.new() == [
        ("create_user", "user", f"{name}-u"),
        ("update_user", "user", f"{name}-u"),
        ("create_service_user", "service_user", "prog"),
        ("update_service_user", "service_user", "prog"),
        ("rotate_api_key", "service_user", "prog"),
        ("create_role", "role", "r"),
        ("update_role", "role", "r2"),
        ("assign_role", "role", "r2"),
        ("revoke_role", "role", ""),
        ("grant_permission", "permission", user),
        ("revoke_permission", "permission", user),
        ("delete_role", "role", "r2"),
        ("create_warehouse", "warehouse", "w"),
        ("update_warehouse", "warehouse", "w"),
        ("create_catalog", "catalog", f"{name}-c"),
        ("update_catalog", "catalog", f"{name}-c"),
        ("create_branch", "branch", f"{catalog}/dev"),
        ("update_branch", "branch", f"{catalog}/dev"),
        ("update_branch", "branch", f"{catalog}/dev"),
        ("create_tag", "tag", f"{catalog}/v1"),
        ("delete_tag", "tag", f"{catalog}/v1"),
        ("delete_branch", "branch", f"{catalog}/dev"),
        ("add_metadata", "metadata", table),
        ("delete_metadata", "metadata", table),
        ("delete_catalog", "catalog", f"{name}-c"),
        ("delete_warehouse", "warehouse", "w2"),
        ("create_task", "task", f"verify_catalog {catalog}"),
        ("delete_service_user", "service_user", "prog"),
        ("delete_user", "user", f"{name}-u"),
    ]


def test_sessions_are_on_record_from_sign_in_to_sign_out(tenant):
    log, name = Log(tenant), f"{tenant.name}-s"
    user = tenant.add_user(name, "tenant-user")
    headers = tenant.server.bearer(name, PASSWORD)
    assert tenant.server.request(
        "POST", f"{API}/users/logout", None, headers).status in (200, 204)
    assert [one[0] for one in log.new()] == ["create_user", "login", "logout"]
    out, login = entries(tenant, f"?user_id={user}")
    assert (out["action"], login["action"]) == ("logout", "login")
    assert out["resource_id"] == login["resource_id"]
    assert login["username"] == name


def test_what_changes_nothing_leaves_no_entry(tenant):
    role = tenant.must(201, "POST", f"{API}/roles", {"name": "still"}).json()
    user = tenant.add_user(f"{tenant.name}-still", "tenant-user")
    path = f"{API}/users/{user}/roles"
    tenant.must(201, "POST", path, {"role-id": role["id"]})
    log = Log(tenant)
    tenant.must(201, "POST", path, {"role-id": role["id"]})
    assert log.new() == []


def test_a_tenant_reads_its_own_entries_only(tenant):
    other = Tenant(tenant.server)
    mine, theirs = entries(tenant)[0], entries(other)[0]
    assert {one["tenant_id"] for one in entries(other)} == {other.id}
    tenant.must(404, "GET", f"{API}/audit/{theirs['id']}")
    reply = tenant.call("GET", f"{API}/audit", None,
                        {"X-Pangolin-Tenant": other.id})
    assert reply.status == 403
    root = tenant.server.as_root("GET", f"{API}/audit?limit=1000").json()
    assert {mine["id"], theirs["id"]} <= {one["id"] for one in root}
    times = [one["timestamp"] for one in root]
    assert times == sorted(times, reverse=True)
    assert {one["tenant_id"] for one in tenant.server.as_root(
        "GET", f"{API}/audit", None, other.id).json()} == {other.id}


@pytest.mark.parametrize("query", [
    "action=fly", "resource_type=castle", "result=maybe", "user_id=bob",
    "resource_id=1", "start_time=yesterday", "end_time=2026-13-01",
    "limit=0", "offset=-1"])
def test_an_unknown_filter_is_refused_and_named(tenant, query):
    for path in ("/audit", "/audit/count"):
        if path == "/audit/count" and query.split("=")[0] in (
                "limit", "offset"):
            continue
        reply = tenant.must(400, "GET", f"{API}{path}?{query}")
        assert query.split("=")[0] in reply.json()["error"]


def test_filters_count_what_they_list(tenant):
    every = entries(tenant, "?limit=1000")
    for query, passes in (
            ("action=create_role", lambda e: e["action"] == "create_role"),
            ("resource_type=user", lambda e: e["resource_type"] == "user"),
            (f"user_id={tenant.admin_id}",
             lambda e: e["user_id"] == tenant.admin_id),
            ("result=success", lambda e: True),
            ("result=failure", lambda e: False),
            (f"start_time={every[3]['timestamp']}",
             lambda e: e["timestamp"] >= every[3]["timestamp"]),
            (f"end_time={every[3]['timestamp']}",
             lambda e: e["timestamp"] <= every[3]["timestamp"])):
        wanted = [one for one in every if passes(one)]
        assert entries(tenant, f"?limit=1000&{query}") == wanted, query
        assert tenant.must(200, "GET", f"{API}/audit/count?{query}").json() \
            == {"count": len(wanted)}


def test_entries_that_are_new_do_not_move_the_next_page(tenant):
    at, seen = f"{API}/audit?limit=3&action=create_user", []
    for number in range(5):
        tenant.add_user(f"{tenant.name}-before-{number}", "tenant-user")
    while at:
        reply = tenant.call("GET", at)
        assert reply.status == 200, reply
        seen += [one["id"] for one in reply.json()]
        link = re.match("<([^>]*)>", reply.headers.get("Link") or "")
        at = f"{API}/audit" + link[1] if link else None
        tenant.add_user(f"{tenant.name}-new-{len(seen)}", "tenant-user")
    assert len(seen) == len(set(seen)) >= 5


def test_a_page_token_is_for_its_own_list(tenant, server):
    other = Tenant(server)
    for number in range(3):
        tenant.add_user(f"{tenant.name}-token-{number}", "tenant-user")
    link = tenant.call("GET", f"{API}/audit?limit=1").headers["Link"]
    token = re.search("page_token=([^&>]*)", link)[1]
    assert tenant.call("GET", f"{API}/audit?page_token={token}").status == 200
    for query in (f"page_token={token}&action=login",
                  f"page_token={token}&offset=1", f"page_token={token}x",
                  f"page_token={token}&page=2", "page_token=x"):
        reply = tenant.call("GET", f"{API}/audit?{query}")
        assert reply.status == 400, query
        assert "page_token" in reply.json()["error"]
    assert other.call("GET", f"{API}/audit?page_token={token}").status == 400


def test_pages_join_to_the_list(tenant):
    every = entries(tenant, "?limit=1000")
    pages = [entries(tenant, f"?limit=4&offset={i}")
             for i in range(0, len(every), 4)]
    assert [one for page in pages for one in page] == every


def test_an_entry_that_is_not_there_is_404(tenant):
    reply = tenant.must(404, "GET", f"{API}/audit/{uuid.uuid4()}")
    assert reply.json() == {"error": "Audit event not found"}
    tenant.must(400, "GET", f"{API}/audit/x")
