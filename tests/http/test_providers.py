"""Providers that are slow, down, wrong or change their keys."""

import itertools
import subprocess
import time

import pytest
from harness.issuer import Issuer, Key
from harness.wait import until

ME = "/api/v1/users/me"
JWKS = "/jwks"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(name="issuer")
def fixture_issuer():
    issuer = Issuer(Key("ES256", "first"))
    yield issuer
    issuer.stop()


@pytest.fixture(name="start")
def fixture_start(start_kind, issuer):
    def start(issuer_url=None, **more):
        return start_kind(("sqlite", 1, {"oidc": {"corp": {
            "issuer": issuer_url or issuer.url, "audiences": ["pangolin"],
            "tenant": "default", "allow_public_signup": True, **more}}}))
    return start


def status(server, token):
    return server.get(ME, bearer(token)).status


def test_an_unknown_key_is_read_once_a_minute(start, issuer):
    with start() as server:
        assert status(server, issuer.token("x")) == 200
        issuer.keys.insert(0, Key("ES256", "second"))
        assert status(server, issuer.token("x")) == 200
        before = issuer.asked.count(JWKS)
        for number in range(20):
            key = Key("ES256", f"unknown-{number}")
            assert status(server, issuer.token("x", key)) == 401
        assert issuer.asked.count(JWKS) == before
        # the old one goes on
        assert status(server, issuer.token("x", issuer.keys[1], n=1)) == 200


def test_old_keys_serve_while_the_provider_is_down(start, issuer):
    with start() as server:
        assert status(server, issuer.token("x")) == 200
        issuer.answers = {JWKS: (503, b"")}
        key = Key("ES256", "second")
        assert status(server, issuer.token("x", key)) == 401
        assert status(server, issuer.token("x", n=1)) == 200


def test_a_provider_that_comes_back_is_found(start, issuer):
    issuer.answers = {JWKS: (503, b"")}
    with start() as server:
        reply = server.get(ME, bearer(issuer.token("x")))
        assert reply.status == 503, reply
        assert "corp" in reply.json()["error"]
        issuer.answers = {}
        until(lambda: status(server, issuer.token("x")) == 200,
              "the keys are known")


def test_a_silent_provider_holds_up_nobody_else(start, issuer):
    issuer.silent.set()
    with start() as server:
        begun = time.monotonic()
        assert server.call("GET", ME).status == 200
        assert server.get("/v1/config", bearer("a.b.c")).status == 401
        assert time.monotonic() - begun < 3
        assert status(server, issuer.token("x")) == 503
        assert server.stop() == 0


@pytest.mark.parametrize("document", (
    {"issuer": "http://127.0.0.1:1"}, {"issuer": None}, {"jwks_uri": None},
    {"jwks_uri": "file:///etc/passwd"}, {"jwks_uri": "ftp://127.0.0.1/"},
    {"token_endpoint": "gopher://127.0.0.1/"}))
def test_a_wrong_discovery_document_is_not_believed(start, issuer, document):
    issuer.document = document
    with start() as server:
        assert status(server, issuer.token("x")) == 503
        assert server.call("GET", ME).status == 200
        assert "corp" in server.log_text()


@pytest.mark.parametrize("body", (
    b"", b"[]", b'{"keys": 7}', b'{"keys": []}', b'{"keys": [7, null, {}]}',
    b'{"keys": [{"kty": "oct", "kid": "first", "k": "AAAA"}]}',
    b'{"keys": [{"kty": "RSA", "kid": "first", "n": "AQAB", "e": "AQAB"}]}',
    b'{"keys": [{"kty": "EC", "kid": "first", "crv": "P-256",'
    b' "x": "AAAA", "y": "AAAA"}]}',
    b'{"keys": [{"kty": "EC", "kid": "first", "crv": "P-256", "x":'
    b' "%s", "y": "%s"}]}' % (b"A" * 43, b"A" * 43),
    b"x" * (1 << 20), b"y" * (3 << 20)), ids=itertools.count())
def test_a_wrong_key_set_is_not_believed(start, issuer, body):
    issuer.answers = {JWKS: (200, body)}
    with start() as server:
        assert status(server, issuer.token("x")) == 503
        assert server.call("GET", ME).status == 200


def test_a_key_for_encryption_signs_nothing(start, issuer):
    first, other = issuer.keys[0], Key("ES256", "other")
    issuer.keys.append(other)
    jwk = first.jwk
    first.jwk = lambda: {**jwk(), "use": "enc"}
    with start() as server:
        assert status(server, issuer.token("x", other)) == 200
        assert status(server, issuer.token("x", first)) == 401


def test_a_short_modulus_signs_nothing(start, issuer):
    issuer.keys.append(Key("RS256", "short", bits=1024))
    with start() as server:
        assert status(server, issuer.token("x")) == 200
        assert status(server, issuer.token("x", issuer.keys[1])) == 401


def test_an_algorithm_that_is_not_allowed_signs_nothing(start, issuer):
    issuer.keys.append(Key("RS256", "rsa"))
    with start(algorithms=["ES256"]) as server:
        assert status(server, issuer.token("x")) == 200
        assert status(server, issuer.token("x", issuer.keys[1])) == 401


def test_a_stranger_is_told_that_somebody_must_let_it_in(start, issuer):
    with start(allow_public_signup=False) as server:
        reply = server.get(ME, bearer(issuer.token("x")))
        assert reply.status == 401
        assert "administrator" in reply.json()["error"]


def test_many_keys_are_bounded(start, issuer):
    issuer.keys += [Key("ES256", f"more-{n}") for n in range(80)]
    with start() as server:
        assert status(server, issuer.token("x", issuer.keys[40])) == 200
        assert status(server, issuer.token("x", issuer.keys[79])) == 401


@pytest.mark.parametrize("secret", (True, False))
def test_a_file_that_holds_a_secret_is_told_about(servers, secret):
    server = servers.new(settings={
        "public_url": "https://lake.example", "oidc": {"corp": {
            "issuer": "https://sso.example", "tenant": "default",
            "client_id": "web",
            **({"client_secret": "s"} if secret else {})}}})
    server.write_config().chmod(0o644)
    assert ("everybody can read" in server.start().log_text()) == secret
    done = subprocess.run(
        [server.program, "check-config", "-c", server.write_config()],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ('client_secret = "********"' in done.stdout) == secret


@pytest.mark.parametrize("provider,error", (
    ({"issuer": "http://sso.example"}, "issuer must be an https URL"),
    ({"issuer": "https://sso.example/?a=b"}, "issuer must be an https URL"),
    ({"tenant": ""}, "tenant or tenant_claim"),
    ({"audiences": []}, "client_id is needed"),
    ({"admin_values": ["a"]}, "admin_values need roles_claim"),
    ({"algorithms": ["HS256"]}, "algorithms must be some of"),
    ({"algorithms": ["none"]}, "algorithms must be some of"),
    ({"audience": ["a"]}, "did you mean audiences?"),
    ({"tenant": 7}, "oidc.NAME.tenant must be a string"),
    ({"client_secret_file": "/nowhere"}, "cannot read /nowhere")))
def test_a_wrong_setting_is_named(servers, provider, error):
    server = servers.new(settings={"oidc": {"corp": {
        "issuer": "https://sso.example", "audiences": ["a"],
        "tenant": "default", **provider}}})
    done = subprocess.run(
        [server.program, "check-config", "-c", server.write_config()],
        capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert error in done.stderr, done.stderr
