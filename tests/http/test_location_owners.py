"""The place of a table is its own in all catalogs, on every branch and in all
history, until the sweep has found it empty."""

import json
import shutil
import uuid

import pytest
from harness.changes import SCHEMA
from harness.upkeep import Kept, path_of

SETTINGS = {"history": {"retention": "0s", "grace": "1s"}}


def pytest_generate_tests(metafunc):
    """--long: on each store; test_location_races.py is about stores."""
    stores = ["sqlite"]
    if metafunc.config.getoption("--long"):
        stores += ["memory", "postgres", "mongo"]
    if "server" in metafunc.fixturenames:
        metafunc.parametrize("server", stores, indirect=True, scope="module")


@pytest.fixture(name="server", scope="module")
def fixture_server(request, start_kind):
    with start_kind((request.param, 1, SETTINGS)) as server:
        yield server


class Places(Kept):
    """A catalog with branch dev, and a folder for places that tests choose."""

    def __init__(self, server):
        super().__init__(server)
        self.make_space()
        self.fork("dev")
        self.here = f"file://{server.folder}/{self.name}/{self.name}/chosen"

    def create(self, name, place, branch=None, **more):
        return self.ask("POST", self.path(branch, "a") + "/tables", {
            "name": name, "schema": SCHEMA, "location": place, **more})

    def made(self, *args, **more):
        reply = self.create(*args, **more)
        assert reply.status == 200, reply
        return reply.json()

    def register(self, name, file, branch=None, **more):
        return self.ask("POST", self.path(branch, "a") + "/register", {
            "name": name, "metadata-location": file, **more})

    def copy(self, file):
        """The metadata of another table at the same place."""
        path = path_of(file)
        text = path.read_text()
        identity = json.loads(text)["table-uuid"]
        other = path.with_name(f"00009-{uuid.uuid4()}.metadata.json")
        other.write_text(text.replace(identity, str(uuid.uuid4())))
        return f"file://{other}"

    def taken(self, place, branch=None):
        """What the refusal of a place says."""
        reply = self.create("refused", place, branch)
        assert reply.status == 409, reply
        message = reply.json()["error"]["message"]
        assert message.startswith("Location is in, at or around that of ")
        return message

    def free(self, place):
        reply = self.create("stage", place, **{"stage-create": True})
        assert reply.status in (200, 409), reply
        return reply.status == 200


@pytest.fixture(name="places")
def fixture_places(server):
    return Places(server)


def around(place):
    return place, f"{place}/x", place.rpartition("/")[0]


def test_a_place_of_one_branch_is_taken_on_all(places):
    places.made("one", f"{places.here}/a/t", "dev")
    for place in around(f"{places.here}/a/t"):
        assert "table a.one of branch 'dev'," in places.taken(place)
    places.made("other", f"{places.here}/a/t2")
    places.make_table("two")
    for place in around(f"{places.here}/a/t2"):
        places.taken(place, "dev")
    moved = places.ask("POST", f"{places.path(space='a')}/tables/two", {
        "updates": [{"action": "set-location",
                     "location": f"{places.here}/a/t/x"}]})
    assert moved.status == 400, moved


def test_a_default_place_is_taken_on_all_branches(places):
    place = places.make_table("one")["metadata"]["location"]
    for taken in around(place):
        places.taken(taken, "dev")
    # and lies in nobody's
    places.make_space("b")
    inside = place.rpartition("/")[0].removesuffix("/a") + "/b"
    places.made("all", inside, "dev")
    reply = places.ask("POST", places.path(None, "b") + "/tables",
                       {"name": "t", "schema": SCHEMA})
    assert reply.status == 409, reply


def test_places_of_two_catalogs_that_meet(places, server):
    other = Places.__new__(Places)
    other.server, other.name = server, f"{places.name}other"
    other.ask("POST", "/api/v1/warehouses", {
        "name": other.name, "storage_config": {
            "location": f"file://{server.folder}/{other.name}",
            "allowed-locations": places.here}}, 201)
    other.ask("POST", "/api/v1/catalogs", {
        "name": other.name, "warehouse_name": other.name}, 201)
    other.make_space()
    made = places.made("one", f"{places.here}/a/t")
    for place in around(f"{places.here}/a/t"):
        assert "that of another table" in other.taken(place)
    reply = other.register("one", made["metadata-location"])
    assert reply.status == 409, reply
    other.made("two", f"{places.here}/b")
    places.taken(f"{places.here}/b/x")
    # a catalog that is deleted has no places
    other.drop("two")
    other.ask("DELETE", other.path(None, "a"), want=204)
    other.ask("DELETE", f"/api/v1/catalogs/{other.name}", want=204)
    places.made("two", f"{places.here}/b/x")


def test_a_table_has_its_own_place_on_every_branch(places):
    file = places.made("one", f"{places.here}/t")["metadata-location"]
    assert places.register("one", file, "dev").status == 200
    places.drop("one", branch="dev")
    assert places.register("two", file, "dev").status == 200
    places.drop("one")
    places.taken(f"{places.here}/t")
    assert places.register("three", file).status == 200


