"""Merges of two histories of a table, read by PyIceberg and DuckDB."""

import itertools
import pathlib
import random
import subprocess

import duckdb
import pytest
from histories import (
    ROOT,
    Merge,
    append,
    changed,
    created,
    edited,
    ids,
    merged,
    rows,
    rows_of_list,
    summary,
)
from pyiceberg.manifest import MANIFEST_LIST_FILE_SCHEMAS
from pyiceberg.types import StringType

EXTENSIONS = ("avro", "iceberg")


@pytest.fixture(scope="session", autouse=True)
def fixture_program():
    subprocess.run(["make", "-s", "build/dev/merge/merge_tables"], cwd=ROOT,
                   check=True)


@pytest.fixture(scope="session", name="duck")
def fixture_duck(tmp_path_factory):
    folder = tmp_path_factory.mktemp("extensions")
    connection = duckdb.connect(config={"extension_directory": str(folder)})
    site = pathlib.Path(duckdb.__file__).parents[1]
    for name in EXTENSIONS:
        package = site / f"duckdb_extension_{name}/extensions"
        file, = package.rglob(f"{name}.duckdb_extension")
        connection.execute(f"INSTALL '{file}'")
        connection.execute(f"LOAD {name}")
    yield connection
    connection.close()


def duck_ids(duck, table):
    found = duck.execute(
        f"SELECT id FROM iceberg_scan('{table.metadata_location}')")
    return sorted(row[0] for row in found.fetchall())


every_format = pytest.mark.parametrize("version", (1, 2, 3))
every_spec = pytest.mark.parametrize("spec", ("plain", "parted"))


@every_format
@every_spec
def test_merges_what_both_sides_appended(tmp_path, duck, version, spec):
    base = append(created(tmp_path, version, spec), 1, 2, 3)
    source = append(append(base, 10, 11, 15), 12, 14)
    target = append(base, 20, 21, 25)
    table = merged(base, source, target)
    assert ids(table) == [1, 2, 3, 10, 11, 12, 14, 15, 20, 21, 25]
    assert duck_ids(duck, table) == ids(table)
    whole = {r["id"]: r for r in table.scan().to_arrow().to_pylist()}
    for row in rows(*whole).to_pylist():
        assert whole[row["id"]] == row


@every_format
@every_spec
def test_filters_find_merged_rows(tmp_path, version, spec):
    base = append(created(tmp_path, version, spec), 1, 2, 3)
    table = merged(base, append(base, 10, 11, 15, 14), append(base, 20, 21))
    found = table.scan("kind = 'b' and price < 0").to_arrow()
    assert sorted(found["id"].to_pylist()) == [1, 3, 11]
    found = table.scan("kind is null").to_arrow()
    assert sorted(found["id"].to_pylist()) == [10, 15, 20]
    assert table.scan("price = -10").to_arrow()["id"].to_pylist() == [10]


@every_format
@every_spec
def test_a_merge_again_adds_only_what_is_new(tmp_path, duck, version, spec):
    base = append(created(tmp_path, version, spec), 1)
    source = append(base, 10)
    target = merged(base, source, append(base, 20))
    later = append(source, 11)
    target = merged(source, later, target)
    assert ids(target) == [1, 10, 11, 20]
    assert duck_ids(duck, target) == ids(target)
    assert Merge(later, later, target).path is None
    # with a base that is too old, too
    assert Merge(base, later, target).path is None


@every_format
def test_a_criss_cross_adds_nothing_twice(tmp_path, duck, version):
    base = append(created(tmp_path, version), 1)
    source = append(base, 10)
    target = append(base, 20)
    both = merged(base, source, target)
    source = append(source, 11)
    # back: source has what target took from it
    back = merged(base, both, source)
    assert ids(back) == [1, 10, 11, 20]
    both = append(both, 21)
    again = merged(target, back, both)
    assert ids(again) == [1, 10, 11, 20, 21]
    assert duck_ids(duck, again) == ids(again)
    last = merged(back, append(back, 12), again)
    assert ids(last) == [1, 10, 11, 12, 20, 21]


