"""Histories of one table that PyIceberg writes, without a server: a fork is a
metadata file from which two go on."""

import itertools
import json
import pathlib
import subprocess
import uuid

import pyarrow as pa
from harness.manifests import Writer
from pyiceberg.avro.file import AvroFile, AvroOutputFile
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io.pyarrow import PyArrowFileIO, _dataframe_to_data_files
from pyiceberg.manifest import (
    DATA_FILE_TYPE,
    MANIFEST_LIST_FILE_SCHEMAS,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
)
from pyiceberg.partitioning import (
    UNPARTITIONED_PARTITION_SPEC,
    PartitionField,
    PartitionSpec,
)
from pyiceberg.schema import Schema
from pyiceberg.table import CommitTableResponse, StaticTable, Table
from pyiceberg.table.metadata import new_table_metadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER
from pyiceberg.table.update import update_table_metadata
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    IdentityTransform,
)
from pyiceberg.typedef import IcebergBaseModel
from pyiceberg.types import (
    DecimalType,
    LongType,
    NestedField,
    StringType,
    TimestampType,
)

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/dev/merge/merge_tables"

SCHEMA = Schema(
    NestedField(1, "id", LongType()), NestedField(2, "kind", StringType()),
    NestedField(3, "at", TimestampType()),
    NestedField(4, "price", DecimalType(9, 2)))
SPECS = {
    "plain": UNPARTITIONED_PARTITION_SPEC,
    "parted": PartitionSpec(
        PartitionField(2, 1000, IdentityTransform(), "kind"),
        PartitionField(3, 1001, DayTransform(), "at_day"),
        PartitionField(4, 1002, IdentityTransform(), "price"),
        PartitionField(1, 1003, BucketTransform(4), "id_bucket")),
}
_numbers = itertools.count(1)


def rows(*ids):
    """Some of them share partitions, some have a null there."""
    return pa.table({
        "id": pa.array(ids, pa.int64()),
        "kind": pa.array([None if i % 5 == 0 else "ab"[i % 2] for i in ids],
                         pa.string()),
        "at": pa.array([i * 40000 * 1000000 for i in ids],
                       pa.timestamp("us")),
        "price": pa.array([None if i % 7 == 0 else -i for i in ids],
                          pa.decimal128(9, 2))})


class Files(NoopCatalog):
    """Commits are metadata files; nobody keeps a pointer to the newest."""

    def commit_table(self, table, requirements, updates):
        for requirement in requirements:
            requirement.validate(table.metadata)
        metadata = update_table_metadata(
            table.metadata, updates, metadata_location=table.metadata_location)
        # what that of version 3 refuses, it can
        path = save(json.loads(IcebergBaseModel.model_dump_json(metadata)))
        return CommitTableResponse(
            metadata=opened(path).metadata, **{"metadata-location": path})

    def _delete_old_metadata(self, *arguments):
        pass


def save(metadata):
    folder = pathlib.Path(metadata["location"].removeprefix("file://"))
    (folder / "metadata").mkdir(parents=True, exist_ok=True)
    path = folder / f"metadata/{next(_numbers):05}-{uuid.uuid4()}.metadata.json"
    path.write_text(json.dumps(metadata))
    return str(path)


def opened(path):
    """A table that goes on from a metadata file."""
    static = StaticTable.from_metadata(str(path))
    return Table(("ns", "t"), static.metadata, str(path), PyArrowFileIO(),
                 Files("files"))


def created(folder, version=2, spec="plain", **properties):
    metadata = new_table_metadata(
        SCHEMA, SPECS[spec], UNSORTED_SORT_ORDER, f"file://{folder}",
        {"format-version": str(min(version, 2)), **properties})
    metadata = json.loads(metadata.model_dump_json())
    if version == 3:
        metadata |= {"format-version": 3, "next-row-id": 0}
    return opened(save(metadata))


def append(table, *ids):
    """Goes on from here with these rows; gives the table that has them."""
    table = opened(table.metadata_location)
    if table.format_version < 3:
        table.append(rows(*ids))
        return table
    return append_v3(table, rows(*ids))


