"""Who may do what, and by which grant: what users and administrators ask."""

import pytest

from harness.tenants import Wide


@pytest.fixture(scope="module", name="wide")
def fixture_wide(server):
    return Wide(server)


def test_everybody_is_told_what_they_may_do(wide):
    bob = wide.user(wide.on_namespace("a", "read"))
    role = wide.must(201, "POST", "/api/v1/roles", {
        "name": "told", "permissions": [wide.on_catalog("list")]}).json()
    wide.must(201, "POST", f"/api/v1/users/{wide.user_id}/roles",
              {"role-id": role["id"]})
    told = wide.ask(bob, "GET", "/api/v1/users/me/permissions").json()
    assert told["role"] == "tenant-user"
    own, by_role = told["permissions"]
    assert own["actions"] == ["read"] and own["permission-id"]
    assert by_role["actions"] == ["list"] and by_role["role-name"] == "told"
    assert wide.must(200, "GET", "/api/v1/users/me/permissions").json() == {
        "role": "tenant-admin", "permissions": []}


def test_a_check_says_yes_or_no_and_by_which_grant(wide):
    wide.user(wide.on_namespace("a", "write"), wide.on_table("ab.t", "read"))
    user, catalog = wide.user_id, wide.catalog

    def check(action, **place):
        query = "&".join(f"{k}={v}" for k, v in place.items())
        return wide.must(200, "GET", f"/api/v1/permissions/check?user={user}"
                         f"&action={action}&{query}").json()

    yes = check("read", catalog=catalog, namespace="a.b", asset="t")
    assert yes["allowed"] and len(yes["permissions"]) == 1
    assert yes["permissions"][0]["actions"] == ["write"]
    assert check("read", catalog=catalog, namespace="ab",
                 asset="t")["allowed"]
    for action, place in (
            ("read", {"catalog": catalog, "namespace": "ab", "asset": "u"}),
            ("write", {"catalog": catalog, "namespace": "ab", "asset": "t"}),
            ("manage-discovery", {"catalog": catalog, "namespace": "a"}),
            ("read", {"catalog": catalog}), ("read", {})):
        no = check(action, **place)
        assert not no["allowed"] and no["permissions"] == [], (action, place)
    user = wide.admin_id
    assert check("all")["allowed"]


@pytest.mark.parametrize("query, where", [
    ("action=read", "user"), ("action=own&user=USER", "action"),
    ("action=read&user=USER&namespace=a", "namespace"),
    ("action=read&user=USER&catalog=CATALOG&asset=t", "asset"),
])
def test_a_check_that_cannot_be_names_the_argument(wide, query, where):
    query = query.replace("USER", wide.admin_id).replace(
        "CATALOG", wide.catalog)
    reply = wide.must(400, "GET", f"/api/v1/permissions/check?{query}")
    assert reply.json()["error"].startswith(where)
