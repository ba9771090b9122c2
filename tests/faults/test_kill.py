"""kill -9 of everything during concurrent commits, again and again.

Every commit that was acknowledged is there afterwards, every table loads, and
what a pointer names is a whole file.
"""

import http.client
import itertools
import json
import os
import pathlib
import random
import signal
import threading
import time
import urllib.parse

import pytest
from harness.wait import until

TABLES = 6
WRITERS = 16
NAMESPACE = "/v1/default/namespaces/faults"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}


class Ledger:
    """What the server acknowledged, by table."""

    def __init__(self):
        self.lock = threading.Lock()
        self.properties = {}
        self.snapshots = {}
        self.acknowledged = 0

    def note(self, table, key, snapshot):
        with self.lock:
            self.acknowledged += 1
            if snapshot:
                self.snapshots.setdefault(table, set()).add(key)
            else:
                self.properties.setdefault(table, set()).add(key)


class Writer(threading.Thread):
    """Commits to random tables on one connection until it breaks."""

    def __init__(self, server, ledger, keys, seed):
        super().__init__(daemon=True)
        self.server, self.ledger, self.keys = server, ledger, keys
        self.random = random.Random(seed)
        self.headers = {**server.bearer(), "Content-Type": "application/json"}
        self.wrong, self.stop = [], False

    def run(self):
        try:
            connection = http.client.HTTPConnection(
                "127.0.0.1", self.server.port, timeout=30)
            while not self.stop and self.commit(connection):
                pass
        except (OSError, http.client.HTTPException):
            pass  # the server is dead: the outcome is unknown

    def commit(self, connection):
        table = f"t{self.random.randrange(TABLES)}"
        key = next(self.keys)
        snapshot = self.random.random() < 0.3
        path = f"{NAMESPACE}/tables/{table}"
        if snapshot:
            status, body = self.ask(connection, "GET", path)
            commit = append(json.loads(body)["metadata"], key)
        else:
            commit = {"requirements": [], "updates": [
                {"action": "set-properties", "updates": {f"k{key}": "v"}}]}
        status, body = self.ask(connection, "POST", path, json.dumps(commit))
        if status == 200:
            self.ledger.note(table, key, snapshot)
        elif status not in (409, 429, 503):
            self.wrong.append((status, body))
            return False
        return True

    def ask(self, connection, method, path, body=None):
        connection.request(method, path, body, self.headers)
        reply = connection.getresponse()
        return reply.status, reply.read()


def append(metadata, number):
    """What an engine sends to append a snapshot to main."""
    current = metadata.get("current-snapshot-id")
    parent = {} if current in (None, -1) else {"parent-snapshot-id": current}
    return {
        "requirements": [
            {"type": "assert-table-uuid", "uuid": metadata["table-uuid"]},
            {"type": "assert-ref-snapshot-id", "ref": "main",
             "snapshot-id": parent.get("parent-snapshot-id")}],
        "updates": [
            {"action": "add-snapshot", "snapshot": {
                "snapshot-id": number, **parent,
                "sequence-number": metadata["last-sequence-number"] + 1,
                "timestamp-ms": int(time.time() * 1000),
                "manifest-list": "file:/none.avro",
                "summary": {"operation": "append"}, "schema-id": 0}},
            {"action": "set-snapshot-ref", "ref-name": "main",
             "type": "branch", "snapshot-id": number}]}


def check(server, ledger):
    for number in range(TABLES):
        name = f"t{number}"
        reply = server.call("GET", f"{NAMESPACE}/tables/{name}")
        assert reply.status == 200, reply
        answer = reply.json()
        metadata = answer["metadata"]
        keys = {int(k[1:]) for k in metadata["properties"]
                if k[0] == "k" and k[1:].isdigit()}
        lost = ledger.properties.get(name, set()) - keys
        assert not lost, f"{name} lost properties {sorted(lost)}"
        snapshots = {s["snapshot-id"] for s in metadata.get("snapshots", [])}
        lost = ledger.snapshots.get(name, set()) - snapshots
        assert not lost, f"{name} lost snapshots {sorted(lost)}"
        check_file(answer["metadata-location"], metadata)
        for earlier in metadata["metadata-log"]:
            check_file(earlier["metadata-file"])


