"""Sign-in at a provider by browser: what the server sends, takes and refuses.
The provider is forged, so that it can be wrong; tests/oidc has a real one."""

import base64
import concurrent.futures
import hashlib
import json
import re
import time
import urllib.parse
import uuid

import pytest
from harness.issuer import Issuer, Key
from harness.wait import until

ME = "/api/v1/users/me"
SITE = "https://portal.example/done?x=1"
HTML = {"Accept": "text/html,*/*"}


@pytest.fixture(scope="module", name="issuer")
def fixture_issuer():
    issuer = Issuer(Key("RS256", "first"))
    issuer.document = {"authorization_response_iss_parameter_supported": True}
    yield issuer
    issuer.stop()


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind, issuer):
    own = {"issuer": issuer.url, "tenant": "default",
           "allow_public_signup": True}
    with start_kind(("sqlite", 2, {
            "public_url": "https://lake.example/catalog",
            "auth": {"redirect_uris": [SITE]},
            "oidc": {
                "corp": {**own, "client_id": "web"},
                "secret": {**own, "client_id": "web+1",
                           "client_secret": "a secret: %"},
                "closed": {**own, "client_id": "web",
                           "allow_public_signup": False},
                "programs": {**own, "audiences": ["pangolin"]}}})) as server:
        yield server


class Attempt:
    """A sign-in that was begun."""

    def __init__(self, server, issuer, provider="corp", to=None):
        self.server, self.issuer, self.provider = server, issuer, provider
        query = "?" + urllib.parse.urlencode({"redirect_uri": to}) if to else ""
        reply = server.get(f"/oauth/authorize/{provider}{query}")
        assert reply.status == 303, reply
        self.headers, self.location = reply.headers, reply.headers["Location"]
        self.query = dict(urllib.parse.parse_qsl(
            urllib.parse.urlsplit(self.location).query))
        self.cookie = reply.headers["Set-Cookie"].partition(";")[0]
        self.subject = f"s-{uuid.uuid4().hex[:12]}"

    def id_token(self, **more):
        claims = {"aud": self.query["client_id"],
                  "nonce": self.query["nonce"], **more}
        return self.issuer.token(self.subject, **claims)

    def back(self, headers=None, token=None, answer=None, cookie=None, **query):
        """The callback; the provider's answer has this id token."""
        self.issuer.answers["/token"] = answer or (200, json.dumps(
            {"id_token": token or self.id_token()}).encode())
        query = {"code": "the-code", "state": self.query["state"],
                 "iss": self.issuer.url, **query}
        query = {k: v for k, v in query.items() if v is not None}
        cookie = self.cookie if cookie is None else cookie
        return self.server.get(
            f"/oauth/callback/{self.provider}?"
            f"{urllib.parse.urlencode(query)}",
            {**({"Cookie": f"a=b; {cookie}; c=d"} if cookie else {}),
             **(headers or {})})


def code_of(reply):
    assert reply.status == 303, reply
    query = urllib.parse.urlsplit(reply.headers["Location"]).query
    return dict(urllib.parse.parse_qsl(query))["code"]


def exchange(server, code, cookie=None):
    return server.request("POST", "/api/v1/oauth/exchange", {"code": code},
                          {"Cookie": cookie} if cookie else {})


def page_cookie(reply):
    return next(c.partition(";")[0] for c in reply.headers.get_all("Set-Cookie")
                if c.startswith("pangolin-exchange="))


# ---- the whole way

def test_who_offers_sign_in_is_told_to_anybody(server):
    assert server.get("/api/v1/oauth/providers").json() == {
        "providers": ["corp", "secret", "closed"]}


def test_a_sign_in_ends_with_a_token(server, issuer):
    attempt = Attempt(server, issuer)
    reply = attempt.back()
    assert reply.headers["Location"].startswith(
        "https://lake.example/catalog/?code=")
    code = code_of(reply)
    assert re.fullmatch("[0-9a-f]{64}", code)
    answer = exchange(server, code, page_cookie(reply))
    assert answer.status == 200 and answer.json()["token_type"] == "Bearer"
    user = server.get(ME, {
        "Authorization": "Bearer " + answer.json()["token"]}).json()
    assert (user["username"], user["oauth-provider"], user["role"]) == (
        attempt.subject, "corp", "tenant-user")
    assert user["last-login"]
    rows = server.call("GET", f"/api/v1/audit?user_id={user['id']}").json()
    assert sorted(row["action"] for row in rows) == ["create_user", "login"]


