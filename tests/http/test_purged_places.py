"""The files of what was purged: its own place is emptied, and nothing else."""

import pytest
from harness.changes import SCHEMA, VIEW_VERSION
from harness.upkeep import Kept, path_of
from harness.versions import API
from harness.wait import until

SETTINGS = {"history": {"grace": "1s", "upkeep_interval": "0s"}}
KINDS = [("sqlite", 2, SETTINGS), ("memory", 1, SETTINGS)]


@pytest.fixture(name="server", scope="module", params=KINDS,
                ids=lambda kind: kind[0])
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


class Places(Kept):
    """A catalog with tables that have data."""

    def make(self, name, **more):
        """The directory of a new table with some files below it."""
        made = self.ask("POST", self.path(space="a") + "/tables", {
            "name": name, "schema": SCHEMA, **more}, 200).json()
        place = path_of(made["metadata"]["location"])
        for path in ("data/1.parquet", "data/day=1/2.parquet",
                     "metadata/snap-1.avro", "metadata/stats.puffin"):
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text("x")
        return place

    def purge(self, name, drop=True):
        if drop:
            self.drop(name)
        found = self.ask("GET", f"{API}/dropped?catalog={self.name}",
                         want=200).json()
        what = next(one["id"] for one in found if one["name"] == name)
        self.wait(self.ask("POST", f"{API}/purge", {
            "catalog": self.name, "id": what}, 202).json()["task_id"],
                  "purge")
        return what

    def sweep_out(self):
        """Sweeps until the place of a table that is purged now is gone."""
        place = self.make("last")
        self.purge("last")

        def gone():
            self.run("sweep")
            return not place.exists()
        until(gone, f"{place} is gone")


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Places(server)
    catalog.make_space()
    return catalog


def files_below(place):
    return sorted(path for path in place.rglob("*") if path.is_file())


def test_the_place_of_a_purged_table_is_emptied(catalog):
    other, dropped = catalog.make("other"), catalog.make("dropped")
    catalog.drop("dropped")
    place = catalog.make("t")
    kept = files_below(other) + files_below(dropped)
    catalog.purge("t")
    assert files_below(place)
    catalog.sweep_out()
    assert not place.exists()
    assert kept == files_below(other) + files_below(dropped)
    # nobody has the place any more
    catalog.make("again", location=f"file://{place}")


def test_a_drop_that_asks_has_its_data_deleted(catalog):
    place = catalog.make("t")
    catalog.ask("PUT", f"{API}/catalogs/{catalog.name}", {
        "properties": {"history.retention": "0s"}}, 200)
    catalog.ask("DELETE", catalog.path(space="a")
                + "/tables/t?purgeRequested=true", want=204)
    catalog.run("prune")

    def gone():
        catalog.run("sweep")
        return not place.exists()
    until(gone, f"{place} is gone")


def test_a_place_that_somebody_named_keeps_its_data(catalog, server):
    place = server.folder / catalog.name / catalog.name / "named"
    assert catalog.make("t", location=f"file://{place}") == place
    data = [path for path in files_below(place) if path.suffix != ".json"]
    catalog.purge("t")
    catalog.sweep_out()
    assert files_below(place) == data


def test_links_are_deleted_and_not_followed(catalog, server):
    elsewhere = server.folder / f"{catalog.name}-elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("precious")
    place, linked = catalog.make("t"), catalog.make("linked")
    (place / "data" / "link").symlink_to(elsewhere)
    (place / "link").symlink_to(elsewhere / "precious")
    linked.rename(elsewhere / "moved")
    linked.symlink_to(elsewhere / "moved")
    catalog.purge("t")
    catalog.purge("linked")
    catalog.sweep_out()
    assert not place.exists()
    assert linked.is_symlink() and files_below(elsewhere / "moved")
    assert (elsewhere / "precious").read_text() == "precious"


def test_a_view_in_the_place_keeps_it(catalog):
    """Engines put views where their tables are."""
    place = catalog.make("t")
    views = catalog.path(space="a") + "/views"
    catalog.ask("POST", views, {
        "name": "v", "view-version": VIEW_VERSION,
        "location": f"file://{place}",
        "schema": {"type": "struct", "schema-id": 0, "fields": []}}, 200)
    catalog.purge("t")
    catalog.sweep_out()
    assert files_below(place)
    catalog.ask("GET", f"{views}/v", want=200)
    catalog.ask("DELETE", f"{views}/v", want=204)
    catalog.purge("v", drop=False)
    catalog.sweep_out()
    until(lambda: catalog.run("sweep") or not place.exists(), "it is gone")
