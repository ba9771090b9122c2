"""No table lies in another's directory, whoever comes first."""

import concurrent.futures
import itertools
import pathlib
import re

import pytest

NAMESPACES = "/v1/default/namespaces"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}
VERSION = {"version-id": 1, "timestamp-ms": 1, "schema-id": 0, "summary": {},
           "default-namespace": ["x"], "representations": [
               {"type": "sql", "sql": "select 1", "dialect": "spark"}]}
_numbers = itertools.count(1)


@pytest.fixture(scope="module", name="server",
                params=(("sqlite", 2), ("memory", 1)), ids=lambda p: p[0])
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


class Space:
    """A namespace, and a folder for locations that tests choose."""

    def __init__(self, server):
        self.server, self.name = server, f"claim{next(_numbers)}"
        self.path = f"{NAMESPACES}/{self.name}"
        assert self.post(NAMESPACES, {"namespace": [self.name]}).status == 200
        root = server.call(
            "GET", "/api/v1/catalogs/default").json()["storage_location"]
        made = self.create("first").json()["metadata"]["location"]
        self.drop("first")
        self.root = root or made.rpartition(f"/{self.name}/")[0]
        self.here = f"{self.root}/{self.name}_chosen"

    def post(self, path, body):
        return self.server.call("POST", path, body)

    def create(self, name, location=None, kind="tables", **more):
        body = {"name": name, "schema": SCHEMA, **more}
        if kind == "views":
            body |= {"view-version": VERSION, "properties": {}}
        if location:
            body["location"] = location
        return self.post(f"{self.path}/{kind}", body)

    def made(self, *args, **more):
        reply = self.create(*args, **more)
        assert reply.status == 200, reply
        return reply.json()

    def drop(self, name, kind="tables"):
        reply = self.server.call("DELETE", f"{self.path}/{kind}/{name}")
        assert reply.status == 204, reply

    def register(self, name, file, **more):
        return self.post(f"{self.path}/register",
                         {"name": name, "metadata-location": file, **more})

    def move(self, name, location, kind="tables"):
        return self.post(f"{self.path}/{kind}/{name}", {"updates": [
            {"action": "set-location", "location": location}]})

    def finish(self, staged, name):
        """The second half of a staged creation."""
        metadata = staged["metadata"]
        return self.post(f"{self.path}/tables/{name}", {
            "requirements": [{"type": "assert-create"}], "updates": [
                {"action": "assign-uuid", "uuid": metadata["table-uuid"]},
                {"action": "upgrade-format-version", "format-version": 2},
                {"action": "add-schema", "schema": metadata["schemas"][0]},
                {"action": "set-current-schema", "schema-id": -1},
                {"action": "add-spec", "spec": {"fields": []}},
                {"action": "set-default-spec", "spec-id": -1},
                {"action": "add-sort-order",
                 "sort-order": {"order-id": 0, "fields": []}},
                {"action": "set-default-sort-order", "sort-order-id": -1},
                {"action": "set-location", "location": metadata["location"]},
            ]})


@pytest.fixture(name="space")
def fixture_space(server):
    return Space(server)


def check_taken(reply, status=409, kind="AlreadyExistsException"):
    assert reply.status == status, reply
    error = reply.json()["error"]
    assert error["type"] == kind, error
    assert error["message"].startswith("Location is in, at or around")


def around(here):
    """Places that overlap with the table at HERE/a/t."""
    return [f"{here}/a/t", f"{here}/a/t/x", f"{here}/a/t/data/x", f"{here}/a",
            here, f"{here}/a/t".replace("file:///", "file:/")]


def test_new_ones_keep_off_each_other(space):
    space.made("one", f"{space.here}/a/t")
    for place in around(space.here):
        check_taken(space.create("two", place))
    for n, place in enumerate(("a/t2", "a/s", "b", "a/t_/t")):
        space.made(f"other{n}", f"{space.here}/{place}")


