"""A file that two locations spell in two ways is one file: a sweep keeps it as
long as a version points to it in either."""

import contextlib
import hashlib
import sqlite3

import pytest
from harness.upkeep import Kept, changes
from harness.versions import API

SETTINGS = {"history": {"retention": "0s", "grace": "1s",
                        "upkeep_interval": "0s"}}


@pytest.fixture(name="server", scope="module")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2, SETTINGS)) as server:
        yield server


class Spelled(Kept):
    def register(self, name, file, branch=None, **more):
        self.ask("POST", self.path(branch, "a") + "/register", {
            "name": name, "metadata-location": f"file:{file}", **more}, 200)

    def store(self):
        file, = (self.server.folder / "state").glob("*.db")
        return contextlib.closing(sqlite3.connect(
            file, timeout=20, isolation_level=None))

    def garbage(self):
        with self.store() as store:
            return {row[0] for row in store.execute(
                "SELECT location FROM garbage")}


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Spelled(server)
    catalog.make_space()
    catalog.make_table("t")
    return catalog


def test_a_file_registered_in_another_spelling_is_not_deleted(catalog):
    old = changes(catalog, 2)[0]
    catalog.run("prune")  # names it
    catalog.drop("t")
    catalog.register("again", old)
    catalog.tidy()
    assert catalog.file("again") == old and old.exists()


def test_a_file_that_a_branch_spells_otherwise_is_not_deleted(catalog):
    old = changes(catalog, 2)[0]
    catalog.fork("dev")
    catalog.register("t", old, "dev", overwrite=True)
    catalog.tidy()
    assert catalog.file(branch="dev") == old and old.exists()


def test_catalogs_at_one_place_in_two_spellings_know_each_other(catalog):
    """What one of them needs no more the other has registered."""
    old = changes(catalog, 2)[0]
    place = catalog.server.folder / catalog.name / catalog.name
    other = Spelled(catalog.server)
    other.name = f"{catalog.name}-other"
    other.ask("POST", f"{API}/catalogs", {
        "name": other.name, "warehouse_name": catalog.name,
        "storage_location": f"file:{place}"}, 201)
    other.make_space()
    catalog.drop("t")
    other.register("t", f"//{old}")
    catalog.tidy()
    assert other.file() == old and old.exists()


def test_garbage_of_earlier_releases_is_not_deleted_unseen(catalog):
    """Their key was a hash of the text as it was spelled."""
    old, lost = changes(catalog, 3)[:2]
    catalog.fork("dev")
    catalog.register("t", old, "dev", overwrite=True)
    catalog.run("prune")
    with catalog.store() as store:
        for file in (old, lost):
            text = f"file:{file}"
            raw = bytearray(hashlib.blake2b(
                text.encode(), digest_size=16).digest())
            raw[6], raw[8] = raw[6] & 15 | 0x80, raw[8] & 63 | 0x80
            changed = store.execute(
                "UPDATE garbage SET id = ?, location = ? WHERE location = ?",
                (bytes(raw), text, f"file://{file}"))
            assert changed.rowcount == 1
    catalog.sweep_until_gone([lost])
    catalog.sweep_until(lambda: f"file:{old}" not in catalog.garbage())
    assert catalog.file(branch="dev") == old and old.exists()
