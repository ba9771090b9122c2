"""A first warehouse in S3, by settings alone."""

import subprocess

import pytest
from harness.s3 import S3
from harness.server import Server

SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "id", "type": "long", "required": False}]}
VENDED = {"X-Iceberg-Access-Delegation": "vended-credentials"}


@pytest.fixture(scope="module", name="s3")
def fixture_s3():
    s3 = S3()
    yield s3
    s3.end()


def settings(s3, **more):
    return {"warehouse": {
        "root": f"s3://{s3.bucket}/first",
        "s3_endpoint": f"http://127.0.0.1:{s3.port}",
        "s3_access_key_id": s3.access_key,
        "s3_secret_access_key": s3.secret_key,
        "s3_role_arn": s3.role,
        "allowed_endpoints": ["127.0.0.1"], **more}}


def test_the_first_warehouse_is_in_a_bucket(tmp_path, s3):
    server = Server(tmp_path, settings=settings(s3))
    server.start()
    try:
        spaces = "/v1/default/namespaces"
        assert server.call("POST", spaces, {
            "namespace": ["n"]}).status == 200
        made = server.call("POST", f"{spaces}/n/tables", {
            "name": "t", "schema": SCHEMA}, headers=VENDED).json()
        assert made["metadata-location"].startswith(
            f"s3://{s3.bucket}/first/")
        given, = made["storage-credentials"]
        assert given["config"]["s3.session-token"]
        shown = server.call("GET", "/api/v1/warehouses/default").json()
        assert shown["use_sts"] is True
        assert s3.secret_key not in str(shown)
        server.stop()
        server.start()
        loaded = server.call("GET", f"{spaces}/n/tables/t").json()
        assert loaded["metadata-location"] == made["metadata-location"]
        assert s3.secret_key not in server.log_text()
        assert s3.secret_key.encode() not in b"".join(
            file.read_bytes() for file in tmp_path.rglob("pangolin.db*"))
    finally:
        server.kill()


@pytest.mark.parametrize("more, said", (
    ({"s3_secret_access_key": "wrong"}, "s3:PutObject"),
    ({"allowed_endpoints": []}, "warehouse.allowed_endpoints")),
    ids=("key", "endpoint"))
def test_a_bucket_that_cannot_be_used_stops_the_first_start(
        tmp_path, s3, more, said):
    server = Server(tmp_path, settings=settings(s3, **more))
    assert server.spawn().wait(60) != 0
    assert said in server.log_text(), server.log_text()


def test_init_makes_it_too(tmp_path, s3):
    server = Server(tmp_path, settings=settings(s3, root=(
        f"s3://{s3.bucket}/by-init")))
    done = subprocess.run([server.program, "init", "-c",
                           server.write_config()],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    server.start()
    try:
        shown = server.call("GET", "/api/v1/warehouses/default").json()
        assert shown["storage_config"]["location"].endswith("/by-init")
    finally:
        server.kill()
