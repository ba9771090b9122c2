"""Large new objects are written in parts (object/s3_multipart.h)."""

import botocore.config
import botocore.session
import pytest
from harness.s3 import (
    Client,
    Faults,
    cut_after,
    cut_before,
    failed_after,
    says,
    slow_down,
    torn,
)

SERVERS = ["ceph", "versity"]
SIZE = 36_000_000  # two parts of 16 MiB and a shorter one
WRITES = ["POST", "PUT", "PUT", "PUT", "HEAD", "POST"]
LISTS = ["GET"]  # uploads of the key that are left


@pytest.fixture(name="proxy")
def fixture_proxy(s3):
    with Faults(s3.port) as proxy:
        yield proxy


@pytest.fixture(name="behind")
def fixture_behind(s3, proxy):
    with Client(s3, proxy.url) as client:
        yield client


@pytest.fixture(name="key")
def fixture_key(request):
    return f"{request.node.name}/a b&c.json"


@pytest.fixture(name="bucket")
def fixture_bucket(s3):
    """The bucket, as another client sees it."""
    client = botocore.session.get_session().create_client(
        "s3", region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{s3.port}",
        aws_access_key_id=s3.access_key,
        aws_secret_access_key=s3.secret_key,
        config=botocore.config.Config(s3={"addressing_style": "path"}))
    yield client
    client.close()


@pytest.fixture(autouse=True)
def fixture_nothing_is_left(s3, bucket):
    yield
    found = bucket.list_multipart_uploads(Bucket=s3.bucket)
    assert found.get("Uploads", []) == []


def check(s3, bucket, key, size=SIZE):
    body = bucket.get_object(Bucket=s3.bucket, Key=key)["Body"].read()
    assert body == (bytes(range(251)) * (size // 251 + 1))[:size]
    bucket.delete_object(Bucket=s3.bucket, Key=key)


def test_a_large_object_is_its_parts(s3, proxy, behind, bucket, key):
    behind.ok("create", key=key, size=SIZE)
    assert proxy.methods() == WRITES + LISTS
    done = behind.do("create", key=key, size=SIZE)
    assert done["err"] == "ERR_ALREADY_EXISTS" and key in done["message"]
    check(s3, bucket, key)


def test_a_part_of_the_bound_is_the_last(s3, proxy, behind, bucket, key):
    size = 3 * 16 * 1024 * 1024
    behind.ok("create", key=key, size=size)
    assert proxy.methods() == WRITES + LISTS
    check(s3, bucket, key, size)


FAULTS = {"cut before": cut_before, "cut after": cut_after, "torn": torn,
          "failed after": failed_after, "slow down": slow_down}


@pytest.mark.parametrize("at, fault", [
    (0, "cut after"), (0, "torn"), (2, "cut before"), (2, "cut after"),
    (3, "slow down"), (4, "torn"), (5, "cut before"), (5, "cut after"),
    (5, "torn"), (5, "failed after")])
def test_what_breaks_is_done_again(s3, proxy, behind, bucket, key, at, fault):
    proxy.arm(*[None] * at, FAULTS[fault])
    behind.ok("create", key=key, size=SIZE)
    # parts that were written are not written again
    assert proxy.methods().count("PUT") == 3 + (0 < at < 4)
    check(s3, bucket, key)


def test_a_success_that_holds_an_error_is_none(
        s3, proxy, behind, bucket, key):
    proxy.arm(*[None] * 5, says(
        200, b"<Error><Code>InternalError</Code></Error>"))
    behind.ok("create", key=key, size=SIZE)
    assert proxy.methods() == WRITES + ["HEAD", "HEAD", "POST"] + LISTS
    check(s3, bucket, key)


def test_an_upload_that_somebody_aborts_begins_again(
        s3, proxy, behind, bucket, key):
    def aborted(handler, body):
        found = bucket.list_multipart_uploads(Bucket=s3.bucket)["Uploads"]
        bucket.abort_multipart_upload(Bucket=s3.bucket, Key=key,
                                      UploadId=found[0]["UploadId"])
        handler.pass_on(body)

    proxy.arm(None, None, aborted)
    behind.ok("create", key=key, size=SIZE)
    assert proxy.methods() == [*WRITES[:3], "HEAD", *WRITES, *LISTS]
    check(s3, bucket, key)


def test_racing_uploads_of_one_key_leave_one_whole_object(
        s3, behind, bucket, key):
    # the gateway does not mind the condition of the last request
    assert behind.ok("race", key=key, threads=4, size=SIZE)["won"] >= 1
    check(s3, bucket, key)


def test_what_is_refused_leaves_nothing(proxy, behind, bucket, s3, key):
    proxy.arm(None, None, says(403, b"<Error><Code>AccessDenied</Code></Error>"))
    done = behind.do("create", key=key, size=SIZE)
    assert done["err"] == "ERR_UNAVAILABLE" and key in done["message"]
    assert proxy.methods() == ["POST", "PUT", "PUT", "DELETE", "GET"]
    assert "Contents" not in bucket.list_objects_v2(
        Bucket=s3.bucket, Prefix=key.split("/")[0])


def test_what_lasts_too_long_is_aborted_behind_its_time(
        proxy, behind, bucket, s3, key):
    proxy.arm(None, None, *[slow_down] * 9)
    done = behind.do("create", key=key, size=SIZE, ms=700)
    # whether its time was over before the last try or within it
    assert done["err"] in ("ERR_UNAVAILABLE", "ERR_SLOW_DOWN"), done
    assert "DELETE" in proxy.methods()