@every_format
def test_random_merges_both_ways_lose_and_double_nothing(tmp_path, version):
    chance, numbers = random.Random(version), itertools.count(2)
    base = append(created(tmp_path, version, "parted"), 1)
    sides, has = [base, base], [[1], [1]]
    for _ in range(24):
        one = chance.randrange(2)
        other = 1 - one
        if chance.random() < 0.6:
            new = [next(numbers) for _ in range(chance.randrange(1, 4))]
            sides[one] = append(sides[one], *new)
            has[one] = has[one] + new
            continue
        source = sides[one]
        sides[other] = merged(base, source, sides[other])
        has[other] = sorted({*has[one], *has[other]})
        base = source  # the newest version that both know
        assert ids(sides[other]) == has[other]


@every_format
def test_a_merged_snapshot_continues_the_history(tmp_path, version):
    base = append(created(tmp_path, version), 1, 2)
    source = append(append(base, 10), 11, 12)
    target = append(base, 20)
    merge = Merge(base, source, target)
    now, before = merge.json, target.metadata
    snapshot = now["snapshots"][-1]
    assert now["current-snapshot-id"] == snapshot["snapshot-id"]
    assert snapshot["parent-snapshot-id"] == before.current_snapshot_id
    assert len(now["snapshots"]) == len(before.snapshots) + 1
    assert now["snapshot-log"][-1]["snapshot-id"] == snapshot["snapshot-id"]
    assert now["metadata-log"][-1]["metadata-file"] == \
        target.metadata_location
    if version > 1:
        assert snapshot["sequence-number"] == 1 + max(
            source.metadata.last_sequence_number,
            target.metadata.last_sequence_number)
        assert now["last-sequence-number"] == snapshot["sequence-number"]
    found = snapshot["summary"]
    assert found["operation"] == "append"
    assert found["source-snapshot-id"] == str(
        source.current_snapshot().snapshot_id)
    assert (found["added-data-files"], found["added-records"]) == ("2", "3")
    assert found["changed-partition-count"] == "1"
    if version < 3:
        files = merge.table.inspect.files()
        assert found["total-records"] == "6"
        assert found["total-data-files"] == str(files.num_rows)
        assert found["total-files-size"] == str(
            sum(files["file_size_in_bytes"].to_pylist()))


def test_row_ids_are_given_anew(tmp_path):
    base = append(created(tmp_path, 3), 1, 2)
    source = append(append(base, 10, 11, 12), 13)
    target = append(base, 20)
    merge = Merge(base, source, target)
    snapshot = merge.json["snapshots"][-1]
    assert (snapshot["first-row-id"], snapshot["added-rows"]) == (3, 4)
    assert merge.json["next-row-id"] == 7
    listed = snapshot_manifests(merge.table)
    assert sorted((m["first_row_id"], m["rows"]) for m in listed) == [
        (0, 2), (2, 1), (3, 4)]


def snapshot_manifests(table):
    names = [f.name for f in MANIFEST_LIST_FILE_SCHEMAS[3].fields]
    found = []
    for row in rows_of_list(table):
        values = dict(zip(names, row._data, strict=True))
        values["rows"] = values["added_rows_count"] + \
            values["existing_rows_count"]
        found.append(values)
    return found