def append_v3(table, data):
    """What PyIceberg reads and does not write yet."""
    now = json.loads(pathlib.Path(table.metadata_location).read_text())
    identity, folder = uuid.uuid4().int >> 66, f"{now['location']}/metadata"
    sequence = now["last-sequence-number"] + 1
    writer = Writer(3, ManifestContent.DATA, table.spec(), table.schema(),
                    table.io.new_output(f"{folder}/{uuid.uuid4()}-m0.avro"),
                    identity)
    with writer:
        for file in _dataframe_to_data_files(table.metadata, data, table.io):
            file._data += [None] * (
                len(DATA_FILE_TYPE[3].fields) - len(file._data))
            writer.add_entry(ManifestEntry.from_args(
                3, status=ManifestEntryStatus.ADDED, snapshot_id=identity,
                sequence_number=None, file_sequence_number=None,
                data_file=file))
    row = writer.to_manifest_file()
    values = {field.name: row[i] for i, field in enumerate(
        MANIFEST_LIST_FILE_SCHEMAS[2].fields)}
    values |= {"sequence_number": sequence, "min_sequence_number": sequence,
               "first_row_id": now["next-row-id"]}
    listed = [ManifestFile.from_args(3, **values)]
    if table.current_snapshot():
        listed += rows_of_list(table)
    location = f"{folder}/snap-{identity}-1.avro"
    with AvroOutputFile(
            output_file=table.io.new_output(location),
            file_schema=MANIFEST_LIST_FILE_SCHEMAS[3],
            record_schema=MANIFEST_LIST_FILE_SCHEMAS[3],
            schema_name="manifest_file", metadata={"format-version": "3"}) as f:
        f.write_block(listed)
    snapshot = {
        "snapshot-id": identity, "sequence-number": sequence,
        "timestamp-ms": now["last-updated-ms"] + 1,
        "manifest-list": location, "schema-id": now["current-schema-id"],
        "summary": {"operation": "append"},
        "first-row-id": now["next-row-id"], "added-rows": data.num_rows}
    if table.current_snapshot():
        snapshot["parent-snapshot-id"] = now["current-snapshot-id"]
    now["snapshots"].append(snapshot)
    now["snapshot-log"].append({"snapshot-id": identity,
                                "timestamp-ms": snapshot["timestamp-ms"]})
    now["refs"] = {**now.get("refs", {}), "main": {
        "snapshot-id": identity, "type": "branch"}}
    now |= {"current-snapshot-id": identity,
            "last-sequence-number": sequence,
            "next-row-id": now["next-row-id"] + data.num_rows,
            "last-updated-ms": snapshot["timestamp-ms"]}
    return opened(save(now))


def rows_of_list(table):
    """The manifests of the current snapshot, all their fields."""
    found = table.io.new_input(table.current_snapshot().manifest_list)
    with AvroFile(found, MANIFEST_LIST_FILE_SCHEMAS[3],
                  read_types={-1: ManifestFile}) as reader:
        return list(reader)


def changed(table, change):
    """Goes on with what `change` does to the table."""
    table = opened(table.metadata_location)
    change(table)
    return table


def edited(table, change):
    """Goes on from the metadata file that `change` has edited."""
    metadata = json.loads(pathlib.Path(table.metadata_location).read_text())
    change(metadata)
    return opened(save(metadata))


class Merge:
    """The answer of a merge."""

    def __init__(self, base, source, target, *choices):
        done = subprocess.run(
            [PROGRAM, *(t.metadata_location for t in (base, source, target)),
             *choices], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        answer = json.loads(done.stdout)
        self.path, self.files = answer["metadata"], answer["files"]
        self.conflicts = answer["conflicts"]

    @property
    def table(self):
        assert not self.conflicts, self.conflicts
        return opened(self.path)

    @property
    def json(self):
        return json.loads(pathlib.Path(self.path).read_text())

    def fields(self):
        return {(c["kind"], c["field"]) for c in self.conflicts}


def merged(base, source, target):
    """The table that a merge without conflicts makes, target if nothing."""
    merge = Merge(base, source, target)
    assert not merge.conflicts, merge.conflicts
    return opened(merge.path) if merge.path else target


def ids(table):
    return sorted(table.scan().to_arrow()["id"].to_pylist())


def summary(table):
    return dict(table.current_snapshot().summary.additional_properties)
