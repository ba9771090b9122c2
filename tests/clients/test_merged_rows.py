"""PyIceberg on two branches: their rows, merged."""

import itertools

import pyarrow as pa
import pytest
from clients.conftest import connect

ROWS = pa.schema([pa.field("x", pa.int64())])
_numbers = itertools.count(1)


class Branches:
    """A catalog, and PyIceberg on each of its branches."""

    def __init__(self, server):
        self.server, self.open = server, {}
        self.name = f"merged{next(_numbers)}"
        place = f"file://{server.folder}/{self.name}"
        self.post("warehouses", {"name": self.name,
                                 "storage_config": {"location": place}})
        self.post("catalogs", {"name": self.name,
                               "warehouse_name": self.name})

    def post(self, path, body, want=(200, 201)):
        reply = self.server.call("POST", f"/api/v1/{path}", body)
        assert reply.status in want, reply
        return reply.json()

    def on(self, branch):
        if branch not in self.open:
            self.open[branch] = connect(
                self.server, self.name if branch == "main"
                else f"{self.name}@{branch}")
        return self.open[branch]

    def fork(self, name):
        self.post("branches", {"name": name, "catalog": self.name})

    def merge(self, source, target="main", want=(200,)):
        return self.post("branches/merge", {
            "source_branch": source, "target_branch": target,
            "catalog": self.name}, want)

    def append(self, branch, *numbers):
        self.on(branch).load_table("n.t").append(
            pa.table({"x": list(numbers)}, schema=ROWS))

    def rows(self, branch="main"):
        found = self.on(branch).load_table("n.t").scan().to_arrow()
        return sorted(found["x"].to_pylist())


@pytest.fixture(name="branches")
def fixture_branches(server):
    made = Branches(server)
    made.on("main").create_namespace("n")
    made.on("main").create_table("n.t", ROWS)
    made.append("main", 1)
    return made


def test_rows_of_both_branches_are_there_once(branches):
    branches.fork("dev")
    branches.append("dev", 2)
    branches.append("main", 3)
    branches.append("dev", 4)
    branches.merge("dev")
    assert branches.rows() == [1, 2, 3, 4]
    assert branches.rows("dev") == [1, 2, 4]
    snapshot = branches.on("main").load_table("n.t").current_snapshot()
    assert snapshot.summary["source-snapshot-id"]
    assert snapshot.summary["total-records"] == "4"
    # and again: only what is new
    branches.append("dev", 5)
    branches.append("main", 6)
    branches.merge("dev")
    assert branches.rows() == [1, 2, 3, 4, 5, 6]
    branches.merge("main", "dev")
    assert branches.rows("dev") == [1, 2, 3, 4, 5, 6]
    branches.append("dev", 7)
    branches.merge("dev")
    assert branches.rows() == [1, 2, 3, 4, 5, 6, 7]


def test_criss_cross_merges_lose_and_double_nothing(branches):
    branches.fork("a")
    branches.fork("b")
    branches.append("a", 2)
    branches.append("b", 3)
    branches.merge("a", "b")
    branches.merge("b", "a")
    assert branches.rows("a") == branches.rows("b") == [1, 2, 3]
    branches.append("a", 4)
    branches.append("b", 5)
    for source, target in (("a", "main"), ("b", "main"), ("main", "a")):
        branches.merge(source, target, want=(200, 409))
    assert set(branches.rows()) >= {1, 2, 3, 4}
    for branch in ("main", "a", "b"):
        rows = branches.rows(branch)
        assert len(rows) == len(set(rows)), (branch, rows)


def test_an_append_is_picked(branches):
    def head():
        return branches.server.call(
            "GET", f"/api/v1/branches/dev?catalog={branches.name}").json()[
                "head_commit_id"]

    def pick(commit, want=(200,)):
        branches.post("branches/main/cherry-pick", {
            "catalog": branches.name, "commit_id": commit}, want)

    branches.fork("dev")
    branches.append("dev", 2)
    first = head()
    branches.append("dev", 3)
    branches.append("main", 4)
    # what it was appended to is not there
    pick(head(), want=(409,))
    pick(first)
    assert branches.rows() == [1, 2, 4]


def test_a_delete_on_both_sides_is_a_conflict(branches):
    branches.fork("dev")
    branches.on("dev").load_table("n.t").overwrite(
        pa.table({"x": [2]}, schema=ROWS))
    branches.append("main", 3)
    refused = branches.merge("dev", want=(409,))
    found = branches.server.call(
        "GET", f"/api/v1/merge-operations/{refused['operation_id']}"
        "/conflicts").json()
    assert [one["asset_name"] for one in found] == ["n.t"]
    assert "DataOverlap" in found[0]["conflict_type"]
    assert branches.rows() == [1, 3]