@every_format
def test_manifests_are_plain_to_another_reader_of_avro(
        tmp_path, duck, version):
    base = append(created(tmp_path, version, "parted"), 1)
    source, target = append(base, 10, 14), append(base, 20)
    table = merged(base, source, target)
    snapshot = table.current_snapshot()
    path, = (m.manifest_path for m in snapshot.manifests(table.io)
             if m.added_snapshot_id == snapshot.snapshot_id)
    old, = (m.manifest_path for m in source.current_snapshot().manifests(
        source.io) if m.added_snapshot_id ==
        source.current_snapshot().snapshot_id)
    same = ("file_path", "file_format", "partition", "record_count",
            "file_size_in_bytes", "column_sizes", "value_counts",
            "null_value_counts", "lower_bounds", "upper_bounds",
            "split_offsets", "sort_order_id")
    columns = ", ".join(f"data_file.{name}" for name in same)
    read = "SELECT {} FROM read_avro('{}') ORDER BY data_file.file_path"
    assert duck.execute(read.format(columns, path)).fetchall() == \
        duck.execute(read.format(columns, old)).fetchall()
    columns = "status, snapshot_id"
    if version > 1:
        columns += ", sequence_number, file_sequence_number"
    if version > 2:
        columns += ", data_file.first_row_id"
    assert set(duck.execute(read.format(columns, path)).fetchall()) == {
        (1, snapshot.snapshot_id, None, None, None)[:{1: 2, 2: 4, 3: 5}[version]]}


def test_incremental_reads_see_merged_files(tmp_path):
    base = append(created(tmp_path), 1)
    source, target = append(append(base, 10), 11), append(base, 20)
    table = merged(base, source, target)
    snapshot = table.current_snapshot()
    added = [m for m in snapshot.manifests(table.io)
             if m.added_snapshot_id == snapshot.snapshot_id]
    entries = [e for m in added for e in m.fetch_manifest_entry(table.io)]
    assert len(entries) == 2
    assert {e.snapshot_id for e in entries} == {snapshot.snapshot_id}
    assert {e.sequence_number for e in entries} == {snapshot.sequence_number}


def test_snapshots_of_one_side_alone_are_taken_as_they_are(tmp_path):
    base = append(created(tmp_path), 1)
    source = append(append(base, 10), 11)
    target = changed(base, lambda t: t.transaction().set_properties(
        owner="ann").commit_transaction())
    merge = Merge(base, source, target)
    assert merge.files == 0
    assert ids(merge.table) == [1, 10, 11]
    assert merge.table.properties["owner"] == "ann"
    assert merge.table.current_snapshot() == source.current_snapshot()
    assert merge.table.metadata.snapshots == source.metadata.snapshots


def delete(table):
    table.delete("id = 1")


@pytest.mark.parametrize("version", (1, 2))
def test_other_changes_of_one_side_are_taken_too(tmp_path, version):
    base = append(created(tmp_path, version, "parted"), 1, 2)
    assert ids(merged(base, changed(base, delete), base)) == [2]
    assert Merge(base, base, changed(base, delete)).path is None


def test_what_is_no_append_is_a_conflict_that_names_files(tmp_path):
    base = append(created(tmp_path, spec="parted"), 1, 2)
    gone, = [f["file_path"] for f in base.inspect.files().to_pylist()
             if f["record_count"] and f["partition"]["id_bucket"] is not None
             and f["lower_bounds"] and f["readable_metrics"]["id"][
                 "lower_bound"] == 1]
    deleted, grown = changed(base, delete), append(base, 10)
    for source, target in ((deleted, grown), (grown, deleted)):
        conflict, = Merge(base, source, target).conflicts
        assert (conflict["kind"], conflict["field"]) == ("data", "data")
        assert conflict["files"] == [gone]
        assert conflict["base"] == base.current_snapshot().snapshot_id


def test_the_same_file_on_both_sides_is_added_once(tmp_path):
    base = append(created(tmp_path), 1)
    other = append(created(tmp_path / "other"), 10)
    path, = (f["file_path"] for f in other.inspect.files().to_pylist())
    source = changed(base, lambda t: t.add_files([path]))
    target = changed(base, lambda t: t.add_files([path]))
    assert Merge(base, source, target).path is None
    assert ids(merged(base, append(source, 11), target)) == [1, 10, 11]


