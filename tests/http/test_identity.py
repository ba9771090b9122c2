"""Who may come in, and what each may see: the tenant is the wall."""

import base64
import json

import pytest

from harness.tenants import PASSWORD, Tenant


@pytest.fixture(scope="module", name="two")
def fixture_two(server):
    return Tenant(server), Tenant(server)


# ---- signing in

def test_login_gives_a_session(server):
    reply = server.request("POST", "/api/v1/users/login", {
        "username": "admin", "password": server.first_password})
    assert reply.status == 200
    session = reply.json()
    assert session["user"]["role"] == "tenant-admin"
    assert session["user"]["username"] == "admin"
    assert session["expires-at"]
    me = server.get("/api/v1/users/me",
                    {"Authorization": "Bearer " + session["token"]})
    assert me.json()["id"] == session["user"]["id"]


def test_root_signs_in_too(server):
    reply = server.request("POST", "/api/v1/users/login", {
        "username": "root", "password": server.first_password})
    assert reply.json()["user"]["role"] == "root"
    assert reply.json()["user"]["tenant-id"] is None


@pytest.mark.parametrize("body", (
    {"username": "admin", "password": "wrong"},
    {"username": "nobody", "password": "wrong"},
    {"username": "", "password": ""},
))
def test_every_wrong_login_is_told_the_same(server, body):
    reply = server.request("POST", "/api/v1/users/login", body)
    assert reply.status == 401, reply
    assert reply.json() == {"error": "Invalid credentials"}


def test_oauth_answers_as_the_spec_says(server):
    reply = server.sign_in("admin", server.first_password)
    assert reply.status == 200
    answer = reply.json()
    assert answer["token_type"].lower() == "bearer"
    assert answer["expires_in"] > 0
    assert answer["issued_token_type"] == \
        "urn:ietf:params:oauth:token-type:access_token"
    refused = server.sign_in("admin", "wrong")
    assert refused.status == 401
    assert refused.json()["error"] == "invalid_client"


def test_oauth_takes_basic_credentials(server):
    secret = base64.b64encode(
        f"admin:{server.first_password}".encode()).decode()
    reply = server.request(
        "POST", "/v1/oauth/tokens", "grant_type=client_credentials",
        {"Authorization": f"Basic {secret}",
         "Content-Type": "application/x-www-form-urlencoded"})
    assert reply.status == 200, reply


def test_other_grants_are_refused(server):
    reply = server.request(
        "POST", "/v1/oauth/tokens", "grant_type=password&username=a",
        {"Content-Type": "application/x-www-form-urlencoded"})
    assert reply.status == 400
    assert reply.json()["error"] == "unsupported_grant_type"


def changed(token, **claims):
    """A token whose claims were altered, its signature kept."""
    head, body, signature = token.split(".")
    body += "=" * (-len(body) % 4)
    told = {**json.loads(base64.urlsafe_b64decode(body)), **claims}
    body = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
    return ".".join((head, body.rstrip("="), signature))


