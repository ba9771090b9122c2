"""kill -9 of single workers while commits of all workers meet in one queue.

A worker that dies takes its own requests with it and nothing else: what was
acknowledged is there, once, and no commit of another worker is stuck.
"""

import contextlib
import http.client
import json
import os
import random
import re
import signal
import sqlite3
import threading
import uuid

import pytest
from harness.wait import until

WRITERS = 16
TABLES = 8
NAMESPACE = "/v1/default/namespaces/group"
FULL_LOG = {"write.metadata.previous-versions-max": "1",
            "write.metadata.delete-after-commit.enabled": "true"}
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}


class Writer(threading.Thread):
    """Commits to one table, a property at a time, each of another name;
    connects again when its worker dies.  Every second writer has a key for
    each commit, and sends what was not answered again."""

    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.server, self.number = server, number
        self.is_keyed, self.sent = number % 4 < 2, 0
        self.table = f"t{number % TABLES}"
        self.headers = {**server.bearer(), "Content-Type": "application/json"}
        self.connection = server.connection()
        self.acknowledged, self.wrong = [], []
        self.unknown = self.shed = 0
        self.ends = threading.Event()

    def run(self):
        while not self.ends.is_set():
            self.sent += 1
            if self.is_keyed:
                self.headers["Idempotency-Key"] = str(uuid.uuid4())
            while not self.is_answered(f"{self.number}-{self.sent}"):
                if not self.is_keyed:
                    break
        self.connection.close()

    def is_answered(self, key):
        try:
            self.commit(key)
            return True
        except (OSError, http.client.HTTPException):
            self.unknown += 1
            self.connection.close()  # the next request opens it again
            return False

    def commit(self, key):
        self.connection.request(
            "POST", f"{NAMESPACE}/tables/{self.table}", json.dumps({
                "requirements": [], "updates": [
                    {"action": "set-properties", "updates": {key: "v"}}]}),
            self.headers)
        reply = self.connection.getresponse()
        body = reply.read()
        if reply.status == 200:
            self.acknowledged.append(key)
        elif reply.status in (429, 503):
            self.shed += 1
        else:
            self.wrong.append((reply.status, body))


def gauges(server):
    """What of commits is on its way, by the page of metrics."""
    text = server.get("/metrics").body.decode()
    return {m[1]: int(m[2]) for m in re.finditer(
        r'^(pangolin_commit_(?:queue|turns)\{.*?\}) (\d+)$', text, re.M)}


def batches(server):
    text = server.get("/metrics").body.decode()
    return [int(re.search(rf"^pangolin_commit_{what}_total (\d+)$", text,
                          re.M)[1]) for what in ("units", "batches")]


def make_tables(server):
    """The metadata log of every second is full: each of its commits also
    notes a file as garbage."""
    server.call("POST", "/v1/default/namespaces", {"namespace": ["group"]})
    for number in range(TABLES):
        made = server.call("POST", f"{NAMESPACE}/tables", {
            "name": f"t{number}", "schema": SCHEMA,
            "properties": FULL_LOG if number % 2 == 0 else {}})
        assert made.status == 200, made


def garbage(server, table):
    """How many files of a table, by its location, are noted as garbage."""
    store = sqlite3.connect(server.state_dir / "pangolin.db")
    with contextlib.closing(store):
        return store.execute(
            "SELECT count(*) FROM garbage WHERE location LIKE ?",
            (f"{table}/%",)).fetchone()[0]


def check(server, writers):
    """Each acknowledged commit is in the table, and made one version; what
    fell off its log is garbage."""
    for number in range(TABLES):
        reply = server.call("GET", f"{NAMESPACE}/tables/t{number}")
        assert reply.status == 200, reply
        metadata = reply.json()["metadata"]
        wanted = {key for writer in writers for key in writer.acknowledged
                  if writer.table == f"t{number}"}
        for writer in writers:
            if writer.is_keyed:
                assert len(writer.acknowledged) + writer.shed == writer.sent
        lost = wanted - set(metadata["properties"])
        assert not lost, f"t{number} lost {sorted(lost)[:5]}"
        # one metadata file per property that is there: none was applied twice
        version = int(reply.json()["metadata-location"]
                      .rpartition("/")[2].partition("-")[0])
        made = sum(1 for key in metadata["properties"]
                   if re.fullmatch(r"\d+-\d+", key))
        assert version == made, (number, version, made)
        # the table's file, and the one of its log, are none
        noted = garbage(server, metadata["location"])
        assert noted == (version - 1 if number % 2 == 0 else 0), number


@pytest.mark.timeout(900)
def test_no_commit_is_lost_or_stuck_when_single_workers_are_killed(
        servers, long):
    """12 kills; --long: 200."""
    rounds = 200 if long else 12
    server = servers.start(store="sqlite", workers=2)
    make_tables(server)
    writers = [Writer(server, n) for n in range(WRITERS)]
    dice = random.Random(7)
    for writer in writers:
        writer.start()
    try:
        for _ in range(rounds):
            goal = (sum(len(w.acknowledged) for w in writers)
                    + dice.randrange(5, 60))
            until(lambda: sum(len(w.acknowledged) for w in writers) >= goal,
                  "commits after a kill", 60)
            os.kill(dice.choice(server.workers()), signal.SIGKILL)
            until(lambda: len(server.workers()) == 2, "another worker", 30)
    finally:
        for writer in writers:
            writer.ends.set()
        for writer in writers:
            writer.join(60)
    assert not any(w.is_alive() for w in writers)
    assert not [w.wrong[:3] for w in writers if w.wrong]
    assert sum(w.unknown for w in writers) > 0
    until(lambda: set(gauges(server).values()) == {0},
          "an empty queue", 30)
    check(server, writers)


def test_units_of_a_leader_that_dies_behind_its_commit_are_known(servers):
    """Another leader hands them in again: they are in the log, and their
    metadata files are those of live tables."""
    if servers.form == "release":
        servers.form = "dev"  # a release has no such point
    server = servers.new(store="sqlite", workers=2)
    point = server.folder / "point"
    server.environment["FAULT_POINT"] = str(point)
    server.start()
    make_tables(server)
    writers = [Writer(server, n) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(4):
            point.write_text("group_applied!")
            until(lambda: not point.exists(), "a leader dead")
            until(lambda: len(server.workers()) == 2, "another worker", 30)
    finally:
        for writer in writers:
            writer.ends.set()
        for writer in writers:
            writer.join(60)
    assert not [w.wrong[:3] for w in writers if w.wrong]
    check(server, writers)


@pytest.mark.parametrize("workers", (1, 2, 4))
def test_commits_of_all_workers_meet(servers, workers):
    server = servers.start(store="sqlite", workers=workers)
    make_tables(server)
    writers = [Writer(server, n) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    until(lambda: sum(len(w.acknowledged) for w in writers) >= 400,
          "commits", 120)
    for writer in writers:
        writer.ends.set()
    for writer in writers:
        writer.join(60)
    assert not [w.wrong[:3] for w in writers if w.wrong]
    units, calls = batches(server)
    assert units >= 400
    assert calls < units
    assert set(gauges(server).values()) == {0}
    check(server, writers)