def test_an_empty_table_grows_on_both_sides(tmp_path, duck):
    base = created(tmp_path)
    table = merged(base, append(base, 10), append(base, 20))
    assert ids(table) == duck_ids(duck, table) == [10, 20]
    assert summary(table)["total-records"] == "2"


def test_a_rollback_against_an_append_is_a_conflict(tmp_path):
    first = append(created(tmp_path), 1)
    base = append(first, 2)
    source = changed(base, lambda t: t.manage_snapshots(
        ).rollback_to_snapshot(
            first.current_snapshot().snapshot_id).commit())
    assert Merge(base, source, append(base, 3)).fields() == {("data", "data")}
    assert ids(merged(base, source, base)) == [1]


# ---- what is not data

def add_column(name):
    return lambda t: t.update_schema().add_column(name, StringType()).commit()


def set_property(**properties):
    return lambda t: t.transaction().set_properties(
        **properties).commit_transaction()


@every_format
def test_a_column_of_one_side_is_taken_with_rows_of_both(tmp_path, version):
    base = append(created(tmp_path, version), 1)
    grown = append(base, 10)
    wide = changed(append(base, 20), add_column("note"))
    for source, target in ((grown, wide), (wide, grown)):
        table = merged(base, source, target)
        assert ids(table) == [1, 10, 20]
        assert table.schema().find_field("note").field_id == 5
        assert table.metadata.last_column_id == 5
        assert table.current_snapshot().schema_id == \
            table.metadata.current_schema_id


def test_an_equal_column_on_both_sides_is_no_conflict(tmp_path):
    base = append(created(tmp_path), 1)
    source = append(changed(changed(base, add_column("a")), add_column("b")),
                    10)

    def both(table):
        with table.update_schema() as update:
            update.add_column("a", StringType())
            update.add_column("b", StringType())

    target = append(changed(base, both), 20)
    assert ids(merged(base, source, target)) == [1, 10, 20]


def test_different_columns_on_both_sides_are_a_conflict(tmp_path):
    base = append(created(tmp_path), 1)
    source = changed(base, add_column("a"))
    conflict, = Merge(base, source, changed(base, add_column("b"))).conflicts
    assert (conflict["kind"], conflict["field"]) == ("schema", "schema")
    assert [f["name"] for f in conflict["source"]["fields"]][-1] == "a"
    assert [f["name"] for f in conflict["target"]["fields"]][-1] == "b"


def test_ids_of_a_dropped_column_are_not_given_out_again(tmp_path):
    base = append(created(tmp_path), 1)
    source = append(changed(base, add_column("a")), 10)
    source = changed(source, lambda t: t.update_schema().delete_column(
        "a").commit())
    table = merged(base, source, append(base, 20))
    assert table.metadata.last_column_id == 5
    other = changed(base, add_column("b"))
    assert Merge(base, source, other).fields() == {("schema", "schema")}


def test_properties_are_merged_by_name(tmp_path):
    base = append(created(tmp_path, a="1", b="1", c="1"), 1)
    source = changed(base, set_property(a="2", new="x", same="s"))
    target = changed(base, set_property(b="2", same="s"))
    target = changed(target, lambda t: t.transaction().remove_properties(
        "c").commit_transaction())
    assert merged(base, source, target).properties == {
        "a": "2", "b": "2", "new": "x", "same": "s"}


def test_a_property_of_both_sides_is_a_conflict_that_can_be_settled(tmp_path):
    base = append(created(tmp_path, a="1"), 1)
    source = append(changed(base, set_property(a="2")), 10)
    target = append(changed(base, set_property(a="3")), 20)
    conflict, = Merge(base, source, target).conflicts
    assert (conflict["kind"], conflict["field"]) == (
        "metadata", "properties.a")
    assert (conflict["base"], conflict["source"], conflict["target"]) == (
        "1", "2", "3")
    for choice, value in (("source", "2"), ("target", "3"), ("=4", "4")):
        merge = Merge(base, source, target, f"properties.a={choice}")
        assert merge.table.properties["a"] == value
        assert ids(merge.table) == [1, 10, 20]


