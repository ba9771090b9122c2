"""Signing in, as PyIceberg does it, and what a wrong key is told."""

import pytest
from clients.conftest import connect
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import (
    ForbiddenError,
    NoSuchTableError,
    OAuthError,
    UnauthorizedError,
)


@pytest.mark.parametrize("credential", (
    "admin:wrong", "nobody:wrong", "admin:", ":x",
    "00000000-0000-0000-0000-000000000001:pgl_x"))
def test_a_wrong_credential_is_refused(server, credential):
    with pytest.raises((OAuthError, UnauthorizedError)):
        connect(server, credential=credential)


def test_a_wrong_token_is_refused(server):
    with pytest.raises(UnauthorizedError):
        load_catalog("x", type="rest", uri=server.url, warehouse="default",
                     token="e30.e30.e30").list_namespaces()


def test_a_token_will_do(server):
    catalog = load_catalog("x", type="rest", uri=server.url,
                           warehouse="default", token=server.token())
    assert isinstance(catalog.list_namespaces(), list)


def test_an_unknown_warehouse_is_named(server):
    with pytest.raises(Exception, match="nowhere"):
        connect(server, warehouse="nowhere")


def test_another_tenant_sees_nothing_of_it(server, catalog, space):
    tenant = server.as_root("POST", "/api/v1/tenants",
                            {"name": f"other-{space}"}).json()["id"]
    user = server.as_root("POST", "/api/v1/users", {
        "username": f"ann-{space}", "email": f"ann-{space}@example.com",
        "password": "a-long-password", "tenant_id": tenant,
        "role": "tenant-admin"}, tenant)
    assert user.status == 201, user
    with pytest.raises((NoSuchTableError, ForbiddenError, Exception),
                       match="default"):
        connect(server, credential=f"ann-{space}:a-long-password")
