"""Roles, permissions and who has them: the records, not what they allow."""

import uuid

import pytest

from harness.tenants import PASSWORD, Tenant


@pytest.fixture(scope="module", name="tenant")
def fixture_tenant(server):
    made = Tenant(server)
    made.user = made.add_user(f"{made.name}-bob", "tenant-user")
    server.token(f"{made.name}-bob", PASSWORD)
    made.catalog_id = made.must(
        200, "GET", f"/api/v1/catalogs/{made.catalog}").json()["id"]
    return made


def in_catalog(tenant, *actions, **scope):
    return {"scope": {"type": "catalog", "catalog_id": tenant.catalog_id,
                      **scope}, "actions": list(actions)}


def make_role(tenant, name, *grants):
    return tenant.must(201, "POST", "/api/v1/roles", {
        "name": name, "description": None, "tenant-id": tenant.id,
        "permissions": list(grants)}).json()


def test_a_role_is_made_read_replaced_and_deleted(tenant):
    role = make_role(tenant, "analyst")
    assert role["permissions"] == [] and role["tenant-id"] == tenant.id
    assert role["created-by"] == tenant.admin_id
    path = f"/api/v1/roles/{role['id']}"
    grant = {"scope": {"type": "namespace", "catalog_id": tenant.catalog_id,
                       "namespace": "a.b"}, "actions": ["read", "list"]}
    reply = tenant.must(200, "PUT", path, {
        **role, "name": "analysts", "permissions": [grant]})
    assert reply.body == b""
    now = tenant.must(200, "GET", path).json()
    assert now["name"] == "analysts" and now["permissions"] == [grant]
    assert now["updated-at"] >= now["created-at"] == role["created-at"]
    assert [one["id"] for one in tenant.must(
        200, "GET", "/api/v1/roles").json()] == [role["id"]]
    tenant.must(204, "DELETE", path)
    tenant.must(404, "GET", path)
    tenant.must(404, "PUT", path, role)


def test_two_roles_of_a_name_are_refused(tenant):
    make_role(tenant, "twice")
    tenant.must(409, "POST", "/api/v1/roles", {"name": "twice"})
    other = make_role(tenant, "other")
    reply = tenant.must(409, "PUT", f"/api/v1/roles/{other['id']}",
                        {**other, "name": "twice"})
    assert "twice" in reply.json()["error"]


def test_a_role_of_another_path_is_refused(tenant):
    role = make_role(tenant, "mismatch")
    reply = tenant.must(400, "PUT", f"/api/v1/roles/{role['id']}",
                        {**role, "id": str(uuid.uuid4())})
    assert reply.json() == {"error": "Role ID mismatch"}


@pytest.mark.parametrize("scope, actions, where", [
    ({"type": "catalog"}, ["read"], "/permissions/0/scope/catalog_id"),
    ({"type": "catalog", "catalog_id": str(uuid.uuid4())}, ["read"],
     "/permissions/0/scope/catalog_id"),
    ({"type": "tenant", "catalog_id": str(uuid.uuid4())}, ["read"],
     "/permissions/0/scope/catalog_id"),
    ({"type": "namespace", "catalog_id": "mine"}, ["read"],
     "/permissions/0/scope/namespace"),
    ({"type": "namespace", "catalog_id": "mine", "namespace": "a..b"},
     ["read"], "/permissions/0/scope/namespace"),
    ({"type": "asset", "catalog_id": "mine", "namespace": "a"}, ["read"],
     "/permissions/0/scope/asset_id"),
    ({"type": "tag"}, ["read"], "/permissions/0/scope/tag_name"),
    ({"type": "tenant", "refs": ["dev"]}, ["read"],
     "/permissions/0/scope/refs"),
    ({"type": "catalog", "catalog_id": "mine", "refs": ["a b"]}, ["read"],
     "/permissions/0/scope/refs"),
    ({"type": "catalog", "catalog_id": "mine", "refs": ["x"] * 17}, ["read"],
     "/permissions/0/scope/refs"),
    ({"type": "tenant"}, ["read", "own"], "/permissions/0/actions/1"),
    ({"type": "tenant"}, [], "/permissions/0/actions"),
])
def test_a_grant_that_cannot_be_names_its_field(tenant, scope, actions, where):
    if scope.get("catalog_id") == "mine":
        scope = {**scope, "catalog_id": tenant.catalog_id}
    reply = tenant.call("POST", "/api/v1/roles", {
        "name": "wrong", "permissions": [{"scope": scope,
                                          "actions": actions}]})
    assert reply.status in (400, 422), reply
    assert where in reply.json()["error"]


