"""Stores of releases before locations had owners, where each branch knew its
own places only: what overlaps there is a conflict of merges, and the sweep
finds out whose each place is."""

import contextlib
import sqlite3
import time
import uuid

import pytest
from harness.changes import SCHEMA
from harness.purged import Places, files_below

SETTINGS = {"history": {"retention": "0s", "grace": "1s"}}


@pytest.fixture(name="server", scope="module")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2, SETTINGS)) as server:
        yield server


class Old(Places):
    def forget_places(self):
        self.store("DELETE FROM locations")

    def store(self, text, *values):
        file, = (self.server.folder / "state").glob("*.db")
        with contextlib.closing(sqlite3.connect(
                file, timeout=20, isolation_level=None)) as store:
            return store.execute(text, values).fetchall()

    def make_at(self, name, location, branch=None, want=200):
        self.forget_places()
        self.ask("POST", self.path(branch, "a") + "/tables", {
            "name": name, "schema": SCHEMA, "location": location}, want)

    def purge_forgotten(self, name):
        """A table that no row of places knows when it is purged."""
        self.drop(name)
        self.forget_places()
        self.purge(name, drop=False)

    def place(self):
        return self.ask("GET", f"{self.path(space='a')}/tables/t", want=200
                        ).json()["metadata"]["location"]


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Old(server)
    catalog.make_space()
    catalog.make_table("t")
    return catalog


def test_a_place_that_is_taken_is_a_conflict(catalog):
    """Two tables never share a directory, whatever they are called."""
    place = catalog.place()
    catalog.make_table("u")
    catalog.fork("dev")
    for number in range(3):
        catalog.make_at(f"ours{number}", f"{place}-{number}")
        catalog.make_at(f"theirs{number}", f"{place}-{number}", "dev")
    catalog.set("u", "1", branch="dev")
    operation = catalog.merge("dev", want=409)["operation_id"]
    found = catalog.conflicts(operation)
    assert len(found) == 3  # all are told at once
    for one in found:
        assert "NameConflict" in one["conflict_type"]
        assert "whose files it would share" in one["description"]
        catalog.resolve(one["id"], "TakeTarget")
    catalog.complete(operation)
    assert sorted(catalog.tables()) == ["ours0", "ours1", "ours2", "t", "u"]
    assert catalog.value("u") == "1"


def test_a_decision_that_a_place_forbids_is_told_why(catalog):
    """The table was dropped on main, and another lies where it was."""
    catalog.fork("dev")
    place = catalog.place()
    catalog.drop("t")
    catalog.set("t", "1", branch="dev")
    catalog.make_at("other", place)
    operation = catalog.merge("dev", want=409)["operation_id"]
    first, = catalog.conflicts(operation)
    catalog.resolve(first["id"], "TakeSource")
    catalog.complete(operation, want=409)
    second, = catalog.conflicts(operation)
    assert "whose files it would share" in second["description"]
    catalog.abort(operation)
    assert catalog.tables() == ["other"]


def test_a_sweep_finds_out_whose_a_place_is(catalog):
    place = catalog.place()
    catalog.fork("dev")
    catalog.drop("t", branch="dev")
    catalog.forget_places()
    catalog.run("sweep")
    reply = catalog.ask("POST", catalog.path("dev", "a") + "/tables", {
        "name": "u", "schema": SCHEMA, "location": place}, 409)
    assert "table a.t of branch 'main'," in reply.json()["error"]["message"]


@pytest.mark.parametrize("name", ("", "named"))
def test_a_purged_place_that_no_row_knows_loses_what_is_the_tables(
        catalog, name):
    """The table was dropped before a sweep had seen it: nobody knows whether
    the server chose the place."""
    more = {"location": f"{catalog.place()}-{name}"} if name else {}
    place = catalog.make("old", **more)
    metadata = set(place.rglob("*.json"))
    files = set(files_below(place))
    catalog.purge_forgotten("old")
    catalog.sweep_until(lambda: not any(file.exists() for file in metadata))
    catalog.sweep_out()
    assert set(files_below(place)) == files - metadata


def test_a_purged_place_around_another_table_is_left_alone(catalog):
    catalog.fork("dev")
    place = catalog.make("old", location=f"{catalog.place()}-old")
    catalog.make_at("inner", f"file://{place}/data/inner", "dev")
    files = [file for file in files_below(place) if file.suffix != ".json"]
    catalog.purge_forgotten("old")
    catalog.sweep_out()
    assert all(file.exists() for file in files)
    assert catalog.file("inner", "dev").exists()


def test_the_place_of_a_table_that_came_back_is_usable_again(catalog):
    """A merge of an earlier release did not wait for a purge that had begun
    to empty the place."""
    place = catalog.make("t2", location=f"{catalog.place()}-2")
    entry = catalog.path(space="a") + "/tables/t2"
    identity = uuid.UUID(catalog.ask("GET", entry, want=200).json()[
        "metadata"]["table-uuid"]).bytes
    (key,), = catalog.store("SELECT id FROM catalogs WHERE name = ?",
                            catalog.name)
    catalog.store("INSERT INTO purges (id, catalog, object, state, since_us,"
                  " places) VALUES (?, ?, ?, 2, ?, ?)", identity, key,
                  identity, time.time_ns() // 1000, str(place))
    catalog.store("UPDATE locations SET doomed_us = 1 WHERE object = ?",
                  identity)
    file = catalog.file("t2")
    catalog.run("sweep")
    catalog.drop("t2")
    catalog.ask("POST", catalog.path(space="a") + "/register", {
        "name": "t3", "metadata-location": f"file://{file}"}, 200)
