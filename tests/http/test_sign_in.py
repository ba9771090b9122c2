"""Signing in: who tries is counted and logged, and how answers look."""

import base64
import json
import secrets

import pytest
from harness.prometheus import parse
from harness.wait import until

ME = "/api/v1/users/me"
LOGIN = "/api/v1/users/login"


@pytest.fixture(scope="module", name="one")
def fixture_one(start_kind):
    with start_kind(("sqlite", 2, {"auth": {"token_ttl": "90s"}})) as server:
        yield server


def basic(name, secret):
    text = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


def service_user(server, role="tenant-user"):
    made = server.call("POST", "/api/v1/service-users", {
        "name": f"service-{secrets.token_hex(4)}", "role": role})
    assert made.status == 201, made
    return made.json()


# ---- answers as existing clients expect them

def test_a_deleted_service_user_is_told_so(one):
    made = service_user(one)
    reply = one.call("DELETE", f"/api/v1/service-users/{made['id']}")
    assert (reply.status, reply.json()) == (200, {"status": "deleted"})


@pytest.mark.parametrize("member", ("tenant_id", "tenant-id"))
def test_the_tenant_of_a_user_has_two_spellings(one, member):
    tenant = one.call("GET", ME).json()["tenant-id"]
    name = f"user-{member}"
    made = one.as_root("POST", "/api/v1/users", {
        "username": name, "email": f"{name}@lake.example",
        "password": "a-long-password", member: tenant,
        "role": "tenant-user"})
    assert made.status == 201, made
    assert made.json()["tenant-id"] == tenant


def test_a_service_user_knows_when_it_was_made(one):
    made = service_user(one)
    me = one.get(ME, {"X-API-Key": made["api_key"]}).json()
    assert me["created-at"] == made["created_at"]


def test_errors_of_providers_are_not_icebergs(one):
    reply = one.get("/oauth/nothing")
    assert reply.status == 404
    assert isinstance(reply.json()["error"], str)
    assert one.get("/v1/nothing").json()["error"]["code"] == 404


def test_oauth_tokens_live_as_long_as_others(one):
    reply = one.sign_in("admin", one.first_password)
    assert reply.json()["expires_in"] == 90


# ---- the log and the counts

def lines(server, name):
    text = server.log.read_text("utf-8")
    return [line for line in map(json.loads, text.splitlines())
            if line["message"] == "sign-in refused" and line["name"] == name]


def tries(server, name, secret):
    yield server.request("POST", LOGIN, {"username": name, "password": secret})
    yield server.sign_in(name, secret)
    yield server.form("/v1/oauth/tokens", {
        "grant_type": "client_credentials"}, basic(name, secret))


def test_a_refused_sign_in_is_logged_with_its_name_alone(one):
    name, secret = 'eve "é\n', secrets.token_hex(8)
    replies = list(tries(one, name, secret))
    assert [reply.status for reply in replies] == [401] * 3
    found = until(lambda: (lambda all_: len(all_) == 3 and all_)(
        lines(one, name)), "three lines")
    assert {line["level"] for line in found} == {"warn"}
    assert {line["id"] for line in found} == {
        reply.headers["X-Request-ID"] for reply in replies}
    assert secret not in one.log_text()


def test_of_a_refused_key_the_log_has_the_id(one):
    made = service_user(one)
    key = made["api_key"][:-1] + ("A" if made["api_key"][-1] != "A" else "B")
    assert one.get(ME, {"X-API-Key": key}).status == 401
    until(lambda: lines(one, made["id"]), "a line with the id")
    assert key[-20:] not in one.log_text()


def test_a_long_name_is_cut_between_characters(one):
    one.request("POST", LOGIN, {"username": "x" + "é" * 5000,
                                "password": "p"})
    until(lambda: lines(one, "x" + "é" * 127), "a line with a part of it")


def counts(server):
    page = parse(server.get("/metrics").body.decode())
    return [page[f"pangolin_auth_{what}_total"].value()
            for what in ("success", "failure")]


def test_credentials_are_counted(one):
    one.token()
    before = counts(one)
    one.call("GET", ME)
    one.request("POST", LOGIN, {"username": "admin",
                                "password": one.first_password})
    one.request("POST", LOGIN, {"username": "admin", "password": "wrong"})
    one.get(ME)
    one.get("/api/v1/app-config")  # asks for none

    def counted():
        return [new - old for new, old in zip(counts(one), before)]

    until(lambda: counted() == [2, 2], "two of each")


