"""No read is older than the newest write acknowledged before it began.

Every object is a register: its only writer moves it from state n to n + 1 and
notes when that began and when it was acknowledged.  Readers note when a read
began and ended, and what they saw.  Afterwards each read must fit a state
between the newest one acknowledged before it began and the newest one begun
before it ended.  Workers are killed all the while, and the server between.
"""

import http.client
import itertools
import json
import os
import random
import signal
import threading
import time
import uuid

import pytest
from harness.wait import until

NAMESPACE = "/v1/default/namespaces/strong"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}
READERS = 8
NEVER = float("inf")
# Readers use keys and sessions that have ended, which are failed sign-ins.
UNTHROTTLED = {"auth": {"rate_limit": 0}}


class Unknown(Exception):
    """Nobody knows whether this write happened."""


class Client:
    """One connection, made again when it breaks."""

    def __init__(self, server, headers=None):
        self.server = server
        self.headers = {**(headers or server.bearer()),
                        "Content-Type": "application/json"}
        self.connection = None

    def call(self, method, path, body=None, headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.server.port, timeout=40)
        try:
            self.connection.request(
                method, path, None if body is None else json.dumps(body),
                {**self.headers, **(headers or {})})
            reply = self.connection.getresponse()
            return reply, reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.connection = None
            raise Unknown from error


class Register:
    """What its writer has done: for state n, when it began and was known."""

    def __init__(self):
        self.begun, self.known = [0.0], [0.0]
        self.reads = []

    def write(self, act):
        """Move to the next state; Unknown: it may never be known."""
        self.begun.append(time.monotonic())
        self.known.append(NEVER)
        act(len(self.begun) - 1)
        self.known[-1] = time.monotonic()

    def wrong(self):
        """Reads that fit no state that they may have seen."""
        for begun, ended, fits, seen in self.reads:
            low = max(n for n, t in enumerate(self.known) if t < begun)
            high = max(n for n, t in enumerate(self.begun) if t < ended)
            if not any(fits(n) for n in range(low, high + 1)):
                yield (type(self).__name__, low, high, seen)


class Table(Register):
    """The number of the state is a property of the table."""

    def __init__(self, client):
        super().__init__()
        self.path = f"{NAMESPACE}/tables/t{uuid.uuid4().hex}"
        expect(client.call("POST", f"{NAMESPACE}/tables", {
            "name": self.path.rsplit("/", 1)[1], "schema": SCHEMA,
            "properties": {"n": "0"}}), 200)

    def step(self, client):
        def act(n):
            expect(client.call("POST", self.path, {
                "requirements": [], "updates": [
                    {"action": "set-properties",
                     "updates": {"n": str(n)}}]}), 200)
        self.write(act)

    def look(self, client, begun):
        gzip = {"Accept-Encoding": "identity"}
        reply, body = client.call("GET", self.path, headers=gzip)
        expect((reply, body), 200)
        seen = int(json.loads(body)["metadata"]["properties"]["n"])
        self.reads.append(
            (begun, time.monotonic(), lambda n: n == seen, seen))
        return reply


class Renamed(Register):
    """In even states it has one name, in odd ones the other."""

    def __init__(self, client):
        super().__init__()
        name = uuid.uuid4().hex
        self.names = (f"a{name}", f"b{name}")
        expect(client.call("POST", f"{NAMESPACE}/tables", {
            "name": self.names[0], "schema": SCHEMA}), 200)

    def step(self, client):
        def act(n):
            expect(client.call("POST", "/v1/default/tables/rename", {
                "source": {"namespace": ["strong"],
                           "name": self.names[(n - 1) % 2]},
                "destination": {"namespace": ["strong"],
                                "name": self.names[n % 2]}}), 204)
        self.write(act)

    def look(self, client, begun):
        which = random.randrange(2)
        reply, body = client.call(
            random.choice(("GET", "HEAD")),
            f"{NAMESPACE}/tables/{self.names[which]}")
        expect((reply, body), 200, 204, 404)
        there = reply.status != 404
        self.reads.append((begun, time.monotonic(),
                           lambda n: (n % 2 == which) == there,
                           (which, reply.status)))
        return reply


