"""What a table's metadata log names: a sweep deletes metadata files only, for
of others it does not know which branches need them."""

import json

import pytest
from harness.purged import Places, files_below

SETTINGS = {"history": {"retention": "0s", "grace": "1s",
                        "upkeep_interval": "0s"}}
ASKING = {"write.metadata.delete-after-commit.enabled": "true",
          "write.metadata.previous-versions-max": "1"}


@pytest.fixture(name="server", scope="module")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2, SETTINGS)) as server:
        yield server


class Logged(Places):
    def write(self, file, logged):
        """A metadata file like another, whose log names these files."""
        made = json.loads(file.read_text())
        now = made["last-updated-ms"]
        made["metadata-log"] = [{"timestamp-ms": now - len(logged) + number,
                                 "metadata-file": f"file://{one}"}
                                for number, one in enumerate(logged)]
        made["properties"] = {**made.get("properties", {}), **ASKING}
        new = file.parent / "00000-made.metadata.json"
        new.write_text(json.dumps(made))
        return new

    def register(self, name, file, branch=None):
        self.ask("POST", self.path(branch, "a") + "/register", {
            "name": name, "metadata-location": f"file://{file}",
            "overwrite": True}, 200)


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Logged(server)
    catalog.make_space()
    return catalog


def test_a_log_that_names_data_does_not_get_it_deleted(catalog):
    """Whoever writes one branch would delete what all need."""
    place = catalog.make("t")
    data = [file for file in files_below(place) if file.suffix != ".json"]
    earlier = place / "metadata" / "00000-lost.metadata.json"
    earlier.write_text("{}")
    catalog.fork("dev")
    catalog.register(
        "t", catalog.write(catalog.file(), [*data, earlier]), "dev")
    for value in "123":
        catalog.set("t", value, branch="dev")
    catalog.sweep_until_gone([earlier])
    assert all(file.exists() for file in data)


def test_the_log_of_a_purged_table_does_not_get_data_deleted(catalog):
    """In a place that somebody named there may be files of others."""
    place = catalog.server.folder / catalog.name / catalog.name / "named"
    catalog.make("t", location=f"file://{place}")
    data = [file for file in files_below(place) if file.suffix != ".json"]
    earlier = place / "metadata" / "00000-lost.metadata.json"
    earlier.write_text("{}")
    catalog.register("t", catalog.write(catalog.file(), [*data, earlier]))
    catalog.purge("t")
    catalog.sweep_until_gone([earlier])
    assert all(file.exists() for file in data)
