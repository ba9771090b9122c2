"""auth.enabled = false: what other sites may not do, and nobody."""

import pytest
from harness.server import Server

SPACES = "/v1/default/namespaces"


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 1, {
            "auth": {"enabled": False},
            "public_url": "https://lake.example/c"})) as server:
        yield server


def create(server, name, headers=None, body=None):
    return server.request("POST", SPACES,
                          body or {"namespace": [name]}, headers).status


def test_programs_and_the_own_page_work(server):
    own = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
    for i, headers in enumerate(({}, own, {
            "Host": "lake.example", "Origin": "https://lake.example"}, {
            "Host": f"localhost:{server.port}"})):
        assert create(server, f"own{i}", headers) == 200, headers
        assert server.get(SPACES, headers).status == 200


@pytest.mark.parametrize("headers", (
    {"Host": "evil.example"}, {"Origin": "https://evil.example"},
    {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:3000"}))
def test_other_sites_are_refused(server, headers):
    assert create(server, "foreign", headers) == 403
    for path in (SPACES, "/metrics", "/openapi.json", "/health/live", "/"):
        reply = server.get(path, headers)
        assert reply.status == 403, path
    assert ["foreign"] not in server.get(SPACES).json()["namespaces"]


def test_no_form_is_taken_for_json(server):
    for kind in ("text/plain", "application/x-www-form-urlencoded",
                 "multipart/form-data; boundary=x"):
        assert create(server, "form", {"Content-Type": kind},
                      b'{"namespace":["form"]}') == 415
    assert ["form"] not in server.get(SPACES).json()["namespaces"]


def test_a_link_to_the_page_leads_there(server):
    assert server.get("/", {
        "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document"}).status == 200


def test_nothing_that_is_good_later_is_made(server):
    nobody = "00000000-0000-4000-8000-000000000000"
    user = {"username": "eve", "email": "eve@example.com",
            "password": "a-long-password", "role": "tenant-admin"}
    for method, path, body in (
            ("POST", "/api/v1/users", user),
            ("PUT", f"/api/v1/users/{nobody}", {"active": True}),
            ("POST", "/api/v1/users/login", {
                "username": "admin", "password": server.first_password}),
            ("POST", "/api/v1/service-users", {
                "name": "etl", "role": "tenant-admin"}),
            ("PUT", f"/api/v1/service-users/{nobody}", {"active": True}),
            ("POST", f"/api/v1/service-users/{nobody}/rotate", None)):
        reply = server.request(method, path, body)
        assert reply.status == 403 and b"auth.enabled" in reply.body, path
    reply = server.sign_in("admin", server.first_password)
    assert reply.status == 403 and b"auth.enabled" in reply.body


def test_with_sign_in_all_of_that_is_as_before(servers):
    server: Server = servers.start()
    foreign = {"Host": "lake.example", "Origin": "https://evil.example",
               "Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}
    reply = server.call("POST", SPACES, b'{"namespace":["a"]}',
                        headers=foreign)
    assert reply.status == 200, reply
