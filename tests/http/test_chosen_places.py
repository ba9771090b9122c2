"""Places that the server chose are emptied whole, and only these: their rows
say so, whatever they are called."""

import contextlib
import json
import sqlite3
import uuid

import pyarrow
import pymongo
import pytest
from harness.changes import SCHEMA
from harness.purged import Places
from harness.upkeep import path_of
from harness.versions import API
from harness.wait import until
from pyiceberg.catalog import load_catalog

SETTINGS = {"history": {"grace": "1s", "upkeep_interval": "0s"}}
KINDS = [("sqlite", 2, SETTINGS), ("memory", 1, SETTINGS),
         ("postgres", 2, SETTINGS), ("mongo", 2, SETTINGS)]


class Chosen(Places):
    def __init__(self, server, is_plain=False):
        super().__init__(server)
        self.make_space()
        self.is_plain = is_plain
        self.tables = self.path(space="a") + "/tables"
        self.root = server.folder / self.name / self.name

    def stage(self, name):
        """What the server answers for a table that is to be."""
        return self.ask("POST", self.tables, {
            "name": name, "schema": SCHEMA, "stage-create": True},
            200).json()["metadata"]

    def commit(self, name, staged, want=200, **other):
        """The second half, as clients send it."""
        body = self.commit_of(name, {**staged, **other})
        self.ask("POST", f"{self.tables}/{name}", body, want)
        return path_of({**staged, **other}["location"])

    @staticmethod
    def commit_of(name, metadata):
        return {"identifier": {"namespace": ["a"], "name": name},
                "requirements": [{"type": "assert-create"}],
                "updates": [
                    {"action": "assign-uuid", "uuid": metadata["table-uuid"]},
                    {"action": "set-location",
                     "location": metadata["location"]},
                    {"action": "add-schema", "schema": SCHEMA},
                    {"action": "set-current-schema", "schema-id": -1}]}

    def register(self, name, place, identity, **more):
        """A table of one's choice, from a file that one has written."""
        file = place / "metadata" / f"{uuid.uuid4()}.metadata.json"
        metadata = json.loads(self.file("model").read_text())
        metadata.update({"table-uuid": identity,
                         "location": f"file://{place}",
                         "metadata-log": []})
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(metadata))
        self.ask("POST", self.path(space="a") + "/register", {
            "name": name, "metadata-location": f"file://{file}", **more}, 200)

    def is_kept(self, place, name):
        """Whether the file of somebody else is there when the purge is
        over."""
        theirs, own = put_theirs(place), self.file(name)
        self.purge(name)
        if not self.is_plain:  # else nothing is emptied whole
            self.sweep_out()
        self.sweep_until(lambda: not own.exists())
        return theirs.exists()


def put_theirs(place):
    """A file that no metadata reaches."""
    theirs = place / "data" / "theirs.parquet"
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_text("theirs")
    return theirs


@pytest.fixture(name="server", scope="module", params=KINDS,
                ids=lambda kind: kind[0])
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Chosen(server)
    catalog.make_table("model")
    return catalog


def test_a_uuid_of_ones_choice_empties_no_directory_of_its_name(catalog):
    identity = str(uuid.uuid4())
    place = catalog.root / f"neighbour-{identity[:8]}"
    catalog.register("t", place, identity)
    assert catalog.is_kept(place, "t")


def test_a_table_that_was_created_is_emptied_whole(catalog):
    place = path_of(catalog.make_table("t")["metadata"]["location"])
    assert not catalog.is_kept(place, "t")
    assert not place.exists()


def test_a_table_that_was_staged_is_emptied_whole(catalog):
    place = catalog.commit("t", catalog.stage("t"))
    assert not catalog.is_kept(place, "t")


def test_a_table_that_pyiceberg_staged_is_emptied_whole(catalog):
    client = load_catalog(
        "chosen", type="rest", uri=catalog.server.url, warehouse=catalog.name,
        credential=f"admin:{catalog.server.first_password}")
    rows = pyarrow.table({"id": [1]})
    with client.create_table_transaction(("a", "t"), rows.schema) as table:
        table.append(rows)
    place = path_of(client.load_table(("a", "t")).location())
    assert not catalog.is_kept(place, "t")


def test_tables_of_a_transaction_are_emptied_whole(catalog):
    """One was staged, the other has the place that the commit gives."""
    staged = catalog.stage("staged")
    new = {"identifier": {"namespace": ["a"], "name": "new"},
           "requirements": [{"type": "assert-create"}], "updates": [
               {"action": "add-schema", "schema": SCHEMA},
               {"action": "set-current-schema", "schema-id": -1}]}
    catalog.ask("POST", f"/v1/{catalog.name}/transactions/commit", {
        "table-changes": [catalog.commit_of("staged", staged), new]}, 204)
    for name in ("staged", "new"):
        place = catalog.file(name).parents[1]
        assert not catalog.is_kept(place, name), name


