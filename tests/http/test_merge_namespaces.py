"""Merges of namespaces: what lies in them; properties that are too many
together, of namespaces and tables."""

import pytest
from harness.versions import Catalog


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    return catalog


def refuse(catalog):
    """The operation of a merge of dev, and its conflict."""
    operation = catalog.merge("dev", want=409)["operation_id"]
    found, = catalog.conflicts(operation)
    return operation, found


def test_what_lies_deep_in_a_dropped_namespace_stays_out(catalog):
    catalog.make_space("c")
    catalog.fork("dev")
    catalog.make_space("c%1Fd", branch="dev")
    catalog.make_table("deep", space="c%1Fd", branch="dev")
    catalog.make_table("new", branch="dev")
    catalog.ask("DELETE", catalog.path(None, "c"), want=204)
    operation, found = refuse(catalog)
    assert "NamespaceDeletion" in found["conflict_type"]
    catalog.resolve(found["id"], "TakeTarget")
    catalog.complete(operation)
    assert "new" in catalog.tables()
    catalog.ask("GET", catalog.path(None, "c"), want=404)


def test_joined_properties_have_a_limit(catalog):
    def add(side, branch=None):
        catalog.ask("POST", catalog.path(branch, "a") + "/properties", {
            "updates": {f"{side}{n}": "x" for n in range(600)}}, want=200)

    catalog.fork("dev")
    add("s", "dev")
    add("t")
    operation, found = refuse(catalog)
    assert "MetadataConflict" in found["conflict_type"]
    assert "at most 1000" in found["description"], found
    catalog.resolve(found["id"], "AutoMerge")
    catalog.complete(operation, want=409)
    found, = catalog.conflicts(operation)
    catalog.resolve(found["id"], "TakeSource")
    catalog.complete(operation)
    shown = catalog.ask("GET", catalog.path(None, "a"), want=200).json()
    assert sorted(shown["properties"])[:1] == ["s0"], shown


def test_joined_metadata_of_a_table_has_a_limit(servers):
    catalog = Catalog(servers.start(settings={
        "limits": {"metadata_bytes": "1MiB"}}))
    catalog.make_space()
    catalog.make_table("t")
    catalog.fork("dev")
    for branch in ("dev", None):
        catalog.ask("POST", catalog.path(branch, "a") + "/tables/t", {
            "requirements": [], "updates": [{
                "action": "set-properties",
                "updates": {f"{branch}{n}": "x" * 100000
                            for n in range(6)}}]}, want=200)
    head = catalog.head()
    reply = catalog.merge("dev", want=400)
    assert "table a.t does not fit together" in reply["error"], reply
    assert "limits.metadata_bytes" in reply["error"]
    assert catalog.head() == head
