"""Commits of many writers, of which a server that is killed loses none."""

import http.client
import json
import pathlib
import random
import threading
import time
import urllib.parse

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

    def __init__(self, server, ledger, keys, seed, namespace=NAMESPACE):
        super().__init__(daemon=True)
        self.server, self.ledger, self.keys = server, ledger, keys
        self.namespace = namespace
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
        path = f"{self.namespace}/tables/{table}"
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


def read_file(location):
    path = urllib.parse.urlparse(location).path
    return pathlib.Path(path).read_text("utf-8")


def make_tables(server, namespace=NAMESPACE):
    spaces, _, name = namespace.rpartition("/")
    made = server.call("POST", spaces, {"namespace": [name]})
    assert made.status == 200, made
    for number in range(TABLES):
        made = server.call("POST", f"{namespace}/tables",
                           {"name": f"t{number}", "schema": SCHEMA})
        assert made.status == 200, made


def check(server, ledger, namespace=NAMESPACE, read=read_file):
    """What was acknowledged is there; `read` gives the text of a location."""
    for number in range(TABLES):
        name = f"t{number}"
        reply = server.call("GET", f"{namespace}/tables/{name}")
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
        assert json.loads(read(answer["metadata-location"])) == metadata
        for earlier in metadata["metadata-log"]:
            assert json.loads(read(earlier["metadata-file"]))["table-uuid"]


def round_of_commits(server, ledger, keys, seed, namespace=NAMESPACE):
    """Let them all commit, and kill after a random number more."""
    writers = [Writer(server, ledger, keys, seed * WRITERS + n, namespace)
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