def test_the_place_of_one_stage_is_not_chosen_for_another_table(catalog):
    """Neither with another id, nor another place with its id."""
    first, second = catalog.stage("t"), catalog.stage("t")
    place = catalog.commit("t", first, **{"table-uuid": str(uuid.uuid4())})
    assert catalog.is_kept(place, "t")
    location = second["location"].replace("/t-", "/u-")
    place = catalog.commit("u", second, location=location)
    assert catalog.is_kept(place, "u")


def test_a_place_that_passed_to_another_table_is_not_emptied_whole(catalog):
    catalog.ask("PUT", f"{API}/catalogs/{catalog.name}", {
        "properties": {"history.retention": "0s"}}, 200)
    place = path_of(catalog.make_table("t")["metadata"]["location"])
    catalog.register("t", place, str(uuid.uuid4()), overwrite=True)
    catalog.run("prune")  # history shows the first in the same place
    assert catalog.is_kept(place, "t")


def test_a_place_that_a_purge_or_a_sweep_claims_is_not_emptied_whole(
        catalog):
    """Somebody has named it, and it has digits of the table's id."""
    identity = str(uuid.uuid4())
    place = catalog.root / f"t-{identity[:8]}"
    staged = {**catalog.stage("t"), "table-uuid": identity,
              "location": f"file://{place}"}
    catalog.commit("t", staged)
    catalog.run("sweep")
    assert catalog.is_kept(place, "t")


def test_a_place_without_digits_keeps_what_others_have(start_kind):
    """It has the name of the table, which somebody gave it."""
    settings = {**SETTINGS, "iceberg": {"location_ids": False}}
    with start_kind(("sqlite", 2, settings)) as server:
        catalog = Chosen(server, is_plain=True)
        made = path_of(catalog.make_table("made")["metadata"]["location"])
        assert made.name == "made" and catalog.is_kept(made, "made")
        place = catalog.commit("staged", catalog.stage("staged"))
        assert catalog.is_kept(place, "staged")


# ---- a store of an earlier release

# of schemas 15 and later
LATER = ("roles", "role_members", "permissions", "audit_logs",
         "audit_cursors", "identities", "sign_in_codes", "asset_metadata",
         "rates", "cached")


def age_sqlite(server, _):
    file, = (server.folder / "state").glob("*.db")
    with contextlib.closing(sqlite3.connect(
            file, isolation_level=None)) as store:
        (table,), = store.execute(
            "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) i"
            " WHERE m.type = 'table' AND i.name = 'schema_version'")
        store.execute(f"UPDATE {table} SET schema_version = 13")
        store.execute("ALTER TABLE locations DROP COLUMN chosen")
        store.execute("ALTER TABLE users DROP COLUMN provider")
        for name in LATER:
            store.execute(f"DROP TABLE {name}")


def age_postgres(server, database):
    schema = server.settings["store"]["options"]["schema"]
    database.ask(f"UPDATE {schema}.meta SET schema_version = 13")
    database.ask(f"ALTER TABLE {schema}.locations DROP COLUMN chosen")
    database.ask(f"ALTER TABLE {schema}.users DROP COLUMN provider")
    for name in LATER:
        database.ask(f"DROP TABLE {schema}.{name}")


def age_mongo(server, database):
    name = server.settings["store"]["options"]["database"]
    with pymongo.MongoClient(database.url) as client:
        done = client[name].meta.update_one(
            {"_id": "schema"}, {"$set": {"version": 13}})
        assert done.modified_count == 1
        client[name].locations.update_many({}, {"$unset": {"chosen": 1}})
        for later in LATER:
            client[name].drop_collection(later)


AGE = {"sqlite": age_sqlite, "postgres": age_postgres, "mongo": age_mongo}


@pytest.mark.parametrize("store", sorted(AGE))
def test_a_store_of_schema_13_opens_and_keeps_what_others_have(
        start_kind, databases, store):
    """Nothing says of the places in it who chose them."""
    with start_kind((store, 2, SETTINGS)) as server:
        catalog = Chosen(server)
        old = path_of(catalog.make_table("old")["metadata"]["location"])
        server.stop()
        AGE[store](server, None if store == "sqlite" else databases(store))
        server.restart()
        assert catalog.is_kept(old, "old")
        new = path_of(catalog.make_table("new")["metadata"]["location"])
        assert not catalog.is_kept(new, "new")
        until(lambda: catalog.run("sweep") or not new.exists(), "it is gone")