def test_a_dropped_table_keeps_its_place(places):
    places.made("one", f"{places.here}/t", "dev")
    identity = places.ask("GET", f"{places.path('dev', 'a')}/tables/one",
                          want=200).json()["metadata"]["table-uuid"]
    places.drop("one", branch="dev")
    for branch in (None, "dev"):
        assert "one that was dropped" in places.taken(
            f"{places.here}/t/x", branch)
    places.tidy()  # its last file is there still
    places.taken(places.here)
    places.ask("POST", "/api/v1/undrop", {
        "catalog": places.name, "branch": "dev", "id": identity}, 200)
    assert "table a.one of branch 'dev'," in places.taken(places.here)


def test_an_empty_place_that_nobody_shows_is_free_again(places):
    """Dropped on both branches, pruned, emptied, swept."""
    place = f"{places.here}/t"
    file = places.made("one", place)["metadata-location"]
    assert places.register("one", file, "dev").status == 200
    places.drop("one")
    places.tidy()
    shutil.rmtree(path_of(place))
    places.tidy()
    places.taken(place)  # dev shows it
    places.drop("one", branch="dev")
    places.tidy()
    places.sweep_until(lambda: places.free(place))
    places.made("two", place)


def test_a_directory_of_the_server_outlives_its_tables(places):
    """The server goes on to place tables there, without looking."""
    place = places.make_table("one")["metadata"]["location"]
    places.drop("one")
    shutil.rmtree(path_of(place))
    places.tidy()
    places.sweep_until(lambda: places.free(place))
    directory = place.rpartition("/")[0]
    assert "the server places there" in places.taken(directory, "dev")
    places.make_table("two", branch="dev")
    places.made("beside", f"{directory}/named")


def test_a_place_that_is_shown_stays_taken_though_it_is_empty(places):
    place = places.make_table("t")["metadata"]["location"]
    places.fork("exp")
    places.drop("t", branch="exp")
    places.rename("t", "u")
    shutil.rmtree(path_of(place))
    for _ in range(2):
        places.tidy()
        places.taken(place, "exp")


def test_a_place_of_what_was_replaced_is_free_again(places):
    """No tombstone tells of it."""
    place = f"{places.here}/t"
    places.made("one", place)
    places.drop("one")
    places.make_table("one")
    shutil.rmtree(path_of(place))
    places.tidy()
    places.sweep_until(lambda: places.free(place))


def test_two_tables_of_one_transaction_overlap(places):
    def create(name, place):
        return {"identifier": {"namespace": ["a"], "name": name},
                "requirements": [{"type": "assert-create"}],
                "updates": [{"action": "set-location", "location": place},
                            {"action": "add-schema", "schema": SCHEMA},
                            {"action": "set-current-schema",
                             "schema-id": -1}]}
    path = f"/v1/{places.name}/transactions/commit"
    for inner in (places.here, f"{places.here}/x"):
        reply = places.ask("POST", path, {"table-changes": [
            create("one", places.here), create("two", inner)]})
        assert reply.status == 409, reply
    assert places.free(places.here)
    places.ask("POST", path, {"table-changes": [
        create(f"t{n}", f"{places.here}/{n}") for n in range(3)]}, 204)
    places.taken(places.here, "dev")


def test_register_does_not_replace_what_a_branch_shows(places):
    """Another table at the place of the one that has the name."""
    file = places.made("one", f"{places.here}/t")["metadata-location"]
    copy = places.copy(file)
    for branch in (None, "dev"):
        reply = places.register("one", copy, branch, overwrite=True)
        assert reply.status == 409, reply
    reply = places.register("one", copy, overwrite=True)
    assert "to be replaced" in reply.json()["error"]["message"]
    assert places.register("one", file, overwrite=True).status == 200


@pytest.fixture(name="lone")
def fixture_lone(server):
    """A catalog that never had a second branch or tag."""
    places = Places.__new__(Places)
    Kept.__init__(places, server)
    places.make_space()
    places.here = f"file://{server.folder}/{places.name}/{places.name}/chosen"
    return places


def test_register_replaces_a_table_at_its_place_on_one_branch(lone):
    file = lone.made("one", f"{lone.here}/t")["metadata-location"]
    for _ in range(2):
        file = lone.copy(file)
        reply = lone.register("one", file, overwrite=True)
        assert reply.status == 200, reply
    lone.taken(f"{lone.here}/t")
    lone.fork("dev")
    assert "table a.one of branch 'main'," in lone.taken(
        f"{lone.here}/t", "dev")
    assert lone.register("one", file, "dev", overwrite=True).status == 200
    # and inside the place of the one before
    lone.drop("one")
    lone.taken(f"{lone.here}/t/x")


def test_what_comes_back_on_one_branch_has_its_place_again(lone):
    """Dropped, brought back, and met by a claim of another."""
    identity = lone.made("one", f"{lone.here}/t")["metadata"]["table-uuid"]
    lone.drop("one")
    lone.ask("POST", "/api/v1/undrop", {
        "catalog": lone.name, "id": identity}, 200)
    lone.taken(lone.here)
    lone.drop("one")
    lone.made("two", f"{lone.here}/t/x")
    reply = lone.ask("POST", "/api/v1/undrop", {
        "catalog": lone.name, "id": identity})
    assert reply.status == 409, reply


def test_a_drop_gives_the_place_back_while_there_is_one_branch(lone):
    for name in ("one", "two"):
        lone.made(name, f"{lone.here}/t")
        lone.taken(lone.here)
        lone.drop(name)
    lone.made("three", f"{lone.here}/t")
    lone.fork("dev")
    lone.drop("three")
    lone.taken(f"{lone.here}/t")
