"""Tags of tables and views, and what grants on tags give."""

import pytest

from harness.tenants import TABLE, Tenant, Wide

API = "/api/v1"


@pytest.fixture(scope="module", name="wide")
def fixture_wide(server):
    return Wide(server)


def on_tag(tag, *actions):
    return {"scope": {"type": "tag", "tag_name": tag},
            "actions": list(actions)}


def tag(wide, table, *tags, at=None, **more):
    namespace, _, name = table.rpartition(".")
    return wide.call(
        "POST", f"{API}/assets/{wide.uuid[table]}/metadata?catalog="
        f"{at or wide.catalog}&namespace={namespace}&asset={name}",
        {"tags": list(tags), **more})


def test_metadata_is_set_read_and_removed(wide):
    path = f"{API}/assets/{wide.uuid['a.t']}/metadata"
    assert wide.call("GET", path).status == 404
    said = {"description": "d", "properties": {"owner": {"x": [1]}},
            "discoverable": True}
    first = tag(wide, "a.t", "pii", "eu", **said).json()["metadata"]
    assert {key: first[key] for key in said} == said
    assert first["tags"] == ["pii", "eu"]
    assert first["asset-id"] == wide.uuid["a.t"]
    assert first["created-by"] == first["updated-by"] == wide.admin_id
    assert wide.must(200, "GET", path).json() == {"metadata": first}
    again = wide.must(200, "POST", path, {"tags": []}).json()["metadata"]
    assert (again["id"], again["created-at"]) == (
        first["id"], first["created-at"])
    assert again["tags"] == [] and again["description"] is None
    assert again["properties"] == {}
    for status in (204, 404):
        wide.must(status, "DELETE", path)
    wide.must(404, "GET", path)


@pytest.mark.parametrize("body, told", [
    ({"tags": [""]}, "/tags/0"),
    ({"tags": ["a", "b\n"]}, "/tags/1"),
    ({"tags": ["x"] * 17}, "/tags"),
    ({"tags": ["x" * 256]}, "/tags/0"),
    ({"properties": []}, "/properties"),
    ({"properties": {"x": "y" * 5000}}, "/properties"),
    ({"description": "x" * 5000}, "/description"),
])
def test_a_wrong_body_names_the_field(wide, body, told):
    reply = wide.call("POST", f"{API}/assets/{wide.uuid['a.u']}/metadata"
                      f"?catalog={wide.catalog}&namespace=a&asset=u", body)
    assert reply.status in (400, 422) and told in reply.json()["error"]


def test_the_place_that_is_named_has_this_object(wide):
    path = f"{API}/assets/{wide.uuid['a.u']}/metadata"
    assert "catalog" in wide.must(
        400, "POST", path, {"tags": []}).json()["error"]
    for query, status in ((f"catalog={wide.catalog}&namespace=a&asset=t", 404),
                          (f"catalog={wide.catalog}&namespace=a", 404),
                          (f"catalog={wide.catalog}&asset=u", 400),
                          ("catalog=gone&namespace=a&asset=u", 404)):
        wide.must(status, "POST", f"{path}?{query}", {"tags": ["x"]})
    wide.must(404, "GET", path)


def test_a_grant_on_a_tag_covers_what_has_it(server):
    wide = Wide(server)
    bob = wide.user(on_tag("shared", "read"))
    tables = {one: f"{wide.base}/{one.replace('.', '%1F')}/tables"
              for one in ("a", "a.b", "ab")}
    assert wide.ask(bob, "GET", wide.base).status == 403
    assert tag(wide, "a.b.t", "other", "shared").status == 200
    assert wide.ask(bob, "GET", f"{tables['a.b']}/t").status == 200
    assert wide.ask(bob, "GET", f"{tables['a.b']}/u").status == 403
    assert wide.ask(bob, "DELETE", f"{tables['a.b']}/t").status == 403
    assert wide.names(bob, tables["a.b"]) == ["t"]
    assert wide.names(bob, wide.base) == ["a"]
    assert wide.names(bob, f"{wide.base}?parent=a") == ["a.b"]
    assert len(wide.ask(bob, "GET", f"{API}/catalogs").json()) == 1
    assert tag(wide, "a.b.t", "other").status == 200
    assert wide.ask(bob, "GET", f"{tables['a.b']}/t").status == 403
    assert wide.ask(bob, "GET", wide.base).status == 403