class Listed(Register):
    """In odd states it is in the list of its namespace."""

    def __init__(self, _client):
        super().__init__()
        self.name = f"l{uuid.uuid4().hex}"

    def step(self, client):
        def act(n):
            if n % 2 == 1:
                expect(client.call("POST", f"{NAMESPACE}/tables", {
                    "name": self.name, "schema": SCHEMA}), 200)
            else:
                expect(client.call(
                    "DELETE", f"{NAMESPACE}/tables/{self.name}"), 204)
        self.write(act)

    def look(self, client, begun):
        reply, body = client.call("GET", f"{NAMESPACE}/tables")
        expect((reply, body), 200)
        there = any(i["name"] == self.name
                    for i in json.loads(body)["identifiers"])
        self.reads.append((begun, time.monotonic(),
                           lambda n: (n % 2 == 1) == there, there))
        return reply


class Catalog(Register):
    """In odd states it is there."""

    def __init__(self, _client):
        super().__init__()
        self.name = f"c{uuid.uuid4().hex}"

    def step(self, client):
        def act(n):
            if n % 2 == 1:
                expect(client.call("POST", "/api/v1/catalogs", {
                    "name": self.name, "warehouse_name": "default"}), 201)
            else:
                expect(client.call(
                    "DELETE", f"/api/v1/catalogs/{self.name}"), 204)
        self.write(act)

    def look(self, client, begun):
        reply, body = client.call(
            "GET", f"/v1/{self.name}/namespaces")
        expect((reply, body), 200, 404)
        there = reply.status == 200
        self.reads.append((begun, time.monotonic(),
                           lambda n: (n % 2 == 1) == there, reply.status))
        return reply


class Warehouse(Register):
    """In even states it has one name, in odd ones the other."""

    def __init__(self, client):
        super().__init__()
        name = uuid.uuid4().hex
        self.names = (f"a{name}", f"b{name}")
        expect(client.call("POST", "/api/v1/warehouses", {
            "name": self.names[0], "storage_config": {
                "root": f"{client.server.folder}/{name}"}}), 201)

    def step(self, client):
        def act(n):
            expect(client.call(
                "PUT", f"/api/v1/warehouses/{self.names[(n - 1) % 2]}",
                {"name": self.names[n % 2]}), 200)
        self.write(act)

    def look(self, client, begun):
        which = random.randrange(2)
        reply, body = client.call(
            "GET", f"/api/v1/warehouses/{self.names[which]}")
        expect((reply, body), 200, 404)
        there = reply.status == 200
        self.reads.append((begun, time.monotonic(),
                           lambda n: (n % 2 == which) == there,
                           (which, reply.status)))
        return reply


class Visitor(Register):
    """Somebody who in odd states may not come in."""

    def step(self, client):
        def act(n):
            expect(client.call(
                "PUT", self.path, {"active": n % 2 == 0}), 200)
        self.write(act)

    def look(self, client, begun):
        reply, body = client.call(
            "GET", "/v1/config", headers=self.credentials)
        expect((reply, body), 200, 401)
        let_in = reply.status == 200
        self.reads.append((begun, time.monotonic(),
                           lambda n: (n % 2 == 0) == let_in, reply.status))
        return reply


