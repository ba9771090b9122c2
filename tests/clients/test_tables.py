"""Tables as PyIceberg makes, changes, moves and drops them."""

import datetime
import uuid

import pyarrow as pa
import pytest
from pyiceberg.exceptions import (
    NamespaceNotEmptyError,
    NoSuchNamespaceError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.sorting import NullOrder, SortDirection, SortField, SortOrder
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    IdentityTransform,
    TruncateTransform,
)
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FixedType,
    FloatType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

EVENTS = Schema(
    NestedField(1, "id", LongType(), required=True),
    NestedField(2, "name", StringType(), required=False),
    NestedField(3, "at", TimestampType(), required=False),
    identifier_field_ids=[1])

EVERY_TYPE = Schema(*(
    NestedField(n, f"c{n}", kind, required=False)
    for n, kind in enumerate((
        BooleanType(), IntegerType(), LongType(), FloatType(), DoubleType(),
        DecimalType(38, 10), DateType(), TimeType(), TimestampType(),
        TimestamptzType(), StringType(), UUIDType(), FixedType(16),
        BinaryType(),
        ListType(101, StringType(), element_required=False),
        MapType(102, StringType(), 103, LongType(), value_required=False),
        StructType(NestedField(104, "inner", StructType(
            NestedField(105, "x", IntegerType(), required=True)),
            required=False))), 1)))


def events(*ids, name="n"):
    return pa.table(
        {"id": list(ids), "name": [name] * len(ids),
         "at": [datetime.datetime(2026, 11, 1 + i % 20) for i in ids]},
        schema=pa.schema([pa.field("id", pa.int64(), nullable=False),
                          ("name", pa.string()), ("at", pa.timestamp("us"))]))


def ids(table):
    return sorted(table.scan().to_arrow()["id"].to_pylist())


@pytest.fixture(name="table")
def fixture_table(catalog, space):
    return catalog.create_table((space, "events"), EVENTS)


def test_a_new_table_is_what_was_asked_for(catalog, space):
    made = catalog.create_table(
        (space, "t"), EVERY_TYPE, properties={"owner": "ann", "k": "é \"q\""})
    loaded = catalog.load_table((space, "t"))
    assert loaded.metadata == made.metadata
    assert loaded.metadata.format_version == 2
    assert loaded.schema().as_struct() == made.schema().as_struct()
    assert [f.field_type for f in loaded.schema().fields[:14]] == [
        f.field_type for f in EVERY_TYPE.fields[:14]]
    assert loaded.properties["owner"] == "ann"
    assert loaded.properties["k"] == "é \"q\""
    assert loaded.metadata_location.startswith(loaded.location())
    suffix = loaded.location().rpartition("-")[2]
    assert len(suffix) == 8 and int(suffix, 16) >= 0


def test_the_name_is_taken_once(catalog, space, table):
    with pytest.raises(TableAlreadyExistsError):
        catalog.create_table((space, "events"), EVENTS)
    again = catalog.create_table_if_not_exists((space, "events"), EVENTS)
    assert again.metadata.table_uuid == table.metadata.table_uuid


def test_missing_ones_are_told_so(catalog, space):
    for name in ((space, "missing"), ("missing", "missing")):
        assert not catalog.table_exists(name)
        for call in (catalog.load_table, catalog.drop_table,
                     lambda n: catalog.rename_table(n, (space, "other"))):
            with pytest.raises((NoSuchTableError, NoSuchNamespaceError)):
                call(name)
    with pytest.raises(NoSuchTableError):
        catalog.load_table(("missing", "missing"))


def test_append_overwrite_delete_upsert(table):
    table.append(events(1, 2, 3))
    table.append(events(4))
    assert ids(table) == [1, 2, 3, 4]
    table.delete("id = 2")
    assert ids(table) == [1, 3, 4]
    table.overwrite(events(9), overwrite_filter="id = 3")
    assert ids(table) == [1, 4, 9]
    done = table.upsert(events(9, 10, name="new"))
    assert (done.rows_updated, done.rows_inserted) == (1, 1)
    table.overwrite(events(7))
    assert ids(table) == [7]
    assert ids(table.refresh()) == [7]


