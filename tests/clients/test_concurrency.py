"""Many clients at once: PyIceberg's, and bare ones that do nothing else."""

import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
from clients.conftest import connect
from harness.server import kind_id
from pyiceberg.exceptions import CommitFailedException, TableAlreadyExistsError

WRITERS = 6
EACH = 5
SCHEMA = pa.schema([("id", pa.int64())])


def append_with_retries(server, name, number):
    """As an engine does: on a conflict, load again and try again."""
    catalog = connect(server)
    rows = pa.table({"id": [number]}, schema=SCHEMA)
    for _ in range(200):
        try:
            catalog.load_table(name).append(rows)
            return
        except CommitFailedException:
            continue
    raise AssertionError("never came through")


def test_appends_to_one_table_are_all_there(server, catalog, space):
    name = (space, "shared")
    catalog.create_table(name, SCHEMA)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda n: append_with_retries(server, name, n),
                      range(WRITERS * EACH)))
    rows = catalog.load_table(name).scan().to_arrow()["id"].to_pylist()
    assert sorted(rows) == list(range(WRITERS * EACH))


def test_stale_writers_are_told(catalog, space):
    first = catalog.create_table((space, "stale"), SCHEMA,
                                 properties={"commit.retry.num-retries": "0"})
    second = catalog.load_table((space, "stale"))
    first.append(pa.table({"id": [1]}, schema=SCHEMA))
    with pytest.raises(CommitFailedException):
        second.append(pa.table({"id": [2]}, schema=SCHEMA))


def test_properties_of_many_writers_are_merged(server, catalog, space):
    """Changes that do not touch each other need no retry of the client."""
    name = (space, "merged")
    catalog.create_table(name, SCHEMA)

    def write(number):
        with connect(server).load_table(name).transaction() as transaction:
            transaction.set_properties({f"k{number}": "v"})

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    kept = catalog.load_table(name).properties
    assert {f"k{n}" for n in range(WRITERS)} <= set(kept)


def test_one_of_many_creates_the_table(server, space):
    def make(_):
        try:
            return connect(server).create_table((space, "one"), SCHEMA)
        except TableAlreadyExistsError:
            return None

    with ThreadPoolExecutor(WRITERS) as pool:
        made = [t for t in pool.map(make, range(WRITERS)) if t]
    assert len(made) == 1


def test_tables_of_their_own_do_not_conflict(server, catalog, space):
    def write(number):
        own = connect(server)
        table = own.create_table((space, f"own{number}"), SCHEMA)
        for value in range(EACH):
            table.append(pa.table({"id": [value]}, schema=SCHEMA))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    assert len(catalog.list_tables(space)) == WRITERS
    for name in catalog.list_tables(space):
        assert catalog.load_table(name).scan().to_arrow().num_rows == EACH


# ---- fifty appenders

APPENDERS = 50
TRIES = 1000  # of one append, each on what was there a moment before
STORES = (("sqlite", 2), ("memory", 1), ("postgres", 2), ("mongo", 2))


def pytest_generate_tests(metafunc):
    """The commit is the same on every store: the others with --long."""
    if "store" in metafunc.fixturenames:
        long = metafunc.config.getoption("--long")
        metafunc.parametrize("store", STORES if long else STORES[:1],
                             ids=kind_id)


class Appender(threading.Thread):
    """Adds snapshots behind the newest, as long as `until` has not come; what
    it has begun it brings to its end."""

    def __init__(self, server, path, until):
        super().__init__(daemon=True)
        self.connection = server.connection(timeout=120)
        self.headers = server.bearer()
        self.path, self.until = path, until
        self.acknowledged, self.wrong = [], []

    def ask(self, method, path, body=None):
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def append(self):
        """One snapshot; gives its id."""
        for _ in range(TRIES):
            status, loaded = self.ask("GET", self.path + "?snapshots=refs")
            assert status == 200, loaded
            added = snapshot_behind(loaded["metadata"])
            status, answer = self.ask("POST", self.path, commit_of(added))
            if status == 200:
                return added["snapshot-id"]
            assert status in (409, 429), answer
        raise AssertionError("gave up")

    def run(self):
        try:
            while not self.acknowledged or time.monotonic() < self.until:
                self.acknowledged.append(self.append())
        except (AssertionError, OSError) as error:
            self.wrong.append(error)


def snapshot_behind(metadata):
    parent = metadata.get("current-snapshot-id", -1)
    added = {"snapshot-id": random.getrandbits(62) + 1,
             "sequence-number": metadata["last-sequence-number"] + 1,
             "timestamp-ms": metadata["last-updated-ms"],
             "manifest-list": "file:/none.avro", "schema-id": 0,
             "summary": {"operation": "append"}}
    return {**added, "parent-snapshot-id": parent} if parent > 0 else added


def commit_of(added):
    return json.dumps({
        "requirements": [{"type": "assert-ref-snapshot-id", "ref": "main",
                          "snapshot-id": added.get("parent-snapshot-id")}],
        "updates": [
            {"action": "add-snapshot", "snapshot": added},
            {"action": "set-snapshot-ref", "ref-name": "main",
             "type": "branch", "snapshot-id": added["snapshot-id"]}]})


def chain_of(metadata):
    """From the first snapshot to the newest, by parents."""
    by_id = {s["snapshot-id"]: s for s in metadata["snapshots"]}
    assert len(by_id) == len(metadata["snapshots"])
    chain, at = [], metadata["current-snapshot-id"]
    while at is not None:
        chain.append(at)
        at = by_id[at].get("parent-snapshot-id")
    return chain[::-1]


def test_fifty_appenders_lose_nothing(start_kind, store, long):
    spaces = "/v1/default/namespaces"
    path = f"{spaces}/crowd/tables/t"
    with start_kind(store) as server:
        server.call("POST", spaces, {"namespace": ["crowd"]})
        made = server.call("POST", f"{spaces}/crowd/tables", {
            "name": "t", "schema": {"type": "struct", "fields": []}})
        assert made.status == 200, made
        until = time.monotonic() + (20 if long else 5)
        crowd = [Appender(server, path, until) for _ in range(APPENDERS)]
        for appender in crowd:
            appender.start()
        for appender in crowd:
            appender.join(240)
            assert not appender.is_alive()
        assert not [w for appender in crowd for w in appender.wrong]
        metadata = server.call("GET", path).json()["metadata"]
    told = [s for appender in crowd for s in appender.acknowledged]
    chain = chain_of(metadata)
    assert sorted(chain) == sorted(told)
    assert [entry["snapshot-id"] for entry in metadata["snapshot-log"]] == chain
    assert all(appender.acknowledged for appender in crowd)
