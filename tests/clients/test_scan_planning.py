"""Scans that the server plans, beside PyIceberg's own planning."""

import datetime
import json

import pyarrow as pa
import pytest
from clients.conftest import connect
from harness.manifests import DELETED, EXISTING, ByHand
from harness.many_manifests import (
    MANIFESTS,
    fill,
    filters,
    is_nan,
    make_table,
    record_of,
)
from harness.plans import (
    SPACES,
    between,
    chain,
    file_name,
    make,
    paths,
    plan,
    planned,
)
from pydantic import TypeAdapter
from pyiceberg.catalog.rest.scan_planning import PlanTableScanRequest
from pyiceberg.expressions import BooleanExpression
from pyiceberg.expressions.visitors import expression_evaluator, rewrite_not
from pyiceberg.manifest import DataFileContent, ManifestContent
from pyiceberg.partitioning import PartitionSpec
from pyiceberg.table import ManifestGroupPlanner
from pyiceberg.transforms import DayTransform

FILTERS = filters(40)
POSITIONS = DataFileContent.POSITION_DELETES
EQUALITY = DataFileContent.EQUALITY_DELETES
PATH_COLUMN = 2147483546  # of position deletes


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2)) as server:
        yield server


def filter_json(row_filter):
    text = PlanTableScanRequest(filter=row_filter).model_dump_json(
        by_alias=True, exclude_none=True)
    return json.loads(text)["filter"]


# ---- a wide table

class Wide:
    """Two hundred manifests, made once."""

    def __init__(self, server):
        catalog = connect(server)
        catalog.create_namespace("wide")
        self.server = server
        self.path = make_table(server, f"{SPACES}/wide", "t")
        self.files = fill(server, self.path, catalog.load_table("wide.t"))
        self.table = catalog.load_table("wide.t")


@pytest.fixture(scope="module", name="wide")
def fixture_wide(server):
    return Wide(server)


def test_there_are_two_hundred_manifests(wide):
    snapshot = wide.table.current_snapshot()
    assert len(snapshot.manifests(wide.table.io)) == MANIFESTS
    assert paths(planned(wide.server, wide.path)) == set(wide.files)


def their_files(table, row_filter):
    """Without the residuals, at which PyIceberg's planner fails for nulls."""
    planner = ManifestGroupPlanner(
        table.metadata, table.io, row_filter=row_filter)
    manifests = table.current_snapshot().manifests(table.io)
    return {entry.data_file.file_path
            for entries in planner.plan_manifest_entries(manifests)
            for entry in entries}


@pytest.mark.parametrize("number", range(40))
def test_the_files_are_those_that_pyiceberg_plans(wide, number):
    row_filter = FILTERS[number]
    tasks = planned(wide.server, wide.path, filter=filter_json(row_filter))
    assert paths(tasks) == their_files(wide.table, row_filter), row_filter
    check_rows(wide, row_filter, tasks)


def check_rows(wide, row_filter, tasks):
    """No row is lost, neither with its file nor to the residual.  PyIceberg
    holds no NaN to be above other numbers, which the specification does."""
    schema = wide.table.schema()
    wanted = expression_evaluator(schema, rewrite_not(row_filter), True)
    residuals = {
        task["data-file"]["file-path"]: TypeAdapter(BooleanExpression)
        .validate_python(task["residual-filter"]) for task, _ in tasks}
    for path, rows in wide.files.items():
        residual = residuals.get(path)
        left = residual and expression_evaluator(schema, residual, True)
        for row in rows:
            record = record_of(schema, row)
            kept = bool(left and left(record))
            assert wanted(record) == kept or kept and is_nan(row["price"]), (
                row_filter, residual, row)


# ---- tables that PyIceberg writes

def rows_of(first, kinds):
    moment = datetime.datetime(2026, 1, 1)
    return pa.table({
        "id": pa.array(range(first, first + len(kinds)), pa.int64()),
        "kind": pa.array(kinds, pa.string()),
        "at": pa.array([moment + datetime.timedelta(days=first + i)
                        for i in range(len(kinds))], pa.timestamp("us"))})


