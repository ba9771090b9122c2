"""Commits and refusals in the audit log: workers write them behind the
requests, within a second."""

import re

import pytest

from harness.tenants import PASSWORD, TABLE, Tenant
from harness.wait import until

API = "/api/v1"


def once(read, passes):
    """What `read` answers, once it passes."""
    answer = []

    def look():
        answer[:] = [read()]
        return passes(answer[0])

    until(look, "the audit log")
    return answer[0]

VIEW = {"name": "v", "schema": TABLE["schema"], "properties": {},
        "view-version": {
            "version-id": 1, "timestamp-ms": 1760000000000, "schema-id": 0,
            "summary": {}, "default-namespace": ["a"], "representations": [
                {"type": "sql", "sql": "select 1", "dialect": "spark"}]}}


@pytest.fixture(name="tenant")
def fixture_tenant(server):
    return Tenant(server)


def entries(tenant, query=""):
    return tenant.must(200, "GET", f"{API}/audit?limit=1000{query}").json()


def commits(tenant, branch="main"):
    return tenant.must(
        200, "GET", f"{API}/branches/{branch}/commits"
        f"?catalog={tenant.catalog}&limit=1000").json()


def on_record(tenant, branch="main"):
    """The entries of a branch's commits, the oldest first, once all are."""
    ids = [one["id"] for one in commits(tenant, branch)]
    found = once(lambda: [
        one for one in entries(tenant) if one["id"] in ids],
        lambda rows: len(rows) >= len(ids))
    assert sorted(one["id"] for one in found) == sorted(ids)
    return sorted(found, key=lambda one: one["timestamp"])


def test_each_commit_is_on_record_by_its_id(tenant):
    c, base = tenant.catalog, f"/v1/{tenant.catalog}/namespaces"
    tenant.must(200, "POST", base, {"namespace": ["a"]})
    tenant.must(200, "POST", f"{base}/a/properties",
                {"updates": {"k": "v"}})
    tenant.must(200, "POST", f"{base}/a/tables", {**TABLE, "name": "x"})
    uuid = tenant.must(200, "POST", f"{base}/a/tables/x", {
        "requirements": [], "updates": [{
            "action": "set-properties", "updates": {"k": "v"}}]}).json()[
                "metadata"]["table-uuid"]
    tenant.must(204, "POST", f"/v1/{c}/tables/rename", {
        "source": {"namespace": ["a"], "name": "x"},
        "destination": {"namespace": ["ns"], "name": "y"}})
    tenant.must(200, "POST", f"{base}/a/views", VIEW)
    tenant.must(204, "DELETE", f"{base}/a/views/v")
    tenant.must(204, "DELETE", f"{base}/ns/tables/y")
    tenant.must(204, "DELETE", f"{base}/a")
    rows = on_record(tenant)
    assert [(one["action"], one["resource_type"], one["resource_name"])
            for one in rows] == [
        ("create_namespace", "namespace", f"{c}/ns"),
        ("create_table", "table", f"{c}/ns/t"),
        ("create_namespace", "namespace", f"{c}/a"),
        ("update_namespace", "namespace", f"{c}/a"),
        ("create_table", "table", f"{c}/a/x"),
        ("commit_table", "table", f"{c}/a/x"),
        ("rename_table", "table", f"{c}/ns/y"),
        ("create_view", "view", f"{c}/a/v"),
        ("drop_view", "view", f"{c}/a/v"),
        ("drop_table", "table", f"{c}/ns/y"),
        ("delete_namespace", "namespace", f"{c}/a"),
    ]
    for one in rows:
        assert one["username"] == tenant.admin
        assert one["user_id"] == tenant.admin_id
        assert one["ip_address"] == "127.0.0.1"
        assert one["tenant_id"] == tenant.id
        assert one["metadata"]["branch"] == "main"
    assert rows[6]["metadata"]["from"] == f"{c}/a/x"
    assert {one["action"] for one in entries(
        tenant, f"&resource_id={uuid}")} == {
            "create_table", "commit_table", "rename_table", "drop_table"}


def test_merges_and_branches_are_on_record(tenant):
    c = tenant.catalog
    tenant.must(201, "POST", f"{API}/branches", {"name": "dev", "catalog": c})
    base = f"/v1/{c}@dev/namespaces"
    for name in "xy":
        tenant.must(200, "POST", f"{base}/ns/tables", {**TABLE, "name": name})
    tenant.must(200, "POST", f"{API}/branches/merge", {
        "catalog": c, "source_branch": "dev", "target_branch": "main"})
    rows = on_record(tenant)
    assert [one["action"] for one in rows][-1] == "merge_branch"
    assert rows[-1]["resource_name"] == f"{c}/main"
    assert rows[-1]["metadata"] == {"branch": "main", "changes": 2}
    dev = [one for one in on_record(tenant, "dev")
           if one["metadata"]["branch"] == "dev"]
    assert [(one["action"], one["resource_name"]) for one in dev] == [
        ("create_table", f"{c}/ns/x"), ("create_table", f"{c}/ns/y")]


def test_commits_of_a_deleted_catalog_are_on_record(tenant):
    names = [f"{tenant.catalog}-gone{i}" for i in range(5)]
    for name in names:
        tenant.must(201, "POST", f"{API}/catalogs", {
            "name": name, "warehouse_name": tenant.warehouse})
        tenant.must(200, "POST", f"/v1/{name}/namespaces",
                    {"namespace": ["a"]})
        tenant.must(204, "DELETE", f"{API}/catalogs/{name}")
    rows = once(lambda: [
        one["resource_name"] for one in entries(
            tenant, "&action=create_namespace&result=success")
        if "-gone" in one["resource_name"]],
        lambda found: len(found) >= len(names))
    assert sorted(rows) == [f"{name}/a" for name in names]


