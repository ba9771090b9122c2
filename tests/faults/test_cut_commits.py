"""The connection to the database fails around a COMMIT: whoever asked is told
what became of it, and nobody else has to wait for long."""

import concurrent.futures
import contextlib
import itertools

import pymongo
import pytest
from harness.mongo import Mongo
from harness.postgres import Postgres
from harness.relay import ANSWER, COMMIT, COMMITTED, REQUEST, Fault, Relay
from harness.wait import until
from harness.writers import SCHEMA

LIMITS = {"request_time": "3s", "thread_wait_time": "2s"}
SPACE = "/v1/default/namespaces/cut"


@pytest.fixture(name="pair", scope="module", params=("postgres", "mongo"))
def fixture_pair(request, start_kind, databases, tmp_path_factory):
    """A node behind a relay, another one without, and the relay."""
    database = databases(request.param)
    store = database.new_store(connect_timeout="2s")
    relay = Relay(request.param, database.port)
    options = {**store["store"]["options"], "url": relay.url(database.url)}
    root = tmp_path_factory.mktemp("warehouse")
    common = {"limits": LIMITS, "warehouse": {"root": f"file://{root}"}}
    relayed = {"store": {"plugin": request.param, "options": options}}
    with start_kind((request.param, 1, {**relayed, **common})) as behind, \
            start_kind((request.param, 1, {**store, **common})) as other:
        other.first_password = behind.first_password
        assert behind.call("POST", "/v1/default/namespaces",
                           {"namespace": ["cut"]}).status == 200
        yield behind, other, relay
    relay.close()


@pytest.fixture(name="cut")
def fixture_cut(pair):
    """The same, with a table that has seen one commit."""
    behind, *_ = pair
    until(lambda: behind.call("DELETE", f"{SPACE}/tables/t").status
          in (204, 404), "a commit without faults")
    assert behind.call("POST", f"{SPACE}/tables",
                       {"name": "t", "schema": SCHEMA}).status == 200
    assert commit(behind, "n", "0").status == 200
    return pair


def commit(node, key, value):
    return node.call("POST", f"{SPACE}/tables/t", {
        "requirements": [], "updates": [
            {"action": "set-properties", "updates": {key: value}}]})


def versions(node):
    """How many metadata files the table has had, and its property n."""
    metadata = node.call("GET", f"{SPACE}/tables/t").json()["metadata"]
    return len(metadata["metadata-log"]), metadata["properties"]["n"]


def test_a_commit_is_done_once_whatever_is_cut(cut, long):
    behind, other, relay = cut
    faults = itertools.product(
        (REQUEST, ANSWER, COMMIT, COMMITTED) if long else (COMMIT, COMMITTED),
        ("cut", "tear", "half_close", "delay"))
    for done, fault in enumerate(itertools.starmap(Fault, faults), 1):
        # a driver may try again by itself, once
        relay.arm(*[fault] * (1 if fault.do == "delay" else 2))
        reply = commit(behind, "n", str(done))
        assert reply.status == 200, (fault, reply)
        assert versions(other) == (done + 1, str(done)), fault
        until(relay.is_done, "the fault")


def test_a_commit_that_stands_still_lets_others_pass(cut):
    """Its COMMIT does not arrive, and nobody tells the server so."""
    behind, other, relay = cut
    relay.arm(Fault(COMMIT, "swallow"))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(commit, behind, "n", "stuck")
        until(relay.is_done, "the fault")
        until(lambda: commit(other, "m", "passed").status == 200,
              "another commit", 20)
        assert stuck.result().status in (200, 500)
    assert versions(other)[0] in (2, 3)


def test_a_commit_without_an_answer_is_not_called_a_failure(cut):
    """It is kept, and nobody is told: nobody knows is what may be said."""
    behind, other, relay = cut
    relay.arm(Fault(COMMITTED, "swallow"))
    reply = commit(behind, "n", "kept")
    assert reply.status in (200, 500), reply
    assert reply.status == 200 or b"CommitStateUnknown" in reply.body, reply
    assert versions(other) == (2, "kept")
    # nor does the thread that led it wait for the silent server any longer
    assert commit(behind, "n", "next").status == 200


def test_a_file_stays_when_the_server_forgot_its_commit(servers):
    """A server that crashes after a COMMIT may say "no such transaction" of
    what it has kept, and then lets nobody find out before the time is over."""
    database = Mongo("--sync-on-commit", "--enable-test-commands",
                     "--streaming")
    relay = Relay("mongo", database.port)
    try:
        store = database.new_store(connect_timeout="2s")
        store["store"]["options"]["url"] = relay.url(database.url)
        server = servers.start(store="mongo", settings={
            **store, "limits": LIMITS})
        assert server.call("POST", "/v1/default/namespaces",
                           {"namespace": ["cut"]}).status == 200
        assert server.call("POST", f"{SPACE}/tables",
                           {"name": "t", "schema": SCHEMA}).status == 200
        relay.arm(Fault(COMMITTED, "lose"))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            reply = pool.submit(commit, server, "n", "kept")
            until(relay.is_done, "the fault")
            database.crash()
            with reads_refused(database):
                relay.release()
                reply = reply.result()
        assert b"CommitStateUnknown" in reply.body, reply
        until(lambda: server.call("GET", f"{SPACE}/tables/t").status != 503,
              "the store to be back")
        assert versions(server) == (1, "kept")
    finally:
        relay.close()
        database.end()


@contextlib.contextmanager
def reads_refused(database):
    """Every read finds that another was faster."""
    with pymongo.MongoClient(database.url) as client:
        client.admin.command(
            "configureFailPoint", "failCommand", mode="alwaysOn", data={
                "failCommands": ["find", "aggregate"], "errorCode": 112,
                "errorLabels": ["TransientTransactionError"]})
        yield
        client.admin.command(
            "configureFailPoint", "failCommand", mode="off")


LOST = (("/api/v1/users", {"username": "lost", "email": "lost@example.org",
                           "password": "correct horse battery",
                           "role": "tenant-user"}),
        ("/api/v1/tasks", {"kind": "verify_catalog", "catalog": "default"}))


def test_a_crash_does_not_make_a_lost_write_look_kept(servers):
    """The number of the lost transaction is given to others, who commit."""
    database = Postgres("wal_writer_delay=10s")
    relay = Relay("postgres", database.port)
    try:
        store = database.new_store(connect_timeout="10s")
        store["store"]["options"]["url"] = relay.url(database.url)
        server = servers.start(store="postgres", settings=store)
        for path, body in LOST:
            before = len(server.call("GET", path).json())
            reply = post_into_a_crash(server, database, relay, path, body)
            made = len(server.call("GET", path).json()) - before
            assert (reply.status // 100, made) in ((2, 1), (5, 0)), reply
    finally:
        relay.close()
        database.end()


def post_into_a_crash(server, database, relay, path, body):
    """Its COMMIT does not arrive, the server forgets what came before it."""
    relay.arm(Fault(COMMIT, "swallow"))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        made = pool.submit(server.call, "POST", path, body)
        until(relay.is_done, "the fault")
        relay.closed = True
        database.crash()
        for _ in range(5):
            database.ask("SELECT pg_current_xact_id()")
        relay.closed = False
        return made.result()
