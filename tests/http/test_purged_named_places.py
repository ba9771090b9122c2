"""The files of a purged table whose place somebody named: what its metadata
reaches there goes, and nothing else."""

import contextlib

import pyarrow
import pytest
from harness.purged import Places, files_below
from harness.upkeep import TASKS, path_of
from harness.versions import API
from harness.wait import until
from pyiceberg.catalog import load_catalog

SETTINGS = {"history": {"grace": "1s", "upkeep_interval": "0s"}}
KINDS = [("sqlite", 2, SETTINGS), ("memory", 1, SETTINGS)]
ROWS = pyarrow.table({"id": [1, 2, 3]})


@pytest.fixture(name="server", scope="module", params=KINDS,
                ids=lambda kind: kind[0])
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


class Named(Places):
    """Tables with real data where somebody wants them."""

    def __init__(self, server):
        super().__init__(server)
        self.make_space()
        self.client = load_catalog(
            "named", type="rest", uri=server.url, warehouse=self.name,
            credential=f"admin:{server.first_password}")
        self.root = server.folder / self.name / self.name

    def write(self, name, place=None):
        """A table with two snapshots, and the files of its place."""
        place = place or self.root / name
        table = self.client.create_table(
            ("a", name), ROWS.schema, location=f"file://{place}")
        table.append(ROWS)
        table.append(ROWS)
        return table, place

    def gone(self, files):
        self.sweep_until(lambda: not any(file.exists() for file in files))

    def told(self):
        """What the sweeps had to tell."""
        found = self.ask("GET", f"{TASKS}?kind=sweep", want=200).json()
        rows = [self.ask("GET", f"{TASKS}/{one['id']}/results",
                         want=200).json() for one in found
                if one["catalog"] == self.name]
        return sum(rows, [])


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    return Named(server)


def test_the_data_in_a_named_place_is_deleted(catalog):
    _, place = catalog.write("t")
    _, other = catalog.write("other")
    kept, files = files_below(other), files_below(place)
    assert len(files) > 8
    catalog.purge("t")
    catalog.gone(files)
    assert files_below(other) == kept
    assert catalog.client.load_table(("a", "other")).scan().count() == 6

    def freed():
        catalog.run("sweep")
        with contextlib.suppress(AssertionError):
            catalog.make("again", location=f"file://{place}")
            return True
    until(freed, "another table may have the place")


def test_files_of_others_in_and_around_a_named_place_survive(catalog):
    _, source = catalog.write("source")
    table, place = catalog.write("t")
    outside = next(iter(source.rglob("*.parquet")))
    table.add_files([f"file://{outside}"])
    kept = files_below(source)
    theirs = [place / "data" / "theirs.parquet", place / "README",
              catalog.root / "beside"]
    for file in theirs:
        file.write_text("theirs")
    catalog.purge("t")
    files = set(files_below(place)) - set(theirs)
    catalog.gone(files)
    assert all(file.read_text() == "theirs" for file in theirs)
    assert files_below(source) == kept


def test_earlier_files_that_no_version_knows_are_deleted(catalog):
    """The log of a table that was registered, and what they alone reach."""
    table, place = catalog.write("t")
    first = table.metadata.snapshots[0]
    before = catalog.file()
    catalog.ask("POST", catalog.path(space="a") + "/tables/t", {
        "requirements": [], "updates": [{
            "action": "remove-snapshots",
            "snapshot-ids": [first.snapshot_id]}]}, 200)
    last = catalog.file()
    catalog.ask("DELETE", f"{API}/catalogs/{catalog.name}", want=204)
    catalog.ask("POST", f"{API}/catalogs", {
        "name": catalog.name, "warehouse_name": catalog.name}, 201)
    catalog.make_space()
    catalog.ask("POST", catalog.path(space="a").replace(
        "/namespaces/a", "/namespaces/a/register"), {
            "name": "t", "metadata-location": f"file://{last}"}, 200)
    lone = path_of(first.manifest_list)
    assert lone.exists() and before.exists()
    catalog.purge("t")
    catalog.gone(files_below(place))
    assert files_below(place) == []


def test_a_broken_manifest_is_told_and_the_rest_is_deleted(catalog):
    table, place = catalog.write("t")
    lists = {snapshot.manifest_list.removeprefix("file://")
             for snapshot in table.metadata.snapshots}
    manifests = [file for file in place.rglob("*.avro")
                 if str(file) not in lists]
    manifests[0].write_bytes(b"no manifest")
    manifests[1].unlink()
    data = {file for file in place.rglob("*.parquet")}
    catalog.purge("t")
    catalog.gone(set(files_below(place)) - data)
    assert {(one["problem"], one["location"]) for one in catalog.told()} == {
        ("manifest-unreadable", f"file://{manifests[0]}")}
