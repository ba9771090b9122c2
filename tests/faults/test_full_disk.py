"""A full disk under the state directory and the warehouse."""

import json
import os
import pathlib
import urllib.parse

import pytest
from harness.disk import Disk
from harness.wait import until

NAMESPACE = "/v1/default/namespaces/faults"
TABLE = f"{NAMESPACE}/tables/t"
SCHEMA = {"type": "struct", "fields": []}
SIZE = 16 << 20
PAGE = 4096


@pytest.fixture(name="small")
def fixture_small(servers):
    """A server with a table, on a disk of 16 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    server = servers.new(workers=2)
    disk = Disk(server, SIZE)
    try:
        server.start()
        assert server.call("POST", "/v1/default/namespaces",
                           {"namespace": ["faults"]}).status == 200
        assert server.call("POST", f"{NAMESPACE}/tables",
                           {"name": "t", "schema": SCHEMA}).status == 200
        yield server, disk
    finally:
        server.kill()
        disk.close()


def commit(server, key, value="v"):
    return server.call("POST", TABLE, {"requirements": [], "updates": [
        {"action": "set-properties", "updates": {key: value}}]})


def properties(server):
    reply = server.call("GET", TABLE)
    assert reply.status == 200, reply
    found = reply.json()["metadata"]["properties"]
    del found["write.parquet.compression-codec"]  # the server's own
    return found


def check_files(server, disk):
    """Every metadata file is whole, and none is left in the making."""
    location = server.call("GET", TABLE).json()["metadata-location"]
    folder = pathlib.Path(urllib.parse.urlparse(location).path).parent
    folder = disk.path / folder.relative_to(
        server.settings["server"]["state_dir"])
    for file in folder.iterdir():
        assert not file.name.endswith(".tmp"), file
        assert json.loads(file.read_text("utf-8"))["table-uuid"]


def assert_full(reply):
    assert reply.status == 507, reply
    error = reply.json()["error"]
    assert "disk" in error["message"] and "full" in error["message"], error


def test_a_full_disk_fails_commits_and_nothing_else(small):
    server, disk = small
    assert commit(server, "before").status == 200
    disk.fill()
    for number in range(20):
        assert_full(commit(server, f"full{number}"))
    assert set(properties(server)) == {"before"}
    server.tokens.clear()
    assert properties(server)["before"] == "v"  # a new sign-in, too
    assert server.get("/health/live").status == 200
    reply = server.call("POST", "/v1/default/namespaces",
                        {"namespace": ["none"]})
    assert_full(reply)
    check_files(server, disk)
    disk.empty()
    until(lambda: commit(server, "after").status == 200, "commits again")
    assert set(properties(server)) == {"before", "after"}


def test_a_disk_that_fills_at_any_point_leaves_all_or_nothing(small):
    """So much room that the file fits and the store's log does not, or a part
    of it: page by page."""
    server, disk = small
    kept = set()
    outcomes = set()
    for pages in range(24):
        disk.empty()
        disk.fill(pages * PAGE)
        key = f"k{pages}"
        reply = commit(server, key, "v" * 3000)
        outcomes.add(reply.status)
        if reply.status == 200:
            kept.add(key)
        else:
            assert_full(reply)
        assert set(properties(server)) == kept, (pages, reply)
    assert outcomes == {200, 507}
    disk.empty()
    check_files(server, disk)


def test_kill_9_on_a_full_disk_loses_nothing(small):
    server, disk = small
    for number in range(10):
        assert commit(server, f"k{number}").status == 200
    disk.fill()
    assert_full(commit(server, "never"))
    server.kill()
    disk.empty()
    server.restart()
    assert set(properties(server)) == {f"k{n}" for n in range(10)}
    assert commit(server, "after").status == 200
