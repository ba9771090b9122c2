"""Programs that come with a token of a provider that the settings trust."""

import base64
import concurrent.futures
import json
import time
import uuid

import pytest
from harness.issuer import Issuer, Key, b64, hs256
from harness.tenants import Tenant
from harness.wait import until

ME = "/api/v1/users/me"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
              "ES384", "ES512", "EdDSA")


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module", name="issuer")
def fixture_issuer():
    issuer = Issuer(Key("RS256", "first"), *(
        Key(alg, f"key-{alg}") for alg in ALGORITHMS))
    issuer.keys.append(Key("Ed448", "key-Ed448"))
    yield issuer
    issuer.stop()


@pytest.fixture(scope="module", name="stranger")
def fixture_stranger():
    """An issuer that nobody trusts."""
    issuer = Issuer(Key("RS256", "first"))
    yield issuer
    issuer.stop()


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind, issuer, stranger):
    closed = {"issuer": stranger.url, "client_id": "web", "tenant": "default",
              "redirect_uri":
                  "https://lake.example/oauth/callback/browser-only"}
    with start_kind(("sqlite", 2, {"oidc": {
            "corp": {"issuer": issuer.url, "audiences": ["pangolin", "lake"],
                     "tenant": "default", "tenant_claim": "team",
                     "roles_claim": "realm.groups",
                     "admin_values": ["lake-admins"],
                     "email_domains": ["corp.example"],
                     "allow_public_signup": True},
            "browser-only": closed}})) as server:
        yield server


def me(server, token):
    return server.get(ME, bearer(token))


def subject():
    return f"s-{uuid.uuid4().hex[:12]}"


def roles_of(server, user):
    reply = server.call("GET", f"/api/v1/users/{user}/roles")
    assert reply.status == 200, reply
    return sorted(role["name"] for role in reply.json())


def make_role(server, name):
    reply = server.call("POST", "/api/v1/roles", {"name": name, "permissions": []})
    assert reply.status == 201, reply
    return reply.json()["id"]


# ---- right ones

@pytest.mark.parametrize("alg", ALGORITHMS + ("Ed448",))
def test_a_token_by_each_algorithm_signs_its_user_in(server, issuer, alg):
    key = next(k for k in issuer.keys if k.kid == f"key-{alg}")
    name = subject()
    reply = me(server, issuer.token(name, key))
    assert reply.status == 200, reply
    user = reply.json()
    assert (user["username"], user["role"], user["oauth-provider"]) == (
        name, "tenant-user", "corp")


def test_a_key_is_found_without_its_name(server, issuer):
    assert me(server, issuer.token(subject(), header={"kid": None})
              ).status == 200


def test_one_subject_is_one_user_whatever_token_it_has(server, issuer):
    name = subject()
    ids = {me(server, issuer.token(name, nonce=i)).json()["id"]
           for i in range(5)}
    assert len(ids) == 1


def test_many_first_requests_at_once_make_one_user(server, issuer):
    name = subject()
    tokens = [issuer.token(name, nonce=i) for i in range(16)]
    with concurrent.futures.ThreadPoolExecutor(len(tokens)) as pool:
        replies = list(pool.map(lambda t: me(server, t), tokens))
    assert {r.status for r in replies} == {200}, replies
    assert len({r.json()["id"] for r in replies}) == 1


def test_an_audience_of_a_list_is_enough(server, issuer):
    for aud in ("lake", ["other", "lake"]):
        assert me(server, issuer.token(subject(), aud=aud)).status == 200


def test_a_new_user_sees_no_catalog(server, issuer):
    headers = bearer(issuer.token(subject()))
    assert server.get("/api/v1/catalogs", headers).json() == []
    assert server.get("/v1/default/namespaces", headers).status == 403


def test_a_token_is_for_the_iceberg_routes_too(server, issuer):
    headers = bearer(issuer.token(subject(), realm={"groups": ["lake-admins"]}))
    assert server.get("/v1/default/namespaces", headers).status == 200


