"""Files of a page that a sweep cannot delete, or may not, hold up no others."""

import contextlib
import sqlite3

import pytest
from harness.upkeep import TASKS, Kept, changes
from harness.wait import until

SETTINGS = {"history": {"retention": "0s", "grace": "1s",
                        "upkeep_interval": "0s"}}


@pytest.fixture(name="server", scope="module")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2, SETTINGS)) as server:
        yield server


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Kept(server)
    catalog.make_space()
    catalog.make_table("t")
    return catalog


def test_a_file_that_cannot_be_deleted_is_told_and_tried_again(catalog):
    old = changes(catalog, 6)[:-1]
    stuck = old[2]
    stuck.unlink()
    stuck.mkdir()
    catalog.run("prune")
    told = []

    def others_gone():
        task = catalog.submit("sweep")
        catalog.wait(task, "sweep")
        told.extend(catalog.ask(
            "GET", f"{TASKS}/{task}/results", want=200).json())
        return [file for file in old if file.exists()] == [stuck]
    until(others_gone, "the others are swept")
    assert told and {(row["problem"], row["location"]) for row in told} == {
        ("file-not-deleted", f"file://{stuck}")}
    stuck.rmdir()
    stuck.write_text("{}")
    catalog.sweep_until_gone([stuck])


def test_a_row_that_becomes_young_meanwhile_stays_alone(catalog):
    """Of the rows that a sweep dooms together, one changes before it does."""
    old = changes(catalog, 6)[:-1]
    catalog.run("prune")
    file, = (catalog.server.folder / "state").glob("*.db")
    with contextlib.closing(sqlite3.connect(
            file, timeout=20, isolation_level=None)) as store:
        store.execute(
            "CREATE TRIGGER young BEFORE UPDATE ON garbage WHEN NEW.doomed < 0"
            f" AND OLD.location LIKE '%{old[2].name}' BEGIN"
            " SELECT RAISE(IGNORE); END")
        catalog.sweep_until(
            lambda: [one for one in old if one.exists()] == [old[2]])
        store.execute("DROP TRIGGER young")
    catalog.sweep_until_gone([old[2]])
