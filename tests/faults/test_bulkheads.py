"""Something does not answer: whoever does not need it is served all the same,
and whoever does hears so in time."""

import concurrent.futures
import contextlib
import pathlib
import sqlite3
import subprocess
import time

import pytest

from harness.wait import until

MANY = 48  # more than a worker has threads
LIMITS = {"request_time": "4s", "thread_wait_time": "2s"}
NAMESPACES = "/v1/default/namespaces"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "a", "required": False, "type": "long"}]}


def table(namespace):
    return f"{NAMESPACES}/{namespace}/tables/t"


def make_table(server, namespace):
    reply = server.call("POST", NAMESPACES, {"namespace": [namespace]})
    assert reply.status == 200, reply
    reply = server.call("POST", f"{NAMESPACES}/{namespace}/tables",
                        {"name": "t", "schema": SCHEMA})
    assert reply.status == 200, reply


def within(seconds, ask):
    begun = time.monotonic()
    reply = ask()
    assert reply.status == 200, reply
    assert time.monotonic() - begun < seconds


def running(server):
    """Requests on threads, or waiting for one; of the last beat."""
    text = server.get("/metrics").body.decode()
    return sum(int(line.split()[-1]) for line in text.splitlines()
               if line.startswith("pangolin_requests_running"))


@contextlib.contextmanager
def crowd(server, method, path, bodies):
    """Many requests at once; gives a function that waits for the statuses."""
    with concurrent.futures.ThreadPoolExecutor(MANY) as pool:
        replies = [pool.submit(server.call, method, path, body)
                   for body in bodies]
        yield lambda: [reply.result() for reply in replies]


@pytest.fixture(name="stuck")
def fixture_stuck(tmp_path, monkeypatch):
    """A file; while it is there, files below /stuck/ do not open."""
    library, flag = tmp_path / "stuck_open.so", tmp_path / "flag"
    source = pathlib.Path(__file__).with_name("stuck_open.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source],
                   check=True)
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("STUCK_FLAG", str(flag))
    yield flag
    flag.unlink(missing_ok=True)


@pytest.mark.parametrize("workers", (1, 2))
def test_a_disk_that_hangs_stops_neither_logins_nor_others(
        servers, stuck, workers):
    # what caches keep needs no disk: here it is the disk's turn
    server = servers.start(workers=workers, settings={
        "limits": LIMITS, "cache": {"levels": []}})
    make_table(server, "stuck")
    make_table(server, "fine")
    for _ in range(8):
        within(2, lambda: server.call("GET", table("fine")))
    stuck.touch()
    with crowd(server, "GET", table("stuck"), [None] * MANY) as replies:
        until(lambda: running(server) >= MANY, "all of them running")
        for _ in range(10):
            within(1, lambda: server.sign_in("admin", server.first_password))
            within(1, lambda: server.call("GET", "/v1/config"))
            within(1, lambda: server.call("GET", NAMESPACES))
            within(1, lambda: server.get("/health/ready"))
            within(1, lambda: server.call("GET", table("fine")))
        assert {reply.status for reply in replies()} == {503}
    stuck.unlink()
    until(lambda: server.call("GET", table("stuck")).status == 200,
          "the disk's return")


@pytest.mark.parametrize("workers", (1, 2))
def test_a_table_that_all_write_to_stops_no_other(servers, stuck, workers):
    server = servers.start(workers=workers, settings={"limits": LIMITS})
    make_table(server, "stuck")
    make_table(server, "fine")
    change = {"requirements": [], "updates": [
        {"action": "set-properties", "updates": {"a": "b"}}]}
    stuck.touch()
    with crowd(server, "POST", table("stuck"), [change] * MANY) as replies:
        until(lambda: running(server) >= MANY, "all of them running")
        for n in range(5):
            change["updates"][0]["updates"]["a"] = str(n)
            within(1, lambda: server.call("POST", table("fine"), change))
        stuck.unlink()
        assert {reply.status for reply in replies()} <= {200, 429}


@pytest.mark.parametrize("workers", (1, 2, 4))
def test_a_store_that_takes_no_writes_stops_no_reads(servers, workers):
    server = servers.start(workers=workers, settings={"limits": LIMITS})
    make_table(server, "fine")
    bodies = [{"namespace": [f"n{i}"]} for i in range(MANY)]
    other = sqlite3.connect(server.state_dir / "pangolin.db",
                            isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with crowd(server, "POST", NAMESPACES, bodies) as replies:
        until(lambda: running(server) >= MANY, "all of them running")
        for _ in range(5):
            within(2, lambda: server.sign_in("admin", server.first_password))
            within(1, lambda: server.call("GET", "/v1/config"))
            within(1, lambda: server.call("GET", table("fine")))
            within(1, lambda: server.get("/health/ready"))
        # 500 is for units that a leader of their group still held
        answers = [(reply.status, body["namespace"])
                   for reply, body in zip(replies(), bodies)]
    assert {status for status, _ in answers} <= {429, 500}
    refused = [name for status, name in answers if status == 429]
    assert len(refused) >= MANY / 2
    other.execute("ROLLBACK")
    names = server.call("GET", NAMESPACES).json()["namespaces"]
    assert not any(name in names for name in refused)
    reply = server.call("POST", NAMESPACES, {"namespace": refused[0]})
    assert reply.status == 200, reply
