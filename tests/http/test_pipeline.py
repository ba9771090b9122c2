"""What a commit does around its updates: files, logs, formats, and all that
it must leave alone."""

import gzip
import itertools
import json
import os
import pathlib

import pytest

NAMESPACES = "/v1/default/namespaces"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}
_numbers = itertools.count(1)


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2)) as server:
        yield server


def path_of(location):
    return pathlib.Path(location.removeprefix("file://").removeprefix("file:"))


class Table:
    """A table of its own namespace."""

    def __init__(self, server, **more):
        self.server, self.space = server, f"pipe{next(_numbers)}"
        server.call("POST", NAMESPACES, {"namespace": [self.space]})
        self.base = f"{NAMESPACES}/{self.space}"
        self.path = f"{self.base}/tables/t"
        self.first = self.sent("POST", f"{self.base}/tables", {
            "name": "t", "schema": SCHEMA, **more})

    def sent(self, method, path, body=None):
        reply = self.server.call(method, path, body)
        assert reply.status == 200, reply
        return reply.json()

    def load(self, query=""):
        return self.sent("GET", self.path + query)

    def metadata(self):
        return self.load()["metadata"]

    def try_commit(self, *updates, requirements=()):
        return self.server.call("POST", self.path, {
            "requirements": list(requirements), "updates": list(updates)})

    def commit(self, *updates, requirements=()):
        reply = self.try_commit(*updates, requirements=requirements)
        assert reply.status == 200, reply
        return reply.json()

    def set(self, **properties):
        return self.commit({"action": "set-properties", "updates": {
            name.replace("__", "-").replace("_", "."): str(value)
            for name, value in properties.items()}})

    def files(self, place=None):
        place = place or self.first["metadata"]["location"] + "/metadata"
        return sorted(path_of(place).glob("*.metadata.json*"))

    def register(self, text, name):
        """In its place a table whose file holds this."""
        old = path_of(self.load()["metadata-location"])
        file = old.with_name(name)
        file.write_bytes(text)
        os.chmod(file, 0o666)
        assert self.server.call("DELETE", self.path).status == 204
        return self.sent("POST", f"{self.base}/register", {
            "name": "t", "metadata-location": f"file://{file}"})


@pytest.fixture(name="table")
def fixture_table(server):
    return Table(server)


def snapshot(metadata, number, **more):
    refs = metadata.get("refs", {})
    parent = refs["main"]["snapshot-id"] if "main" in refs else None
    made = {"snapshot-id": number,
            "sequence-number": metadata["last-sequence-number"] + 1,
            "timestamp-ms": metadata["last-updated-ms"],
            "manifest-list": metadata["location"] + f"/metadata/{number}.avro",
            "summary": {"operation": "append"}, "schema-id": 0, **more}
    if parent is not None:
        made["parent-snapshot-id"] = parent
    return {"action": "add-snapshot", "snapshot": made}


def to_main(number):
    return {"action": "set-snapshot-ref", "ref-name": "main",
            "type": "branch", "snapshot-id": number}


# ---- files

def test_the_log_is_as_long_as_the_table_says(table):
    where = [table.first["metadata-location"]]
    table.set(write_metadata_previous__versions__max=2)
    for n in range(4):
        where.append(table.load()["metadata-location"])
        table.set(n=n)
    log = [e["metadata-file"] for e in table.metadata()["metadata-log"]]
    assert log == where[-2:]
    assert all(path_of(w).exists() for w in where)


def test_a_commit_deletes_no_file(table):
    table.set(write_metadata_previous__versions__max=1,
              write_metadata_delete__after__commit_enabled="true")
    for n in range(3):
        table.set(n=n)
    assert len(table.metadata()["metadata-log"]) == 1
    assert len(table.files()) == 5


def test_metadata_is_packed_where_the_table_says(table):
    done = table.set(write_metadata_compression__codec="GZIP")
    assert done["metadata-location"].endswith(".gz.metadata.json")
    packed = path_of(done["metadata-location"]).read_bytes()
    assert json.loads(gzip.decompress(packed)) == done["metadata"]
    assert table.load()["metadata"] == done["metadata"]
    reply = table.try_commit({"action": "set-properties", "updates": {
        "write.metadata.compression-codec": "lzma"}})
    assert reply.status == 400
    assert "Invalid codec name: lzma" in reply.json()["error"]["message"]
    done = table.set(write_metadata_compression__codec="none")
    assert done["metadata-location"].endswith(".metadata.json")
    assert ".gz" not in done["metadata-location"]


@pytest.mark.parametrize("name", (
    "00007-a.gz.metadata.json", "00007-a.metadata.json.gz"))
def test_both_names_of_packed_files_are_read(table, name):
    metadata = table.metadata()
    done = table.register(gzip.compress(json.dumps(metadata).encode()), name)
    assert done["metadata"] == metadata == table.metadata()
    assert "/00008-" in table.set(a=1)["metadata-location"]


