"""Every route, every refusal, and the two forms of an error."""

import pytest

NAMESPACES = "/v1/default/namespaces"
TABLES = f"{NAMESPACES}/ns/tables"
NOBODY = "00000000-0000-0000-0000-00000000abcd"

# Path, methods it takes.
ICEBERG = (
    ("/v1/config", "GET"),
    (NAMESPACES, "GET POST"),
    (f"{NAMESPACES}/ns", "DELETE GET HEAD"),
    (f"{NAMESPACES}/ns/properties", "POST"),
    (TABLES, "GET POST"),
    (f"{TABLES}/t", "DELETE GET HEAD POST"),
    (f"{NAMESPACES}/ns/register", "POST"),
    ("/v1/default/tables/rename", "POST"),
)
MANAGEMENT = (
    ("/api/v1/tenants", "GET POST"),
    (f"/api/v1/tenants/{NOBODY}", "DELETE GET PUT"),
    ("/api/v1/users", "GET POST"),
    (f"/api/v1/users/{NOBODY}", "DELETE GET PUT"),
    ("/api/v1/users/me", "GET"),
    ("/api/v1/service-users", "GET POST"),
    (f"/api/v1/service-users/{NOBODY}", "DELETE GET PUT"),
    (f"/api/v1/service-users/{NOBODY}/rotate", "POST"),
    ("/api/v1/warehouses", "GET POST"),
    ("/api/v1/warehouses/w", "DELETE GET PUT"),
    ("/api/v1/catalogs", "GET POST"),
    ("/api/v1/catalogs/c", "DELETE GET PUT"),
)
PUBLIC = (
    ("/v1/oauth/tokens", "POST"),
    ("/api/v1/users/login", "POST"),
    ("/health/live", "GET"),
    ("/health/ready", "GET"),
    ("/metrics", "GET"),
    ("/openapi.json", "GET"),
    ("/", "GET"),
)
CLOSED = ICEBERG + MANAGEMENT
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")


def check_error(reply, path, status):
    """One sentence under /api/v1, Iceberg's model everywhere else."""
    assert reply.status == status, reply
    assert reply.headers["Content-Type"].startswith("application/json")
    error = reply.json()["error"]
    assert list(reply.json()) == ["error"]
    if path.startswith("/api/v1/"):
        assert isinstance(error, str) and error
    else:
        assert error["code"] == status
        assert error["type"] and error["message"]


def each_pair(table):
    return [(path, method) for path, methods in table
            for method in methods.split()]


@pytest.mark.parametrize("path,method", each_pair(CLOSED))
def test_a_route_needs_credentials(server, path, method):
    reply = server.request(method, path)
    if method == "HEAD":
        assert reply.status == 401 and reply.body == b""
    else:
        check_error(reply, path, 401)
    reply = server.request(method, path,
                           headers={"Authorization": "Bearer wrong"})
    assert reply.status == 401


# /api/v1/users/{id} takes what these two do not.
SHADOWED = ("/api/v1/users/me", "/api/v1/users/login")


@pytest.mark.parametrize("path,methods", [
    row for row in CLOSED + PUBLIC if row[0] not in SHADOWED])
def test_other_methods_are_405_and_told_which(server, path, methods):
    allowed = set(methods.split())
    for method in METHODS:
        if method in allowed or method == "HEAD":
            continue
        reply = server.call(method, path)
        assert reply.status == 405, (method, path, reply)
        named = set(reply.headers["Allow"].split(", "))
        assert allowed <= named <= allowed | {"HEAD", "OPTIONS"}
        check_error(reply, path, 405)


@pytest.mark.parametrize("path", ("/", "/health/live", "/health/ready",
                                  "/v1/config", "/api/v1/tenants"))
def test_head_is_get_without_its_body(server, path):
    call = server.as_root if path.startswith("/api/") else server.call
    whole, head = call("GET", path), call("HEAD", path)
    assert (head.status, head.body) == (whole.status, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]


@pytest.mark.parametrize("path", (
    "//", "/v1", "/v1/", "/v1/default/nowhere", "/v1/config/x",
    "/api/v1/nowhere", "/api/v1/users//x", "//v1/config", "/V1/config",
    f"{NAMESPACES}//tables", "/health/ready/", "/v1/../health/ready",
    "/v1/default/namespaces/ns/tables/t/nowhere"))
def test_unknown_paths_are_404(server, path):
    reply = server.call("GET", path)
    assert reply.status in (404, 400), reply
    check_error(reply, path, reply.status)


@pytest.mark.parametrize("path,method", each_pair(ICEBERG[1:]))
def test_an_unknown_catalog_is_named(server, path, method):
    path = path.replace("/v1/default/", "/v1/nowhere/")
    body = {"source": {"namespace": ["a"], "name": "t"},
            "destination": {"namespace": ["a"], "name": "u"},
            "namespace": ["a"], "name": "t", "metadata-location": "file:/x",
            "schema": {"type": "struct", "fields": []},
            "requirements": [], "updates": []}
    reply = server.call(method, path, body if method == "POST" else None)
    assert reply.status == 404, reply
    if method != "HEAD":
        check_error(reply, path, 404)
        assert "nowhere" in reply.json()["error"]["message"]


@pytest.mark.parametrize("path", [
    p for p, m in each_pair(CLOSED)
    if m == "POST" and not p.endswith("/rotate")])
def test_a_body_must_be_json(server, path):
    user = "root" if path == "/api/v1/tenants" else "admin"
    for body in (b"", b"{", b"[]", b"null", b"{} x", b'{"a": 1,}', b"\xff"):
        reply = server.call("POST", path, body, user,
                            {"Content-Type": "application/json"})
        assert reply.status in (400, 422), (body, reply)
        check_error(reply, path, reply.status)


def test_a_json_type_may_have_a_charset(server):
    reply = server.call(
        "POST", NAMESPACES, b'{"namespace": ["charset"]}',
        headers={"Content-Type": "Application/JSON; charset=UTF-8"})
    assert reply.status == 200, reply


def test_health_needs_nobody(server):
    assert server.get("/health/live").json() == {"status": "alive"}
    ready = server.get("/health/ready").json()
    assert ready["status"] == "ready" and ready["store"] == "ok"
