"""kill -9 at each step of a purge: it ends all the same, and nothing else
loses a file."""

import pyarrow
import pytest
from faults.test_prune_killed import until_killed
from harness.purged import Places, files_below
from harness.upkeep import Kept, changes
from harness.versions import API
from harness.wait import until
from pyiceberg.catalog import load_catalog

POINTS = ("purge_noted", "page_erased", "purge_erased")
SWEEP_POINTS = ("place_doomed", "place_cleared", "place_freed")
NAMED_POINTS = ("doomed", "place_doomed", "manifest_emptied",
                "manifest_list_emptied", "place_freed")


def drop_some(catalog, name):
    """Id and files of a table that was dropped."""
    catalog.make_table(name)
    files = changes(catalog, 2, table=name)
    catalog.drop(name)
    found = catalog.ask("GET", f"{API}/dropped?catalog={catalog.name}",
                        want=200).json()
    return next(one["id"] for one in found if one["name"] == name), files


def start(servers, store):
    """A server, and the file that names the point where it dies."""
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    server = servers.new(store=store, workers=2, settings={
        "history": {"grace": "1s", "upkeep_interval": "0s"}})
    point = server.folder / "point"
    server.environment["FAULT_POINT"] = str(point)
    server.start()
    return server, point


@pytest.mark.timeout(300)
@pytest.mark.parametrize("store", ("sqlite", "postgres", "mongo"))
def test_a_kill_in_a_purge_loses_nothing(servers, store):
    server, point = start(servers, store)
    catalog = Kept(server)
    catalog.make_space()
    catalog.make_table("t")
    kept = changes(catalog, 2)
    catalog.fork("dev")
    gone = []
    for name in POINTS:
        what, files = drop_some(catalog, name)
        gone += files
        point.write_text(name)
        task = catalog.ask("POST", f"{API}/purge", {
            "catalog": catalog.name, "id": what}, 202).json()["task_id"]
        until(lambda: not point.exists(), f"{name} is reached")
        server.kill()
        server.restart()
        catalog.wait(task, "purge")
        catalog.ask("POST", f"{API}/undrop",
                    {"catalog": catalog.name, "id": what}, 404)
    for name in SWEEP_POINTS:
        until_killed(server, catalog, point, name)
    catalog.sweep_until_gone(gone)
    assert not any(file.parent.parent.exists() for file in gone)
    assert all(file.exists() for file in kept)
    assert catalog.value("t", branch="dev") == catalog.value("t") == "1"


def test_a_kill_while_a_named_place_loses_its_data_loses_no_more(servers):
    server, point = start(servers, "sqlite")
    catalog = Places(server)
    catalog.make_space()
    client = load_catalog(
        "killed", type="rest", uri=server.url, warehouse=catalog.name,
        credential=f"admin:{server.first_password}")
    rows = pyarrow.table({"id": [1]})
    root = server.folder / catalog.name / catalog.name / "named"

    def write(name):
        table = client.create_table(
            ("a", name), rows.schema, location=f"file://{root / name}")
        table.append(rows)
        table.append(rows)
        return files_below(root / name)
    kept = write("kept")
    for name in NAMED_POINTS:
        assert len(write(name)) == len(kept)
        catalog.purge(name)
        until_killed(server, catalog, point, name)
    catalog.sweep_until(lambda: files_below(root) == kept)
