"""PyIceberg without credentials of the bucket: the catalog signs for it."""

import os

import pyarrow as pa
import pytest
from clients.conftest import connect
from harness.s3 import S3
from harness.server import Server
from pyiceberg.exceptions import SignError

SIGNED = {"py-io-impl": "pyiceberg.io.fsspec.FsspecFileIO",
          "header.X-Iceberg-Access-Delegation": "remote-signing"}
# What is no part of a body's signature, Ceph 16 and many others refuse.
os.environ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required"
os.environ["AWS_RESPONSE_CHECKSUM_VALIDATION"] = "when_required"
# Each new thread of PyIceberg 0.12 takes the signer away from all for a moment
# and sets it again: a request in between goes unsigned, and is 403.
os.environ["PYICEBERG_MAX_WORKERS"] = "1"
# A client that finds keys of its own would sign by itself.
for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
    os.environ.pop(name, None)


@pytest.fixture(scope="module", name="catalog")
def fixture_catalog(tmp_path_factory):
    s3 = S3()
    server = Server(tmp_path_factory.mktemp("signed"), settings={
        "warehouse": {"allowed_endpoints": ["127.0.0.1"]}})
    try:
        server.start()
        for path, body in (
                ("/api/v1/warehouses", {"name": "lake", "storage_config": {
                    "s3.bucket": s3.bucket, "s3.prefix": "signed",
                    "s3.endpoint": f"http://127.0.0.1:{s3.port}",
                    "s3.path-style-access": "true",
                    "s3.access-key-id": s3.access_key,
                    "s3.secret-access-key": s3.secret_key}}),
                ("/api/v1/catalogs", {
                    "name": "signed", "warehouse_name": "lake"})):
            made = server.call("POST", path, body)
            assert made.status == 201, made
        catalog = connect(server, "signed", **SIGNED)
        catalog.create_namespace("ns")
        yield catalog
    finally:
        server.kill()
        s3.end()


def rows(first, count=100):
    return pa.table({"id": pa.array(range(first, first + count), pa.int64()),
                     "day": [f"d {n % 3}" for n in range(count)]})


def ids(table):
    return sorted(table.scan().to_arrow()["id"].to_pylist())


def test_rows_are_written_changed_and_read(catalog):
    table = catalog.create_table("ns.rows", rows(0).schema)
    table.append(rows(0))
    table.append(rows(100))
    table.delete("id < 50")
    table.overwrite(rows(1000, 10), "id >= 150")
    assert ids(catalog.load_table("ns.rows")) == [
        *range(50, 150), *range(1000, 1010)]


def test_parts_of_a_large_file_are_written(catalog):
    table = catalog.create_table("ns.large", rows(0).schema)
    large = table.io.new_output(table.location() + "/data/large.bin")
    part = os.urandom(1 << 20)
    with large.create() as out:
        for _ in range(60):
            out.write(part)
    with table.io.new_input(large.location).open() as back:
        assert back.read() == part * 60


def test_another_tables_files_are_not_signed_for(catalog):
    own = catalog.create_table("ns.own", rows(0).schema)
    other = catalog.create_table("ns.other", rows(0).schema)
    with pytest.raises((SignError, OSError)):
        own.io.new_input(other.metadata_location).open().read()
    with pytest.raises((SignError, OSError)):
        own.io.delete(own.metadata_location)
    assert catalog.load_table("ns.own").metadata_location
