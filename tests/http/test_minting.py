"""Tokens for programs: minted, rotated, revoked, cleaned up."""

import base64
import contextlib
import datetime
import json
import sqlite3
import uuid

import pytest

from harness.tenants import PASSWORD, Tenant

API = "/api/v1"
ME = f"{API}/users/me"
YEAR = 8760


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2)) as server:
        yield server


@pytest.fixture(scope="module", name="house")
def fixture_house(server):
    return Tenant(server)


@pytest.fixture(scope="module", name="other")
def fixture_other(server):
    return Tenant(server)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def post(server, path, headers, body=None):
    return server.request("POST", f"{API}{path}", body, headers)


def admin_of(house):
    return house.server.bearer(house.admin, PASSWORD)


def mint(house, headers=None, **body):
    return post(house.server, "/tokens", headers or admin_of(house), body)


def minted(house, headers=None, **body):
    reply = mint(house, headers, **body)
    assert reply.status == 200, reply
    return reply.json()["token"]


def me(house, token):
    return house.server.get(ME, bearer(token))


def user(house, role="tenant-user"):
    name = f"user-{uuid.uuid4().hex[:8]}"
    return name, house.add_user(name, role)


def service_user(house, role="tenant-user"):
    return house.must(201, "POST", f"{API}/service-users", {
        "name": f"service-{uuid.uuid4().hex[:8]}", "role": role}).json()


def sessions(house, id_, headers=None):
    reply = house.server.get(f"{API}/users/{id_}/tokens",
                             headers or admin_of(house))
    assert reply.status == 200, reply
    return reply.json()


def hours_left(time):
    end = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    now = datetime.datetime.now(datetime.timezone.utc)
    return (end - now).total_seconds() / 3600


# ---- what is minted

@pytest.mark.parametrize("asked, hours", (
    ({}, 24), ({"expires_in_hours": 1}, 1), ({"expires_in_hours": YEAR}, YEAR)))
def test_a_token_lives_as_long_as_it_was_asked_for(house, asked, hours):
    name, id_ = user(house)
    reply = mint(house, username=name, tenant_id=house.id, **asked)
    assert reply.status == 200, reply
    answer = reply.json()
    assert answer.keys() == {"token", "expires_at", "tenant_id"}
    assert answer["tenant_id"] == house.id
    assert reply.headers["Cache-Control"] == "no-store"
    assert hours - 0.1 < hours_left(answer["expires_at"]) <= hours
    assert me(house, answer["token"]).json()["username"] == name
    one, = sessions(house, id_)
    assert one["expires_at"] == answer["expires_at"] and one["is_valid"]


def test_an_exchange_does_not_move_the_end(house):
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": minted(house, expires_in_hours=1),
            "subject_token_type":
            "urn:ietf:params:oauth:token-type:access_token"}
    reply = house.server.form("/v1/oauth/tokens", form)
    assert reply.status == 200, reply
    assert reply.json()["expires_in"] <= 3600


@pytest.mark.parametrize("hours", (0, -1, YEAR + 1, 2**62))
def test_hours_have_a_range(house, hours):
    reply = mint(house, expires_in_hours=hours)
    assert reply.status == 400, reply
    assert "/expires_in_hours" in reply.json()["error"]


def test_a_program_of_its_own_has_tokens_and_they_are_listed(house):
    made = service_user(house)
    token = minted(house, username=made["id"])
    assert me(house, token).json()["id"] == made["id"]
    one, = sessions(house, made["id"])
    assert one["username"] == made["name"]
    assert sessions(house, "me", bearer(token)) == [one]
    house.must(200, "POST", f"{API}/service-users/{made['id']}/rotate")
    assert me(house, token).status == 401
    assert not sessions(house, made["id"])[0]["is_valid"]


def test_a_new_password_ends_minted_tokens(house):
    name, id_ = user(house)
    token = minted(house, username=name)
    house.must(200, "PUT", f"{API}/users/{id_}", {"password": "a-new-password"})
    assert me(house, token).status == 401


# ---- never above the caller

def lists_users(house, token):
    """Whether it may what administrators may."""
    return house.server.get(f"{API}/service-users", bearer(token)).status


