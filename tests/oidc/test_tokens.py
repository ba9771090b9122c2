"""Tokens of a real provider: PyIceberg with its token, rotated keys."""

import pytest
from harness.oidc import Provider
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField

ME = "/api/v1/users/me"


@pytest.fixture(scope="module", name="provider")
def fixture_provider(tmp_path_factory):
    provider = Provider(tmp_path_factory.mktemp("provider"))
    yield provider
    provider.stop()


@pytest.fixture(scope="module", name="server",
                params=(("sqlite", 2), ("postgres", 2)), ids=lambda k: k[0])
def fixture_server(request, start_kind, provider):
    store, workers = request.param
    with start_kind((store, workers, {"oidc": {"corp": {
            "issuer": provider.url, "audiences": ["pangolin"],
            "tenant": "default", "allow_public_signup": True}}})) as server:
        yield server


def user_of(server, token):
    reply = server.get(ME, {"Authorization": f"Bearer {token}"})
    assert reply.status == 200, reply
    return reply.json()


def test_pyiceberg_writes_with_the_token_of_a_provider(server, provider):
    token = provider.service_token()
    user = user_of(server, token)
    assert user["username"] == "service"
    catalog_id = server.call("GET", "/api/v1/catalogs/default").json()["id"]
    granted = server.call("POST", "/api/v1/permissions", {
        "user-id": user["id"], "actions": ["all"],
        "scope": {"type": "catalog", "catalog_id": catalog_id}})
    assert granted.status == 201, granted
    catalog = RestCatalog("default", uri=server.url, token=token,
                          warehouse="default")
    catalog.create_namespace("ns")
    table = catalog.create_table("ns.t", Schema(
        NestedField(1, "x", LongType(), required=False)))
    with table.transaction() as change:
        change.set_properties({"by": "the provider's token"})
    assert catalog.load_table("ns.t").properties["by"] == "the provider's token"
    assert [str(p) for p in catalog.list_namespaces()] == ["('ns',)"]


def test_a_providers_token_is_exchanged_for_ours(server, provider):
    reply = server.form("/v1/oauth/tokens", {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": provider.service_token(),
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token"})
    assert reply.status == 200, reply
    ours = reply.json()["access_token"]
    assert user_of(server, ours)["username"] == "service"
    sessions = server.get("/api/v1/users/me/tokens", {
        "Authorization": f"Bearer {ours}"})
    assert sessions.status in (200, 404), sessions


def test_new_keys_are_found_and_old_tokens_go_on(server, provider):
    old = provider.service_token()
    user_of(server, old)
    provider.rotate()
    new = provider.service_token()
    assert user_of(server, new)["id"] == user_of(server, old)["id"]
