"""Commits of several tables at once: all of them or none."""

import concurrent.futures
import itertools
import uuid

import pytest

NAMESPACES = "/v1/default/namespaces"
COMMIT = "/v1/default/transactions/commit"
FIELD = {"id": 1, "name": "x", "type": "long", "required": False}
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [FIELD]}
_numbers = itertools.count(1)


class Space:
    """A namespace with tables a and b."""

    def __init__(self, server):
        self.server, self.name = server, f"together{next(_numbers)}"
        server.call("POST", NAMESPACES, {"namespace": [self.name]})
        self.tables = f"{NAMESPACES}/{self.name}/tables"
        for table in "ab":
            made = server.call("POST", self.tables,
                               {"name": table, "schema": SCHEMA})
            assert made.status == 200, made

    def change(self, table, value, *requirements):
        return {"identifier": {"namespace": [self.name], "name": table},
                "requirements": list(requirements),
                "updates": [{"action": "set-properties",
                             "updates": {"n": str(value)}}]}

    def commit(self, *changes):
        return self.server.call("POST", COMMIT,
                                {"table-changes": list(changes)})

    def load(self, table):
        return self.server.call("GET", f"{self.tables}/{table}").json()

    def value(self, table):
        return self.load(table)["metadata"]["properties"].get("n")

    def files(self, table):
        return sorted(self.server.folder.rglob(
            f"{self.name}/{table}-*/metadata/*.json"))


@pytest.fixture(name="space")
def fixture_space(server):
    return Space(server)


def check_error(reply, status, kind, message):
    assert reply.status == status, reply
    error = reply.json()["error"]
    assert error["type"] == kind and message in error["message"], error


def test_all_tables_change_in_one_step(space):
    done = space.commit(space.change("b", 1), space.change("a", 1))
    assert (done.status, done.body) == (204, b"")
    assert (space.value("a"), space.value("b")) == ("1", "1")


def test_one_requirement_that_fails_keeps_all_as_they_were(space):
    before = [space.load(t) for t in "ab"]
    files = [space.files(t) for t in "ab"]
    wrong = {"type": "assert-table-uuid", "uuid": str(uuid.uuid4())}
    check_error(space.commit(space.change("a", 1), space.change("b", 1, wrong)),
                409, "CommitFailedException",
                "Requirement failed: UUID does not match")
    assert [space.load(t) for t in "ab"] == before
    assert [space.files(t) for t in "ab"] == files


def test_a_requirement_without_updates_is_part_of_it(space):
    same = {"type": "assert-table-uuid",
            "uuid": space.load("b")["metadata"]["table-uuid"]}
    only = space.change("b", 1, same) | {"updates": []}
    before = space.load("b")
    assert space.commit(space.change("a", 5), only).status == 204
    assert space.value("a") == "5" and space.load("b") == before


def test_a_table_can_be_made_along_the_way(space):
    made = {"identifier": {"namespace": [space.name], "name": "new"},
            "requirements": [{"type": "assert-create"}],
            "updates": [
                {"action": "add-schema", "schema": SCHEMA},
                {"action": "set-current-schema", "schema-id": -1}]}
    assert space.commit(space.change("a", 2), made).status == 204
    assert space.value("a") == "2"
    assert space.load("new")["metadata"]["current-schema-id"] == 0
    check_error(space.commit(space.change("a", 3), made), 409,
                "CommitFailedException", "table already exists")
    assert space.value("a") == "2"


@pytest.mark.parametrize("changes, status, kind, message", (
    ([], 400, "BadRequestException", "table-changes"),
    (["a", "a"], 400, "BadRequestException", "Table is changed twice"),
    (["a", "gone"], 404, "NoSuchTableException", "Table does not exist"),
    (["a", None], 400, "BadRequestException", "identifier"),
    ([f"t{n}" for n in range(1001)], 400, "BadRequestException",
     "table-changes: at most 1000 tables"),
    (["a", "x\x00y"], 400, "BadRequestException",
     "/table-changes/1/identifier/name"),
), ids=("none", "twice", "gone", "nameless", "many", "odd"))
def test_what_cannot_be_changes_nothing(space, changes, status, kind, message):
    body = [space.change(name, 1) for name in changes]
    for change in body:
        if change["identifier"]["name"] is None:
            del change["identifier"]
    check_error(space.commit(*body), status, kind, message)
    assert space.value("a") is None


def test_many_at_once_leave_both_tables_alike(space):
    def both(number):
        changes = [space.change(t, number) for t in "ab"]
        return space.commit(*changes[::1 if number % 2 else -1]).status

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(both, range(40))) == {204}
    assert space.value("a") == space.value("b")
    logs = [space.load(t)["metadata"]["metadata-log"] for t in "ab"]
    assert len(logs[0]) == len(logs[1]) == 40


def test_a_hundred_tables_go_in_one_commit(server, space):
    names = [f"t{number:03}" for number in range(100)]
    for name in names:
        server.call("POST", space.tables, {"name": name, "schema": SCHEMA})
    assert space.commit(*(space.change(n, 7) for n in names)).status == 204
    assert {space.value(n) for n in names} == {"7"}