def test_metadata_goes_where_the_table_says(table):
    place = table.first["metadata"]["location"] + "/elsewhere"
    done = table.commit({"action": "set-properties", "updates": {
        "write.metadata.path": place + "/"}})
    assert done["metadata-location"].startswith(place + "/00001-")
    assert len(table.files(place)) == 1
    assert table.metadata() == done["metadata"]
    reply = table.try_commit({"action": "set-properties", "updates": {
        "write.metadata.path": "file:///elsewhere"}})
    assert reply.status == 400
    assert len(table.files()) + len(table.files(place)) == 2


@pytest.mark.parametrize("updates", (
    [], [{"action": "set-properties", "updates": {"a": "1"}}],
    [{"action": "remove-properties", "removals": ["absent"]}],
    [{"action": "remove-snapshots", "snapshot-ids": [5]}],
    [{"action": "add-schema", "schema": SCHEMA}],
    [{"action": "set-current-schema", "schema-id": 0},
     {"action": "set-default-spec", "spec-id": 0},
     {"action": "set-default-sort-order", "sort-order-id": 0},
     {"action": "upgrade-format-version", "format-version": 2},
     {"action": "remove-statistics", "snapshot-id": 5},
     {"action": "remove-partition-statistics", "snapshot-id": 5},
     {"action": "remove-encryption-key", "key-id": "k"},
     {"action": "remove-snapshot-ref", "ref-name": "absent"},
     {"action": "remove-schemas", "schema-ids": [7]},
     {"action": "remove-partition-specs", "spec-ids": [7]}],
), ids=("none", "same", "absent", "snapshot", "schema", "many"))
def test_what_changes_nothing_writes_nothing(table, updates):
    before = table.set(a=1)
    files = table.files()
    after = table.commit(*updates)
    assert after == before and table.files() == files


# ---- a table in the place of another

def test_a_replaced_table_keeps_its_history(table):
    metadata = table.metadata()
    table.commit(snapshot(metadata, 11), to_main(11))
    wider = {"type": "struct", "fields": SCHEMA["fields"] + [
        {"id": 2, "name": "y", "type": "string", "required": False}]}
    done = table.commit(
        {"action": "remove-snapshot-ref", "ref-name": "main"},
        {"action": "add-schema", "schema": wider},
        {"action": "set-current-schema", "schema-id": -1},
        {"action": "add-spec", "spec": {"fields": [
            {"name": "y", "source-id": 2, "transform": "identity"}]}},
        {"action": "set-default-spec", "spec-id": -1},
        {"action": "set-properties", "updates": {"replaced": "yes"}},
        requirements=[{"type": "assert-table-uuid",
                       "uuid": metadata["table-uuid"]}])["metadata"]
    assert done["table-uuid"] == metadata["table-uuid"]
    assert [s["snapshot-id"] for s in done["snapshots"]] == [11]
    assert [e["snapshot-id"] for e in done["snapshot-log"]] == [11]
    assert done["refs"] == {} and done["current-snapshot-id"] == -1
    assert done["current-schema-id"] == 1 and done["default-spec-id"] == 1
    done = table.commit(snapshot(done, 12), to_main(12))["metadata"]
    assert [e["snapshot-id"] for e in done["snapshot-log"]] == [11, 12]


# ---- format version 3

V3_TYPES = ("variant", "unknown", "timestamp_ns", "timestamptz_ns",
            "geometry", "geometry(OGC:CRS84)", "geography",
            "geography(srid:4326, vincenty)")


@pytest.fixture(name="third")
def fixture_third(server):
    return Table(server, properties={"format-version": "3"})


@pytest.mark.parametrize("kind", V3_TYPES)
def test_types_of_version_3(server, third, kind):
    def column(number):
        return {"action": "add-schema", "schema": {
            "type": "struct", "fields": SCHEMA["fields"] + [
                {"id": number, "name": "v", "type": kind,
                 "required": False}]}}

    done = third.commit(column(2))["metadata"]
    assert done["schemas"][1]["fields"][1]["type"] == kind
    reply = Table(server).try_commit(column(2))
    assert reply.status == 400
    assert "is not supported until v3" in reply.json()["error"]["message"]


def test_rows_have_ids_from_version_3_on(third):
    metadata = third.metadata()
    assert metadata["next-row-id"] == 0
    assert metadata["current-snapshot-id"] is None
    big = (1 << 62) + 1
    lineage = {"first-row-id": 0, "added-rows": big, "key-id": "k"}
    done = third.commit(snapshot(metadata, 1, **lineage),
                        to_main(1))["metadata"]
    assert done["next-row-id"] == big
    assert done["snapshots"][0].items() >= lineage.items()
    reply = third.try_commit(snapshot(done, 2, **lineage))
    assert reply.status == 409
    assert reply.json()["error"]["type"] == "CommitFailedException"
    for lacking in ({"added-rows": 1}, {"first-row-id": big}):
        assert third.try_commit(snapshot(done, 2, **lacking)).status == 400
    done = third.commit(snapshot(done, 2, **{
        "first-row-id": big, "added-rows": 5}), to_main(2))["metadata"]
    assert done["next-row-id"] == big + 5
    assert third.metadata() == done