def test_the_provider_is_asked_as_the_specification_says(server, issuer):
    attempt = Attempt(server, issuer, to=SITE)
    asked = attempt.query
    assert attempt.location.startswith(f"{issuer.url}/auth?")
    assert {k: asked[k] for k in (
        "response_type", "client_id", "redirect_uri", "scope",
        "code_challenge_method")} == {
            "response_type": "code", "client_id": "web",
            "redirect_uri":
                "https://lake.example/catalog/oauth/callback/corp",
            "scope": "openid profile email", "code_challenge_method": "S256"}
    attempt.back()
    headers, body = issuer.posted[-1]
    form = dict(urllib.parse.parse_qsl(body.decode()))
    assert form["client_id"] == "web" and headers["Authorization"] is None
    assert form["redirect_uri"] == asked["redirect_uri"]
    assert (form["grant_type"], form["code"]) == (
        "authorization_code", "the-code")
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == \
        asked["code_challenge"]
    # nothing that the provider or its addresses see tells the verifier
    assert form["code_verifier"] not in attempt.location
    assert attempt.cookie.partition("=")[2] not in attempt.location


def test_a_client_with_a_secret_shows_it_encoded(server, issuer):
    assert Attempt(server, issuer, "secret").back().status == 303
    headers, body = issuer.posted[-1]
    basic = base64.b64decode(headers["Authorization"].split()[1]).decode()
    assert basic == "web%2B1:a%20secret%3A%20%25"
    assert b"client_secret" not in body


def test_cookies_are_for_this_alone(server, issuer):
    attempt = Attempt(server, issuer)
    set_cookie = attempt.headers["Set-Cookie"]
    for word in ("Path=/catalog/oauth/callback/corp", "HttpOnly", "Secure",
                 "SameSite=Lax", "Max-Age=600"):
        assert word in set_cookie, set_cookie
    back = attempt.back().headers.get_all("Set-Cookie")
    assert any("Max-Age=0" in c for c in back), back
    assert any("SameSite=Strict" in c
               and "Path=/catalog/api/v1/oauth/exchange" in c for c in back)


def test_two_sign_ins_of_one_browser_both_end(server, issuer):
    first, second = (Attempt(server, issuer) for _ in range(2))
    jar = f"{first.cookie}; {second.cookie}"
    assert code_of(first.back(cookie=jar))
    assert code_of(second.back(cookie=jar))


def test_the_names_of_the_first_key_are_not_needed(server, issuer):
    attempt = Attempt(server, issuer)
    assert attempt.back(token=attempt.id_token(azp="web", aud=["x", "web"])
                        ).status == 303


# ---- codes of ours

def test_a_code_is_good_once(server, issuer):
    code = code_of(Attempt(server, issuer, to=SITE).back())
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda _: exchange(server, code), range(12)))
    assert sorted(r.status for r in replies) == [200] + [400] * 11


def test_a_code_of_the_page_is_for_its_own_browser(server, issuer):
    reply = Attempt(server, issuer).back()
    code = code_of(reply)
    other = page_cookie(Attempt(server, issuer).back())
    assert exchange(server, code).status == 400
    assert exchange(server, code, other).status == 400
    assert exchange(server, code, page_cookie(reply)).status == 200


def test_another_site_gets_a_code_without_a_cookie(server, issuer):
    reply = Attempt(server, issuer, to=SITE).back()
    assert reply.headers["Location"].startswith(f"{SITE}&code=")
    assert exchange(server, code_of(reply), "pangolin-exchange=x").status == 200


@pytest.mark.parametrize("code", (
    "", "0" * 64, "0" * 63, "x" * 5000, "0" * 32 + ":" + "0" * 31))
def test_a_wrong_code_is_refused(server, code):
    reply = exchange(server, code)
    assert reply.status == 400
    assert reply.json()["error"] == \
        "Unknown, expired or already-redeemed exchange code"


def test_a_user_who_was_made_inactive_gets_no_token(server, issuer):
    first = Attempt(server, issuer, to=SITE)
    token = exchange(server, code_of(first.back())).json()["token"]
    user = server.get(ME, {"Authorization": f"Bearer {token}"}).json()["id"]
    second = Attempt(server, issuer, to=SITE)
    second.subject = first.subject
    code = code_of(second.back())
    assert server.call("PUT", f"/api/v1/users/{user}",
                       {"active": False}).status == 200
    assert exchange(server, code).status == 400
    assert second.back().status == 401


# ---- refused

@pytest.mark.parametrize("provider", ("nobody", "programs", "%2e", "Corp"))
def test_a_provider_that_is_none_is_refused(server, provider):
    for path in ("authorize", "callback"):
        reply = server.get(f"/oauth/{path}/{provider}")
        assert (reply.status, reply.json()) == (
            400, {"error": "Invalid OAuth provider"})