def test_one_transaction_is_one_commit(catalog, space, table):
    before = table.metadata_location
    with table.transaction() as transaction:
        transaction.append(events(1))
        transaction.set_properties({"stage": "one"})
        with transaction.update_schema() as update:
            update.add_column("note", StringType())
    loaded = catalog.load_table((space, "events"))
    assert [m.metadata_file for m in loaded.metadata.metadata_log] == [before]
    assert loaded.properties["stage"] == "one"
    assert ids(loaded) == [1]


def test_the_schema_evolves(catalog, space, table):
    table.append(events(1))
    with table.update_schema() as update:
        update.add_column("place", StructType(
            NestedField(1, "lat", DoubleType(), required=False)), doc="where")
        update.rename_column("name", "title")
    with table.update_schema(allow_incompatible_changes=True) as update:
        update.delete_column("at")
        update.move_first("title")
    with table.update_schema() as update:
        update.add_column(("place", "lon"), FloatType())
        update.update_column("title", doc="the name")
    loaded = catalog.load_table((space, "events"))
    assert [f.name for f in loaded.schema().fields] == ["title", "id", "place"]
    assert loaded.schema().find_type("place.lon") == FloatType()
    assert len(loaded.schemas()) == 4
    assert loaded.scan().to_arrow()["title"].to_pylist() == ["n"]


def test_partitions_and_order_are_kept_and_change(catalog, space):
    table = catalog.create_table(
        (space, "parts"), EVENTS,
        partition_spec=PartitionSpec(
            PartitionField(3, 1000, DayTransform(), "day"),
            PartitionField(1, 1001, BucketTransform(4), "bucket")),
        sort_order=SortOrder(SortField(
            2, IdentityTransform(), SortDirection.DESC, NullOrder.NULLS_LAST)))
    table.append(events(1, 2, 3))
    with table.update_spec() as update:
        update.remove_field("bucket")
        update.add_field("name", TruncateTransform(3), "prefix")
    table.append(events(4))
    with table.update_sort_order() as update:
        update.asc("id", IdentityTransform())
    loaded = catalog.load_table((space, "parts"))
    assert [f.name for f in loaded.spec().fields] == ["day", "prefix"]
    assert len(loaded.specs()) == 2
    assert loaded.sort_order().fields[0].source_id == 1
    assert len(loaded.sort_orders()) >= 2
    assert ids(loaded) == [1, 2, 3, 4]
    assert loaded.scan("name = 'n'").to_arrow().num_rows == 4


def test_snapshots_have_branches_and_tags(catalog, space, table):
    table.append(events(1))
    first = table.current_snapshot().snapshot_id
    table.append(events(2))
    table.manage_snapshots().create_tag(first, "v1").commit()
    table.manage_snapshots().create_branch(first, "side").commit()
    table.append(events(3), branch="side")
    loaded = catalog.load_table((space, "events"))
    assert set(loaded.refs()) == {"main", "v1", "side"}
    assert loaded.scan(snapshot_id=first).to_arrow()["id"].to_pylist() == [1]
    on_side = loaded.scan().use_ref("side").to_arrow()["id"].to_pylist()
    assert sorted(on_side) == [1, 3]
    assert ids(loaded) == [1, 2]
    table.refresh().manage_snapshots().remove_tag("v1").commit()
    table.manage_snapshots().remove_branch("side").commit()
    assert set(catalog.load_table((space, "events")).refs()) == {"main"}


def test_snapshots_expire(catalog, space, table):
    table.append(events(1))
    first = table.current_snapshot().snapshot_id
    table.append(events(2))
    table.maintenance.expire_snapshots().by_id(first).commit()
    loaded = catalog.load_table((space, "events"))
    assert [s.snapshot_id for s in loaded.snapshots()] == [
        loaded.current_snapshot().snapshot_id]
    assert ids(loaded) == [1, 2]


def test_properties_are_set_and_removed(catalog, space, table):
    with table.transaction() as transaction:
        transaction.set_properties(a="1", b="2")
    with table.transaction() as transaction:
        transaction.remove_properties("a")
    loaded = catalog.load_table((space, "events"))
    assert "a" not in loaded.properties and loaded.properties["b"] == "2"