def add_spec(*arguments):
    return lambda t: t.update_spec().add_field(*arguments).commit()


def test_a_spec_of_one_side_is_taken_with_its_files(tmp_path, duck):
    base = append(created(tmp_path), 1)
    source = append(changed(base, add_spec("kind", "identity", "kind")),
                    10, 11)
    table = merged(base, source, append(base, 20))
    assert ids(table) == duck_ids(duck, table) == [1, 10, 11, 20]
    assert table.metadata.default_spec_id == 1
    assert table.scan("kind = 'b'").to_arrow()["id"].to_pylist() == [11, 1]


def test_two_specs_are_a_conflict(tmp_path):
    base = append(created(tmp_path), 1)
    source = changed(base, add_spec("kind", "identity", "kind"))
    target = changed(base, add_spec("id", "identity", "id_"))
    assert Merge(base, source, target).fields() == {
        ("metadata", "partition-spec")}


def test_a_tag_of_source_on_a_new_snapshot_is_a_conflict(tmp_path):
    base = append(created(tmp_path), 1)

    def tag(table):
        table.manage_snapshots().create_tag(
            table.current_snapshot().snapshot_id, "v1").commit()

    old = append(changed(base, tag), 10)
    assert set(merged(base, old, append(base, 20)).refs()) == {"main", "v1"}
    new = changed(append(base, 10), tag)
    assert Merge(base, new, append(base, 20)).fields() == {
        ("metadata", "refs.v1")}
    assert set(merged(base, new, base).refs()) == {"main", "v1"}


def test_retention_of_main_is_merged(tmp_path):
    base = append(created(tmp_path), 1)

    def keeping(table, number):
        return edited(table, lambda m: m["refs"]["main"].update(
            {"min-snapshots-to-keep": number}))

    kept, grown = keeping(base, 7), append(base, 20)
    for source, target in ((kept, grown), (grown, kept), (kept, base),
                           (keeping(append(base, 10), 7), grown)):
        main = Merge(base, source, target).json["refs"]["main"]
        assert main["min-snapshots-to-keep"] == 7
    other = keeping(grown, 8)
    assert Merge(base, kept, other).fields() == {("metadata", "refs.main")}


def test_statistics_of_a_common_snapshot_are_taken(tmp_path):
    base = append(created(tmp_path), 1)
    found = {"snapshot-id": base.current_snapshot().snapshot_id,
             "statistics-path": f"file://{tmp_path}/s.puffin",
             "file-size-in-bytes": 10, "file-footer-size-in-bytes": 5,
             "blob-metadata": []}
    source = edited(append(base, 10),
                    lambda m: m["statistics"].append(found))
    assert Merge(base, source, append(base, 20)).json["statistics"] == [found]
    assert Merge(base, source, base).json["statistics"] == [found]


def test_a_table_that_was_upgraded_is_merged_in_the_new_format(tmp_path):
    base = append(created(tmp_path, 1, "parted"), 1, 2)
    upgraded = changed(base, lambda t: t.transaction().upgrade_table_version(
        2).commit_transaction())
    source = append(upgraded, 10)
    for one, other in ((source, append(base, 20)), (append(base, 20), source)):
        table = merged(base, one, other)
        assert table.format_version == 2
        assert ids(table) == [1, 2, 10, 20]
    assert ids(merged(base, source, base)) == [1, 2, 10]
    # the other way round the appended files are of an older format
    table = merged(base, append(base, 10), upgraded)
    assert (ids(table), table.format_version) == ([1, 2, 10], 2)
    assert table.metadata.last_sequence_number == 1


def test_two_tables_are_not_merged(tmp_path):
    base = append(created(tmp_path / "a"), 1)
    other = append(created(tmp_path / "b"), 1)
    assert Merge(base, other, base).fields() == {("metadata", "table-uuid")}
