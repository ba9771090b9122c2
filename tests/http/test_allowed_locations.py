"""Places of a warehouse besides its own, where clients put single tables."""

import itertools

import pytest

FIELD = {"id": 1, "name": "x", "type": "long", "required": False}
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [FIELD]}
_numbers = itertools.count(1)


@pytest.fixture(name="lake")
def fixture_lake(server, tmp_path):
    """A catalog whose warehouse allows two places more."""
    return Lake(server, tmp_path, f"lake{next(_numbers)}")


class Lake:
    """One catalog, and its namespace `a`."""

    def __init__(self, server, folder, name):
        self.server, self.folder, self.name = server, folder, name
        self.one, self.two = (f"file://{folder}/{n}" for n in ("one", "two"))
        self.warehouse = {
            "name": name, "storage_config": {
                "root": f"file://{folder}/own",
                "allowed-locations": f" {self.one}/ ,file:{folder}/two"}}
        assert self.post("/api/v1/warehouses", self.warehouse).status == 201
        assert self.post("/api/v1/catalogs", {
            "name": name, "catalog_type": "Local",
            "warehouse_name": name}).status == 201
        self.post(f"/v1/{name}/namespaces", {"namespace": ["a"]})

    def post(self, path, body):
        return self.server.call("POST", path, body)

    def create(self, table, location):
        return self.post(f"/v1/{self.name}/namespaces/a/tables", {
            "name": table, "schema": SCHEMA, "location": location})

    def allow(self, places):
        config = self.warehouse["storage_config"] | {
            "allowed-locations": places}
        return self.server.call("PUT", f"/api/v1/warehouses/{self.name}",
                                {"storage_config": config})


def test_tables_go_where_the_warehouse_allows_and_nowhere_else(lake):
    for number, place in enumerate((lake.one, lake.two)):
        made = lake.create(f"t{number}", f"{place}/t")
        assert made.status == 200, made
        assert made.json()["metadata"]["location"] == f"{place}/t"
    folder = str(lake.folder).lstrip("/")
    assert lake.create("short", f"file:/{folder}/one/short").status == 200
    for place in (f"file://{lake.folder}/three/t", f"{lake.one}x/t",
                  f"{lake.one}/../three/t", lake.one):
        refused = lake.create("x", place)
        assert refused.status == 400, refused


def test_a_place_that_is_allowed_no_more_takes_no_more(lake):
    assert lake.create("t", f"{lake.one}/t").status == 200
    assert lake.allow(lake.two).status == 200
    assert lake.create("u", f"{lake.one}/u").status == 400
    path = f"/v1/{lake.name}/namespaces/a/tables/t"
    change = {"requirements": [], "updates": [
        {"action": "set-properties", "updates": {"a": "b"}}]}
    # by now the place may be another tenant's
    assert lake.server.call("GET", path).status == 200
    refused = lake.server.call("POST", path, change)
    assert refused.status == 400, refused
    assert "Table is outside the catalog's place" in refused.json()[
        "error"]["message"]
    assert lake.allow(lake.one).status == 200
    assert lake.server.call("POST", path, change).status == 200


def test_a_catalog_with_tables_keeps_its_place(lake):
    def move(to):
        return lake.server.call("PUT", f"/api/v1/catalogs/{lake.name}",
                                {"storage_location": to})

    refused = move(f"file://{lake.folder}/own/else")
    assert refused.status == 409, refused
    assert "holds namespaces" in refused.json()["error"]
    path = f"/v1/{lake.name}/namespaces/a"
    assert lake.server.call("DELETE", path).status == 204
    assert move(f"file://{lake.folder}/own/else").status == 200


@pytest.mark.parametrize("places, word", (
    ("s3://bucket/x", "storage_config/allowed-locations"),
    ("relative", "storage_config/allowed-locations"),
    ("/srv/../etc", "storage_config/allowed-locations"),
    (None, "the place is the server's own"),
), ids=("s3", "relative", "dots", "server"))
def test_a_place_that_cannot_be_is_refused(lake, places, word):
    places = places or f"file://{lake.server.state_dir}"
    reply = lake.allow(places)
    assert reply.status == 400 and word in reply.json()["error"], reply
    assert lake.create("t", f"{lake.one}/t").status == 200


def test_no_tenant_allows_the_place_of_another(server, lake):
    tenant = server.as_root("POST", "/api/v1/tenants",
                            {"name": lake.name}).json()["id"]

    def make(name, **config):
        return server.as_root(
            "POST", "/api/v1/warehouses",
            {"name": name, "storage_config": config}, tenant=tenant)

    own = f"file://{lake.folder}/other"
    for config in ({"root": own, "allowed-locations": f"{lake.one}/in"},
                   {"root": own, "allowed-locations": f"file://{lake.folder}"},
                   {"root": f"{lake.two}/in"}):
        reply = make("x", **config)
        assert reply.status == 400, reply
        assert "the place is taken" in reply.json()["error"]
    assert make("x", root=own).status == 201
