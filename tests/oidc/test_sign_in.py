"""People sign in at a real provider, on two nodes; tests/ui has Chromium."""

import json
import urllib.parse

import pytest
from harness.oidc import Browser, Provider
from harness.server import free_port

SITE = "http://127.0.0.1:9/portal"


@pytest.fixture(scope="module", name="ports")
def fixture_ports():
    return [free_port(), free_port()]


@pytest.fixture(scope="module", name="provider")
def fixture_provider(tmp_path_factory, ports):
    provider = Provider(tmp_path_factory.mktemp("provider"), [
        f"http://127.0.0.1:{ports[0]}/oauth/callback/{name}"
        for name in ("corp", "secret")])
    yield provider
    provider.stop()


def settings(provider, port, public):
    own = {"issuer": provider.url, "tenant": "default",
           "roles_claim": "groups", "admin_values": ["lake-admins"],
           "scopes": ["openid", "profile", "email", "groups"]}
    return {"server": {"listen": f"127.0.0.1:{port}"},
            "public_url": f"http://127.0.0.1:{public}",
            "auth": {"redirect_uris": [SITE]},
            "oidc": {"corp": {**own, "client_id": "web",
                              "allow_public_signup": True},
                     "secret": {**own, "client_id": "web-secret",
                                "client_secret": "a secret: +%&",
                                "email_domains": ["corp.example"]}}}


@pytest.fixture(name="nodes")
def fixture_nodes(servers, provider, ports):
    """Two nodes on one store; browsers come back to the first."""
    first = servers.new(store="postgres", workers=2,
                        settings=settings(provider, ports[0], ports[0]))
    first.port = ports[0]
    first.start()
    second = servers.new(store="postgres", workers=1, settings={
        **settings(provider, ports[1], ports[0]),
        "store": first.settings["store"],
        "warehouse": first.settings["warehouse"]})
    second.port = ports[1]
    second.start()
    second.first_password = first.first_password
    return first, second


def exchange(node, place):
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(place).query))
    reply = node.request("POST", "/api/v1/oauth/exchange",
                         {"code": query["code"]})
    assert reply.status == 200, reply
    return node.get("/api/v1/users/me", {
        "Authorization": "Bearer " + reply.json()["token"]}).json()


def begin(node, name):
    return (f"{node.url}/oauth/authorize/{name}?"
            + urllib.parse.urlencode({"redirect_uri": SITE}))


def test_a_sign_in_goes_on_whichever_node_it_comes_to(nodes, provider):
    first, second = nodes
    for name in ("corp", "secret"):
        if name == "secret":  # which makes no users
            tenant = first.call("GET", "/api/v1/users/me").json()["tenant-id"]
            made = first.as_root("POST", "/api/v1/users", {
                "username": "rob", "email": "rob@corp.example",
                "password": "a-long-password", "tenant_id": tenant,
                "role": "tenant-user"})
            assert made.status == 201, made
        # begun on the second, called back on the first, exchanged on the second
        status, place = Browser(SITE).sign_in(
            begin(second, name), "rob" if name == "secret" else "bob:x,y")
        assert status == 303, place
        user = exchange(second, place)
        assert user["role"] == "tenant-user"
        if name == "secret":
            assert user["id"] == made.json()["id"]
        provider.rotate()


def with_cookies_of(browser):
    again = Browser(SITE)
    for cookie in browser.jar:
        again.jar.set_cookie(cookie)
    return again


def test_a_callback_that_comes_again_is_refused(nodes):
    first, _ = nodes
    browser = Browser(f"{first.url}/oauth/callback/")
    status, callback = browser.sign_in(begin(first, "corp"), "carol")
    assert status == 303, callback
    watching = with_cookies_of(browser)
    status, place = watching.get(callback)
    assert status == 303 and "code=" in place
    status, body = watching.get(callback)
    assert status in (400, 401), (status, body)
    assert json.loads(body)["error"]