def test_levels_with_dots_stay_levels(tenant):
    grant = {"scope": {"type": "namespace", "catalog_id": tenant.catalog_id,
                       "namespace": "a.b\x1fc"}, "actions": ["read"]}
    role = make_role(tenant, "dotted", grant)
    assert role["permissions"] == [grant]


def test_patterns_of_branches_are_kept(tenant):
    grant = in_catalog(tenant, "write", refs=["dev*", "main"])
    assert make_role(tenant, "patterns", grant)["permissions"] == [grant]


def test_too_many_grants_are_refused(tenant):
    many = [in_catalog(tenant, "read")] * 1001
    reply = tenant.must(400, "POST", "/api/v1/roles",
                        {"name": "many", "permissions": many})
    assert "1000" in reply.json()["error"]


# ---- who has them

def roles_of(tenant, user):
    return [one["name"] for one in tenant.must(
        200, "GET", f"/api/v1/users/{user}/roles").json()]


def test_a_role_is_given_and_taken(tenant):
    role = make_role(tenant, "given")
    path = f"/api/v1/users/{tenant.user}/roles"
    for _ in range(2):
        reply = tenant.must(201, "POST", path, {"role-id": role["id"]})
        assert reply.body == b""
    assert roles_of(tenant, tenant.user) == ["given"]
    tenant.must(204, "DELETE", f"{path}/{role['id']}")
    assert roles_of(tenant, tenant.user) == []
    tenant.must(404, "DELETE", f"{path}/{role['id']}")


def test_service_users_have_roles_too(tenant):
    made = tenant.must(201, "POST", "/api/v1/service-users", {
        "name": "etl", "role": "tenant-user"}).json()
    role = make_role(tenant, "of-programs")
    tenant.must(201, "POST", f"/api/v1/users/{made['id']}/roles",
                {"role-id": role["id"]})
    assert roles_of(tenant, made["id"]) == ["of-programs"]


def test_a_deleted_role_is_taken_from_its_users(tenant):
    role = make_role(tenant, "short")
    tenant.must(201, "POST", f"/api/v1/users/{tenant.user}/roles",
                {"role-id": role["id"]})
    tenant.must(204, "DELETE", f"/api/v1/roles/{role['id']}")
    assert roles_of(tenant, tenant.user) == []
    tenant.must(404, "POST", f"/api/v1/users/{tenant.user}/roles",
                {"role-id": role["id"]})


# ---- permissions

def grant_to(tenant, user, grant):
    return tenant.must(201, "POST", "/api/v1/permissions",
                       {"user-id": user, **grant}).json()


def test_a_permission_is_granted_listed_and_revoked(tenant):
    grant = in_catalog(tenant, "read", "ingest-branching")
    made = grant_to(tenant, tenant.user, grant)
    assert made["user-id"] == tenant.user
    assert made["granted-by"] == tenant.admin_id
    assert made["scope"] == grant["scope"]
    assert made["actions"] == grant["actions"]
    listed = tenant.must(
        200, "GET", f"/api/v1/permissions?user={tenant.user}").json()
    assert made in listed
    assert made in tenant.must(200, "GET", "/api/v1/permissions").json()
    tenant.must(204, "DELETE", f"/api/v1/permissions/{made['id']}")
    tenant.must(404, "DELETE", f"/api/v1/permissions/{made['id']}")