def test_the_maker_of_a_user_is_on_record(server, issuer):
    user = me(server, issuer.token(subject())).json()
    found = server.call("GET", f"/api/v1/audit?resource_id={user['id']}").json()
    assert [row["action"] for row in found] == ["create_user"], found
    assert found[0]["user_id"] == user["id"]
    assert found[0]["ip_address"] == "127.0.0.1"


# ---- names

def test_a_name_that_is_taken_gets_a_mark(server, issuer):
    taken = me(server, issuer.token(
        subject(), preferred_username="admin")).json()
    assert taken["username"].startswith("admin-")
    assert taken["role"] == "tenant-user"


@pytest.mark.parametrize("name", (
    str(uuid.uuid4()), "", "x" * 300, "line\nbreak", ":a", ["a"], 7))
def test_a_name_that_is_unfit_is_replaced(server, issuer, name):
    reply = me(server, issuer.token(subject(), preferred_username=name))
    assert reply.status == 200, reply
    assert reply.json()["username"] not in (name, "")


def test_an_address_that_is_not_verified_is_not_taken_over(server, issuer):
    address = f"{subject()}@corp.example"
    user = me(server, issuer.token(
        subject(), email=address, email_verified=False)).json()
    assert user["email"].endswith("@corp.invalid")
    user = me(server, issuer.token(
        subject(), email=address, email_verified=True)).json()
    assert user["email"] == address


def add_local(server, email, role="tenant-user"):
    name = f"local-{uuid.uuid4().hex[:8]}"
    tenant = server.call("GET", ME).json()["tenant-id"]
    made = server.as_root("POST", "/api/v1/users", {
        "username": name, "email": email, "password": "a-long-password",
        "tenant_id": tenant, "role": role})
    assert made.status == 201, made
    return made.json()


def test_a_believed_address_signs_in_the_user_that_has_it(server, issuer):
    local = add_local(server, f"{subject()}@corp.example", "tenant-admin")
    name = subject()
    user = me(server, issuer.token(
        name, email=local["email"], email_verified=True)).json()
    assert (user["id"], user["role"]) == (local["id"], "tenant-admin")
    # the subject is known from now on
    assert me(server, issuer.token(name)).json()["id"] == local["id"]


@pytest.mark.parametrize("email,verified", (
    ("{}@corp.example", False), ("{}@corp.example.evil.example", True),
    ("{}@evil.example", True), ("{}@corp.example", "false")))
def test_no_other_address_does(server, issuer, email, verified):
    local = add_local(server, email.format(subject()))
    user = me(server, issuer.token(
        subject(), email=local["email"], email_verified=verified)).json()
    assert user["id"] != local["id"]


def test_an_address_of_another_tenant_does_not(server, issuer):
    local = add_local(server, f"{subject()}@corp.example", "tenant-admin")
    house, name = Tenant(server), subject()
    user = me(server, issuer.token(
        name, email=local["email"], email_verified=True,
        team=house.name)).json()
    assert (user["tenant-id"], user["role"]) == (house.id, "tenant-user")
    assert user["id"] != local["id"]


def test_an_address_of_root_makes_nobody_root(server, issuer):
    root = server.as_root("GET", ME).json()
    assert server.as_root("PUT", f"/api/v1/users/{root['id']}", {
        "email": "root@corp.example"}).status == 200
    user = me(server, issuer.token(
        subject(), email="root@corp.example", email_verified=True)).json()
    assert (user["role"], user["id"] == root["id"]) == ("tenant-user", False)


def test_the_user_of_a_stranger_is_not_taken_by_its_address(server, issuer):
    address = f"{subject()}@corp.example"
    first, second = (me(server, issuer.token(
        subject(), email=address, email_verified=True)).json()
        for _ in range(2))
    assert first["id"] != second["id"]


# ---- roles and tenants