def test_a_staged_table_appears_at_its_commit(catalog, space):
    with catalog.create_table_transaction((space, "staged"), EVENTS) as made:
        made.set_properties({"k": "v"})
        with made.update_snapshot().fast_append():
            pass
        assert not catalog.table_exists((space, "staged"))
    table = catalog.load_table((space, "staged"))
    assert table.properties["k"] == "v"
    table.append(events(1))
    assert ids(table) == [1]


def test_two_staged_ones_race_for_a_name(catalog, space):
    first = catalog.create_table_transaction((space, "raced"), EVENTS)
    second = catalog.create_table_transaction((space, "raced"), EVENTS)
    first.commit_transaction()
    with pytest.raises(Exception, match="already exists"):
        second.commit_transaction()


def test_register_takes_a_metadata_file(catalog, space, table):
    table.append(events(1, 2))
    location = table.metadata_location
    catalog.drop_table((space, "events"))
    taken = catalog.register_table((space, "again"), location)
    assert taken.metadata.table_uuid == table.metadata.table_uuid
    assert taken.metadata_location == location
    assert ids(taken) == [1, 2]
    taken.append(events(3))
    assert ids(catalog.load_table((space, "again"))) == [1, 2, 3]
    with pytest.raises(TableAlreadyExistsError):
        catalog.register_table((space, "again"), location)


def test_rename_keeps_what_it_is(catalog, space, table):
    table.append(events(1))
    catalog.create_namespace((space, "below"))
    moved = catalog.rename_table((space, "events"), (space, "below", "moved"))
    assert moved.metadata.table_uuid == table.metadata.table_uuid
    assert not catalog.table_exists((space, "events"))
    assert catalog.list_tables(space) == []
    assert catalog.list_tables((space, "below")) == [(space, "below", "moved")]
    assert ids(moved) == [1]
    fresh = catalog.create_table((space, "events"), EVENTS)
    assert fresh.location() != moved.location()
    with pytest.raises(TableAlreadyExistsError):
        catalog.rename_table((space, "events"), (space, "below", "moved"))
    with pytest.raises(NoSuchNamespaceError):
        catalog.rename_table((space, "events"), ("missing", "moved"))


def test_dropped_is_gone_and_its_name_free(catalog, space, table):
    catalog.drop_table((space, "events"))
    assert not catalog.table_exists((space, "events"))
    with pytest.raises(NoSuchTableError):
        catalog.drop_table((space, "events"))
    again = catalog.create_table((space, "events"), EVENTS)
    assert again.metadata.table_uuid != table.metadata.table_uuid
    catalog.purge_table((space, "events"))
    catalog.drop_namespace(space)


def test_lists_are_complete_and_sorted(catalog, space):
    names = [(space, f"t{i:03}") for i in range(30)]
    for name in reversed(names):
        catalog.create_table(name, EVENTS)
    assert catalog.list_tables(space) == names
    with pytest.raises(NamespaceNotEmptyError):
        catalog.drop_namespace(space)


@pytest.mark.parametrize("version", ("1", "2", "3"))
def test_each_format_version_is_made_and_changed(catalog, space, version):
    table = catalog.create_table((space, f"v{version}"), EVENTS,
                                 properties={"format-version": version})
    assert table.metadata.format_version == int(version)
    with table.transaction() as transaction:
        transaction.set_properties(k="v")
    if version != "3":  # PyIceberg does not write v3 data
        table.append(events(1))
        assert ids(table) == [1]


def test_a_v1_table_becomes_v2(catalog, space):
    table = catalog.create_table((space, "old"), EVENTS,
                                 properties={"format-version": "1"})
    table.append(events(1))
    with table.transaction() as transaction:
        transaction.upgrade_table_version(2)
    table.append(events(2))
    loaded = catalog.load_table((space, "old"))
    assert loaded.metadata.format_version == 2 and ids(loaded) == [1, 2]


def catalog_place(catalog, space):
    """Where the catalog keeps its tables."""
    location = catalog.create_table((space, "probe"), EVENTS).location()
    return location.rpartition("/")[0].rpartition("/")[0]


def test_a_location_of_ones_own(catalog, space):
    place = f"{catalog_place(catalog, space)}/mine-{uuid.uuid4()}"
    table = catalog.create_table((space, "mine"), EVENTS, location=place)
    table.append(events(1))
    assert table.location() == place and ids(table) == [1]