@pytest.mark.parametrize("role", ("tenant-user", "TenantUser", "user"))
def test_a_token_may_be_less_than_its_owner(house, role):
    token = minted(house, roles=[role])
    assert lists_users(house, minted(house, roles=["Admin"])) == 200
    assert lists_users(house, token) == 403
    assert mint(house, bearer(token)).status == 403
    rotated = post(house.server, "/tokens/rotate", bearer(token))
    assert lists_users(house, rotated.json()["token"]) == 403
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": rotated.json()["token"],
            "subject_token_type":
            "urn:ietf:params:oauth:token-type:access_token"}
    renewed = house.server.form("/v1/oauth/tokens", form).json()
    assert lists_users(house, renewed["access_token"]) == 403


@pytest.mark.parametrize("body, status", (
    ({"roles": ["root"]}, 403), ({"roles": ["Root"]}, 403),
    ({"roles": ["emperor"]}, 400), ({"username": "root"}, 404),
    ({"username": "admin"}, 404), ({"username": str(uuid.uuid4())}, 404),
    ({"tenant_id": "x"}, 422), ({"more": 1}, 422)))
def test_what_an_administrator_cannot_mint(house, body, status):
    reply = mint(house, **body)
    assert reply.status == status, reply
    assert "token" not in reply.json()


def test_nobody_gets_a_role_by_a_token(house):
    name, _ = user(house)
    assert mint(house, username=name, roles=["tenant-admin"]).status == 403


def test_plain_users_mint_nothing(house):
    name, _ = user(house)
    mine = house.server.bearer(name, PASSWORD)
    for body in ({}, {"username": name}, {"username": house.admin},
                 {"roles": ["tenant-admin"]}):
        assert mint(house, mine, **body).status == 403
    made = service_user(house)
    assert mint(house, {"X-API-Key": made["api_key"]}).status == 403


def test_tenants_do_not_meet(house, other):
    name, id_ = user(house)
    token = minted(house, username=name)
    session, = sessions(house, id_)
    theirs = admin_of(other)
    assert mint(house, theirs, tenant_id=house.id).status == 403
    assert mint(house, theirs, username=name).status == 404
    assert mint(house, theirs, tenant_id=house.id,
                username=name).status == 403
    made = service_user(house)
    assert mint(house, theirs, username=made["id"]).status == 404
    for owner in (id_, made["id"], uuid.uuid4()):
        assert house.server.get(f"{API}/users/{owner}/tokens",
                                theirs).status == 404
    for revoked in (session["id"], uuid.uuid4()):
        assert post(house.server, f"/auth/revoke/{revoked}",
                    theirs).status == 404
    assert me(house, token).status == 200


def test_a_plain_user_lists_and_ends_its_own_only(house):
    name, _ = user(house)
    mine = house.server.bearer(name, PASSWORD)
    made = service_user(house)
    minted(house, username=made["id"])
    session, = sessions(house, made["id"])
    assert house.server.get(f"{API}/users/{made['id']}/tokens",
                            mine).status == 404
    assert post(house.server, f"/auth/revoke/{session['id']}",
                mine).status == 404
    assert post(house.server, "/auth/cleanup-tokens", mine).status == 403


def test_root_mints_for_any_tenant(house, server):
    root = server.bearer("root")
    name, _ = user(house)
    token = minted(house, root, username=name, tenant_id=house.id)
    assert me(house, token).json()["tenant-id"] == house.id
    assert me(house, minted(house, root)).json()["role"] == "root"
    assert mint(house, root, username=name).status == 404
    assert mint(house, root, tenant_id=house.id).status == 404
    assert mint(house, root, roles=["tenant-user"]).status == 400


def test_who_may_not_sign_in_gets_no_token(house):
    name, id_ = user(house)
    house.must(200, "PUT", f"{API}/users/{id_}", {"active": False})
    assert mint(house, username=name).status == 403


# ---- it ends

def test_rotating_ends_the_old_token_and_keeps_the_end(house):
    name, id_ = user(house)
    old = minted(house, username=name, expires_in_hours=YEAR)
    before, = sessions(house, id_)
    reply = post(house.server, "/tokens/rotate", bearer(old))
    assert reply.status == 200, reply
    assert reply.json().keys() == {"token", "expires_at", "tenant_id"}
    assert me(house, old).status == 401
    assert me(house, reply.json()["token"]).status == 200
    after, = sessions(house, id_)
    assert after["id"] != before["id"]
    assert after["expires_at"] == before["expires_at"]
    assert post(house.server, "/tokens/rotate", bearer(old)).status == 401


