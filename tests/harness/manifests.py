"""Snapshots whose manifests are written by hand: any version and content."""

import itertools
import pathlib

from pyiceberg.avro.file import AvroOutputFile
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import (
    MANIFEST_LIST_FILE_SCHEMAS,
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestFile,
    ManifestWriterV1,
    ManifestWriterV2,
)
from pyiceberg.typedef import Record

ADDED, EXISTING, DELETED = (ManifestEntryStatus.ADDED,
                            ManifestEntryStatus.EXISTING,
                            ManifestEntryStatus.DELETED)
_numbers = itertools.count(1)


class Writer(ManifestWriterV2):
    """PyIceberg's, for contents and versions that it does not write."""

    def __init__(self, version, content, *arguments):
        super().__init__(*arguments, "deflate")
        self.number, self.kind = version, content

    @property
    def version(self):
        return self.number

    def content(self):
        return self.kind

    @property
    def _meta(self):
        meta = super()._meta
        if self.number == 1:
            del meta["content"]
        elif self.kind == ManifestContent.DELETES:
            meta["content"] = "deletes"
        return meta

    def prepare_entry(self, entry):
        return entry  # odd ones, too

    def new_writer(self):
        schema = self._with_partition(self.number)
        if self.number == 1:  # which its records are not made for
            return ManifestWriterV1.new_writer(self)
        return AvroOutputFile(
            output_file=self._output_file, file_schema=schema,
            record_schema=schema, schema_name="manifest_entry",
            metadata=self._meta)


class ByHand:
    """A table's snapshots, file by file."""

    def __init__(self, server, path, version=2):
        """`path`: of the table in the REST API."""
        self.server, self.path, self.version = server, path, version
        self.io = PyArrowFileIO()
        self.records = 3 if version == 3 else 2  # how PyIceberg has them
        self.last = None

    def metadata(self):
        reply = self.server.call("GET", self.path)
        assert reply.status == 200, reply
        return reply.json()["metadata"]

    def place(self, name):
        folder = pathlib.Path(
            self.metadata()["location"].removeprefix("file://"))
        return f"file://{folder}/metadata/{next(_numbers):05}-{name}.avro"

    def file(self, path, partition=(), content=DataFileContent.DATA,
             file_format="PARQUET", rows=10, **others):
        made = DataFile.from_args(self.records, **{
            "content": content, "file_path": path,
            "file_format": FileFormat[file_format],
            "partition": Record(*partition), "record_count": rows,
            "file_size_in_bytes": 100, **others})
        return made

    def entry(self, file, status=ADDED, snapshot=None, sequence=None):
        return ManifestEntry.from_args(
            self.records, status=status, snapshot_id=snapshot,
            sequence_number=sequence, file_sequence_number=sequence,
            data_file=file)

    def manifest(self, table, entries, snapshot, spec=None, sequence=-1,
                 content=ManifestContent.DATA, version=None, **others):
        """A manifest with its row for a list; `table` as PyIceberg has it,
        entries or files that are added."""
        spec = spec or table.spec()
        output = self.io.new_output(self.place("m"))
        writer = Writer(version or self.version, content, spec,
                        table.schema(), output, snapshot)
        with writer:
            for entry in entries:
                if isinstance(entry, DataFile):
                    entry = self.entry(entry, snapshot=snapshot)
                writer.add_entry(entry)
        row = writer.to_manifest_file()
        values = {field.name: row[i] for i, field in enumerate(
            MANIFEST_LIST_FILE_SCHEMAS[2].fields)}
        if sequence != -1:
            values["sequence_number"] = sequence
        return ManifestFile.from_args(
            self.records, **{**values, **others})

    def snapshot(self, identity, rows, operation="append", parent=None,
                 **others):
        """Commit a snapshot with these manifests as its list."""
        location = self.place("list")
        sequence = self.metadata().get("last-sequence-number", 0) + 1
        for row in rows:
            for name in ("sequence_number", "min_sequence_number"):
                at = [f.name for f in MANIFEST_LIST_FILE_SCHEMAS[
                    self.records].fields].index(name)
                if row[at] == -1:
                    row[at] = sequence
        schema = MANIFEST_LIST_FILE_SCHEMAS[self.version]
        record = MANIFEST_LIST_FILE_SCHEMAS[self.records]
        with AvroOutputFile(
                output_file=self.io.new_output(location), file_schema=schema,
                record_schema=record, schema_name="manifest_file",
                metadata={"format-version": str(self.version)}) as out:
            out.write_block(list(rows))
        snapshot = {
            "snapshot-id": identity, "timestamp-ms": 1760000000000 + sequence,
            "manifest-list": location, "schema-id": 0,
            "summary": {"operation": operation}, **others}
        if self.version > 1:
            snapshot["sequence-number"] = sequence
        if self.version > 2:
            snapshot |= {"first-row-id": self.metadata()["next-row-id"],
                         "added-rows": 1000}
        if parent is None:
            parent = self.last
        if parent is not None:
            snapshot["parent-snapshot-id"] = parent
        reply = self.server.call("POST", self.path, {
            "requirements": [], "updates": [
                {"action": "add-snapshot", "snapshot": snapshot},
                {"action": "set-snapshot-ref", "ref-name": "main",
                 "type": "branch", "snapshot-id": identity}]})
        assert reply.status == 200, reply
        self.last = identity
        return identity
