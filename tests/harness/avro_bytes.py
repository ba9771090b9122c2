"""Avro files byte by byte: what no writer would write."""

import json
import zlib

SYNC = bytes(range(16))


def number(n):
    """A zigzag varint."""
    n, out = (n << 1) ^ (n >> 63), bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return number(len(value)) + value


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def block(count, data, codec="null"):
    packed = deflated(data) if codec == "deflate" else data
    return number(count) + text(packed) + SYNC


def file(schema, *blocks, codec="null"):
    head = {"avro.schema": json.dumps(schema), "avro.codec": codec}
    return (b"Obj\x01" + number(len(head))
            + b"".join(text(k) + text(v) for k, v in head.items())
            + number(0) + SYNC + b"".join(blocks))


# ---- manifests

def field(identity, kind):
    return {"name": f"f{identity}", "field-id": identity, "type": kind}


def record(identity, *fields):
    return {"type": "record", "name": f"r{identity}", "fields": list(fields)}


def manifest_schema(*others):
    """Entries of an unpartitioned table; `others` are of the data file."""
    return record(0, field(0, "int"), field(1, "long"), field(2, record(
        2, field(100, "string"), field(101, "string"),
        field(102, record(102)), field(103, "long"), field(104, "long"),
        *others)))


def manifest_entry(path, others=b""):
    return (number(1) + number(1) + text(path) + text("PARQUET")
            + number(10) + number(100) + others)
