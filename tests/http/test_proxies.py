"""Behind proxies: whose word is taken for who asks, and by which address."""

import json

import pytest
from harness.proxy import Proxy
from harness.server import Server
from harness.wait import until
from pyiceberg.catalog import load_catalog

CONFIG = "/v1/config?warehouse=default"
HERE = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "data.example.com"}


def proxied(servers, **settings):
    return servers.start(settings={"trusted_proxies": ["127.0.0.0/8"],
                                   **settings})


def config_of(server, headers=None):
    reply = server.call("GET", CONFIG, headers=headers)
    assert reply.status == 200, reply
    return reply.json()


def line_of(server, name, headers):
    """The line of the log of a request with these headers."""
    reply = server.request("GET", "/health/live", headers={
        "X-Request-ID": name, **headers})
    assert reply.status == 200
    mark = f'"id":"{name}"'
    until(lambda: mark in server.log_text(), mark)
    lines = [json.loads(line) for line in server.log_text().splitlines()
             if mark in line]
    assert len(lines) == 1
    return lines[0]


def test_nothing_is_said_where_nothing_is_known(servers):
    server = servers.start()
    for headers in ({}, {"Host": "evil.example"}, HERE):
        config = config_of(server, headers)
        assert config["defaults"] == {}
        assert config["overrides"] == {"prefix": "default"}
    assert server.get("/openapi.json").json()["servers"] == [{"url": "."}]


def test_the_public_url_is_in_every_link(servers):
    server = proxied(servers, public_url="https://example.com/catalog/")
    config = config_of(server, HERE)
    assert config["overrides"] == {"prefix": "default",
                                   "uri": "https://example.com/catalog"}
    assert config["defaults"] == {
        "oauth2-server-uri": "https://example.com/catalog/v1/oauth/tokens"}
    assert server.get("/openapi.json").json()["servers"] == [
        {"url": "https://example.com/catalog"}]


def test_a_public_https_address_stays_https(servers):
    server = proxied(servers, public_url="https://example.com",
                     tls={"hsts_max_age": "60s"})
    assert server.get("/nowhere").headers["Strict-Transport-Security"] == \
        "max-age=60"


def told_at(server, path, method="GET", headers=None):
    reply = server.request(method, path, headers=headers)
    assert reply.status == 404
    return reply.json()["error"]["message"]


@pytest.mark.parametrize("base", ("/api/catalog", "/catalog", "/iceberg"))
def test_base_paths_of_other_catalogs_are_told_the_right_one(servers, base):
    server = servers.start()
    for path in (base, f"{base}/", f"{base}/v1/config?warehouse=default",
                 f"{base}/v1/default/namespaces/a/tables/b"):
        for method in ("GET", "POST"):
            assert told_at(server, path, method) == (
                f"There is nothing below {base}: the base URL of this "
                f"catalog is {server.url}.")
    other = server.get(f"{base}s/v1/config")
    assert other.status == 404 and b"base URL" not in other.body
    hostile = told_at(server, f"{base}/v1/config",
                      headers={"Host": "evil.example:1"})
    assert "evil" not in hostile and str(server.port) not in hostile
    local = told_at(server, f"{base}/v1/config",
                    headers={"Host": f"localhost:{server.port}"})
    assert local.endswith(f" is {server.url}.")


def test_the_right_base_url_is_the_public_one(servers):
    server = servers.start(
        settings={"public_url": "https://data.example.com/tables"})
    assert "is https://data.example.com/tables." in \
        told_at(server, "/catalog/v1/config")
    server = servers.start(
        settings={"trusted_proxies": ["127.0.0.1"]})
    assert "is https://data.example.com:8443." in told_at(
        server, "/catalog/v1/config",
        headers={"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https",
                 "X-Forwarded-Host": "data.example.com:8443"})


def test_a_trusted_proxy_says_by_which_address(servers):
    server = proxied(servers)
    assert config_of(server, HERE)["overrides"]["uri"] == \
        "https://data.example.com"
    assert config_of(server, {**HERE, "X-Forwarded-Prefix": "/lake/"})[
        "overrides"]["uri"] == "https://data.example.com/lake"
    assert config_of(server, {
        "Forwarded": 'for=203.0.113.9;proto=https;host="a.example:8443"'})[
            "overrides"]["uri"] == "https://a.example:8443"
    assert "uri" not in config_of(server)["overrides"]


