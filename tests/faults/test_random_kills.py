"""kill -9 of random processes, parent and workers, under 16 committers and 16
readers: 50 times, with --long 1,000.

Each table is a chain of snapshots: an acknowledged one is in it exactly once,
one that was refused is not, and a read that began after an acknowledgement
shows that snapshot or a newer one.
"""

import http.client
import itertools
import json
import os
import random
import shutil
import signal
import threading
import urllib.parse

import pytest
from harness.prometheus import parse
from harness.wait import until
from harness.writers import SCHEMA, append

COMMITTERS, READERS, TABLES, WORKERS = 16, 16, 24, 4
KILLS_IN_ROUND = 50  # then other tables, so that none grows without end
PARENT_SHARE = 0.25
CLOSED = (OSError, http.client.HTTPException)


class Ledger:
    """What the clients of one round know."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.lock = threading.Lock()
        self.acknowledged = {name: set() for name in self.names()}
        self.refused = {name: set() for name in self.names()}
        self.floor = dict.fromkeys(self.names(), 0)  # newest acknowledged
        self.count = self.reads = 0
        self.wrong = []
        self.over = threading.Event()

    @staticmethod
    def names():
        return [f"t{n}" for n in range(TABLES)]

    def path(self, table):
        return f"/v1/default/namespaces/{self.namespace}/tables/{table}"

    def acknowledge(self, table, snapshot, sequence):
        with self.lock:
            self.count += 1
            self.acknowledged[table].add(snapshot)
            self.floor[table] = max(self.floor[table], sequence)


class Client(threading.Thread):
    """Does its turn on one connection; on another when that breaks."""

    def __init__(self, server, ledger, seed):
        super().__init__(daemon=True)
        self.port, self.ledger = server.port, ledger
        self.random = random.Random(seed)
        self.headers = {**server.bearer(), "Content-Type": "application/json"}

    def run(self):
        while not self.ledger.over.is_set():
            connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=60)
            try:
                while not self.ledger.over.is_set():
                    self.turn(connection,
                              f"t{self.random.randrange(TABLES)}")
            except CLOSED:
                pass  # whoever served it is dead: the outcome is unknown
            except (AssertionError, ValueError, KeyError) as error:
                self.ledger.wrong.append(repr(error))
                return
            finally:
                connection.close()

    def ask(self, connection, method, path, body=None):
        connection.request(method, path, body, self.headers)
        reply = connection.getresponse()
        return reply.status, reply.read()

    def load(self, connection, table):
        """The metadata, or None when the server is too busy."""
        floor = self.ledger.floor[table]
        status, body = self.ask(connection, "GET", self.ledger.path(table))
        if status in (429, 503):
            return None
        assert status == 200, (status, body)
        metadata = json.loads(body)["metadata"]
        found = metadata["last-sequence-number"]
        assert found >= floor, f"{table}: {found} is older than {floor}"
        self.ledger.reads += 1
        return metadata


class Reader(Client):
    def turn(self, connection, table):
        self.load(connection, table)


class Committer(Client):
    numbers = itertools.count(1)

    def turn(self, connection, table):
        metadata = self.load(connection, table)
        if metadata is None:
            return
        snapshot = next(self.numbers)
        commit = append(metadata, snapshot)
        sequence = commit["updates"][0]["snapshot"]["sequence-number"]
        status, body = self.ask(connection, "POST", self.ledger.path(table),
                                json.dumps(commit))
        if status == 200:
            self.ledger.acknowledge(table, snapshot, sequence)
        elif status in (409, 429):
            self.ledger.refused[table].add(snapshot)
        else:
            assert status == 500 and b"CommitStateUnknown" in body, \
                (status, body)


def chain_of(metadata):
    """Snapshot ids from the newest to the first; all there are."""
    snapshots = {s["snapshot-id"]: s for s in metadata.get("snapshots", [])}
    chain, at = [], metadata.get("current-snapshot-id")
    while at not in (None, -1):
        chain.append(at)
        at = snapshots[at].get("parent-snapshot-id")
    assert len(chain) == len(set(chain)) == len(snapshots)
    numbers = [snapshots[s]["sequence-number"] for s in chain]
    assert numbers == list(range(len(chain), 0, -1))
    return set(chain)


def check(server, ledger):
    assert not ledger.wrong, ledger.wrong[:3]
    for table in ledger.names():
        reply = server.call("GET", ledger.path(table))
        assert reply.status == 200, reply
        chain = chain_of(reply.json()["metadata"])
        lost = ledger.acknowledged[table] - chain
        assert not lost, f"{table} lost {sorted(lost)}"
        back = ledger.refused[table] & chain
        assert not back, f"{table} has {sorted(back)}, which were refused"


def kill_one(server, choose):
    workers = server.workers()
    if choose.random() < PARENT_SHARE or not workers:
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        until(lambda: not server.group(), "all are gone")
        server.start()
    else:
        try:
            os.kill(choose.choice(workers), signal.SIGKILL)
        except ProcessLookupError:
            pass  # it waited for its turn to be born


def gauges_at_rest(server):
    """All that counts what is open or under way; this request is one."""
    found = {}
    for name, family in parse(server.get("/metrics").body.decode()).items():
        if name in ("pangolin_connections", "pangolin_requests_running",
                    "pangolin_request_bodies_bytes", "pangolin_commit_queue",
                    "pangolin_commit_turns", "pangolin_cache_pinned"):
            found[name] = sum(family.samples.values())
    assert len(found) >= 5, found
    own = {"pangolin_connections": 1, "pangolin_requests_running": 1}
    return all(value <= own.get(name, 0) for name, value in found.items())


def prepare(server, number):
    ledger = Ledger(f"kills{number}")
    assert server.call("POST", "/v1/default/namespaces", {
        "namespace": [ledger.namespace]}).status == 200
    for table in ledger.names():
        made = server.call("POST", ledger.path("").rstrip("/"),
                           {"name": table, "schema": SCHEMA})
        assert made.status == 200, made
    location = urllib.parse.urlparse(made.json()["metadata"]["location"]).path
    return ledger, os.path.dirname(location)


def one_round(server, number, kills, choose):
    ledger, folder = prepare(server, number)
    clients = [kind(server, ledger, choose.random())
               for kind, count in ((Committer, COMMITTERS), (Reader, READERS))
               for _ in range(count)]
    for client in clients:
        client.start()
    for _ in range(kills):
        goal = ledger.count + choose.randrange(1, 40)
        until(lambda g=goal: ledger.count >= g or ledger.wrong, "commits", 60)
        kill_one(server, choose)
    ledger.over.set()
    for client in clients:
        client.join(90)
        assert not client.is_alive()
    until(server.is_ready, "ready again", 60)
    check(server, ledger)
    until(lambda: gauges_at_rest(server), "all gauges at rest", 30)
    shutil.rmtree(folder)
    return ledger.count, ledger.reads


@pytest.mark.timeout(3600)
def test_random_kills_lose_nothing_and_no_read_is_old(servers, long):
    server = servers.start(workers=WORKERS)
    choose = random.Random(1)
    rounds = 20 if long else 1
    sums = [one_round(server, n, KILLS_IN_ROUND, choose)
            for n in range(rounds)]
    print(f"{rounds * KILLS_IN_ROUND} kills, {sum(s[0] for s in sums)} "
          f"commits acknowledged, {sum(s[1] for s in sums)} reads")
    until(lambda: len(server.workers()) == WORKERS, "all workers", 30)
    assert server.stop() == 0
