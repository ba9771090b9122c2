"""The client of S3 (object/s3_client.h) on a real server, and behind a proxy
that breaks connections."""

import glob
import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from harness.s3 import (
    Client,
    Faults,
    cut_after,
    cut_before,
    failed_after,
    failed_before,
    says,
    silent,
    slow_down,
    torn,
)

SERVERS = ["ceph", "versity"]
ODD_KEYS = ("a b/c+d&e=f%2g%20", "dt=2026-01-01/\u00fc \U0001f600.parquet",
            "x//y/./z/../w", "q?x#y", "<'\">*()~!$,:;@[]{}|\\^`", "+", "/a",
            "b/")


@pytest.fixture(name="proxy")
def fixture_proxy(s3):
    with Faults(s3.port) as proxy:
        proxy.s3 = s3
        yield proxy


@pytest.fixture(name="client")
def fixture_client(s3):
    with Client(s3, f"http://127.0.0.1:{s3.port}") as client:
        yield client


@pytest.fixture(name="behind")
def fixture_behind(s3, proxy):
    """A client behind the proxy."""
    with Client(s3, proxy.url) as client:
        yield client


@pytest.fixture(name="key")
def fixture_key(request):
    return f"{request.node.name}/object"


@pytest.mark.parametrize("style", ["path", "host"])
def test_odd_keys_name_one_object_each(s3, style):
    with Client(s3, f"http://localhost:{s3.port}", style=style) as client:
        # one over a file system has no bytes in what ends with a slash
        odd = [key for key in ODD_KEYS
               if s3.is_ceph or not (key[-1] == "/" or "/." in key
                                     or "//" in key or key[0] == "/")]
        keys = sorted((f"{style}/{key}" for key in odd),
                      key=lambda key: key.encode())
        for key in keys:
            client.ok("put", key=key, body=key)
        for key in keys:
            assert client.ok("get", key=key)["body"] == key
            assert client.ok("head", key=key)["size"] == len(key.encode())
        assert client.ok("list", prefix=style)["keys"] == keys
        client.ok("delete", key=keys[0])
        client.ok("delete_many", keys=[*keys[1:], f"{style}/none"])
        assert client.ok("list", prefix=style)["keys"] == []


def test_ranges_and_sizes_bound_what_is_read(client, key):
    client.ok("put", key=key, size=3_000_000)
    assert client.ok("get", key=key)["size"] == 3_000_000
    assert client.ok("get", key=key, most=3_000_000)["size"] == 3_000_000
    done = client.do("get", key=key, most=2_999_999)
    assert done["err"] == "ERR_BAD_REQUEST" and key in done["message"]
    client.ok("put", key=key, body="hello")
    assert client.ok("get", key=key, **{"from": 1, "count": 2})["body"] == "el"
    assert client.ok("get", key=key, **{"from": 3, "count": 9})["body"] == "lo"
    assert client.do("get", key=key, **{"from": 5, "count": 1})["err"] == \
        "ERR_BAD_REQUEST"
    client.ok("put", key=key, body="")
    assert client.ok("get", key=key)["body"] == ""


def test_parts_are_the_object_also_when_some_are_torn(proxy, behind, key):
    size = 20_000_000  # two parts and a shorter one
    behind.ok("put", key=key, size=size)
    proxy.arm(None, torn, None, slow_down)
    done = behind.ok("get_parts", key=key)
    assert done["size"] == size and done["parts"] == 3
    assert proxy.methods() == ["PUT", "HEAD"] + ["GET"] * 5
    assert done["hash"] == behind.ok("get", key=key)["hash"]
    behind.ok("put", key=key, body="")
    assert behind.ok("get_parts", key=key)["parts"] == 0


def test_parts_of_two_objects_are_never_mixed(proxy, behind, key):
    behind.ok("put", key=key, size=9_000_000)

    def overwritten(handler, body):
        with Client(proxy.s3, proxy.url) as other:
            other.ok("put", key=key, size=9_000_001)
        handler.pass_on(body)

    proxy.arm(None, None, overwritten)
    done = behind.do("get_parts", key=key)
    assert done["err"] == "ERR_UNAVAILABLE"
    assert "was overwritten" in done["message"]