def test_pyiceberg_reads_what_the_server_plans(server):
    table, _ = make(server)
    table.append(rows_of(0, ["a", "b", "a"]))
    table.append(rows_of(10, ["b", "c"]))
    with table.update_spec() as update:
        update.add_field("at", DayTransform(), "at_day")
    table.append(rows_of(20, ["a", "c", "c"]))
    table.delete("id = 2")
    there = connect(server, **{"scan-planning-mode": "server"})
    theirs = there.load_table(table.name()[-2:])
    assert theirs.catalog.supports_server_side_planning()
    for text in ("id > 0", "kind = 'a'", "kind = 'c' and id < 21",
                 "at >= '2026-01-12T00:00:00'", "kind in ('b', 'x')"):
        mine = theirs.scan(row_filter=text, selected_fields=("id",))
        here = connect(server).load_table(table.name()[-2:]).scan(
            row_filter=text)
        assert (sorted(mine.to_arrow()["id"].to_pylist())
                == sorted(here.to_arrow()["id"].to_pylist())), text
        assert ({task.file.file_path for task in mine.plan_files()}
                == {task.file.file_path for task in here.plan_files()}), text


# ---- deletes

def deletes_of(tasks):
    return {file_name(task): {one["file-path"] for one in deletes}
            for task, deletes in tasks}


def test_deletes_apply_to_older_files_of_their_partition(server):
    table, path = make(server)
    hand = ByHand(server, path)
    unpartitioned = PartitionSpec(spec_id=1)
    reply = server.call("POST", path, {"requirements": [], "updates": [
        {"action": "add-spec", "spec": {"spec-id": 1, "fields": []}}]})
    assert reply.status == 200, reply
    old = hand.manifest(table, [hand.file(name, (name[0],)) for name in (
        "a1", "a2", "b1")] + [hand.file("n1", (None,))], 1)
    hand.snapshot(1, [old])
    new = hand.manifest(table, [hand.file("a3", ("a",))], 2)
    bounds = {PATH_COLUMN: b"a2"}
    deletes = hand.manifest(table, [
        hand.file("pos-a", ("a",), POSITIONS),
        hand.file("pos-n", (None,), POSITIONS),
        hand.file("pos-a2", ("a",), POSITIONS, lower_bounds=bounds,
                  upper_bounds=bounds),
        hand.file("pos-far", ("b",), POSITIONS,
                  lower_bounds={PATH_COLUMN: b"x"},
                  upper_bounds={PATH_COLUMN: b"y"}),
        hand.file("eq-a", ("a",), EQUALITY, equality_ids=[1]),
        hand.entry(hand.file("pos-older", ("a",), POSITIONS),
                   EXISTING, 1, 1),
        hand.entry(hand.file("pos-gone", ("a",), POSITIONS), DELETED, 2, 1),
    ], 2, content=ManifestContent.DELETES)
    everywhere = hand.manifest(
        table, [hand.file("eq-all", (), EQUALITY, equality_ids=[1, 2])], 2,
        spec=unpartitioned, content=ManifestContent.DELETES)
    hand.snapshot(2, [old, new, deletes, everywhere], "overwrite")
    assert deletes_of(planned(server, path)) == {
        "a1": {"pos-a", "eq-a", "pos-older", "eq-all"},
        "a2": {"pos-a", "pos-a2", "eq-a", "pos-older", "eq-all"},
        "b1": {"eq-all"},
        "n1": {"pos-n", "eq-all"},
        "a3": {"pos-a"},  # deletes by equality are for what is older
    }
    [(_, found)] = planned(server, path, filter={
        "type": "eq", "term": "kind", "value": "b"})
    assert found == [{
        "content": "equality-deletes", "file-path": "eq-all",
        "file-format": "parquet", "spec-id": 1, "partition": [],
        "file-size-in-bytes": 100, "record-count": 10,
        "equality-ids": [1, 2]}]
    assert deletes_of(planned(server, path, **{"snapshot-id": 1})) == {
        name: set() for name in ("a1", "a2", "b1", "n1")}


def vector(hand, of, offset, partition, path="dv.puffin"):
    return hand.file(path, partition, POSITIONS, "PUFFIN", rows=3,
                     referenced_data_file=of, content_offset=offset,
                     content_size_in_bytes=40)


