"""Sessions and their tokens: every way in which they end."""

import base64
import concurrent.futures
import hashlib
import hmac
import itertools
import json
import time
import uuid

import pytest

_numbers = itertools.count(1)
PASSWORD = "a-long-password"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
ME = "/api/v1/users/me"


class Person:
    """Somebody of the first tenant."""

    def __init__(self, server, role="tenant-user"):
        self.server = server
        self.name = f"person{next(_numbers)}"
        self.tenant = server.call("GET", ME).json()["tenant-id"]
        reply = server.as_root("POST", "/api/v1/users", {
            "username": self.name, "email": f"{self.name}@example.com",
            "password": PASSWORD, "tenant_id": self.tenant, "role": role})
        assert reply.status == 201, reply
        self.id = reply.json()["id"]

    def login(self, password=PASSWORD):
        reply = self.server.request("POST", "/api/v1/users/login", {
            "username": self.name, "password": password})
        assert reply.status == 200, reply
        return reply.json()["token"]

    def change(self, token, **change):
        return status_of(self.server, "PUT", f"/api/v1/users/{self.id}",
                         token, change)

    def set_active(self, active):
        reply = self.server.call("PUT", f"/api/v1/users/{self.id}",
                                 {"active": active})
        assert reply.status == 200, reply


@pytest.fixture(name="person")
def fixture_person(server):
    return Person(server)


def status_of(server, method, path, token, body=None):
    return server.request(method, path, body, {
        "Authorization": f"Bearer {token}"}).status


def comes_in(server, token):
    """On every worker: each connection may be another's."""
    statuses = {status_of(server, "GET", ME, token) for _ in range(4)}
    assert len(statuses) == 1 and statuses <= {200, 401}, statuses
    return statuses == {200}


def sessions_of(server, token, user="me"):
    reply = server.request("GET", f"/api/v1/users/{user}/tokens", headers={
        "Authorization": f"Bearer {token}"})
    assert reply.status == 200, reply
    return reply.json()


def exchange(server, token, headers=None, **more):
    form = {"grant_type": EXCHANGE, "subject_token": token,
            "subject_token_type": ACCESS_TOKEN, **more}
    return server.form("/v1/oauth/tokens", form, headers)


def renewed(server, token, headers=None):
    reply = exchange(server, token, headers)
    assert reply.status == 200, reply
    return reply.json()["access_token"]


def basic(name, secret):
    text = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {text}"}


# ---- a session ends

def test_who_signs_out_is_out(server, person):
    mine, other = person.login(), person.login()
    assert status_of(server, "POST", "/api/v1/users/logout", mine) == 204
    assert not comes_in(server, mine)
    assert status_of(server, "GET", "/v1/config", mine) == 401
    assert comes_in(server, other)


def test_signing_out_reaches_every_token_of_the_session(server, person):
    first = person.login()
    second = renewed(server, first)
    third = renewed(server, second, {"Authorization": f"Bearer {second}"})
    assert len({first, second, third}) == 3
    assert len(sessions_of(server, third)) == 1
    assert status_of(server, "POST", "/api/v1/users/logout", second) == 204
    for token in (first, second, third):
        assert not comes_in(server, token)
        refused = exchange(server, token)
        assert refused.status == 400
        assert refused.json()["error"] == "invalid_grant"


def test_a_session_is_listed_and_ended_by_an_admin_of_its_tenant(
        server, person):
    token, admin = person.login(), server.token()
    tenant = server.as_root("POST", "/api/v1/tenants", {
        "name": f"of-{person.name}"}).json()["id"]
    reply = server.as_root("POST", "/api/v1/users", {
        "username": f"not-{person.name}", "email": f"{person.name}@elsewhere",
        "password": PASSWORD, "tenant_id": tenant, "role": "tenant-admin"})
    assert reply.status == 201, reply
    stranger = server.token(f"not-{person.name}", PASSWORD)
    listed, = sessions_of(server, token)
    assert listed["user_id"] == person.id and listed["is_valid"]
    assert listed["username"] == person.name
    assert sessions_of(server, admin, person.id) == [listed]
    path = f"/api/v1/tokens/{listed['id']}"
    assert status_of(server, "GET", f"/api/v1/users/{person.id}/tokens",
                     stranger) == 404
    assert status_of(server, "DELETE", path, stranger) == 404
    assert comes_in(server, token)
    assert status_of(server, "DELETE", path, admin) == 204
    assert not comes_in(server, token)
    assert sessions_of(server, admin, person.id) == []


# ---- all sessions of somebody end

def test_a_new_password_ends_sessions_elsewhere(server, person):
    here, elsewhere = person.login(), person.login()
    assert person.change(here, **{"password": "another-long-one",
                                  "current-password": PASSWORD}) == 200
    assert comes_in(server, here) and not comes_in(server, elsewhere)
    valid = {one["is_valid"] for one in sessions_of(server, here)}
    assert valid == {True, False}


def test_a_token_alone_changes_no_password(server, person):
    token = person.login()
    assert person.change(token, password="another-long-one") == 400
    assert person.change(token, **{"password": "another-long-one",
                                   "current-password": "wrong-horse"}) == 403
    assert person.login() and comes_in(server, token)
    assert person.change(token, password="another-long-one",
                         current_password=PASSWORD) == 200
    assert person.change(server.token(), password=PASSWORD) == 200  # an admin
    assert person.login()