def test_claims_give_roles_and_take_what_they_gave(server, issuer):
    for name in ("readers", "writers", "by-hand"):
        id_ = make_role(server, name)
    name = subject()
    user = me(server, issuer.token(
        name, realm={"groups": ["readers", "writers", "unknown"]})).json()["id"]
    assert roles_of(server, user) == ["readers", "writers"]
    assert server.call("POST", f"/api/v1/users/{user}/roles",
                       {"role-id": id_}).status in (200, 201, 204)
    assert me(server, issuer.token(
        name, realm={"groups": ["writers"]}, n=1)).status == 200
    assert roles_of(server, user) == ["by-hand", "writers"]
    assert me(server, issuer.token(name, n=2)).status == 200
    assert roles_of(server, user) == ["by-hand"]


def test_an_older_token_changes_no_roles(server, issuer):
    make_role(server, "newest")
    name, now = subject(), int(time.time())
    user = me(server, issuer.token(
        name, iat=now, realm={"groups": ["newest"]})).json()["id"]
    assert me(server, issuer.token(name, iat=now - 50)).status == 200
    assert roles_of(server, user) == ["newest"]


def test_claims_make_an_admin_and_end_one(server, issuer):
    name = subject()
    token = issuer.token(name, realm={"groups": ["lake-admins"]})
    assert me(server, token).json()["role"] == "tenant-admin"
    assert me(server, issuer.token(name, n=1)).json()["role"] == "tenant-user"
    # the first token, too, is worth what its user is now
    assert me(server, token).json()["role"] == "tenant-user"


@pytest.mark.parametrize("role", ("root", "tenant-admin", "lake-admins "))
def test_no_other_claim_makes_an_admin(server, issuer, role):
    user = me(server, issuer.token(subject(), role=role, groups=[role],
                                   realm={"groups": [role]})).json()
    assert user["role"] == "tenant-user"


def test_a_claim_names_the_tenant(server, issuer):
    house = Tenant(server)
    for team in (house.name, house.id):
        user = me(server, issuer.token(subject(), team=team)).json()
        assert user["tenant-id"] == house.id


def test_a_tenant_that_is_not_here_is_refused(server, issuer):
    for team in ("nowhere", str(uuid.uuid4())):
        reply = me(server, issuer.token(subject(), team=team))
        assert reply.status == 403, reply


def test_a_user_does_not_move_to_another_tenant(server, issuer):
    house, name = Tenant(server), subject()
    assert me(server, issuer.token(name)).status == 200
    assert me(server, issuer.token(name, team=house.name)).status == 403


# ---- ended

def test_an_inactive_user_is_out_at_once(server, issuer):
    token = issuer.token(subject())
    user = me(server, token).json()["id"]
    for active, status in ((False, 401), (True, 200)):
        assert server.call("PUT", f"/api/v1/users/{user}",
                           {"active": active}).status == 200
        assert me(server, token).status == status


def test_a_deleted_user_is_a_stranger_again(server, issuer):
    token = issuer.token(subject())
    user = me(server, token).json()["id"]
    assert server.call("DELETE", f"/api/v1/users/{user}").status == 204
    reply = me(server, token)
    assert reply.status == 200 and reply.json()["id"] != user


def test_a_token_that_has_expired_is_out(server, issuer):
    token = issuer.token(subject(), exp=int(time.time()) - 57)
    assert me(server, token).status == 200  # the leeway of two clocks
    until(lambda: me(server, token).status == 401, "the end of the leeway")


# ---- wrong ones

def spoiled(token, part, change):
    parts = token.split(".")
    raw = base64.urlsafe_b64decode(parts[part] + "==")
    parts[part] = b64(change(raw))
    return ".".join(parts)


def resigned(token, header, secret):
    head = b64(json.dumps(header).encode())
    text = f"{head}.{token.split('.')[1]}"
    return f"{text}.{b64(hs256(secret, text.encode()))}"


