"""16 clients of some nodes, who note all they ask for and are told."""

import http.client
import itertools
import json
import pathlib
import random
import threading
import time
import urllib.parse

from faults.history.check import check
from faults.history.record import (OK, REFUSED, UNKNOWN, File, History, Read,
                                   Write)
from faults.test_random_kills import gauges_at_rest
from harness.wait import until
from harness.writers import SCHEMA, append

CLIENTS, TABLES = 16, 6
SPACES = "/v1/default/namespaces"
CLOSED = (OSError, http.client.HTTPException)


class NoAnswer(Exception):
    """The connection broke behind the request."""


class Client(threading.Thread):
    """Writes through a node, then reads through each."""

    def __init__(self, load, number):
        super().__init__(daemon=True)
        self.load, self.number = load, number
        self.dice = random.Random(f"{load.seed}.{number}")
        self.lines = [None for _ in load.nodes]
        self.snapshots = {}  # of each table, as last seen
        self.turns = itertools.count(1)

    def run(self):
        try:
            while not self.load.over.is_set():
                self.turn()
        except Exception as error:  # pylint: disable=broad-except
            self.load.wrong.append(repr(error))
        for line in filter(None, self.lines):
            line.close()

    def turn(self):
        table = self.dice.choice(self.load.tables)
        node = self.dice.randrange(len(self.lines))
        self.write(table, node)
        for other in range(len(self.lines)):
            self.read(table, (node + other) % len(self.lines))

    def ask(self, node, method, table, body=None):
        """Status and body; None: nobody was there to be asked."""
        line = self.lines[node]
        if line is None:
            line = http.client.HTTPConnection(
                "127.0.0.1", self.load.nodes[node].port, timeout=60)
            try:
                line.connect()
            except OSError:
                time.sleep(0.01)  # it is being started
                return None
        self.lines[node] = None
        try:
            line.request(method, self.load.path(table), body,
                         self.load.headers)
            reply = line.getresponse()
            found = reply.status, reply.read()
        except CLOSED as error:
            raise NoAnswer from error
        if not reply.will_close:
            self.lines[node] = line
        return found

    def change(self, table, key):
        """The updates of a commit; a third of them append."""
        updates = [{"action": "set-properties", "updates": {"w": key}}]
        if table not in self.snapshots or self.dice.random() < 0.6:
            return 0, {"requirements": [], "updates": updates}
        metadata = self.snapshots[table]
        old = metadata.get("current-snapshot-id") or -1
        number = int(key.replace("-", "")[1:])
        commit = append(metadata, number)
        drop = [s["snapshot-id"] for s in metadata.get("snapshots", [])
                if s["snapshot-id"] != old]
        commit["updates"] += updates + [
            {"action": "remove-snapshots", "snapshot-ids": drop}] * bool(drop)
        return max(old, 0), commit

    def write(self, table, node):
        key = f"w-{self.number}-{next(self.turns):06}"
        base, commit = self.change(table, key)
        start = time.monotonic()
        try:
            found = self.ask(node, "POST", table, json.dumps(commit))
        except NoAnswer:
            found = 500, b"CommitStateUnknownException"
        if found is None:
            return
        outcome, file = self.judge(*found)
        self.load.note(Write(key, table, node, start, time.monotonic(),
                             outcome, file, base))

    def judge(self, status, body):
        if status == 200:
            return OK, json.loads(body)["metadata-location"]
        if status == 500 and b"CommitStateUnknownException" in body:
            return UNKNOWN, ""
        if status not in (409, 429, 507):
            self.load.wrong.append(f"a commit is answered {status}: {body}")
        return REFUSED, ""

    def read(self, table, node):
        start = time.monotonic()
        try:
            found = self.ask(node, "GET", table)
        except NoAnswer:
            return
        if found is None or found[0] == 503:
            return
        if found[0] != 200:
            self.load.wrong.append(f"a read is answered {found}")
            return
        answer = json.loads(found[1])
        self.snapshots[table] = answer["metadata"]
        self.load.reads.append(Read(table, node, start, time.monotonic(),
                                    answer["metadata-location"]))


class Load:
    """The clients, and the history that they leave."""

    def __init__(self, nodes, seed=0, space="history"):
        self.nodes, self.seed, self.space = nodes, seed, space
        self.tables = [f"t{n}" for n in range(TABLES)]
        self.headers = {**nodes[0].bearer(),
                        "Content-Type": "application/json"}
        self.writes, self.reads, self.wrong = [], [], []
        self.counts = dict.fromkeys((OK, REFUSED, UNKNOWN), 0)
        self.lock, self.over = threading.Lock(), threading.Event()
        self.folders = {}
        assert nodes[0].call(
            "POST", SPACES, {"namespace": [space]}).status == 200
        for table in self.tables:
            made = nodes[0].call("POST", self.path(),
                                 {"name": table, "schema": SCHEMA})
            assert made.status == 200, made
            self.folders[table] = local(made.json()).parent
        self.clients = [Client(self, n) for n in range(1, CLIENTS + 1)]

    def path(self, table=None):
        path = f"{SPACES}/{self.space}/tables"
        return path if table is None else f"{path}/{table}"

    def note(self, write):
        with self.lock:
            self.writes.append(write)
            self.counts[write.outcome] += 1

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for client in self.clients:
            client.join(90)

    def go_on(self, commits, seconds=60):
        """Until so many more commits are acknowledged."""
        goal = self.counts[OK] + commits
        until(lambda: self.counts[OK] >= goal or self.wrong,
              f"{commits} more commits: {self.counts}", seconds)
        assert not self.wrong, self.wrong[:3]

    def wait_for_refusals(self, count):
        goal = self.counts[REFUSED] + count
        until(lambda: self.counts[REFUSED] >= goal or self.wrong,
              f"{count} more refusals: {self.counts}", 60)

    def history(self):
        """Once all is at rest, by what each node says."""
        assert not any(client.is_alive() for client in self.clients)
        for node in self.nodes:
            until(node.is_ready, "ready", 60)
            until(lambda n=node: gauges_at_rest(n), "all at rest", 60)
        files, last = {}, {}
        for table in self.tables:
            said = [node.request("GET", self.path(table),
                                 headers=self.headers).json()
                    for node in self.nodes]
            files[table] = {
                f"file://{file}": file_of(json.loads(file.read_bytes()))
                for file in self.folders[table].glob("*.metadata.json")}
            assert len({s["metadata-location"] for s in said}) == 1, said
            last[table] = said[0]["metadata-location"]
        return History(self.writes, self.reads, files, last)

    def check(self):
        assert not self.wrong, self.wrong[:3]
        wrong = check(self.history())
        assert not wrong, (len(wrong), wrong[:5])
        print(f"{self.counts}, {len(self.reads)} reads")


def local(answer):
    location = urllib.parse.urlparse(answer["metadata-location"])
    return pathlib.Path(location.path)


def file_of(metadata):
    newest = {s["snapshot-id"]: s for s in metadata.get("snapshots", [])}.get(
        metadata.get("current-snapshot-id"), {})
    return File(metadata["properties"].get("w", ""),
                tuple(f["metadata-file"] for f in metadata["metadata-log"]),
                newest.get("parent-snapshot-id", 0))