@pytest.mark.parametrize("to", (
    "https://evil.example/", SITE + "2", SITE[:-1], "//evil.example",
    "https://lake.example/catalog", "https://lake.example/catalog/x",
    "javascript:alert(1)", "https://lake.example/catalog/\r\nX: y"))
def test_a_place_that_is_not_allowed_is_refused(server, to):
    query = urllib.parse.urlencode({"redirect_uri": to})
    reply = server.get(f"/oauth/authorize/corp?{query}")
    assert reply.status == 400, reply
    assert "Location" not in reply.headers


def test_a_state_is_for_one_provider_and_browser(server, issuer):
    attempt = Attempt(server, issuer)
    for wrong in (
            {"state": None}, {"state": "x"}, {"state": ""},
            {"state": attempt.query["state"][:-2] + "AA"},
            {"state": Attempt(server, issuer, "secret").query["state"]},
            {"cookie": ""}, {"cookie": Attempt(server, issuer).cookie},
            {"cookie": attempt.cookie[:-1]},
            {"cookie": attempt.cookie.partition("=")[0]}):
        asked = len(issuer.posted)
        assert attempt.back(HTML, **wrong).status == 400, wrong
        assert len(issuer.posted) == asked  # its code was not spent
    assert attempt.back().status == 303


WRONG = {
    "another nonce": lambda a: {"token": a.id_token(nonce="x")},
    "no nonce": lambda a: {"token": a.id_token(nonce=None)},
    "another audience": lambda a: {"token": a.id_token(aud="web2")},
    "another party": lambda a: {"token": a.id_token(azp="other")},
    "an azp that is a number": lambda a: {"token": a.id_token(azp=7)},
    "another issuer": lambda a: {"token": a.id_token(iss="http://x.example")},
    "expired": lambda a: {"token": a.id_token(exp=int(time.time()) - 100)},
    "another's key": lambda a: {"token": a.issuer.token(
        "x", Key("RS256", "first"), aud="web", nonce=a.query["nonce"])},
    "none": lambda a: {"token": a.issuer.token(
        "x", header={"alg": "none"}, aud="web", nonce=a.query["nonce"])},
    "no token": lambda a: {"answer": (200, b"{}")},
    "no JSON": lambda a: {"answer": (200, b"<html>")},
    "a replayed code": lambda a: {"answer": (
        400, b'{"error": "invalid_grant"}')},
    "an error with a body": lambda a: {"answer": (500, b"x" * 100000)},
    "no code": lambda a: {"code": None},
    "a refusal": lambda a: {"code": None, "error": "access_denied"},
    "no iss": lambda a: {"iss": None},
    "another iss": lambda a: {"iss": "http://x.example"},
    "a long code": lambda a: {"code": "c" * 5000},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_answer_signs_nobody_in(server, issuer, wrong):
    attempt = Attempt(server, issuer)
    how = WRONG[wrong](attempt)
    reply = attempt.back(**how)
    assert reply.status == 401, reply
    assert "Location" not in reply.headers
    # a browser is told on the page
    reply = attempt.back(HTML, **how)
    place = urllib.parse.urlsplit(reply.headers["Location"])
    query = dict(urllib.parse.parse_qsl(place.query))
    assert reply.status == 303 and set(query) == {"error"}, reply
    assert place.netloc == "lake.example"


def test_an_answer_that_is_too_large_is_not_read(server, issuer):
    reply = Attempt(server, issuer).back(answer=(200, b" " * (2 << 20)))
    assert reply.status == 503, reply


def test_callbacks_that_wait_for_the_provider_hold_up_nobody(server, issuer):
    attempts = [Attempt(server, issuer) for _ in range(80)]
    asked = issuer.asked.count("/token")
    issuer.silent.set()
    try:
        with concurrent.futures.ThreadPoolExecutor(len(attempts)) as pool:
            waiting = [pool.submit(a.back) for a in attempts]
            until(lambda: issuer.asked.count("/token") > asked + 3,
                  "some wait")
            assert server.call("GET", ME).status == 200
            assert server.call("POST", "/v1/default/namespaces", {
                "namespace": ["meanwhile"]}).status == 200
            assert not all(w.done() for w in waiting)
            found = {w.result().status for w in waiting}
        assert found <= {503, 429}, found
    finally:
        issuer.silent.clear()


def test_a_stranger_of_a_closed_provider_is_told_so(server, issuer):
    reply = Attempt(server, issuer, "closed").back()
    assert reply.status == 401
    assert "administrator" in reply.json()["error"]


def test_a_word_of_the_provider_brings_no_markup(server, issuer):
    attempt = Attempt(server, issuer)
    reply = attempt.back(code=None, error="<script>\r\nSet-Cookie: a=b")
    assert "<" not in reply.json()["error"]
    assert "\n" not in reply.json()["error"]