WRONG = {
    "another issuer": lambda i, s: s.token("x"),
    "an issuer that only signs people in": lambda i, s: s.token("x", aud="web"),
    "another's key, our issuer": lambda i, s: s.token("x", iss=i.url),
    "a slash behind the issuer": lambda i, s: i.token("x", iss=i.url + "/"),
    "no issuer": lambda i, s: i.token("x", iss=None),
    "another audience": lambda i, s: i.token("x", aud="other"),
    "an audience that begins so": lambda i, s: i.token("x", aud="pangolins"),
    "no audience": lambda i, s: i.token("x", aud=None),
    "an empty audience": lambda i, s: i.token("x", aud=[]),
    "an audience that is an object": lambda i, s: i.token("x", aud={"pangolin": 1}),
    "expired": lambda i, s: i.token("x", exp=int(time.time()) - 61),
    "no end": lambda i, s: i.token("x", exp=None),
    "an end that is a text": lambda i, s: i.token("x", exp="9999999999"),
    "an end beyond all": lambda i, s: i.token("x", exp=1e300),
    "not yet": lambda i, s: i.token("x", nbf=int(time.time()) + 120),
    "from the future": lambda i, s: i.token("x", iat=int(time.time()) + 120),
    "no subject": lambda i, s: i.token(None),
    "an empty subject": lambda i, s: i.token(""),
    "a subject that is a number": lambda i, s: i.token(7),
    "a long subject": lambda i, s: i.token("x" * 256),
    "a critical header": lambda i, s: i.token("x", header={"crit": ["exp"]}),
    "another type": lambda i, s: i.token("x", header={"typ": "logout+jwt"}),
    "a key that is a number": lambda i, s: i.token("x", header={"kid": 7}),
    "an algorithm of another key": lambda i, s: i.token("x", header={
        "kid": "key-ES256"}),
    "none": lambda i, s: i.token("x", header={"alg": "none"}),
    "none and no signature": lambda i, s:
        i.token("x", header={"alg": "none"}).rsplit(".", 1)[0] + ".",
    "HS256 by the public key": lambda i, s: resigned(
        i.token("x"), {"alg": "HS256", "kid": "first"}, i.keys[0].pem()),
    "HS256 by the modulus": lambda i, s: resigned(
        i.token("x"), {"alg": "HS256", "kid": "first"},
        i.keys[0].jwk()["n"].encode()),
    "a key in its own header": lambda i, s: s.token("x", iss=i.url, header={
        "jwk": s.keys[0].jwk(), "jku": f"{s.url}/jwks"}),
    "a claim was changed": lambda i, s: spoiled(
        i.token("x"), 1, lambda b: b.replace(b'"x"', b'"y"')),
    "a signature was changed": lambda i, s: spoiled(
        i.token("x"), 2, lambda b: b[:-1] + bytes([b[-1] ^ 1])),
    "a signature is cut": lambda i, s: spoiled(
        i.token("x"), 2, lambda b: b[:-1]),
    "a signature in DER": lambda i, s: spoiled(
        i.token("x", i.keys[7]), 2, lambda b: b"\x30\x44\x02\x20" + b[:32]
        + b"\x02\x20" + b[32:]),
    "a signature of zeros": lambda i, s: spoiled(
        i.token("x", i.keys[7]), 2, lambda b: bytes(len(b))),
    "four parts": lambda i, s: i.token("x") + ".x",
    "no JSON": lambda i, s: spoiled(i.token("x"), 0, lambda b: b[:-1]),
    "deep JSON": lambda i, s: spoiled(
        i.token("x"), 1, lambda b: b"[" * 5000 + b"]" * 5000),
    "a large token": lambda i, s: i.token("x", pad="p" * 20000),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_token_is_refused(server, issuer, stranger, wrong):
    token = WRONG[wrong](issuer, stranger)
    reply = me(server, token)
    assert reply.status == 401, reply
    assert me(server, issuer.token("right")).status == 200