def test_the_table_that_is_in_the_way_is_named(space):
    def refusal(place):
        return space.create("two", place).json()["error"]["message"]

    space.made("one", f"{space.here}/a/t")
    for place in around(space.here):
        message = refusal(place)
        assert f"that of table {space.name}.one, whose files" in message
        assert "choose another location" in message
    reply = space.post("/v1/default/tables/rename", {
        "source": {"namespace": [space.name], "name": "one"},
        "destination": {"namespace": [space.name], "name": "new"}})
    assert reply.status == 204
    assert "that of another table, or of one that was dropped" in refusal(space.here)


def test_views_may_be_anywhere(space):
    space.made("view", f"{space.here}/v", kind="views")
    space.made("one", f"{space.here}/a/t")
    space.made("in_view", f"{space.here}/v/t")
    for n, place in enumerate(around(space.here)[:-1]):
        space.made(f"view{n}", place, kind="views")
        assert space.move("view", place, "views").status == 200


def test_a_default_place_is_somebodys_too(space):
    place = space.made("t")["metadata"]["location"]
    for taken in (place, f"{place}/x", place.rpartition("/")[0]):
        check_taken(space.create("u", taken))
    below = space.made("v", f"{space.here}/{space.name}")["metadata"]
    assert below["location"].startswith(space.here)


def test_moves_keep_off_too(space):
    space.made("one", f"{space.here}/a/t")
    space.made("two", f"{space.here}/b")
    for place in around(space.here):
        check_taken(space.move("two", place), 400, "BadRequestException")
    for place in ("c", "c/inside", "b"):
        assert space.move("two", f"{space.here}/{place}").status == 200
    # where it was are files of it still
    check_taken(space.create("x", f"{space.here}/c/inside/x"))
    check_taken(space.create("x", f"{space.here}/c"))


def test_a_drop_gives_the_ground_back(space):
    space.made("one", f"{space.here}/a/t")
    space.move("one", f"{space.here}/a/s")
    space.drop("one")
    space.made("two", f"{space.here}/a/t/deep/er")
    space.drop("two")
    # directories that were above claims are nobody's
    space.made("three", space.here)
    check_taken(space.create("four", f"{space.here}/a"))
    assert space.post(f"{space.path}/tables/three/unregister", {}
                      ).status == 200
    space.made("four", f"{space.here}/a")


def test_a_rename_takes_the_ground_along(space):
    space.made("one", f"{space.here}/t")
    ident = {"namespace": [space.name], "name": "one"}
    reply = space.post("/v1/default/tables/rename", {
        "source": ident, "destination": ident | {"name": "uno"}})
    assert reply.status == 204
    check_taken(space.create("one", f"{space.here}/t"))
    space.drop("uno")
    space.made("one", f"{space.here}/t")


def test_a_metadata_file_has_one_name(space):
    made = space.made("one")
    check_taken(space.register("two", made["metadata-location"]))
    check_taken(space.register("two", made["metadata-location"],
                               overwrite=True))
    # an older file of the same table, and the same name again
    space.post(f"{space.path}/tables/one", {"updates": [
        {"action": "set-properties", "updates": {"a": "b"}}]})
    check_taken(space.register("two", made["metadata-location"]))
    assert space.register("one", made["metadata-location"], overwrite=True
                          ).status == 200
    space.drop("one")
    assert space.register("two", made["metadata-location"]).status == 200


def test_who_is_overwritten_leaves_the_ground(space):
    one = space.made("one", f"{space.here}/one")
    two = space.made("two", f"{space.here}/two")
    check_taken(space.register("one", two["metadata-location"],
                               overwrite=True))
    space.drop("two")
    assert space.register("one", two["metadata-location"], overwrite=True
                          ).status == 200
    check_taken(space.create("x", f"{space.here}/two"))
    assert space.register("x", one["metadata-location"]).status == 200


