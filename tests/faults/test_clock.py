"""The clock is set back while the server runs."""

import contextlib
import glob
import pathlib
import sqlite3

import pytest
from harness.writers import NAMESPACE, SCHEMA, append

LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
TABLE = f"{NAMESPACE}/tables/t"


class Clock:
    """Of one server: its offset stands in a file that is read every time.
    (Leases of tasks are tested in tests/unit/test_queue.c: a killed process
    leaves the library's lock taken.)"""

    def __init__(self, server):
        found = glob.glob(LIBRARY)
        assert found, "libfaketime is not installed"
        self.file = server.folder / "clock"
        self.set("+0")
        server.environment.update(
            LD_PRELOAD=found[0], FAKETIME_TIMESTAMP_FILE=str(self.file),
            FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1")

    def close(self):
        """The library leaves its shared memory behind."""
        for name in glob.glob("/dev/shm/*faketime_s*_*"):
            pid = name.rpartition("_")[2]
            if not pathlib.Path(f"/proc/{pid}").exists():
                pathlib.Path(name).unlink(missing_ok=True)

    def set(self, offset):
        fresh = self.file.with_suffix(".fresh")
        fresh.write_text(offset)
        fresh.rename(self.file)


def new_table(server):
    server.call("POST", "/v1/default/namespaces", {"namespace": ["faults"]})
    made = server.call("POST", f"{NAMESPACE}/tables",
                       {"name": "t", "schema": SCHEMA})
    assert made.status == 200, made
    return made.json()["metadata"]


def add_snapshot(server, number):
    metadata = server.call("GET", TABLE).json()["metadata"]
    commit = append(metadata, number)
    # an engine whose clock is right, too
    commit["updates"][0]["snapshot"]["timestamp-ms"] = \
        metadata["last-updated-ms"]
    reply = server.call("POST", TABLE, commit)
    assert reply.status == 200, reply
    return reply.json()["metadata"]


def commit_times(server):
    """Of every branch, by position."""
    uri = f"file:{server.state_dir}/pangolin.db?mode=ro"
    times = {}
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as store:
        for branch, time in store.execute(
                "select branch, at_us from commits order by branch, seq"):
            times.setdefault(branch, []).append(time)
    return times


@pytest.fixture(name="clocked")
def fixture_clocked(servers):
    """A server and its clock."""
    server = servers.new(workers=2)
    clock = Clock(server)
    server.start()
    yield server, clock
    server.kill()
    clock.close()


@pytest.mark.parametrize("back", ("-2m", "-1d"))
def test_no_time_of_a_table_or_branch_runs_back(clocked, back):
    server, clock = clocked
    new_table(server)
    before = add_snapshot(server, 1)
    clock.set(back)
    middle = add_snapshot(server, 2)
    after = add_snapshot(server, 3)
    assert before["last-updated-ms"] <= middle["last-updated-ms"] \
        <= after["last-updated-ms"]
    for log in ("metadata-log", "snapshot-log"):
        times = [entry["timestamp-ms"] for entry in after[log]]
        assert times == sorted(times) and len(times) == 3, (log, times)
    clock.set("+0")
    assert add_snapshot(server, 4)["last-updated-ms"] \
        >= after["last-updated-ms"]
    times = commit_times(server)
    assert max(len(t) for t in times.values()) >= 6
    for of_branch in times.values():
        assert of_branch == sorted(set(of_branch))


def test_tokens_end_when_they_were_to_end(clocked):
    server, clock = clocked
    old = server.bearer()
    path = "/v1/config?warehouse=default"

    def status():
        """The same from every worker."""
        found = {server.request("GET", path, headers=old).status
                 for _ in range(8)}
        return found.pop() if len(found) == 1 else found

    assert status() == 200
    clock.set("-1d")
    assert status() == 200
    server.tokens.clear()
    new = server.bearer()
    assert server.request("GET", path, headers=new).status == 200
    clock.set("+25h")
    assert status() == 401
    clock.set("+0")
    assert status() == 200
    assert server.request("GET", path, headers=new).status == 401