@pytest.mark.plain_build
def test_200_megabytes_are_read_in_little_memory(s3, client, key):
    client.ok("put", key=key, size=200_000_000)
    with Client(s3, f"http://127.0.0.1:{s3.port}") as reader:
        assert reader.ok("get_parts", key=key)["size"] == 200_000_000
        status = pathlib.Path(f"/proc/{reader.process.pid}/status").read_text()
        most = int(status.split("VmHWM:")[1].split()[0])
        assert most < 40_000, f"{most} KiB"
    client.ok("delete", key=key)


def test_what_is_missing_is_not_found(s3, client, key):
    for call in ("get", "head"):
        done = client.do(call, key=key)
        assert done["err"] == "ERR_NOT_FOUND", done
        assert f"s3://{s3.bucket}/{key}" in done["message"]
    client.ok("delete", key=key)
    s3_of_none = type("none", (), {**vars(s3), "bucket": "no-such-bucket"})
    with Client(s3_of_none, f"http://127.0.0.1:{s3.port}") as other:
        done = other.do("get", key=key)
        assert done["err"] == "ERR_UNAVAILABLE"
        assert done["message"] == "There is no bucket s3://no-such-bucket"


def test_an_unknown_access_key_is_no_missing_object(s3, client, key):
    """404 is what one make answers then."""
    client.ok("put", key=key, body="x")
    unknown = type("unknown", (), {**vars(s3), "access_key": "unknown"})
    with Client(unknown, f"http://127.0.0.1:{s3.port}") as other:
        for call, more in (("get", {"key": key}), ("delete", {"key": key}),
                           ("delete_many", {"keys": [key, key + "2"]}),
                           ("list", {"prefix": key})):
            assert other.do(call, **more)["err"] == "ERR_UNAVAILABLE", call
    assert client.ok("get", key=key)["body"] == "x"


def test_a_conditional_put_conflicts_and_the_old_bytes_stay(client, key):
    client.ok("create", key=key, body="first")
    done = client.do("create", key=key, body="second")
    assert done["err"] == "ERR_ALREADY_EXISTS" and key in done["message"]
    assert client.ok("get", key=key)["body"] == "first"


@pytest.mark.ceph_only  # the other one lets two win
def test_sixteen_racing_creates_have_one_winner(client, key):
    for n in range(5):
        assert client.ok("race", key=f"{key}{n}", threads=16)["won"] == 1


def test_a_create_whose_answer_is_cut_is_read_back(proxy, behind, key):
    proxy.arm(cut_after)
    behind.ok("create", key=key, body="mine")
    assert proxy.methods() == ["PUT", "HEAD"]
    assert behind.ok("get", key=key)["body"] == "mine"


def test_a_create_that_arrives_twice_is_no_conflict(proxy, behind, key):
    behind.do("head", key=key)  # from now on a connection is kept
    proxy.arm(cut_after)
    behind.ok("create", key=key, body="mine")
    assert proxy.methods() == ["HEAD", "PUT", "PUT", "HEAD"]


def test_a_create_that_did_not_arrive_is_sent_again(proxy, behind, key):
    proxy.arm(cut_before)
    behind.ok("create", key=key, body="mine")
    assert proxy.methods() == ["PUT", "HEAD", "PUT"]
    assert behind.ok("get", key=key)["body"] == "mine"


def test_a_conflict_whose_answer_is_cut_stays_a_conflict(proxy, behind, key):
    behind.ok("put", key=key, body="theirs")
    proxy.arm(cut_after, cut_after)
    done = behind.do("create", key=key, body="mine")
    assert done["err"] == "ERR_ALREADY_EXISTS", done
    assert behind.ok("get", key=key)["body"] == "theirs"


def test_a_create_that_is_done_and_failed_is_read_back(proxy, behind, key):
    proxy.arm(failed_after)
    behind.ok("create", key=key, body="mine")
    assert proxy.methods() == ["PUT", "HEAD"]


def test_what_nobody_knows_is_an_error(proxy, behind, key):
    proxy.arm(failed_after, *[cut_before] * 40)
    done = behind.do("create", key=key, body="mine", ms=1500)
    assert done["err"] == "ERR_UNAVAILABLE" and key in done["message"]
    assert "Nobody knows" in done["message"]
    assert proxy.methods().count("PUT") == 1


