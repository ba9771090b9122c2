"""The difference of two states of a catalog."""

import re

import pytest
from harness.changes import SCHEMA, VIEW_VERSION
from harness.versions import Catalog


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    for name in ("t", "u"):
        catalog.make_table(name)
    catalog.fork("dev")
    return catalog


def told(rows):
    return sorted((r["change"], r["kind"], ".".join([*r["namespace"],
                                                     r["name"]]),
                   *r["changes"]) for r in rows)


def diff(catalog, **query):
    return told(whole(catalog, **query))


def whole(catalog, **query):
    return [row for page in pages(catalog, **query) for row in page]


def pages(catalog, **query):
    path = catalog.refs("diff", **query)
    while path:
        reply = catalog.ask("GET", path, want=200)
        yield reply.json()
        link = reply.headers["Link"]
        path = link and path.split("?")[0] + re.match("<([^>]*)>", link)[1]


def update(catalog, name, updates, branch=None):
    catalog.ask("POST", f"{catalog.path(branch, 'a')}/tables/{name}",
                {"requirements": [], "updates": updates}, want=200)


def test_equal_states_do_not_differ(catalog):
    catalog.fork("other", "dev")
    for query in ({}, {"to": "dev"}, {"from": "dev"}, {"from": "dev",
                                                       "to": "other"}):
        assert not diff(catalog, **query)


def test_what_was_added_removed_and_changed(catalog):
    catalog.make_space("b", "dev")
    catalog.make_table("new", branch="dev")
    catalog.drop("t", branch="dev")
    catalog.set("u", "1", branch="dev")
    there = [("added", "namespace", "b"), ("added", "table", "a.new"),
             ("changed", "table", "a.u", "properties"),
             ("removed", "table", "a.t")]
    back = [("added", "table", "a.t"),
            ("changed", "table", "a.u", "properties"),
            ("removed", "namespace", "b"), ("removed", "table", "a.new")]
    assert diff(catalog, to="dev") == there
    assert diff(catalog, **{"from": "dev"}) == back
    row = next(r for r in whole(catalog, to="dev") if r["name"] == "u")
    main = catalog.ask("GET", catalog.path(space="a") + "/tables/u").json()
    assert row["from_metadata_location"] == main["metadata-location"]
    assert row["to_metadata_location"] != main["metadata-location"]
    assert row["id"] == main["metadata"]["table-uuid"]


def test_both_sides_moved(catalog):
    catalog.make_table("mine", branch="dev")
    catalog.make_table("theirs")
    catalog.set("t", "1")
    assert diff(catalog, **{"from": "main", "to": "dev"}) == [
        ("added", "table", "a.mine"),
        ("changed", "table", "a.t", "properties"),
        ("removed", "table", "a.theirs")]


def test_what_came_back_is_no_difference(catalog):
    catalog.make_table("new", branch="dev")
    catalog.drop("new", branch="dev")
    assert not diff(catalog, to="dev")
    catalog.drop("t", branch="dev")
    catalog.make_table("t", branch="dev")
    row, = whole(catalog, to="dev")
    assert row["change"] == "changed" and "object" in row["changes"]


def test_a_namespace_made_anew_with_equal_properties_is_no_difference(catalog):
    catalog.make_space("b")
    catalog.fork("next")
    path = catalog.path("next", "b")
    catalog.ask("DELETE", path, want=204)
    catalog.make_space("b", "next")
    assert not diff(catalog, to="next")
    catalog.ask("POST", path + "/properties", {"updates": {"x": "1"}}, 200)
    assert diff(catalog, to="next") == [
        ("changed", "namespace", "b", "properties")]