def test_a_refused_change_is_on_record_with_its_reason(tenant):
    tenant.must(409, "POST", f"/v1/{tenant.catalog}/namespaces",
                {"namespace": ["ns"]})
    tenant.must(409, "POST", f"{API}/catalogs", {
        "name": tenant.catalog, "warehouse_name": tenant.warehouse})
    rows = once(lambda: entries(tenant, "&result=failure"),
                 lambda rows: len(rows) >= 2)
    assert {(one["action"], one["username"]) for one in rows} == {
        ("create_namespace", tenant.admin), ("create_catalog", tenant.admin)}
    for one in rows:
        assert "already" in one["error_message"]
        assert one["metadata"]["status"] == 409
        assert one["user_id"] == tenant.admin_id


def test_a_denial_is_on_record_also_of_a_read(tenant):
    name = f"{tenant.name}-bob"
    user = tenant.add_user(name, "tenant-user")
    tenant.server.token(name, PASSWORD)
    path = f"/v1/{tenant.catalog}/namespaces/ns/tables/t"
    for _ in range(3):
        assert tenant.server.call(
            "GET", path, None, name).status == 403
    assert tenant.server.call("DELETE", path, None, name).status == 403
    rows = once(
        lambda: entries(tenant, f"&action=permission_denied&user_id={user}"),
        lambda rows: sum(one["metadata"]["count"] for one in rows) >= 4)
    assert {one["resource_name"] for one in rows} == {path}
    assert "drop_table" in {one["metadata"].get("action") for one in rows}


def test_a_failed_sign_in_is_on_record_by_the_name_that_was_tried(tenant):
    name = f"{tenant.name}-nobody"
    reply = tenant.server.request("POST", f"{API}/users/login", {
        "username": name, "password": "wrong-password"}, {})
    assert reply.status == 401

    def tried():
        return [one for one in tenant.server.as_root(
            "GET", f"{API}/audit?limit=1000&action=login_failed").json()
            if one["username"] == name]
    row, = once(tried, bool)
    assert row["result"] == "failure" and row["user_id"] is None
    assert row["tenant_id"] is None and row["ip_address"] == "127.0.0.1"


def test_credentials_that_are_not_valid_are_on_record(tenant):
    for headers, action in (
            ({"Authorization": "Bearer x.y.z"}, "token_rejected"),
            ({"X-API-Key": f"pgl_{tenant.name}"}, "api_key_rejected")):
        agent = f"agent-{tenant.name}"
        reply = tenant.server.request(
            "GET", f"{API}/catalogs", None, {**headers, "User-Agent": agent})
        assert reply.status == 401
        assert once(lambda a=action, b=agent: [
            one for one in tenant.server.as_root(
                "GET", f"{API}/audit?limit=1000&action={a}").json()
            if one["user_agent"] == b], bool)


def test_a_flood_of_refusals_is_counted_not_stored(tenant):
    for i in range(300):
        tenant.call("DELETE", f"{API}/roles/"
                    f"00000000-0000-0000-0000-{i:012}")
    rows = once(
        lambda: [one for one in tenant.server.as_root(
            "GET", f"{API}/audit?limit=1000&result=failure").json()
            if one["username"] == tenant.admin or not one["username"]],
        lambda rows: sum(one["metadata"]["count"] for one in rows) >= 300)
    assert len(rows) < 300
    counted = once(
        lambda: (sum(one["metadata"]["count"] for one in tenant.server.as_root(
            "GET", f"{API}/audit?limit=1000&result=failure").json()
            if "too many" in (one["error_message"] or "")),
            int(re.search(r"^pangolin_audit_counted_total (\d+)$",
                          tenant.server.get("/metrics").body.decode(),
                          re.M)[1])),
        lambda both: both[0] == both[1])
    assert counted[0] > 0


def test_reads_are_on_record_where_a_setting_says_so(start_kind):
    with start_kind(("sqlite", 2, {"audit": {"reads": True}})) as server:
        tenant = Tenant(server)
        base = f"/v1/{tenant.catalog}/namespaces"
        for _ in range(5):
            tenant.must(200, "GET", f"{base}/ns/tables/t")
        tenant.must(404, "GET", f"{base}/ns/tables/gone")
        tenant.must(200, "GET", f"{base}/ns/tables")
        rows = once(lambda: entries(tenant, "&action=load_table"),
                    lambda rows: sum(
                        one["metadata"]["count"] for one in rows) >= 6)
        assert {(one["result"], one["resource_name"], one["username"])
                for one in rows} == {
            ("success", f"{base}/ns/tables/t", tenant.admin),
            ("failure", f"{base}/ns/tables/gone", tenant.admin)}


def test_reads_are_not_on_record_otherwise(tenant):
    path = f"/v1/{tenant.catalog}/namespaces/ns/tables"
    tenant.must(200, "GET", f"{path}/t")
    tenant.must(404, "GET", f"{path}/gone")
    tenant.must(404, "DELETE", f"{path}/gone")
    once(lambda: entries(tenant, "&result=failure"), bool)
    assert entries(tenant, "&action=load_table") == []


def test_strangers_cannot_fill_the_log(tenant):
    def rejected():
        return [one for one in tenant.server.as_root(
            "GET", f"{API}/audit?limit=1000&action=token_rejected").json()
            if one["user_agent"].startswith(f"flood-{tenant.name}-")]
    for i in range(200):
        tenant.server.request("GET", f"{API}/catalogs", None, {
            "Authorization": f"Bearer {i}",
            "User-Agent": f"flood-{tenant.name}-{i}"})
    assert len(once(rejected, bool)) < 50
