"""Workers are killed while they share a cache: nobody reads what is old or
torn, and in the end all that the cache holds is whole."""

import contextlib
import http.client
import json
import os
import random
import signal
import threading

from harness.wait import until

NAMESPACE = "/v1/default/namespaces/killed"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}
TABLES = 4
READERS = 6
STATS = "/api/v1/cache/stats?verify=true"
BROKEN = (OSError, http.client.HTTPException)


class Newest:
    """The number that each table was last known to have."""

    def __init__(self):
        self.number = [0] * TABLES
        self.wrong = []
        self.reads = 0
        self.end = False


class Reader(threading.Thread):
    """Loads tables; what was acknowledged before must be in the answer."""

    def __init__(self, server, newest, seed):
        super().__init__(daemon=True)
        self.server, self.newest = server, newest
        self.random = random.Random(seed)
        self.headers = server.bearer()

    def run(self):
        while not self.newest.end:
            try:
                connection = self.server.connection()
                while not self.newest.end:
                    self.read(connection)
            except BROKEN:
                pass  # its worker has died

    def read(self, connection):
        table = self.random.randrange(TABLES)
        least = self.newest.number[table]
        connection.request("GET", f"{NAMESPACE}/tables/t{table}",
                           headers=self.headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 200:
            properties = json.loads(body)["metadata"]["properties"]
            if int(properties["n"]) < least:
                self.newest.wrong.append((table, least, properties))
            self.newest.reads += 1
        elif answer.status < 500 and answer.status != 429:
            self.newest.wrong.append((table, answer.status, body[:300]))


class Writer(threading.Thread):
    """Counts a property of each table up, and says how far it is."""

    def __init__(self, server, newest):
        super().__init__(daemon=True)
        self.server, self.newest, self.number = server, newest, 0
        self.headers = {**server.bearer(),
                        "Content-Type": "application/json"}

    def run(self):
        while not self.newest.end:
            self.number += 1
            for table in range(TABLES):
                try:
                    self.write(table)
                except BROKEN:
                    pass  # it is not known whether it was written

    def write(self, table):
        reply = self.server.request(
            "POST", f"{NAMESPACE}/tables/t{table}", {
                "requirements": [], "updates": [
                    {"action": "set-properties",
                     "updates": {"n": str(self.number)}}]}, self.headers)
        if reply.status == 200:
            self.newest.number[table] = self.number


def make_tables(server):
    server.call("POST", "/v1/default/namespaces", {"namespace": ["killed"]})
    for table in range(TABLES):
        reply = server.call("POST", f"{NAMESPACE}/tables", {
            "name": f"t{table}", "schema": SCHEMA, "properties": {"n": "0"}})
        assert reply.status == 200, reply


def kill_one(server, newest, dice):
    """Once there are two workers, and some reads after the last kill."""
    pids = until(lambda: len(server.workers()) == 2 and server.workers(),
                 "two workers", 30)
    read = newest.reads + dice.randrange(1, 300)
    until(lambda: newest.reads >= read, "more reads", 30)
    with contextlib.suppress(ProcessLookupError):
        os.kill(dice.choice(pids), signal.SIGKILL)


def is_at_rest(server):
    """The answer to a connection that was cut still pins its bytes."""
    [level] = server.as_root("GET", STATS).json()["levels"]
    return level["pinned"] == 0 and level


def test_a_cache_outlives_the_workers_that_share_it(servers, long):
    server = servers.start(workers=2)
    newest, dice = Newest(), random.Random(7)
    make_tables(server)
    threads = [Writer(server, newest)]
    threads += [Reader(server, newest, n) for n in range(READERS)]
    for thread in threads:
        thread.start()
    for _ in range(100 if long else 8):
        kill_one(server, newest, dice)
    newest.end = True
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert newest.wrong == []
    until(lambda: len(server.workers()) == 2, "two workers", 30)
    level = until(lambda: is_at_rest(server), "no pins")
    assert level["problem"] == "" and level["hits"] > 0, level