def check_file(location, expected=None):
    path = urllib.parse.urlparse(location).path
    found = json.loads(pathlib.Path(path).read_text("utf-8"))
    assert found["table-uuid"]
    if expected is not None:
        assert found == expected


def round_of_commits(server, ledger, keys, seed):
    """Let them all commit, and kill after a random number more."""
    writers = [Writer(server, ledger, keys, seed * WRITERS + n)
               for n in range(WRITERS)]
    goal = ledger.acknowledged + random.Random(seed).randrange(20, 300)
    for writer in writers:
        writer.start()
    until(lambda: ledger.acknowledged >= goal
          or not any(w.is_alive() for w in writers), "commits", 120)
    server.kill()
    for writer in writers:
        writer.join(60)
    wrong = [w for writer in writers for w in writer.wrong]
    assert not wrong, wrong[:3]
    assert ledger.acknowledged >= goal


@pytest.mark.parametrize("store,workers", (
    ("sqlite", 1), ("sqlite", 2), ("sqlite", 4), ("postgres", 2),
    ("mongo", 2)))
@pytest.mark.timeout(1800)
def test_acknowledged_commits_survive_kill_9(servers, store, workers, long):
    """10 rounds over all of them; --long: 68."""
    rounds = 17 if long else 4 if (store, workers) == ("sqlite", 2) else 2
    server = servers.start(store=store, workers=workers)
    server.call("POST", "/v1/default/namespaces", {"namespace": ["faults"]})
    for number in range(TABLES):
        made = server.call("POST", f"{NAMESPACE}/tables",
                           {"name": f"t{number}", "schema": SCHEMA})
        assert made.status == 200, made
    ledger, keys = Ledger(), itertools.count(1)
    for seed in range(rounds):
        round_of_commits(server, ledger, keys, seed)
        server.restart()
        check(server, ledger)
    assert ledger.snapshots and ledger.properties


def test_half_written_files_of_a_crash_are_harmless(servers):
    """What a crash leaves beside the metadata files is never read."""
    server = servers.start(store="sqlite")
    server.call("POST", "/v1/default/namespaces", {"namespace": ["faults"]})
    made = server.call("POST", f"{NAMESPACE}/tables",
                       {"name": "t", "schema": SCHEMA}).json()
    folder = pathlib.Path(urllib.parse.urlparse(
        made["metadata-location"]).path).parent
    server.kill()
    (folder / "00001-half.metadata.json").write_text('{"format-ver')
    (folder / ".00001-half.metadata.json.tmp").write_text('{"format-ver')
    server.restart()
    reply = server.call("POST", f"{NAMESPACE}/tables/t", {
        "requirements": [], "updates": [
            {"action": "set-properties", "updates": {"k": "v"}}]})
    assert reply.status == 200, reply


def test_a_worker_killed_mid_commit_loses_nothing_acknowledged(servers):
    server = servers.start(store="sqlite", workers=2)
    server.call("POST", "/v1/default/namespaces", {"namespace": ["faults"]})
    for number in range(TABLES):
        server.call("POST", f"{NAMESPACE}/tables",
                    {"name": f"t{number}", "schema": SCHEMA})
    ledger, keys = Ledger(), itertools.count(1)
    for seed in range(4):
        writers = [Writer(server, ledger, keys, seed * WRITERS + n)
                   for n in range(WRITERS)]
        goal = ledger.acknowledged + 30
        for writer in writers:
            writer.start()
        until(lambda: ledger.acknowledged >= goal, "commits", 60)
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        for writer in writers:
            writer.join(60)
        until(server.is_ready, "ready again", 60)
        check(server, ledger)
