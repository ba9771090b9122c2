"""What PyIceberg can do with a catalog, and the rest of what it commits."""

import inspect
import pathlib
import re

import pyarrow as pa
import pyarrow.parquet
import pytest
from clients.conftest import connect
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.catalog.rest.scan_planning import PlanTableScanRequest
from pyiceberg.expressions import EqualTo
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table.statistics import BlobMetadata, StatisticsFile
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType

SCHEMA = Schema(NestedField(1, "id", LongType(), required=False),
                NestedField(2, "place", StringType(), required=False))
# Work on names only, or done by everything else.
NO_REQUEST = {
    "identifier_to_database", "identifier_to_database_and_table",
    "identifier_to_tuple", "namespace_from", "namespace_to_string",
    "table_name_from", "url", "commit_table",
}


def test_every_operation_of_the_client_is_asked_for():
    """A new PyIceberg with a new one is red here."""
    operations = {name for name, _ in inspect.getmembers(
        RestCatalog, callable) if not name.startswith("_")}
    tests = "".join(path.read_text() for path in
                    pathlib.Path(__file__).parent.glob("test_*.py"))
    called = {name for name in operations
              if re.search(rf"catalog\.{name}\b", tests)}
    assert operations - called == NO_REQUEST


def rows(*ids, place="x"):
    return pa.table({"id": pa.array(ids, pa.int64()),
                     "place": pa.array([place] * len(ids), pa.string())})


def ids(table):
    return sorted(table.refresh().scan().to_arrow()["id"].to_pylist())


@pytest.fixture(name="table")
def fixture_table(catalog, space):
    return catalog.create_table(
        (space, "t"), SCHEMA, partition_spec=PartitionSpec(
            PartitionField(2, 1000, IdentityTransform(), "place")))


def test_partitions_are_overwritten_by_what_is_written(table):
    table.append(rows(1, 2, place="a"))
    table.append(rows(3, place="b"))
    table.dynamic_partition_overwrite(rows(9, place="a"))
    assert ids(table) == [3, 9]


def test_files_that_are_there_are_added(table):
    path = f"{table.location()}/data/own.parquet".removeprefix("file://")
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    pa.parquet.write_table(rows(1, 2), path)
    table.add_files([f"file://{path}"])
    assert ids(table) == [1, 2]


def test_a_table_goes_back_to_a_snapshot(table):
    table.append(rows(1))
    first = table.current_snapshot().snapshot_id
    table.append(rows(2))
    table.manage_snapshots().rollback_to_snapshot(first).commit()
    assert ids(table) == [1]
    table.append(rows(3))
    table.manage_snapshots().set_current_snapshot(first).commit()
    assert ids(table) == [1]
    assert [entry.snapshot_id for entry in table.history()].count(first) == 3


def test_statistics_are_set_and_removed(table):
    table.append(rows(1))
    snapshot = table.current_snapshot()
    statistics = StatisticsFile(
        snapshot_id=snapshot.snapshot_id,
        statistics_path=f"{table.location()}/metadata/stats.puffin",
        file_size_in_bytes=400, file_footer_size_in_bytes=40,
        blob_metadata=[BlobMetadata(
            type="apache-datasketches-theta-v1",
            snapshot_id=snapshot.snapshot_id,
            sequence_number=snapshot.sequence_number, fields=[1])])
    with table.update_statistics() as update:
        update.set_statistics(statistics)
    assert table.refresh().metadata.statistics == [statistics]
    with table.update_statistics() as update:
        update.remove_statistics(snapshot.snapshot_id)
    assert table.refresh().metadata.statistics == []


def test_register_takes_the_place_of_a_table(catalog, space, table):
    table.append(rows(1))
    kept = table.metadata_location
    table.append(rows(2))
    taken = catalog.register_table((space, "t"), kept, overwrite=True)
    assert taken.metadata_location == kept and ids(taken) == [1]


def test_a_scan_is_planned_by_the_server(catalog, table):
    table.append(rows(1, place="a"))
    table.append(rows(2, place="b"))
    only = PlanTableScanRequest(filter=EqualTo("place", "b"))
    for request, count in ((PlanTableScanRequest(), 2), (only, 1)):
        planned = catalog.plan_scan(table.name(), request)
        assert len(planned) == count
    here = table.scan(row_filter=EqualTo("place", "b")).plan_files()
    assert [t.file.file_path for t in planned] == [
        t.file.file_path for t in here]


def test_nobody_lends_credentials_of_a_local_disk(catalog, table):
    assert catalog.load_credentials(
        table.name(), table.metadata_location) == {}


def test_a_client_may_close_its_connections(server):
    catalog = connect(server)
    catalog.list_namespaces()
    catalog.close()
