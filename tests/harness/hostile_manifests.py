"""Manifests of a few bytes that ask for much work: name, bytes, and what the
plan of a table with it says; run as a program, it writes the small ones to a
folder, as seeds for fuzzing."""

import pathlib
import sys

from harness.avro_bytes import (
    block,
    field,
    file,
    manifest_entry,
    manifest_schema,
    number,
    record,
    text,
)

NULLS = {"type": "array", "items": "null"}
LONGS = {"type": "array", "items": "long"}
SPLIT_OFFSETS, NOBODYS = 132, 999
SEED_MAX = 1000  # bytes: what is larger takes too long, thousands of times


def manifest(others, kind, entries=1, identity=SPLIT_OFFSETS):
    """Entries whose file has a field of this id, kind and bytes."""
    data = manifest_entry("a", others) * entries
    return file(manifest_schema(field(identity, kind)),
                block(entries, data, "deflate"), codec="deflate")


def nulls(identity, entries=2000, count=3_900_000):
    return manifest(number(count) + number(0), NULLS, entries, identity)


def chain(length):
    """Named types, each with a field of the one before."""
    kind, fields = "long", []
    for n in range(length):
        fields.append(field(1000 + n, record(
            5000 + n, {"name": "x", "type": kind})))
        kind = f"r{5000 + n}"
    return fields


def packed(size, count=1):
    """So many zeros, packed: a block of the schema's records."""
    return file(manifest_schema(field(SPLIT_OFFSETS, LONGS)),
                block(count, bytes(size), "deflate"), codec="deflate")


EMPTY = {"type": "array", "items": record(7)}
HOSTILE = {
    "nulls": (nulls(SPLIT_OFFSETS), "f132 of record 0"),
    "empty-records": (manifest(number(10**15), EMPTY), "f132 of record 0"),
    "longer-than-block": (
        manifest(number(10**6) + bytes(50), LONGS), "longer than its block"),
    "least-count": (
        manifest(number(-2**63) + number(0), LONGS), "no such size"),
    "many-values": (
        manifest(number(1_500_000) + bytes(1_500_001), LONGS),
        "more than 1000000 values"),
    "many-parts": (
        manifest((number(1) + number(0)) * 1_200_000 + number(0), LONGS),
        "more than 1000000 values"),
    "unpacks-to-much": (packed(80 << 20), "unpacks to too much"),
    "many-records": (packed(100, 2**62), "fewer records than it says"),
    "named-types": (
        file(manifest_schema(*chain(900)), block(1, b"")),
        "nested deeper than 32 levels"),
    "many-fields": (
        file(manifest_schema(*(field(n, "null") for n in range(200, 3000))),
             block(1, b"")), "more than 1000 fields"),
    "many-branches": (
        file(manifest_schema(field(SPLIT_OFFSETS, ["null", *[LONGS] * 99])),
             block(1, b"")), "more than 16 fields or branches"),
    "names-itself": (
        file(record(0, {"name": "x", "type": "r0"}), block(1, b"")),
        "unknown Avro type: r0"),
    "long-path": (
        file(manifest_schema(), block(1, number(1) + number(1)
                                      + number(2**40))), "ends too early"),
}
# What nobody asks for is skipped, however much it is.
HARMLESS = {
    "skipped-nulls": nulls(NOBODYS),
    "skipped-empty-records": manifest(
        number(10**15) + number(0), EMPTY, identity=NOBODYS),
    "skipped-by-size": manifest(
        number(-4) + text("four") + number(0), LONGS, identity=NOBODYS),
    "field-twice": file(
        manifest_schema(field(SPLIT_OFFSETS, LONGS), field(100, "string")),
        block(1, manifest_entry("a", number(0) + text("b")))),
}

if __name__ == "__main__":
    files = HARMLESS | {name: made for name, (made, _) in HOSTILE.items()}
    for name, content in files.items():
        if len(content) > SEED_MAX:
            continue
        pathlib.Path(sys.argv[1], name).write_bytes(content)