class User(Visitor):
    """With the token of a session, which ends when its user may not come in."""

    def __init__(self, client):
        super().__init__()
        name, password = f"u{uuid.uuid4().hex}", "correct horse battery"
        self.login = {"username": name, "password": password}
        made, body = client.call("POST", "/api/v1/users", {
            **self.login, "email": f"{name}@example.org",
            "role": "tenant-admin"})
        expect((made, body), 201)
        self.path = f"/api/v1/users/{json.loads(body)['id']}"
        self.sign_in(client)

    def sign_in(self, client):
        made, body = client.call("POST", "/api/v1/users/login", self.login)
        expect((made, body), 200)
        self.session = len(self.begun) - 1, {
            "Authorization": f"Bearer {json.loads(body)['token']}"}

    def step(self, client):
        super().step(client)
        if len(self.begun) % 2 == 1:
            self.sign_in(client)

    def look(self, client, begun):
        made_in, token = self.session
        reply, body = client.call("GET", "/v1/config", headers=token)
        expect((reply, body), 200, 401)
        let_in = reply.status == 200
        self.reads.append((begun, time.monotonic(),
                           lambda n: (n == made_in) == let_in, reply.status))
        return reply


class Key(Visitor):
    """A service user with its key."""

    def __init__(self, client):
        super().__init__()
        made, body = client.call("POST", "/api/v1/service-users", {
            "name": f"k{uuid.uuid4().hex}", "role": "tenant-admin"})
        expect((made, body), 201)
        answer = json.loads(body)
        self.path = f"/api/v1/service-users/{answer['id']}"
        self.credentials = {"X-API-Key": answer["api_key"],
                            "Authorization": ""}


class Granted(Register):
    """A service user whose role lets it in in odd states."""

    def __init__(self, client):
        super().__init__()
        name = f"g{uuid.uuid4().hex}"
        made, body = client.call("POST", "/api/v1/service-users", {
            "name": name, "role": "tenant-user"})
        expect((made, body), 201)
        user = json.loads(body)
        self.credentials = {"X-API-Key": user["api_key"], "Authorization": ""}
        made, body = client.call("POST", "/api/v1/roles", {"name": name})
        expect((made, body), 201)
        self.role = json.loads(body)
        expect(client.call("POST", f"/api/v1/users/{user['id']}/roles",
                           {"role-id": self.role["id"]}), 201)

    def step(self, client):
        def act(n):
            grants = [{"scope": {"type": "tenant"}, "actions": ["read"]}]
            expect(client.call("PUT", f"/api/v1/roles/{self.role['id']}", {
                **self.role, "permissions": grants[:n % 2]}), 200)
        self.write(act)

    def look(self, client, begun):
        reply, body = client.call(
            "GET", f"{NAMESPACE}/tables", headers=self.credentials)
        expect((reply, body), 200, 403)
        let_in = reply.status == 200
        self.reads.append((begun, time.monotonic(),
                           lambda n: (n % 2 == 1) == let_in, reply.status))
        return reply


KINDS = (Table, Renamed, Listed, Catalog, Warehouse, User, Key, Granted)


def expect(answer, *statuses):
    """The answer has one of these, or nobody knows what became of it."""
    reply, body = answer
    if reply.status in statuses:
        return
    if reply.status in (429, 500, 503):
        raise Unknown
    raise AssertionError((reply.status, body))