def test_permissions_go_with_their_user(tenant):
    user = tenant.add_user(f"{tenant.name}-gone", "tenant-user")
    grant_to(tenant, user, in_catalog(tenant, "read"))
    tenant.must(204, "DELETE", f"/api/v1/users/{user}")
    assert tenant.must(
        200, "GET", f"/api/v1/permissions?user={user}").json() == []
    tenant.must(404, "POST", "/api/v1/permissions",
                {"user-id": user, **in_catalog(tenant, "read")})


def test_users_see_their_own_grants_only(server, tenant):
    bob = f"{tenant.name}-bob"
    mine = grant_to(tenant, tenant.user, in_catalog(tenant, "list"))
    other = tenant.add_user(f"{tenant.name}-carl", "tenant-user")
    grant_to(tenant, other, in_catalog(tenant, "list"))
    seen = server.call("GET", "/api/v1/permissions", None, bob).json()
    assert [one["id"] for one in seen] == [mine["id"]]
    for path in (f"/api/v1/permissions?user={other}",
                 f"/api/v1/users/{other}/roles"):
        assert server.call("GET", path, None, bob).status == 403


def test_users_grant_nothing(server, tenant):
    """W16: not even to themselves."""
    bob = f"{tenant.name}-bob"
    role = make_role(tenant, "guarded")
    made = grant_to(tenant, tenant.user, in_catalog(tenant, "list"))
    for method, path, body in (
            ("POST", "/api/v1/permissions",
             {"user-id": tenant.user, **in_catalog(tenant, "all")}),
            ("DELETE", f"/api/v1/permissions/{made['id']}", None),
            ("POST", "/api/v1/roles", {"name": "mine"}),
            ("GET", "/api/v1/roles", None),
            ("PUT", f"/api/v1/roles/{role['id']}", role),
            ("DELETE", f"/api/v1/roles/{role['id']}", None),
            ("POST", f"/api/v1/users/{tenant.user}/roles",
             {"role-id": role["id"]})):
        reply = server.call(method, path, body, bob)
        assert reply.status == 403, (method, path, reply)


def test_nothing_of_another_tenant_is_seen_or_granted(server, tenant):
    """W17, W18: an id says nothing about whose it is."""
    other = Tenant(server)
    role = make_role(tenant, "walled", in_catalog(tenant, "read"))
    made = grant_to(tenant, tenant.user, in_catalog(tenant, "read"))
    mine = make_role(other, "mine")
    for method, path, body in (
            ("GET", f"/api/v1/roles/{role['id']}", None),
            ("PUT", f"/api/v1/roles/{role['id']}",
             {**role, "tenant-id": other.id, "permissions": []}),
            ("DELETE", f"/api/v1/roles/{role['id']}", None),
            ("DELETE", f"/api/v1/permissions/{made['id']}", None),
            ("GET", f"/api/v1/users/{tenant.user}/roles", None),
            ("POST", f"/api/v1/users/{tenant.user}/roles",
             {"role-id": mine["id"]}),
            ("POST", f"/api/v1/users/{other.admin_id}/roles",
             {"role-id": role["id"]}),
            ("POST", "/api/v1/permissions", {
                "user-id": tenant.user,
                "scope": {"type": "tenant"}, "actions": ["all"]})):
        reply = other.call(method, path, body)
        assert reply.status == 404, (method, path, reply)
    assert other.call("POST", "/api/v1/permissions", {
        "user-id": other.admin_id, **in_catalog(tenant, "read")}).status == 400
    assert other.call("POST", "/api/v1/roles", {
        "name": "x", "tenant-id": tenant.id}).status == 403
    assert other.must(200, "GET", "/api/v1/permissions").json() == []
    assert tenant.must(200, "GET", f"/api/v1/roles/{role['id']}").json() == role