def test_in_what_a_table_differs(catalog):
    metadata = catalog.ask(
        "GET", catalog.path(space="a") + "/tables/t").json()["metadata"]
    wider = {**SCHEMA, "schema-id": 1, "fields": [
        *SCHEMA["fields"],
        {"id": 2, "name": "y", "type": "string", "required": False}]}
    for updates, words in (
            ([{"action": "add-schema", "schema": wider},
              {"action": "set-current-schema", "schema-id": -1}], "schema"),
            ([{"action": "add-spec", "spec": {"spec-id": 1, "fields": [
                {"source-id": 1, "transform": "identity", "name": "x_id",
                 "field-id": 1000}]}},
              {"action": "set-default-spec", "spec-id": -1}],
             "partition-spec"),
            ([{"action": "add-sort-order", "sort-order": {
                "order-id": 1, "fields": [
                    {"source-id": 1, "transform": "identity",
                     "direction": "asc", "null-order": "nulls-first"}]}},
              {"action": "set-default-sort-order", "sort-order-id": -1}],
             "sort-order"),
            ([{"action": "add-snapshot", "snapshot": {
                "snapshot-id": 7, "sequence-number": 1,
                "timestamp-ms": metadata["last-updated-ms"],
                "manifest-list": metadata["location"] + "/m.avro",
                "summary": {"operation": "append"}, "schema-id": 0}},
              {"action": "set-snapshot-ref", "ref-name": "main",
               "type": "branch", "snapshot-id": 7}], "snapshots")):
        before = catalog.head("dev")
        update(catalog, "t", updates, "dev")
        assert diff(catalog, **{"from": f"dev~{before}", "to": "dev"}) == [
            ("changed", "table", "a.t", words)]
    assert diff(catalog, to="dev") == [
        ("changed", "table", "a.t", "schema", "partition-spec",
         "sort-order", "snapshots")]


def test_namespaces_and_views_differ(catalog):
    catalog.ask("POST", catalog.path("dev", "a") + "/properties",
                {"updates": {"k": "v"}}, want=200)
    catalog.ask("POST", catalog.path("dev", "a") + "/views", {
        "name": "v", "schema": SCHEMA, "view-version": VIEW_VERSION,
        "properties": {}}, want=200)
    before = catalog.head("dev")
    assert diff(catalog, to="dev") == [
        ("added", "view", "a.v"), ("changed", "namespace", "a", "properties")]
    catalog.ask("POST", catalog.path("dev", "a") + "/views/v", {
        "updates": [{"action": "set-properties", "updates": {"k": "v"}}]},
        want=200)
    assert diff(catalog, **{"from": f"dev~{before}", "to": "dev"}) == [
        ("changed", "view", "a.v", "properties")]


def test_a_renamed_table_keeps_its_id(catalog):
    catalog.ask("POST", f"/v1/{catalog.name}@dev/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["a"], "name": "z"}}, want=204)
    rows = whole(catalog, to="dev")
    assert told(rows) == [("added", "table", "a.z"),
                          ("removed", "table", "a.t")]
    assert rows[0]["id"] == rows[1]["id"]


def test_between_any_two_states(catalog):
    start = catalog.head()
    catalog.tag("v1", start)
    catalog.make_table("x")
    catalog.fork("exp", "dev")
    catalog.make_table("y", branch="exp")
    now = catalog.fork("now")["created_at"]
    catalog.drop("x")
    added = [("added", "table", "a.x")]
    assert diff(catalog, **{"from": "v1", "to": "now"}) == added
    assert diff(catalog, **{"from": f"~{start}", "to": f"main~{now}"}) == added
    assert not diff(catalog, **{"from": "v1"})
    assert diff(catalog, **{"from": "now", "to": "exp"}) == [
        ("added", "table", "a.y"), ("removed", "table", "a.x")]
    for name, value, status in (("from", "none", 404), ("to", "a b", 400),
                                ("to", f"main~{catalog.name}", 400)):
        path = catalog.refs("diff", **{name: value.replace(" ", "+")})
        catalog.ask("GET", path, want=status)


def test_a_partial_branch_lacks_what_it_does_not_show(catalog):
    catalog.fork("part", assets=["a.t"])
    assert diff(catalog, to="part") == [("removed", "table", "a.u")]
    catalog.set("t", "1", branch="part")
    assert diff(catalog, **{"from": "part", "to": "main"}) == [
        ("added", "table", "a.u"), ("changed", "table", "a.t", "properties")]


def test_pages_of_a_difference(catalog):
    for n in range(9):
        catalog.make_table(f"n{n}", branch="dev")
    for n in range(0, 9, 2):
        catalog.set(f"n{n}", "1", branch="dev")
    for n in range(0, 9, 4):
        catalog.drop(f"n{n}", branch="dev")
    catalog.make_table("m")
    want = diff(catalog, to="dev")
    assert len(want) == 7
    for size in (1, 2, 3, 100):
        found = list(pages(catalog, to="dev", limit=size))
        assert all(len(page) <= size for page in found)
        assert told(row for page in found for row in page) == want
    walk = pages(catalog, to="dev", limit=2)
    first = next(walk)
    catalog.drop("n1", branch="dev")
    catalog.make_table("late", branch="dev")
    assert told(first + [r for page in walk for r in page]) == want
    path = catalog.refs("diff", to="dev", page_token="x")
    assert "page_token" in catalog.ask("GET", path, want=400).json()["error"]
