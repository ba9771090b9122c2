"""Two claims of places that overlap, one of them held half way (base/fault.h):
the claim that is held has inserted and not looked yet, or not committed."""

import pyarrow
import pytest
from harness.changes import SCHEMA, VIEW_VERSION
from harness.held import Held
from harness.purged import Places as Purged
from harness.purged import files_below
from harness.upkeep import Kept
from harness.versions import API, Catalog
from pyiceberg.catalog import load_catalog


class Places(Catalog):
    def __init__(self, server, branch="dev"):
        super().__init__(server)
        self.make_space()
        if branch:
            self.fork(branch)
        self.root = f"file://{server.folder}/{self.name}/{self.name}"

    def create(self, name, branch=None, place=None, stage=False):
        chosen = {"location": f"{self.root}/{place}"} if place else {}
        return self.ask("POST", self.path(branch, "a") + "/tables", {
            "name": name, "schema": SCHEMA, "stage-create": stage, **chosen})


# Who is held and where, and who comes meanwhile on the other branch; None is a
# place that the server chooses, in the directory "a".
MEETINGS = [
    ("a", "location_inserted", None),
    ("a", "location_claimed", None),
    (None, "directory_inserted", "a"),
    (None, "location_claimed", "a"),
    ("b/c", "location_inserted", "b/c/d"),
    ("b/c/d", "location_inserted", "b/c"),
    ("b/c/d", "location_claimed", "b/c"),
    ("b/c", "location_inserted", "b/c"),
]


@pytest.mark.parametrize("store", ("memory", "sqlite", "postgres", "mongo"))
def test_who_is_held_half_way_keeps_the_place(servers, store):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    workers = 1 if store == "memory" else 2
    held = Held(servers.new(store=store, workers=workers))
    for first, point, second in MEETINGS:
        places = Places(held.server)
        with held.at(point, lambda places=places, first=first:
                     places.create("first", place=first)) as asked:
            refused = places.create("second", "dev", second)
            assert refused.status == 409, (first, point, second, refused)
        assert asked.result().status == 200, (first, point, second,
                                              asked.result())
        refused = places.create("second", "dev", second)
        assert refused.status == 409, (first, point, second, refused)


@pytest.mark.parametrize("store", ("sqlite", "postgres"))
def test_a_claim_that_gave_way_leaves_the_place_free(servers, store):
    """The first create in a namespace meets a claim of its directory that
    comes to nothing: the next has the directory."""
    if servers.form == "release":
        servers.form = "dev"
    held = Held(servers.new(store=store, workers=2))
    places = Places(held.server)
    assert places.create("in", place="a/b").status == 200
    with held.at("location_inserted",
                 lambda: places.create("first", place="a")) as asked:
        assert places.create("second", "dev").status == 409
    assert asked.result().status == 409, asked.result()
    assert places.create("second", "dev").status == 200


def test_what_comes_back_has_its_place_though_a_look_gave_it_away(servers):
    """On one branch the place of a dropped table is anybody's."""
    if servers.form == "release":
        servers.form = "dev"
    held = Held(servers.new())
    places = Places(held.server, None)
    identity = places.create("one", place="b").json()["metadata"]["table-uuid"]
    places.drop("one")
    with held.at("before_unit", lambda: places.ask("POST", "/api/v1/undrop", {
            "catalog": places.name, "id": identity})) as asked:
        assert places.create("stage", place="b/c", stage=True).status == 200
    assert asked.result().status == 200, asked.result()
    places.fork("dev")
    places.drop("one", branch="dev")
    assert places.create("two", "dev", "b/c").status == 409


def sweeping(servers):
    """A server and a catalog of it, whose sweeps can be held."""
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    held = Held(servers.new(store="sqlite", workers=2, settings={
        "history": {"grace": "1s", "upkeep_interval": "0s"}}))
    catalog = Purged(held.server)
    catalog.make_space()
    return held, catalog


def write_once(catalog):
    """The place of a table of one metadata file, which somebody named."""
    place = catalog.server.folder / catalog.name / catalog.name / "named"
    client = load_catalog(
        "held", type="rest", uri=catalog.server.url, warehouse=catalog.name,
        credential=f"admin:{catalog.server.first_password}")
    rows = pyarrow.table({"id": [1]})
    with client.create_table_transaction(
            ("a", "t"), rows.schema, location=f"file://{place}") as table:
        table.append(rows)
    return place