def test_who_was_inactive_signs_in_again(server, person):
    token = person.login()
    person.set_active(False)
    assert not comes_in(server, token)
    person.set_active(True)
    assert not comes_in(server, token)
    assert exchange(server, token).status == 400
    assert comes_in(server, person.login())


def service_user(server):
    made = server.call("POST", "/api/v1/service-users", {
        "name": f"service{next(_numbers)}", "role": "tenant-admin"})
    assert made.status == 201, made
    made = made.json()
    token = server.sign_in(made["id"], made["api_key"]).json()["access_token"]
    assert comes_in(server, token)
    return made, token


def test_a_new_key_ends_tokens_got_by_the_old_one(server):
    made, token = service_user(server)
    assert server.call("POST", f"/api/v1/service-users/{made['id']}/rotate",
                       None).status == 200
    assert not comes_in(server, token)


def test_a_service_user_that_was_inactive_needs_a_new_token(server):
    made, token = service_user(server)
    for active in (False, True):
        assert server.call("PUT", f"/api/v1/service-users/{made['id']}",
                           {"active": active}).status == 200
        assert not comes_in(server, token)
    assert server.sign_in(made["id"], made["api_key"]).status == 200


def test_of_many_that_rotate_one_token_one_gets_another(server, person):
    token = person.login()
    headers = {"Authorization": f"Bearer {token}"}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: server.request(
            "POST", "/api/v1/tokens/rotate", headers=headers), range(8)))
    assert sorted(reply.status for reply in replies) == [200] + [401] * 7
    good, = (reply for reply in replies if reply.status == 200)
    assert not comes_in(server, token)
    assert comes_in(server, good.json()["token"])
    assert len(sessions_of(server, good.json()["token"])) == 1


# ---- exchange, as Iceberg's Java client does it

def test_credentials_and_an_old_token_begin_a_new_session(server, person):
    old = person.login()
    assert status_of(server, "POST", "/api/v1/users/logout", old) == 204
    token = renewed(server, old, basic(person.name, PASSWORD))
    assert comes_in(server, token) and not comes_in(server, old)
    assert comes_in(server, renewed(server, "x.y.z",
                                    basic(person.name, PASSWORD)))


def test_wrong_credentials_exchange_nothing(server, person):
    token = person.login()
    refused = exchange(server, token, basic(person.name, "wrong"))
    assert refused.status == 401
    assert refused.json()["error"] == "invalid_client"
    refused = exchange(server, token, basic("admin", server.first_password))
    assert refused.status == 400
    assert refused.json()["error"] == "invalid_grant"


# ---- who has the signing key

SECRET = "a secret that somebody else has read"


@pytest.fixture(scope="module", name="leaky")
def fixture_leaky(start_kind):
    with start_kind(("sqlite", 2, {"auth": {
            "token_secret": SECRET, "session_lifetime": "60s"}})) as server:
        yield server


def segment(data):
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read(token, part=1):
    text = token.split(".")[part]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def forged(token, **claims):
    """Signed with the key of the server; a claim that is None is null."""
    told = {**read(token), **claims}
    told = {name: value for name, value in told.items() if value != "absent"}
    text = token.split(".")[0] + "." + segment(told)
    key = hashlib.sha256(SECRET.encode()).digest()
    mac = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return text + "." + segment(mac)


def test_a_forged_token_needs_a_session_of_its_user(leaky):
    token = leaky.token()
    other = str(uuid.uuid4())
    root = leaky.as_root("GET", ME).json()["id"]
    assert comes_in(leaky, forged(token))
    for claims in ({"jti": None, "sid": "absent"},
                   {"jti": "absent", "sid": "absent"},
                   {"sid": None}, {"sid": other}, {"jti": None, "sid": other},
                   {"jti": other, "sid": "absent"},
                   {"sub": root, "tenant_id": None, "role": "root"},
                   {"sub": root, "tenant_id": None, "role": "root",
                    "jti": None, "sid": "absent"},
                   {"exp": read(token)["exp"] + 1}):
        assert not comes_in(leaky, forged(token, **claims)), claims


def test_a_sign_in_is_known_to_nodes_that_look_for_its_jti(server):
    """Those of an older release, which knew no other id of a session."""
    token = server.sign_in("admin", server.first_password).json()
    first = read(token["access_token"])
    later = read(renewed(server, token["access_token"]))
    assert "sid" not in first  # for which readers take the jti
    assert first["jti"] == later["sid"] != later["jti"]


def test_a_token_that_has_expired_is_exchanged_for_its_owner(leaky):
    """Iceberg's Java client shows its credentials beside it."""
    token = forged(leaky.token(), exp=int(time.time()) - 60)
    assert not comes_in(leaky, token)
    assert exchange(leaky, token).status == 400
    own, root = (basic(name, leaky.first_password) for name in ("admin", "root"))
    assert comes_in(leaky, renewed(leaky, token, own))
    assert exchange(leaky, token, root).json()["error"] == "invalid_grant"


def test_no_token_outlives_the_session(leaky):
    reply = leaky.sign_in("admin", leaky.first_password).json()
    assert reply["expires_in"] == 60
    end = read(reply["access_token"])["exp"]
    token = renewed(leaky, renewed(leaky, reply["access_token"]))
    assert read(token)["exp"] == end