def test_a_deletion_vector_takes_the_place_of_position_deletes(server):
    table, path = make(server, version=3)
    hand = ByHand(server, path, version=3)
    data = hand.manifest(table, [
        hand.file("a1", ("a",), rows=7), hand.file("a2", ("a",)),
        hand.file("b1", ("b",), first_row_id=500)], 1, first_row_id=100)
    deletes = hand.manifest(table, [
        hand.file("pos-a", ("a",), POSITIONS), vector(hand, "a1", 4, ("a",)),
        vector(hand, "b1", 44, ("a",))],  # of another partition than b1's
        1, content=ManifestContent.DELETES)
    hand.snapshot(1, [data, deletes])
    tasks = planned(server, path)
    assert deletes_of(tasks) == {
        "a1": {"dv.puffin"}, "a2": {"pos-a"}, "b1": set()}
    assert {file_name(task): task["data-file"]["first-row-id"]
            for task, _ in tasks} == {"a1": 100, "a2": 107, "b1": 500}
    [one] = [deletes for task, deletes in tasks if file_name(task) == "a1"]
    assert one == [{
        "content": "position-deletes", "file-path": "dv.puffin",
        "file-format": "puffin", "spec-id": 0, "partition": ["a"],
        "file-size-in-bytes": 100, "record-count": 3, "content-offset": 4,
        "content-size-in-bytes": 40, "referenced-data-file": "a1"}]
    twice = hand.manifest(table, [vector(hand, "a1", 9, ("a",), "dv2.puffin")],
                          2, content=ManifestContent.DELETES)
    hand.snapshot(2, [data, deletes, twice], "delete")
    reply = plan(server, path)
    assert reply.status == 400 and "two deletion vectors for a1" in \
        reply.json()["error"]["message"]


# ---- what else a request may say

def test_an_empty_table_has_no_files(server):
    _, path = make(server)
    answer = plan(server, path).json()
    assert answer["file-scan-tasks"] == answer["delete-files"] == []
    assert "plan-tasks" not in answer


def test_a_table_of_version_1_is_planned(server):
    table, path = make(server, version=1)
    hand = ByHand(server, path, version=1)
    hand.snapshot(1, [hand.manifest(table, [
        hand.file("a1", ("a",)), hand.file("b1", ("b",))], 1)])
    assert paths(planned(server, path, filter={
        "type": "not-eq", "term": "kind", "value": "a"})) == {"b1"}


def test_incremental_scans_read_what_was_appended(server):
    _, path = chain(server)
    assert paths(planned(server, path, **between(1, 4))) == {
        "a2", "b2", "a4", "b4"}
    assert paths(planned(server, path, **between(3, 4))) == {"a4", "b4"}
    assert paths(planned(server, path, **between(2, 2))) == set()
    only_a = {"type": "eq", "term": "kind", "value": "a"}
    assert paths(planned(server, path, filter=only_a, **between(1, 4))) == {
        "a2", "a4"}
    reply = plan(server, path, **between(4, 1))
    assert reply.status == 400 and "/start-snapshot-id: snapshot 4 is no " \
        "ancestor of 1" in reply.json()["error"]["message"]


def test_a_part_stops_when_it_has_rows_enough(server):
    _, path = chain(server)
    tasks = planned(server, path, **{"min-rows-requested": 3})
    assert 3 <= sum(task["data-file"]["record-count"]
                    for task, _ in tasks) < 20
    # what a residual may take away does not count
    tasks = planned(server, path, **{"min-rows-requested": 3, "filter": {
        "type": "gt", "term": "id", "value": 0}})
    assert len(tasks) == 8


def test_statistics_are_those_of_the_fields_that_were_named(server):
    table, path = make(server)
    table.append(rows_of(1, ["a", "a", "a"]))
    [(task, _)] = planned(server, path, **{
        "stats-fields": ["ID", "at"], "case-sensitive": False})
    file = task["data-file"]
    assert file["value-counts"] == {"keys": [1, 3], "values": [3, 3]}
    assert file["null-value-counts"] == {"keys": [1, 3], "values": [0, 0]}
    assert file["nan-value-counts"] == {"keys": [], "values": []}
    lower = {key: value.hex().upper() for key, value in
             table.inspect.files()["lower_bounds"][0].as_py()}
    assert file["lower-bounds"] == {
        "keys": [1, 3], "values": [lower[1], lower[3]]}
    assert file["upper-bounds"]["values"][0] == "03000000" "00000000"
    assert file["column-sizes"]["keys"] == [1, 3]
    [(task, _)] = planned(server, path)
    assert "value-counts" not in task["data-file"]


def test_names_are_those_of_the_chosen_schema(server):
    table, path = make(server)
    table.append(rows_of(1, ["a"]))
    first = table.current_snapshot().snapshot_id
    with table.update_schema() as update:
        update.rename_column("id", "key")
    renamed = {"filter": {"type": "eq", "term": "key", "value": 1},
               "snapshot-id": first}
    named = {**renamed, "filter": {"type": "eq", "term": "id", "value": 1}}
    as_then = {"use-snapshot-schema": True}
    assert len(planned(server, path, **renamed)) == 1
    assert len(planned(server, path, **named, **as_then)) == 1
    assert plan(server, path, **named).status == 400
    assert plan(server, path, **renamed, **as_then).status == 400
