"""Somebody else holds what a request needs: the answer comes in time, is
right, and all goes on once it is let go."""

import concurrent.futures
import contextlib
import sqlite3
import time

import psycopg2
import pymongo
import pytest
from harness.relay import ANSWER, Fault, Relay
from harness.wait import until
from harness.writers import SCHEMA

SPACE = "/v1/default/namespaces/locks"
TABLE = f"{SPACE}/tables/t"
LIMITS = {"request_time": "2s", "thread_wait_time": "1s"}
IN_TIME = 4.0  # the deadline, a second for giving up, and a slow machine


def commit(server, key):
    return server.call("POST", TABLE, {"requirements": [], "updates": [
        {"action": "set-properties", "updates": {key: "v"}}]})


def prepare(server):
    assert server.call("POST", "/v1/default/namespaces",
                       {"namespace": ["locks"]}).status == 200
    assert server.call("POST", f"{SPACE}/tables",
                       {"name": "t", "schema": SCHEMA}).status == 200
    assert commit(server, "before").status == 200


@contextlib.contextmanager
def sqlite_writes(server, _database):
    """As another program does in the middle of a write."""
    other = sqlite3.connect(server.state_dir / "pangolin.db",
                            isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@contextlib.contextmanager
def postgres_branches(server, database):
    """The lock of every branch."""
    schema = server.settings["store"]["options"]["schema"]
    other = psycopg2.connect(database.url)
    other.cursor().execute(
        f"SELECT pg_advisory_xact_lock(id) FROM {schema}.refs")
    yield
    other.close()


@contextlib.contextmanager
def mongo_heads(server, database):
    """The next position of every branch, in a transaction that is open."""
    name = server.settings["store"]["options"]["database"]
    with pymongo.MongoClient(database.url) as client:
        commits = client[name].commits
        heads = {}
        for row in commits.find():
            at = row["branch"]
            heads[at] = max(heads.get(at, row), row, key=lambda r: r["seq"])
        with client.start_session() as session:
            session.start_transaction()
            for row in heads.values():
                del row["_id"], row["id"]
                row["seq"] += 1
                commits.insert_one(row, session=session)
            yield
            session.abort_transaction()


HOLDERS = {"sqlite": sqlite_writes, "postgres": postgres_branches,
           "mongo": mongo_heads}


@pytest.mark.parametrize("store", HOLDERS)
def test_a_lock_that_is_held_fails_writes_in_time_and_no_read(
        servers, databases, store):
    server = servers.start(store=store, workers=1,
                           settings={"limits": LIMITS})
    database = None if store == "sqlite" else databases(store)
    prepare(server)
    with HOLDERS[store](server, database):
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            waiting = [pool.submit(commit, server, f"k{n}") for n in range(4)]
            assert server.call("GET", TABLE).status == 200
            replies = [w.result() for w in waiting]
        assert time.monotonic() - begun < IN_TIME
    for reply in replies:
        assert (reply.status == 429 and reply.headers["Retry-After"]
                or b"CommitStateUnknown" in reply.body), reply
    until(lambda: commit(server, "after").status == 200, "it goes on")
    metadata = server.call("GET", TABLE).json()["metadata"]
    there = set(metadata["properties"])
    refused = {f"k{n}" for n, r in enumerate(replies) if r.status == 429}
    assert {"before", "after"} <= there
    assert not refused & there
    # one file for each that is there: nothing was done twice, or half
    assert len(metadata["metadata-log"]) == len(
        there - {"write.parquet.compression-codec"})


@pytest.mark.parametrize("store", ("postgres", "mongo"))
def test_connections_that_are_used_up_are_said_in_time(
        servers, databases, store):
    database = databases(store)
    relay = Relay(store, database.port)
    settings = database.new_store(max_connections="2", acquire_timeout="300ms")
    settings["store"]["options"]["url"] = relay.url(database.url)
    server = servers.start(store=store, workers=1, settings={
        **settings, "cache": {"levels": []}})
    try:
        prepare(server)
        relay.arm(*[Fault(ANSWER, "hold")] * 99)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            reads = [pool.submit(server.call, "GET", TABLE) for _ in range(8)]
            writes = [pool.submit(commit, server, "k") for _ in range(2)]
            until(lambda: sum(r.done() for r in reads + writes) >= 6,
                  "those without a connection are told", 4)
            relay.release()
            reads, writes = ([r.result() for r in some]
                             for some in (reads, writes))
        assert {r.status for r in reads} <= {200, 503}, reads
        assert {w.status for w in writes} <= {200, 429}, writes
        refused = [r for r in reads + writes if r.status != 200]
        assert len(refused) >= 6
        assert all(r.headers["Retry-After"] for r in refused)
        assert server.call("GET", TABLE).status == 200
    finally:
        relay.close()