def test_columns_have_defaults_from_version_3_on(server, third):
    fields = SCHEMA["fields"] + [
        {"id": 2, "name": "d", "type": "decimal(9, 2)", "required": True,
         "initial-default": "1.50", "write-default": "2.25"},
        {"id": 3, "name": "n", "type": "long", "required": False,
         "initial-default": (1 << 63) - 1, "doc": "exact"}]
    change = {"action": "add-schema",
              "schema": {"type": "struct", "fields": fields}}
    done = third.commit(change, {"action": "set-current-schema",
                                 "schema-id": -1})["metadata"]
    assert done["schemas"][1]["fields"] == fields
    assert third.metadata() == done
    assert Table(server).try_commit(change).status == 400


def test_keys_and_statistics_come_and_go(third):
    metadata = third.metadata()
    key = {"key-id": "k", "encrypted-key-metadata": "AQID",
           "encrypted-by-id": "root", "properties": {"a": "b"}, "new": 1}
    file = {"snapshot-id": 1, "statistics-path": "file:/s.puffin",
            "file-size-in-bytes": 5000000000, "file-footer-size-in-bytes": 9,
            "key-metadata": "x", "blob-metadata": [
                {"type": "apache-datasketches-theta-v1", "snapshot-id": 1,
                 "sequence-number": 1, "fields": [1],
                 "properties": {"ndv": "7"}, "new": {}}]}
    part = {"snapshot-id": 1, "statistics-path": "file:/p.parquet",
            "file-size-in-bytes": 6000000000, "new": [1]}
    third.commit(snapshot(metadata, 1, **{"first-row-id": 0,
                                          "added-rows": 0}), to_main(1))
    done = third.commit(
        {"action": "add-encryption-key", "encryption-key": key},
        {"action": "set-statistics", "snapshot-id": 1, "statistics": file},
        {"action": "set-partition-statistics", "partition-statistics": part}
    )["metadata"]
    assert done["encryption-keys"] == [key]
    assert done["statistics"] == [file]
    assert done["partition-statistics"] == [part]
    assert third.metadata() == done
    done = third.commit(
        {"action": "remove-encryption-key", "key-id": "k"},
        {"action": "remove-statistics", "snapshot-id": 1},
        {"action": "remove-partition-statistics", "snapshot-id": 1}
    )["metadata"]
    assert not done.get("encryption-keys")
    assert done["statistics"] == done["partition-statistics"] == []


# ---- what later releases write

ODD = ('{"x":[2.50,1e3,-0,18446744073709551615,9223372036854775807,0.1,'
       '123456789012345678901234567890,null,"\u00e9 \U0001f980"],"y":{}}')


def with_odd_members(value, path=()):
    """Each object but maps of strings gets a member that nobody knows."""
    if isinstance(value, list):
        return [with_odd_members(v, path) for v in value]
    if not isinstance(value, dict):
        return value
    grown = {k: with_odd_members(v, (*path, k)) for k, v in value.items()}
    if not path or path[-1] not in ("properties", "summary", "refs"):
        grown["of-a-later-release"] = "ODD"
    return grown


def test_unknown_members_survive_at_every_level(table):
    metadata = table.metadata()
    done = table.commit(
        snapshot(metadata, 1), to_main(1), {
            "action": "set-statistics", "statistics": {
                "snapshot-id": 1, "statistics-path": "file:/s",
                "file-size-in-bytes": 1, "file-footer-size-in-bytes": 1,
                "blob-metadata": [{"type": "a", "snapshot-id": 1,
                                   "sequence-number": 1, "fields": []}]}},
        {"action": "add-spec", "spec": {"fields": [
            {"name": "p", "source-id": 1, "transform": "bucket[4]"}]}},
        {"action": "add-sort-order", "sort-order": {
            "order-id": 1, "fields": [
                {"source-id": 1, "transform": "identity", "direction": "asc",
                 "null-order": "nulls-first"}]}},
        {"action": "add-schema", "schema": {"type": "struct", "fields": [
            SCHEMA["fields"][0], {
                "id": 2, "name": "l", "required": False, "type": {
                    "type": "list", "element-id": 3, "element": {
                        "type": "struct", "fields": [
                            {"id": 4, "name": "a", "type": "int",
                             "required": False}]},
                    "element-required": False}}]}})["metadata"]
    text = json.dumps(with_odd_members(done), ensure_ascii=False,
                      separators=(",", ":")).replace('"ODD"', ODD)
    count = text.count(ODD)
    assert count > 20
    table.register(text.encode(), "00009-odd.metadata.json")
    now = table.metadata()
    done = table.commit(
        {"action": "set-properties", "updates": {"a": "b"}},
        snapshot(now, 2), to_main(2),
        {"action": "set-default-spec", "spec-id": 1},
        {"action": "set-default-sort-order", "sort-order-id": 1},
        {"action": "set-current-schema", "schema-id": 1},
        {"action": "set-snapshot-ref", "ref-name": "b", "type": "tag",
         "snapshot-id": 1})
    written = path_of(done["metadata-location"]).read_text("utf-8")
    # main moved: a ref is what its update says
    assert written.count(ODD) == count - 1
    reply = table.server.call("GET", table.path).body.decode()
    assert reply.count(ODD) == count - 1