def test_a_token_cannot_be_altered(server):
    token = server.token()
    none = base64.urlsafe_b64encode(
        b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    for bad in (changed(token, role="root"), token[:-2], token + "x",
                token.rpartition(".")[0] + ".",
                none + "." + token.split(".")[1] + ".",
                "", "x", "..", token.replace(".", "")):
        reply = server.get("/api/v1/users/me",
                           {"Authorization": f"Bearer {bad}"})
        assert reply.status == 401, bad


def test_a_deleted_users_token_is_dead(server, two):
    name = f"{two[0].name}-gone"
    user = two[0].add_user(name, "tenant-user")
    assert server.call("GET", "/api/v1/users/me", user=name) is not None \
        if server.token(name, PASSWORD) else None
    two[0].must(204, "DELETE", f"/api/v1/users/{user}")
    assert server.call("GET", "/api/v1/users/me", user=name).status == 401


# ---- root and the tenant it names

def test_root_must_name_a_tenant(server):
    for path in ("/v1/config?warehouse=default", "/api/v1/catalogs",
                 "/api/v1/warehouses", "/v1/default/namespaces"):
        reply = server.as_root("GET", path)
        assert reply.status == 400, (path, reply)
        assert b"X-Pangolin-Tenant" in reply.body


def test_root_works_in_the_tenant_it_names(server, two):
    for tenant in two:
        names = [c["name"] for c in server.as_root(
            "GET", "/api/v1/catalogs", tenant=tenant.id).json()]
        assert names == [tenant.catalog]
        reply = server.as_root("GET", f"/v1/{tenant.catalog}/namespaces",
                               tenant=tenant.id)
        assert reply.json()["namespaces"] == [["ns"]]


@pytest.mark.parametrize("named", ("nonsense", "00000000", "%"))
def test_a_tenant_that_is_no_uuid_is_refused(server, named):
    assert server.as_root("GET", "/api/v1/catalogs",
                          tenant=named).status == 400


def test_others_name_their_own_tenant_only(server, two):
    mine, other = two
    header = {"X-Pangolin-Tenant": other.id}
    assert mine.call("GET", "/api/v1/catalogs", headers=header).status == 403
    header = {"X-Pangolin-Tenant": mine.id}
    assert mine.call("GET", "/api/v1/catalogs", headers=header).status == 200


# ---- the wall

TABLE = {"name": "u", "schema": {"type": "struct", "fields": []}}
RENAME = {"source": {"namespace": ["ns"], "name": "t"},
          "destination": {"namespace": ["ns"], "name": "v"}}
COMMIT = {"requirements": [], "updates": [
    {"action": "set-properties", "updates": {"stolen": "1"}}]}


def iceberg_calls(catalog):
    base = f"/v1/{catalog}/namespaces"
    return (
        ("GET", f"/v1/config?warehouse={catalog}", None),
        ("GET", base, None), ("POST", base, {"namespace": ["stolen"]}),
        ("GET", f"{base}/ns", None), ("HEAD", f"{base}/ns", None),
        ("DELETE", f"{base}/ns", None),
        ("POST", f"{base}/ns/properties", {"updates": {"stolen": "1"}}),
        ("GET", f"{base}/ns/tables", None),
        ("POST", f"{base}/ns/tables", TABLE),
        ("GET", f"{base}/ns/tables/t", None),
        ("HEAD", f"{base}/ns/tables/t", None),
        ("POST", f"{base}/ns/tables/t", COMMIT),
        ("DELETE", f"{base}/ns/tables/t", None),
        ("POST", f"{base}/ns/register",
         {"name": "u", "metadata-location": "file:/x"}),
        ("POST", f"/v1/{catalog}/tables/rename", RENAME),
    )


def management_calls(tenant):
    return (
        ("GET", f"/api/v1/catalogs/{tenant.catalog}", None),
        ("PUT", f"/api/v1/catalogs/{tenant.catalog}",
         {"properties": {"stolen": "1"}}),
        ("DELETE", f"/api/v1/catalogs/{tenant.catalog}", None),
        ("GET", f"/api/v1/warehouses/{tenant.warehouse}", None),
        ("PUT", f"/api/v1/warehouses/{tenant.warehouse}", {"use_sts": False}),
        ("DELETE", f"/api/v1/warehouses/{tenant.warehouse}", None),
        ("GET", f"/api/v1/users/{tenant.admin_id}", None),
        ("PUT", f"/api/v1/users/{tenant.admin_id}", {"password": PASSWORD}),
        ("DELETE", f"/api/v1/users/{tenant.admin_id}", None),
        ("GET", f"/api/v1/tenants/{tenant.id}", None),
        ("PUT", f"/api/v1/tenants/{tenant.id}", {"name": "stolen"}),
        ("DELETE", f"/api/v1/tenants/{tenant.id}", None),
    )


def test_no_route_crosses_the_wall(two):
    mine, other = two
    for method, path, body in (*iceberg_calls(other.catalog),
                               *management_calls(other)):
        reply = mine.call(method, path, body)
        assert reply.status in (403, 404), (method, path, reply)
    for path in ("/api/v1/catalogs", "/api/v1/warehouses", "/api/v1/users"):
        reply = mine.must(200, "GET", path)
        assert other.name.encode() not in reply.body
    left = other.must(200, "GET", f"/v1/{other.catalog}/namespaces/ns/tables/t")
    assert "stolen" not in left.json()["metadata"].get("properties", {})
    assert other.must(200, "GET", f"/v1/{other.catalog}/namespaces").json()[
        "namespaces"] == [["ns"]]


def test_equal_names_of_two_tenants_are_two_things(two):
    for tenant, value in zip(two, "ab"):
        tenant.must(201, "POST", "/api/v1/catalogs", {
            "name": "equal", "warehouse_name": tenant.warehouse,
            "properties": {"of": value}})
        tenant.must(200, "POST", "/v1/equal/namespaces",
                    {"namespace": [f"only-{value}"]})
    for tenant, value in zip(two, "ab"):
        seen = tenant.must(200, "GET", "/v1/equal/namespaces").json()
        assert seen["namespaces"] == [[f"only-{value}"]]


def test_a_plain_user_manages_nothing(server, two):
    tenant = two[0]
    name = f"{tenant.name}-plain"
    tenant.add_user(name, "tenant-user")
    server.token(name, PASSWORD)
    for method, path, body in (
            ("POST", "/api/v1/catalogs", {"name": "x"}),
            ("POST", "/api/v1/warehouses", {"name": "x"}),
            ("POST", "/api/v1/tenants", {"name": "x"}),
            ("GET", "/api/v1/tenants", None),
            ("DELETE", f"/api/v1/users/{tenant.admin_id}", None),
            ("DELETE", f"/v1/{tenant.catalog}/namespaces/ns/tables/t", None),
            ("POST", f"/v1/{tenant.catalog}/namespaces",
             {"namespace": ["x"]})):
        reply = server.call(method, path, body, name)
        assert reply.status == 403, (method, path, reply)