def test_the_log_names_the_client_behind_trusted_proxies(servers):
    server = proxied(servers)
    line = line_of(server, "behind", HERE)
    assert (line["peer"], line["client"]) == ("127.0.0.1", "203.0.113.9")
    line = line_of(server, "direct", {})
    assert (line["peer"], line["client"]) == ("127.0.0.1", "127.0.0.1")
    line = line_of(server, "forged", {
        "X-Forwarded-For": "198.51.100.1, 203.0.113.9, 127.0.0.2"})
    assert line["client"] == "203.0.113.9"


def test_the_word_of_others_is_ignored(servers):
    server = servers.start(settings={"trusted_proxies": ["10.0.0.0/8"]})
    line = line_of(server, "stranger", HERE)
    assert (line["peer"], line["client"]) == ("127.0.0.1", "127.0.0.1")
    assert "uri" not in config_of(server, HERE)["overrides"]


@pytest.fixture(name="trusting", scope="module")
def fixture_trusting(tmp_path_factory, form):
    """One server for the tables of hostile values."""
    server = Server(tmp_path_factory.mktemp("trusting"), form or "dev",
                    settings={"trusted_proxies": ["127.0.0.1"]})
    yield server.start()
    server.kill()


HOSTILE = (
    "evil.example/path", "a b", "<script>", "user@evil.example", "a\"b", "",
    "evil.example:99999", "[::1", "x" * 300, "\u00e9", "a,b\\", "..", ":80",
)


@pytest.mark.parametrize("host", HOSTILE)
def test_a_hostile_host_is_not_repeated(trusting, host):
    config = config_of(trusting, {
        **HERE, "X-Forwarded-Host": host.encode("utf-8")})
    uri = config["overrides"].get("uri", "")
    assert uri in ("", f"https://{trusting.host}"), uri


@pytest.mark.parametrize("proto", ("javascript", "https://", "h ttp", "ftp"))
def test_a_hostile_scheme_is_not_repeated(trusting, proto):
    assert "uri" not in config_of(trusting, {
        **HERE, "X-Forwarded-Proto": proto})["overrides"]


@pytest.mark.parametrize("prefix", ("//evil.example", "/a/../b", "/a b",
                                    "evil", "/<x>", "/%2e%2e", "/a//b"))
def test_a_hostile_prefix_is_not_repeated(trusting, prefix):
    assert config_of(trusting, {
        **HERE, "X-Forwarded-Prefix": prefix})["overrides"]["uri"] == \
        "https://data.example.com"


def test_pyiceberg_works_below_a_path_of_a_proxy(servers):
    server = proxied(servers)
    with Proxy(server) as proxy:
        catalog = load_catalog(
            "it", type="rest", uri=proxy.url, warehouse="default",
            credential=f"admin:{server.first_password}")
        catalog.create_namespace("below")
        assert ("below",) in catalog.list_namespaces()
        assert catalog.uri == proxy.url


def test_pyiceberg_goes_where_the_public_url_says(servers):
    server = servers.new()
    with Proxy(server) as proxy:
        server.settings["public_url"] = proxy.url
        server.start()
        catalog = load_catalog(
            "it", type="rest", uri=server.url, warehouse="default",
            credential=f"admin:{server.first_password}")
        assert catalog.uri == proxy.url
        catalog.create_namespace("there")
        assert ("there",) in catalog.list_namespaces()


BAD = (
    ("public_url = 'example.com'\n", ":1:14", "public_url"),
    ("public_url = 'https://example.com/?x=1'\n", ":1:14", "query"),
    ("public_url = 'https://me@example.com'\n", ":1:14", "public_url"),
    ("public_url = 'ftp://example.com'\n", ":1:14", "http"),
    ("public_url = '/'\n", ":1:14", "public_url"),
    ("bootstrap = 'none'\ntrusted_proxies = ['10.0.0.0/8', 'proxy']\n",
     ":2:19", "trusted_proxies"),
    ("trusted_proxies = ['10.0.0.1/8']\n", ":1:19", "10.0.0.1/8"),
    ("trusted_proxies = '10.0.0.1'\n", ":1:19", "array"),
    ("trusted_proxies = ['10.0.0.0/33']\n", ":1:19", "10.0.0.0/33"),
)


@pytest.mark.parametrize("text,place,word", BAD)
def test_bad_settings_are_named_with_their_place(servers, text, place, word):
    server = servers.new()
    server.write_config = lambda: server.folder / "bad.toml"
    (server.folder / "bad.toml").write_text(text)
    process = server.spawn()
    assert process.wait(20) == 2
    server.kill()
    line = server.log_text().strip().splitlines()[-1]
    assert f"bad.toml{place}" in line and word in line