def test_who_is_overwritten_from_within_leaves_every_ground(space):
    deep = space.made("deep", f"{space.here}/a/b/c")
    space.drop("deep")
    space.made("one", f"{space.here}/a")
    assert space.move("one", f"{space.here}/a/b").status == 200
    assert space.register("one", deep["metadata-location"], overwrite=True
                          ).status == 200
    check_taken(space.create("x", f"{space.here}/a"))
    space.drop("one")
    space.made("x", f"{space.here}/a")


def test_staged_ones_are_told_early_and_late(space):
    staged = space.made("one", f"{space.here}/t", **{"stage-create": True})
    space.made("two", f"{space.here}/t/x")
    check_taken(space.create("three", f"{space.here}/t",
                             **{"stage-create": True}))
    check_taken(space.finish(staged, "one"))
    assert not list(pathlib.Path(space.here.removeprefix("file://")).glob(
        "t/metadata/*.json"))
    space.drop("two")
    assert space.finish(staged, "one").status == 200


def test_a_transaction_overlaps_with_itself(space):
    def creation(name, location):
        return {"identifier": {"namespace": [space.name], "name": name},
                "requirements": [{"type": "assert-create"}], "updates": [
                    {"action": "upgrade-format-version", "format-version": 2},
                    {"action": "add-schema", "schema": SCHEMA},
                    {"action": "set-current-schema", "schema-id": -1},
                    {"action": "add-spec", "spec": {"fields": []}},
                    {"action": "set-default-spec", "spec-id": -1},
                    {"action": "add-sort-order",
                     "sort-order": {"order-id": 0, "fields": []}},
                    {"action": "set-default-sort-order", "sort-order-id": -1},
                    {"action": "set-location", "location": location}]}

    def commit(*places):
        return space.post("/v1/default/transactions/commit", {
            "table-changes": [creation(f"t{n}", f"{space.here}/{place}")
                              for n, place in enumerate(places)]})

    for pair in (("a", "a/b"), ("a/b", "a"), ("a", "a")):
        check_taken(commit(*pair))
    assert commit("a/b", "a/c", "d").status == 204


def test_races_have_one_winner(space):
    """Whoever wins, what is there afterwards does not overlap."""
    pool = concurrent.futures.ThreadPoolExecutor(8)
    for n in range(6):
        here = f"{space.here}/{n}"
        places = [here, f"{here}/a", f"{here}/a/b", f"{here}/c", f"{here}/a",
                  f"{here}/c/d/e", f"{here}/f", here]
        replies = list(pool.map(
            lambda i, n=n, places=places: space.create(
                f"r{n}_{i}", places[i]), range(len(places))))
        won = [place for place, reply in zip(places, replies)
               if reply.status == 200]
        assert {reply.status for reply in replies} <= {200, 409}, replies
        assert won
        for a, b in itertools.combinations(won, 2):
            assert a != b and not f"{a}/".startswith(f"{b}/") \
                and not f"{b}/".startswith(f"{a}/"), won
    pool.shutdown()


def test_places_end_in_no_ids_where_that_is_wanted(start_kind):
    plain = ("sqlite", 2, {"iceberg": {"location_ids": False}})
    with start_kind(plain) as server:
        space = Space(server)

        def place(name, kind="tables", **more):
            made = space.made(name, kind=kind, **more)["metadata"]["location"]
            return re.sub("-[0-9a-f]{8}$", "-ID",
                          made.removeprefix(f"{space.root}/"))

        def name_of(table):
            return {"namespace": [space.name], "name": table}

        assert place("t") == f"{space.name}/t"
        assert place("v", kind="views") == f"{space.name}/v"
        assert place("s", **{"stage-create": True}) == f"{space.name}/s"
        assert space.post("/v1/default/tables/rename", {
            "source": name_of("t"), "destination": name_of("u")}).status == 204
        assert place("t") == f"{space.name}/t-ID"
        # tables of this namespace would lie in table n's directory
        space.made("n")
        assert space.post(NAMESPACES, {
            "namespace": [space.name, "n"]}).status == 200
        space.path += "%1Fn"
        assert place("deep") == "deep-ID"