# ---- root's name and password on each request

def status(server, headers, method="GET", path=ME, body=None):
    return server.request(method, path, body, headers).status


def test_root_needs_no_token(one):
    root = basic("root", one.first_password)
    tenant = one.call("GET", ME).json()["tenant-id"]
    me = one.get(ME, root)
    assert (me.status, me.json()["username"]) == (200, "root")
    there = {**root, "X-Pangolin-Tenant": tenant}
    assert status(one, there, path="/v1/default/namespaces") == 200
    assert status(one, there, "POST", "/v1/default/namespaces",
                  {"namespace": ["basic"]}) == 200
    assert status(one, root, "POST", "/api/v1/users/logout") == 204
    assert status(one, root) == 200


@pytest.mark.parametrize("name, secret", (
    ("root", "wrong"), ("root", ""), ("", ""), ("nobody", "secret")))
def test_nobody_else_comes_in_so(one, name, secret):
    assert status(one, basic("root", one.first_password)) == 200
    assert status(one, basic(name, secret)) == 401
    assert status(one, basic("admin", one.first_password)) == 401


@pytest.mark.parametrize("value", (
    "Basic", "Basic ", "Basic !", "Basic cm9vdA==", "Basic cm9vdDoA"))
def test_a_malformed_header_is_refused(one, value):
    assert status(one, {"Authorization": value}) == 401


def test_a_password_is_hashed_once_and_known_until_it_changes(servers):
    server = servers.start(store="sqlite", workers=1)
    old = basic("root", server.first_password)

    def last_login():
        return server.get(ME, old).json()["last-login"]

    first = last_login()
    assert {last_login() for _ in range(5)} == {first}  # no sign-in since
    id_ = server.get(ME, old).json()["id"]
    assert status(server, old, "PUT", f"/api/v1/users/{id_}", {
        "password": "another-password",
        "current-password": server.first_password}) == 200
    assert status(server, old) == 401
    assert status(server, basic("root", "another-password")) == 200
    assert status(server, old) == 401


# ---- pages of other sites

SITE = "https://lake.example:8443"


@pytest.fixture(scope="module", name="shared")
def fixture_shared(start_kind):
    with start_kind(("memory", 1, {"server": {
            "cors_origins": ["https://other.example", SITE]}})) as server:
        yield server


def asks(server, origin, path="/api/v1/users"):
    return server.request("OPTIONS", path, headers={
        "Origin": origin, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization"})


def test_a_page_that_is_allowed_may_ask_and_read(shared):
    reply = asks(shared, SITE)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == SITE
    assert "PATCH" in reply.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]
    assert reply.headers["Vary"] == "Origin"
    for headers in ({}, shared.bearer()):  # a refusal can be read, too
        reply = shared.get(ME, {"Origin": SITE, **headers})
        assert reply.headers["Access-Control-Allow-Origin"] == SITE
        assert "Access-Control-Allow-Credentials" not in reply.headers
    assert asks(shared, SITE, "/api/v1/nothing").status == 404
    assert shared.get("/metrics").status == 200  # which counts both


@pytest.mark.parametrize("origin", (
    "https://lake.example", SITE + ".evil.example", "null", "*"))
def test_other_pages_may_not(shared, origin):
    reply = asks(shared, origin)
    assert reply.status == 405
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert reply.headers["Vary"] == "Origin"


def test_no_page_may_by_default(one):
    assert asks(one, SITE).status == 405
    reply = one.call("GET", ME, headers={"Origin": SITE})
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_what_is_no_origin_is_refused_at_the_start(servers):
    server = servers.new("memory", settings={
        "server": {"cors_origins": [SITE + "/"]}})
    with pytest.raises(RuntimeError):
        server.start()
    assert "server.cors_origins" in server.log_text()


# ---- a first password that is given

def test_the_first_start_takes_a_password(servers):
    server = servers.new("sqlite")
    server.environment["PANGOLIN_ROOT_PASSWORD"] = "given-beforehand"
    server.start()
    assert not server.password_file.exists()
    root = basic("root", "given-beforehand")
    assert status(server, root) == 200
    assert server.sign_in("admin", "given-beforehand").status == 200
    server.stop()
    server.environment["PANGOLIN_ROOT_PASSWORD"] = "another-one"
    server.restart()
    assert status(server, root) == 200
    assert status(server, basic("root", "another-one")) == 401
    assert "given-beforehand" not in server.log_text()