def anew(catalog, name):
    """A catalog at the same place."""
    other = Kept(catalog.server)
    other.name = name
    other.ask("POST", f"{API}/catalogs", {
        "name": name, "warehouse_name": catalog.name, "storage_location":
        f"file://{catalog.server.folder}/{catalog.name}/{catalog.name}"}, 201)
    other.make_space()
    return other


def register(catalog, file):
    catalog.ask("POST", catalog.path(space="a") + "/register", {
        "name": "t", "metadata-location": f"file://{file}"}, 200)


def test_a_place_that_is_taken_while_a_purge_looks_at_it_is_left_alone(
        servers):
    """Where there is one branch the place of a dropped table is free."""
    held, catalog = sweeping(servers)
    place = write_once(catalog)
    metadata, data = list(place.rglob("*.json")), list(place.rglob("*.avro"))
    catalog.purge("t")
    with held.at("place_looked", lambda: catalog.sweep_until(
            lambda: not any(file.exists() for file in metadata))):
        inner = catalog.make("u", location=f"file://{place}/u")
    assert data and all(file.exists() for file in data)
    assert catalog.file("u") in files_below(inner)


def test_a_place_that_another_catalog_takes_while_a_purge_looks_at_it(servers):
    """The table that is registered there has the id of the purged one."""
    held, catalog = sweeping(servers)
    place = write_once(catalog)
    metadata, data = list(place.rglob("*.json")), list(place.rglob("*.avro"))
    copy = metadata[0].with_name("00000-copy.metadata.json")
    copy.write_bytes(metadata[0].read_bytes())
    other = anew(catalog, f"{catalog.name}-other")
    catalog.purge("t")
    with held.at("place_looked", lambda: catalog.sweep_until(
            lambda: not any(file.exists() for file in metadata))):
        register(other, copy)
    assert data and all(file.exists() for file in data)
    other.set("t", "1")


def test_a_place_is_kept_while_rows_of_a_deleted_catalog_are_removed(servers):
    """A row of the catalog that was made anew has the same key."""
    held, catalog = sweeping(servers)
    keeper = Kept(held.server)
    keeper.make_space()
    place = write_once(catalog)
    metadata, = place.rglob("*.json")
    catalog.ask("DELETE", f"{API}/catalogs/{catalog.name}", want=204)
    with held.at("deleted_scanned", lambda: keeper.sweep_until(
            lambda: not held.point.exists())):
        register(anew(catalog, catalog.name), metadata)
    third = anew(catalog, f"{catalog.name}-third")
    assert third.ask("POST", third.path(space="a") + "/tables", {
        "name": "u", "schema": SCHEMA,
        "location": f"file://{place}/u"}).status == 409


def make_view(catalog, name, location):
    return catalog.ask("POST", catalog.path(space="a") + "/views", {
        "name": name, "view-version": VIEW_VERSION,
        "location": f"file://{location}",
        "schema": {"type": "struct", "schema-id": 0, "fields": []}})


def test_a_view_that_comes_when_a_sweep_has_looked_keeps_its_file(servers):
    held, catalog = sweeping(servers)
    place = catalog.make("t")
    catalog.purge("t")
    with held.at("place_looked", lambda: catalog.sweep_until(
            lambda: not held.point.exists())):
        assert make_view(catalog, "v", place).status == 200
    catalog.sweep_out()
    catalog.ask("GET", catalog.path(space="a") + "/views/v", want=200)
    assert files_below(place)
    assert make_view(catalog, "w", place).status == 200


def test_a_file_that_is_registered_when_a_sweep_has_looked_stays(servers):
    """The table has its own place, its metadata file is in the purged one."""
    held, catalog = sweeping(servers)
    place = catalog.make("t")
    other = catalog.make("u")
    file = catalog.file("u")
    moved = place / "metadata" / "00000-moved.metadata.json"
    moved.write_bytes(file.read_bytes())
    catalog.drop("u")
    catalog.purge("t")
    with held.at("place_looked", lambda: catalog.sweep_until(
            lambda: not held.point.exists())):
        register(catalog, moved)
    catalog.sweep_out()
    assert catalog.file("t") == moved and moved.exists() and other.exists()
