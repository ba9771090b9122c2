"""What has the property `protected` is neither dropped nor renamed."""

import pytest
from harness.changes import VIEW_VERSION, set_property
from harness.versions import API, Catalog

ON, OFF = {"protected": "true"}, {"protected": "false"}


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    return catalog


def refused(reply, name):
    assert reply.status == 409, reply
    error = reply.json()["error"]
    text = error if isinstance(error, str) else error["message"]
    assert "protected" in text and name in text, text


def rename(catalog, kind, source, to, want=None):
    return catalog.ask("POST", f"/v1/{catalog.name}/{kind}/rename", {
        "source": {"namespace": ["a"], "name": source},
        "destination": {"namespace": ["a"], "name": to}}, want)


def protect(catalog, path, value):
    catalog.ask("POST", path, {
        "requirements": [], "updates": set_property("protected", value)}, 200)


def test_a_protected_table_stays(catalog):
    made = catalog.make_table("t")
    path = catalog.path(space="a") + "/tables/t"
    protect(catalog, path, "true")
    refused(catalog.ask("DELETE", path), "a.t")
    refused(catalog.ask("DELETE", path + "?purgeRequested=true"), "a.t")
    refused(catalog.ask("POST", path + "/unregister"), "a.t")
    refused(rename(catalog, "tables", "t", "u"), "a.t")
    refused(catalog.ask("POST", catalog.path(space="a") + "/register", {
        "name": "t", "metadata-location": made["metadata-location"],
        "overwrite": True}), "a.t")
    catalog.set("t", "1")
    assert catalog.value("t") == "1"
    protect(catalog, path, "false")
    rename(catalog, "tables", "t", "u", 204)
    catalog.drop("u")


def test_a_protected_view_stays(catalog):
    views = catalog.path(space="a") + "/views"
    catalog.ask("POST", views, {
        "name": "v", "view-version": VIEW_VERSION, "properties": ON,
        "schema": {"type": "struct", "schema-id": 0, "fields": []}}, 200)
    refused(catalog.ask("DELETE", f"{views}/v"), "a.v")
    refused(rename(catalog, "views", "v", "w"), "a.v")
    protect(catalog, f"{views}/v", "false")
    catalog.ask("DELETE", f"{views}/v", want=204)


def test_a_protected_namespace_stays(catalog):
    path = catalog.path(space="a")
    catalog.ask("POST", path + "/properties", {"updates": ON}, 200)
    refused(catalog.ask("DELETE", path), "a")
    refused(catalog.ask("POST", f"{API}/namespaces/move", {
        "catalog": catalog.name, "source": ["a"], "destination": ["b"]}), "a")
    catalog.ask("POST", path + "/properties", {"removals": ["protected"]}, 200)
    catalog.ask("DELETE", path, want=204)


def test_a_protected_catalog_stays(catalog):
    path = f"{API}/catalogs/{catalog.name}"
    catalog.ask("PUT", path, {"properties": ON}, 200)
    refused(catalog.ask("DELETE", path), catalog.name)
    catalog.ask("PUT", path, {"properties": OFF}, 200)
    catalog.ask("DELETE", path, want=204)


def test_what_has_lost_its_file_is_dropped(catalog):
    made = catalog.make_table("t")
    path = catalog.path(space="a") + "/tables/t"
    protect(catalog, path, "true")
    location = catalog.ask("GET", path, want=200).json()["metadata-location"]
    assert location != made["metadata-location"]
    catalog.server.folder.joinpath(
        location.removeprefix("file://")).unlink()
    catalog.ask("DELETE", path, want=204)