@pytest.mark.parametrize("body", (None, {}, {"reason": "leaked"}))
def test_a_token_ends_itself(house, body):
    token = minted(house)
    reply = post(house.server, "/auth/revoke", bearer(token), body)
    assert reply.status == 200 and reply.json()["message"], reply
    assert me(house, token).status == 401


def test_an_administrator_ends_a_token(house):
    name, id_ = user(house)
    token = minted(house, username=name)
    session, = sessions(house, id_)
    path = f"/auth/revoke/{session['id']}"
    assert post(house.server, path, admin_of(house)).status == 200
    assert me(house, token).status == 401
    assert post(house.server, path, admin_of(house)).status == 404
    assert sessions(house, id_) == []


@pytest.mark.parametrize("path", ("/auth/revoke", "/tokens/rotate"))
def test_a_key_is_no_session(house, path):
    made = service_user(house)
    reply = post(house.server, path, {"X-API-Key": made["api_key"]})
    assert reply.status == 400
    assert reply.json()["error"] == \
        "This session is not backed by a revocable token"


def test_cleaning_up_forgets_what_has_expired(house, other, server):
    ids = []
    for tenant in (house, house, other):
        name, id_ = user(tenant)
        minted(tenant, username=name)
        ids.append(id_)
    with contextlib.closing(sqlite3.connect(
            server.state_dir / "pangolin.db", timeout=20)) as db:
        for id_ in ids[1:]:
            db.execute("UPDATE active_tokens SET expires_us = 1 "
                       "WHERE user_id = ?", [uuid.UUID(id_).bytes])
        db.commit()
    reply = post(server, "/auth/cleanup-tokens", admin_of(house))
    assert (reply.status, reply.json()["count"]) == (200, 1)
    assert [len(sessions(tenant, id_)) for tenant, id_ in
            zip((house, house, other), ids)] == [1, 0, 1]


# ---- keys that sign

OLD, NEW = "an old secret of thirty-two bytes", "a new secret of about as many bytes"


def test_keys_change_and_no_session_ends(servers):
    server = servers.new("sqlite", settings={"auth": {"token_secret": OLD}})
    server.start()
    first = server.token()
    for secret, taken in ((f"{OLD},{NEW}", True), (f"{NEW},{OLD}", True),
                          (NEW, False)):
        server.stop()
        server.settings["auth"]["token_secret"] = secret
        server.restart()
        status = server.get(ME, bearer(first)).status
        assert (status == 200) == taken, secret
        if secret.startswith(NEW) and taken:
            later = server.token()
    assert server.get(ME, bearer(later)).status == 200


def kid_of(token):
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]


def test_the_key_in_the_store_changes_and_no_session_ends(server, house):
    root = server.bearer("root")
    before = minted(house)
    made = post(server, "/auth/rotate-key", root).json()
    assert made["kid"] != kid_of(before)
    assert made["keys"] == 2
    later = [minted(house) for _ in range(8)]  # by any worker
    assert {kid_of(token) for token in later} == {made["kid"]}
    for token in [before, *later] * 2:
        assert me(house, token).status == 200
    assert post(server, "/auth/rotate-key", admin_of(house)).status == 403
    audit = server.get(f"{API}/audit?action=rotate_token_key", root).json()
    assert [row["result"] for row in audit] == ["success"]


def test_a_key_of_the_settings_rotates_in_the_settings(servers):
    server = servers.new("memory", settings={"auth": {"token_secret": OLD}})
    server.start()
    reply = post(server, "/auth/rotate-key", server.bearer("root"))
    assert reply.status == 409, reply
    assert "auth.token_secret" in reply.json()["error"]


def test_a_short_key_among_several_is_told_at_the_start(servers):
    server = servers.new("memory", settings={
        "auth": {"token_secret": f"{NEW},short"}})
    with pytest.raises(RuntimeError):
        server.start()
    assert "auth.token_secret: each of several keys" in server.log_text()
    assert NEW not in server.log_text()