def test_tags_follow_renames_branches_and_merges(server):
    wide = Wide(server)
    bob = wide.user(on_tag("shared", "read"))
    dev = f"/v1/{wide.catalog}@dev/namespaces"
    assert tag(wide, "a.t", "shared").status == 200
    wide.must(201, "POST", f"{API}/branches", {
        "name": "dev", "catalog": wide.catalog})
    wide.must(204, "POST", f"/v1/{wide.catalog}@dev/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["ab"], "name": "v"}})
    wide.must(200, "POST", f"{dev}/a/tables", TABLE)
    assert wide.ask(bob, "GET", f"{wide.base}/a/tables/t").status == 200
    assert wide.ask(bob, "GET", f"{dev}/ab/tables/v").status == 200
    assert wide.ask(bob, "GET", f"{dev}/a/tables/t").status == 403
    wide.must(200, "POST", f"{API}/branches/merge", {
        "catalog": wide.catalog, "source_branch": "dev",
        "target_branch": "main"})
    assert wide.ask(bob, "GET", f"{wide.base}/ab/tables/v").status == 200
    assert wide.ask(bob, "GET", f"{wide.base}/a/tables/t").status == 403


def test_only_administrators_tag(wide):
    """A user with a grant on a tag would widen it by tagging."""
    eve = wide.user(on_tag("mine", "all"), wide.on_catalog("all"),
                    {"scope": {"type": "tenant"}, "actions": ["all"]})
    path = f"{API}/assets/{wide.uuid['ab.t']}/metadata"
    query = f"?catalog={wide.catalog}&namespace=ab&asset=t"
    assert wide.ask(eve, "POST", path + query, {"tags": ["mine"]}
                    ).status == 403
    assert tag(wide, "ab.t", "kept").status == 200
    assert wide.ask(eve, "POST", path, {"tags": ["mine"]}).status == 403
    assert wide.ask(eve, "DELETE", path).status == 403
    assert wide.ask(eve, "GET", path).status == 200
    other = Tenant(wide.server)
    for method, body in (("GET", None), ("DELETE", None)):
        assert other.call(method, path, body).status == 404
    assert other.call("POST", path + query, {"tags": []}).status == 404
    assert other.call("POST", path, {"tags": []}).status == 400
    stranger = wide.user(wide.on_namespace("a", "all"))
    there = wide.ask(stranger, "GET", path)
    gone = wide.ask(stranger, "GET", path.replace(wide.uuid["ab.t"],
                                                 wide.id))
    assert there.status == gone.status == 403 and there.body == gone.body


def test_a_tag_of_one_catalog_covers_no_twin_in_another(server):
    """Tables of two catalogs may have one uuid: clients choose it."""
    wide = Wide(server)
    bob = wide.user(on_tag("shared", "read"))
    wide.must(201, "POST", f"{API}/catalogs", {
        "name": f"{wide.catalog}-2", "warehouse_name": wide.warehouse})
    base = f"/v1/{wide.catalog}-2/namespaces"
    wide.must(200, "POST", base, {"namespace": ["a"]})
    staged = wide.must(200, "POST", f"{base}/a/tables", {
        **TABLE, "stage-create": True}).json()["metadata"]
    wide.must(200, "POST", f"{base}/a/tables/t", {
        "requirements": [{"type": "assert-create"}], "updates": [
            {"action": "assign-uuid", "uuid": wide.uuid["a.t"]},
            {"action": "upgrade-format-version", "format-version": 2},
            {"action": "add-schema", "schema": TABLE["schema"]},
            {"action": "set-current-schema", "schema-id": -1},
            {"action": "add-spec", "spec": {"fields": []}},
            {"action": "set-default-spec", "spec-id": -1},
            {"action": "add-sort-order",
             "sort-order": {"order-id": 0, "fields": []}},
            {"action": "set-default-sort-order", "sort-order-id": -1},
            {"action": "set-location", "location": staged["location"]}]})
    assert tag(wide, "a.t", "shared").status == 200
    assert wide.ask(bob, "GET", f"{wide.base}/a/tables/t").status == 200
    assert wide.ask(bob, "GET", f"{base}/a/tables/t").status == 403
    assert tag(wide, "a.t", "shared", at=f"{wide.catalog}-2").status == 200
    assert wide.ask(bob, "GET", f"{wide.base}/a/tables/t").status == 403


def test_a_check_names_the_grant_on_the_tag(server):
    wide = Wide(server)
    wide.user(on_tag("shared", "read"))
    ask = (f"{API}/permissions/check?user={wide.user_id}&action=read"
           f"&catalog={wide.catalog}&namespace=a&asset=")
    assert tag(wide, "a.t", "shared").status == 200
    told = wide.must(200, "GET", ask + "t").json()
    assert told["allowed"] and told["permissions"][0]["scope"] == \
        on_tag("shared")["scope"]
    assert not wide.must(200, "GET", ask + "u").json()["allowed"]
