"""The session of a browser: what other sites cannot do with its cookie."""

import pytest

PATH, ME = "/api/v1/session", "/api/v1/users/me"
OWN = {"X-Pangolin-Page": "1", "Sec-Fetch-Site": "same-origin"}
ORIGIN = "https://evil.example"


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2, {
            "server": {"cors_origins": ["*"]}})) as server:
        yield server


def sign_in(server, headers=None, user="admin"):
    """A new session's token, and what the cookie is."""
    token = server.sign_in(user, server.first_password).json()["access_token"]
    reply = server.request("POST", PATH, headers={
        "Authorization": f"Bearer {token}", **OWN, **(headers or {})})
    assert reply.status == 204, reply
    return token, reply.headers["Set-Cookie"]


def pair(cookie):
    return cookie.partition(";")[0]


@pytest.fixture(name="cookie")
def fixture_cookie(server):
    return pair(sign_in(server)[1])


def test_scripts_and_other_sites_do_not_get_it(server):
    token, cookie = sign_in(server)
    assert cookie == (f"pangolin-session={token}; Path=/; HttpOnly; "
                      "SameSite=Strict")


def test_it_signs_in_until_it_is_ended(server):
    token, cookie = sign_in(server)
    held = {**OWN, "Cookie": f"a=b; {pair(cookie)}; c=d"}
    assert server.get(ME, held).json()["username"] == "admin"
    reply = server.request("DELETE", PATH, headers=held)
    assert reply.status == 204
    assert reply.headers["Set-Cookie"] == (
        "pangolin-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
    assert server.get(ME, held).status == 401
    assert server.get(ME, {"Authorization": f"Bearer {token}"}).status == 401


# What a browser sends for a page that is not ours, or what may be that.
FOREIGN = {
    "a link, an image, a form": {},
    "a form of another site": {"Sec-Fetch-Site": "cross-site",
                               "Origin": ORIGIN},
    "a form of a sibling": {"Sec-Fetch-Site": "same-site",
                            "Origin": "http://localhost:3000"},
    "a sandboxed frame": {"Origin": "null"},
    "an address that was typed": {"Sec-Fetch-Site": "none"},
    "an own page without the header": {"Sec-Fetch-Site": "same-origin"},
    "a form that looks like JSON": {"Content-Type": "text/plain"},
    "a body of JSON": {"Content-Type": "application/json"},
    "an old browser's form": {"Origin": ORIGIN},
    "the header from another site": {**OWN, "Sec-Fetch-Site": "cross-site"},
    "the header from a sibling": {**OWN, "Sec-Fetch-Site": "same-site"},
    "the header, an unknown site": {**OWN, "Sec-Fetch-Site": "Same-Origin"},
    "the header and an origin": {"X-Pangolin-Page": "1", "Origin": ORIGIN},
    "the header and no origin": {"X-Pangolin-Page": "1", "Origin": "null"},
    "the header, another port": {"X-Pangolin-Page": "1",
                                 "Origin": "http://127.0.0.1:1"},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_no_other_site_uses_it(server, cookie, name):
    held = {**FOREIGN[name], "Cookie": cookie}
    spaces = "/v1/default/namespaces"
    for method, path, body in (
            ("GET", ME, None), ("GET", spaces, None),
            ("POST", spaces, b'{"namespace":["stolen"]}'),
            ("PUT", "/api/v1/catalogs/default", b"{}"),
            ("DELETE", f"{spaces}/stolen", None), ("DELETE", PATH, None)):
        reply = server.request(method, path, body, held)
        assert reply.status == 403, (method, path, reply)
    assert ["stolen"] not in server.call(
        "GET", spaces).json()["namespaces"]
    assert server.get(ME, {**OWN, "Cookie": cookie}).status == 200


def test_pages_of_this_server_use_it(server, cookie):
    header = {"X-Pangolin-Page": "1"}
    for said in (OWN, {**OWN, "Sec-Fetch-Site": "none"}, header,
                 {**header, "Origin": server.url},
                 # behind a proxy that writes another Host
                 {**OWN, "Origin": "https://lake.example"}):
        reply = server.get(ME, {**said, "Cookie": cookie})
        assert reply.status == 200, said


def test_no_other_site_signs_a_browser_in(server):
    bearer = server.bearer()
    for name, headers in FOREIGN.items():
        reply = server.request("POST", PATH, headers={**bearer, **headers})
        assert reply.status == 403, name
        assert "Set-Cookie" not in reply.headers


def test_no_other_origin_may_send_the_header(server):
    reply = server.request("OPTIONS", ME, headers={
        "Origin": ORIGIN, "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-pangolin-page"})
    assert reply.status == 204
    assert "pangolin-page" not in \
        reply.headers["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Credentials" not in reply.headers


def test_programs_are_not_disturbed_by_it(server, cookie):
    """Shown credentials count, the cookie beside them does not."""
    for known, status in ((server.bearer("root"), 200),
                          ({"Authorization": "Bearer x"}, 401)):
        reply = server.get(ME, {**known, "Cookie": cookie, **OWN})
        assert reply.status == status
    assert server.get(ME, {**OWN, "Cookie": "pangolin-session="}).status == 401
    assert server.get(ME, {**OWN, "Cookie": "pangolin-session=x"}).status \
        == 401


def test_only_a_session_is_traded(server):
    key = server.call("POST", "/api/v1/service-users", {
        "name": "nightly", "role": "tenant-user"}).json()["api_key"]
    held = pair(sign_in(server)[1])
    for known in ({"X-API-Key": key}, {"Cookie": held}):
        reply = server.request("POST", PATH, headers={**known, **OWN})
        assert reply.status == 400
        assert "Authorization" in reply.json()["error"]


def test_over_tls_no_sibling_of_the_host_can_set_it(servers):
    """Also where public_url says that a proxy has TLS."""
    own = servers.start(settings={"tls": {"mode": "self-signed"}})
    behind = servers.start(settings={"public_url": "https://lake.example"})
    for server in (own, behind):
        token, cookie = sign_in(server)
        assert cookie == (f"__Host-pangolin-session={token}; Path=/; "
                          "HttpOnly; SameSite=Strict; Secure")
        assert server.get(ME, {**OWN, "Cookie": pair(cookie)}).status == 200
        assert server.get(ME, {
            **OWN, "Cookie": f"pangolin-session={token}"}).status == 401
