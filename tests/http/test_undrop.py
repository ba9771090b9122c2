"""What was dropped comes back, until nothing knows of it any more."""

import pytest
from harness.changes import VIEW_VERSION, new_key
from harness.versions import API, Catalog


class Dropping(Catalog):
    def dropped(self, branch=None, **more):
        query = {"catalog": self.name, **({"branch": branch} if branch else {}),
                 **more}
        text = "&".join(f"{k}={v}" for k, v in query.items())
        return self.ask("GET", f"{API}/dropped?{text}", want=200).json()

    def undrop(self, what, branch=None, name=None, want=200, headers=None):
        body = {"catalog": self.name, "id": what}
        body.update({"branch": branch} if branch else {})
        body.update({"name": name} if name else {})
        return self.ask("POST", f"{API}/undrop", body, want, headers)


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Dropping(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.set("t", "1")
    return catalog


def test_a_dropped_table_comes_back(catalog):
    path = catalog.path(space="a") + "/tables/t"
    before = catalog.ask("GET", path, want=200).json()
    assert catalog.dropped() == []
    catalog.drop("t")
    found, = catalog.dropped()
    assert found == {"id": before["metadata"]["table-uuid"], "kind": "table",
                     "namespace": ["a"], "name": "t",
                     "metadata_location": before["metadata-location"]}
    assert catalog.undrop(found["id"]).json() == found
    assert catalog.ask("GET", path, want=200).json() == before
    assert catalog.dropped() == []
    catalog.undrop(found["id"], want=404)
    # its place is its own again
    catalog.ask("POST", catalog.path(space="a") + "/tables", {
        "name": "other", "location": before["metadata"]["location"],
        "schema": {"type": "struct", "fields": []}}, 409)
    catalog.set("t", "2")
    catalog.drop("t")
    assert [one["id"] for one in catalog.dropped()] == [found["id"]]


def test_it_comes_back_under_another_name_once(catalog):
    catalog.drop("t")
    catalog.make_table("t")
    assert catalog.dropped() == []  # its name is another table's
    catalog.drop("t")
    found, = catalog.dropped()
    catalog.make_table("u")
    catalog.undrop(found["id"], name="u", want=409)
    assert catalog.undrop(found["id"], name="v").json()["name"] == "v"
    assert catalog.dropped() == [] and catalog.tables() == ["u", "v"]
    catalog.undrop(found["id"], want=404)


def test_a_rename_is_no_drop(catalog):
    catalog.ask("POST", f"/v1/{catalog.name}/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["a"], "name": "u"}}, 204)
    assert catalog.dropped() == []


def test_branches_have_their_own_drops(catalog):
    catalog.make_table("u")
    catalog.drop("u")
    catalog.fork("dev")
    inherited, = catalog.dropped("dev")
    catalog.drop("t", branch="dev")
    own, other = catalog.dropped("dev")
    assert (own["name"], other) == ("t", inherited)
    assert catalog.dropped() == [inherited]
    for one in (own, inherited):
        catalog.undrop(one["id"], "dev")
    assert catalog.tables(branch="dev") == ["t", "u"]
    assert catalog.tables() == ["t"] and catalog.dropped("dev") == []


def test_namespaces_and_views_come_back(catalog):
    catalog.drop("t")
    views = catalog.path(space="a") + "/views"
    catalog.ask("POST", views, {
        "name": "v", "view-version": VIEW_VERSION,
        "schema": {"type": "struct", "schema-id": 0, "fields": []}}, 200)
    path = catalog.path(space="a")
    catalog.ask("POST", path + "/properties", {"updates": {"x": "1"}}, 200)
    catalog.ask("DELETE", f"{views}/v", want=204)
    catalog.ask("DELETE", path, want=204)
    table, view, space = catalog.dropped()
    assert [one["kind"] for one in (table, view, space)] == [
        "table", "view", "namespace"]
    catalog.undrop(view["id"], want=404)  # first what it lies in
    catalog.undrop(space["id"])
    assert catalog.ask("GET", path, want=200).json()["properties"]["x"] == "1"
    for one in (view, table):
        catalog.undrop(one["id"])
    assert catalog.value("t") == "1" and catalog.dropped() == []
    catalog.ask("GET", f"{views}/v", want=200)


def test_a_request_that_comes_again_brings_it_back_once(catalog):
    catalog.drop("t")
    found, = catalog.dropped()
    key = new_key()
    first = catalog.undrop(found["id"], headers=key)
    assert catalog.undrop(found["id"], headers=key).body == first.body
    catalog.drop("t")
    assert catalog.undrop(found["id"], headers=key).body == first.body
    assert catalog.value("t") is None


def test_only_branches_are_changed_and_pages_end(catalog):
    for name in ("u", "v"):
        catalog.make_table(name)
        catalog.drop(name)
    catalog.tag("v1", catalog.head())
    found = catalog.dropped("v1")
    assert len(found) == 2
    catalog.undrop(found[0]["id"], "v1", want=400)
    assert [one["name"] for one in catalog.dropped(limit=1)][:1] == ["u"]
    catalog.undrop("00000000-0000-4000-8000-000000000000", want=404)