def test_503_and_500_are_tried_again(proxy, behind, key):
    proxy.arm(slow_down, failed_before, slow_down)
    behind.ok("put", key=key, body="x")
    proxy.arm(slow_down, failed_before)
    assert behind.ok("get", key=key)["body"] == "x"
    proxy.arm(slow_down, slow_down)
    behind.ok("create", key=f"{key}2", body="x")
    assert proxy.statuses.count(503) == 5 and proxy.statuses.count(500) == 2
    proxy.arm(failed_before)
    behind.ok("delete", key=key)
    proxy.arm(slow_down)
    assert behind.ok("list", prefix=key)["keys"] == [f"{key}2"]


def test_tries_end_at_the_deadline(proxy, behind, key):
    proxy.arm(*[slow_down] * 50)
    begun = time.monotonic()
    done = behind.do("get", key=key, ms=700)
    assert time.monotonic() - begun < 3
    assert done["err"] == "ERR_UNAVAILABLE"
    assert "503 SlowDown" in done["message"] and key in done["message"]
    assert 2 <= len(proxy.seen) <= 9


def test_a_silent_server_and_a_torn_body_are_asked_again(s3, proxy, key):
    with Client(s3, proxy.url, silence=1) as client:
        client.ok("put", key=key, size=100_000)
        proxy.arm(torn, silent, torn)
        assert client.ok("get", key=key)["size"] == 100_000
    assert proxy.methods() == ["PUT"] + ["GET"] * 4


@pytest.mark.plain_build
def test_a_skewed_clock_is_corrected_once(s3, proxy, key):
    library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    assert library, "libfaketime is not installed"
    for offset in ("+1h", "-2h"):
        shifted = {**os.environ, "LD_PRELOAD": library[0], "FAKETIME": offset,
                   "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        del proxy.statuses[:]
        with Client(s3, proxy.url, environment=shifted) as client:
            client.ok("create", key=key + offset, body="x")
            client.ok("head", key=key + offset)
            assert client.ok("get", key=key + offset)["body"] == "x"
        assert proxy.statuses == [403, 200, 200, 200]


def test_2500_keys_come_in_pages_and_go_by_the_thousand(client):
    client.ok("fill", prefix="many/", count=2500, threads=8)
    keys, after, sizes = [], None, []
    while True:
        page = client.ok("list", prefix="many/",
                         **({"after": after} if after else {}))
        sizes.append(len(page["keys"]))
        keys += page["keys"]
        after = page["next"]
        if after is None:
            break
    assert sizes == [1000, 1000, 500]
    assert keys == [f"many/{n:05d}" for n in range(2500)]
    assert client.ok("list", prefix="many/", limit=3)["keys"] == keys[:3]
    assert page["size"] == 1 and 0 <= page["age_s"] < 120
    for n in range(0, 2500, 1000):
        client.ok("delete_many", keys=keys[n:n + 1000])
    assert client.ok("list", prefix="many/")["keys"] == []


def test_a_delete_that_is_refused_in_part_tells_how_many_and_why(
        proxy, behind, key):
    """All keys but those that the answer names are gone."""
    keys = [f"{key}/{n}&" for n in range(4)]
    proxy.arm(says(200, b"<DeleteResult>" + b"".join(
        f"<Error><Key>{k}amp;</Key><Code>AccessDenied</Code></Error>".encode()
        for k in (keys[3], keys[1])) + b"</DeleteResult>"))
    done = behind.do("delete_many", keys=keys)
    assert done["err"] == "ERR_UNAVAILABLE"
    assert "2 of 4 objects" in done["message"]
    assert done["message"].endswith(f"/{keys[1]}: AccessDenied")


@pytest.mark.parametrize("inside", [
    b"<Deleted></Other>", b"<Error/>",
    b"<Error><Key>another</Key><Code>AccessDenied</Code></Error>"])
def test_a_malformed_answer_to_a_delete_is_not_taken_for_done(
        proxy, behind, key, inside):
    proxy.arm(says(200, b"<DeleteResult>" + inside + b"</DeleteResult>"))
    done = behind.do("delete_many", keys=[key])
    assert done["err"] == "ERR_UNAVAILABLE"
    assert "malformed" in done["message"]


def test_connections_are_few_and_are_used_again(s3, client, key):
    client.ok("put", key=key, body="x")
    for _ in range(50):
        client.ok("get", key=key)
    assert client.ok("counts")["connections"] == 1
    client.ok("fill", prefix=f"{key}-", count=200, threads=16)
    counts = client.ok("counts")
    assert counts["requests"] == 251 and counts["connections"] <= 4


def test_all_connections_in_use_is_told(s3, proxy, key):
    with Client(s3, proxy.url, connections=1) as client:
        proxy.arm(silent)
        done = client.do("race", key=key, threads=2, ms=600)
        assert done["err"] in ("ERR_SLOW_DOWN", "ERR_UNAVAILABLE")
        assert client.do("head", key=key)["err"] in ("OK", "ERR_NOT_FOUND")


def test_answers_of_no_s3_server_are_refused(proxy, behind, key):
    for said in (b"", b"<ListBucketResult>", b"no", b"<!DOCTYPE x><a/>",
                 b"<ListBucketResult><Contents/></ListBucketResult>",
                 b"<ListBucketResult><IsTruncated>true</IsTruncated>"
                 b"</ListBucketResult>", b"<a>" * 100_000):
        proxy.arm(says(200, said))
        assert behind.do("list", prefix="")["err"] == "ERR_UNAVAILABLE"
    proxy.arm(says(403, b"<Error><Code>a b</Code></Error>" * 10_000))
    done = behind.do("get", key=key)
    assert done["err"] == "ERR_UNAVAILABLE" and "403 " in done["message"]
    assert "a b" not in done["message"]


def test_no_redirect_is_followed(s3, proxy, behind, key):
    with Faults(s3.port) as other:
        for status in (301, 302, 307):
            proxy.arm(says(status, b"", ("Location", other.url + "/x")))
            done = behind.do("get", key=key)
            assert done["err"] == "ERR_UNAVAILABLE"
            assert str(status) in done["message"]
        assert other.seen == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]",
                                  "[::ffff:127.0.0.1]", "0x7f.1"])
