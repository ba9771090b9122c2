"""The files of what was purged: its own place is emptied, and nothing else."""

import pytest
from harness.changes import VIEW_VERSION
from harness.purged import Places, files_below
from harness.versions import API
from harness.wait import until

SETTINGS = {"history": {"grace": "1s", "upkeep_interval": "0s"}}
KINDS = [("sqlite", 2, SETTINGS), ("memory", 1, SETTINGS)]


@pytest.fixture(name="server", scope="module", params=KINDS,
                ids=lambda kind: kind[0])
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Places(server)
    catalog.make_space()
    return catalog


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


def test_nothing_is_put_into_a_place_that_waits_to_be_emptied(catalog):
    place, moved = catalog.make("t"), catalog.make("u")
    copy = place / "metadata" / "00000-copy.metadata.json"
    copy.write_bytes(catalog.file("u").read_bytes())
    catalog.drop("u")
    catalog.purge("t")
    catalog.run("sweep")
    catalog.ask("POST", catalog.path(space="a") + "/views", {
        "name": "v", "view-version": VIEW_VERSION,
        "location": f"file://{place}",
        "schema": {"type": "struct", "schema-id": 0, "fields": []}}, 409)
    catalog.ask("POST", catalog.path(space="a") + "/register", {
        "name": "u", "metadata-location": f"file://{copy}"}, 409)
    catalog.sweep_out()
    assert not place.exists() and moved.exists()


def test_no_decision_puts_a_file_into_a_place_that_waits_to_be_emptied(
        catalog):
    """The metadata file of a merge's conflict may be anywhere in the
    catalog."""
    place, other = catalog.make("t"), catalog.make("u")
    catalog.purge("t")
    catalog.fork("dev")
    catalog.set("u", "dev", branch="dev")
    catalog.set("u", "main")
    operation = catalog.merge("dev", want=409)["operation_id"]
    found, = catalog.conflicts(operation)
    copy = place / "metadata" / "00000-copy.metadata.json"
    copy.write_bytes(catalog.file("u", "dev").read_bytes())
    catalog.resolve(found["id"], "Manual",
                    value={"metadata_location": f"file://{copy}"})
    catalog.run("sweep")
    refused = catalog.complete(operation, want=409)["error"]
    assert "being purged" in refused and "decide again" in refused, refused
    catalog.sweep_out()
    assert not place.exists() and catalog.value("u") == "main"
    catalog.resolve(found["id"], "TakeSource")
    catalog.complete(operation)
    assert catalog.value("u") == "dev" and other.exists()