class Load:
    """Writers, each with its own register, and readers of all of them, each
    at one of the nodes."""

    def __init__(self, *nodes):
        for node in nodes:
            node.bearer()  # while nothing is being killed
        self.nodes = itertools.cycle(nodes)
        self.registers, self.failures = [], []
        self.stopping, self.settling = threading.Event(), threading.Event()
        self.hits = itertools.count()
        self.hit_count = 0
        self.threads = [
            threading.Thread(
                target=self.keep, args=(self.write, kind, next(self.nodes)))
            for kind in KINDS]
        self.threads += [
            threading.Thread(
                target=self.keep, args=(self.read, n, next(self.nodes)))
            for n in range(READERS)]

    def keep(self, work, what, node):
        """Until it is over, whatever becomes of a connection."""
        client = Client(node)
        while not self.stopping.is_set():
            try:
                work(client, what)
            except Unknown:
                time.sleep(0.01)
            except Exception as error:  # pylint: disable=broad-except
                self.failures.append(repr(error))
                return

    def write(self, client, kind):
        """A register whose state is not known any more has no next one."""
        if self.gives_way(kind):
            return
        register = kind(client)
        self.registers.append(register)
        while not self.stopping.is_set() and not self.gives_way(kind):
            register.step(client)
            time.sleep(random.random() * 0.03)

    def gives_way(self, kind):
        """Whether only the first of other kinds is still awaited."""
        if not self.settling.is_set() or kind not in self.seen():
            return False
        time.sleep(0.1)
        return True

    def read(self, client, _number):
        while not self.stopping.is_set():
            for register in random.sample(
                    self.registers, min(4, len(self.registers))):
                reply = register.look(client, time.monotonic())
                if "hit" in (reply.headers.get("Cache-Status") or ""):
                    self.hit_count = next(self.hits)

    def seen(self):
        """Kinds of which one was read often enough to tell."""
        return {type(r) for r in self.registers if len(r.reads) > 3}

    def run(self, seconds, disturb):
        """Disturbs them so long, then leaves them alone until all kinds were
        seen, without the rivals that were: a slow store takes longer to make
        the first of each, and might never do so between two kills, or where
        others that write to the same log are always faster."""
        for thread in self.threads:
            thread.start()
        end = time.monotonic() + seconds
        while not self.failures and (
                time.monotonic() < end
                or time.monotonic() < end + 120 and self.seen() != set(KINDS)):
            time.sleep(0.3)
            if time.monotonic() < end:
                disturb()
            else:
                self.settling.set()
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
        assert not self.failures, self.failures[:3]

    def check(self, unseen=0):
        """Nothing old was read, of all kinds but so many."""
        wrong = [w for r in self.registers for w in r.wrong()]
        assert not wrong, (len(wrong), wrong[:5])
        assert len(self.seen()) >= len(KINDS) - unseen, self.seen()
        return sum(len(r.reads) for r in self.registers)


def kill_one(server):
    """kill -9 of a worker, unless another one is being born."""
    pids = server.workers()
    if pids:
        os.kill(random.choice(pids), signal.SIGKILL)


@pytest.mark.parametrize("workers", (1, 2, 4))
@pytest.mark.timeout(600)
def test_no_read_is_older_than_what_was_acknowledged(servers, workers, long):
    server = servers.start(store="sqlite", workers=workers, settings={
        "cache": {"levels": ["memory"]}, **UNTHROTTLED})
    server.call("POST", "/v1/default/namespaces", {"namespace": ["strong"]})
    rounds, seconds = (20, 10) if long else (2, 4)
    for number in range(rounds):
        load = Load(server)
        calm = itertools.count()
        load.run(seconds, lambda: next(calm) % 7 == 6 and kill_one(server))
        reads = load.check()
        assert reads > 200, reads
        assert load.hit_count > reads / 10, (load.hit_count, reads)
        server.kill()
        server.restart()
        until(lambda: server.call("GET", "/v1/config").status == 200, "start")


@pytest.mark.parametrize("store", ("postgres", "mongo"))
@pytest.mark.timeout(600)
def test_what_one_node_wrote_another_does_not_answer_old(
        servers, databases, tmp_path, store, long):
    settings = {**databases(store).new_store(), **UNTHROTTLED,
                "warehouse": {"root": f"file://{tmp_path}/warehouse"}}
    first, second = (
        servers.start(store=store, workers=2, settings=settings)
        for _ in range(2))
    second.first_password = first.first_password
    first.call("POST", "/v1/default/namespaces", {"namespace": ["strong"]})
    for _ in range(10 if long else 1):
        load = Load(first, second)
        calm = itertools.count()
        load.run(10 if long else 5, lambda: next(calm) % 7 == 6 and kill_one(
            random.choice((first, second))))
        # which kinds are seen the stand-in's speed decides, on a busy machine
        reads = load.check(unseen=2 if store == "mongo" else 0)
        assert load.hit_count > reads / 10, (load.hit_count, reads)