def test_no_address_inside_is_asked(s3, proxy, key, host):
    with Client(s3, proxy.url.replace("127.0.0.1", host),
                style="public") as client:
        for call in ("get", "create"):
            done = client.do(call, key=key, body="x")
            assert done["err"] == "ERR_UNAVAILABLE"
            assert "is not allowed" in done["message"], done
        assert client.ok("counts")["connections"] == 0
    assert proxy.seen == []


def test_refusals_name_bucket_and_key_and_no_secret(s3, key):
    secret = "wrong+secret/of/the/warehouse"
    with Client(s3, f"http://127.0.0.1:{s3.port}",
                secret_key=secret) as client:
        for call in ("get", "head", "put", "create", "delete", "list"):
            done = client.do(call, key=key, body="x", prefix=key)
            assert done["err"] == "ERR_UNAVAILABLE", done
            assert s3.bucket in done["message"] and "403" in done["message"]
            assert secret not in str(done)
            assert s3.access_key not in done["message"]


def test_a_presigned_url_is_for_one_key_and_method(client, key):
    client.ok("put", key=key, body="x")
    url = client.ok("presign", method="GET", key=key)["url"]
    assert urllib.request.urlopen(url, timeout=20).read() == b"x"
    for other in (url.replace("/object?", "/other?"),
                  url.replace("Expires=60", "Expires=61")):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(other, timeout=20)


def test_a_server_is_known_by_its_certificate(s3, key, tmp_path):
    pair = [str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=s3",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", pair[0], "-keyout",
         pair[1]], check=True, capture_output=True)
    with Faults(s3.port, pair) as proxy:
        with Client(s3, proxy.url, ca_file=pair[0]) as client:
            client.ok("create", key=key, body="x")
            assert client.ok("get", key=key)["body"] == "x"
        with Client(s3, proxy.url) as client:
            for call in ("get", "create"):
                done = client.do(call, key=key, body="y")
                assert done["err"] == "ERR_UNAVAILABLE"
                assert "certificate" in done["message"], done
            assert client.ok("counts")["requests"] == 2
        assert proxy.methods() == ["PUT", "GET"]
