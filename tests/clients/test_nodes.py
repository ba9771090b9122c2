"""Two nodes on one database: one truth, whichever is asked."""

import collections
import concurrent.futures
import http.client
import itertools
import os
import signal
import threading
import uuid

import pyarrow as pa
import pytest
from clients.conftest import connect
from harness.plans import follow, large
from harness.tenants import Wide
from harness.wait import until

SPACES = "/v1/default/namespaces"
SPACE = f"{SPACES}/shared"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}
WRITERS = 32


@pytest.fixture(name="nodes", params=("postgres", "mongo"))
def fixture_nodes(request, servers, databases):
    """Both have their first start at the same time."""
    store = databases(request.param).new_store()
    nodes = [servers.new(settings=dict(store), workers=2) for _ in range(2)]
    for node in nodes:
        node.spawn()
    for node in nodes:
        until(node.is_ready, f"ready\n{node.log_text()[-3000:]}")
    passwords = [n.password_file.read_text().strip() for n in nodes
                 if n.password_file.exists()]
    good = [p for p in passwords
            if nodes[0].sign_in("admin", p).status == 200]
    for node in nodes:
        node.first_password = good[0]
    return nodes


def make_table(node, name):
    node.call("POST", "/v1/default/namespaces", {"namespace": ["shared"]})
    made = node.call("POST", f"{SPACE}/tables",
                     {"name": name, "schema": SCHEMA})
    assert made.status == 200, made


def set_property(node, table, key, value="v"):
    return node.call("POST", f"{SPACE}/tables/{table}", {
        "requirements": [], "updates": [
            {"action": "set-properties", "updates": {key: value}}]})


def properties(node, table):
    reply = node.call("GET", f"{SPACE}/tables/{table}")
    assert reply.status == 200, reply
    return reply.json()["metadata"]["properties"]


def test_what_one_wrote_the_other_reads_at_once(nodes):
    make_table(nodes[0], "t")
    for number in range(200):
        writer, reader = nodes[number % 2], nodes[(number + 1) % 2]
        reply = set_property(writer, "t", "turn", str(number))
        assert reply.status == 200, reply
        assert properties(reader, "t")["turn"] == str(number)


def test_a_name_is_taken_or_gone_on_both(nodes):
    make_table(nodes[0], "t")
    again = nodes[1].call("POST", f"{SPACE}/tables",
                          {"name": "t", "schema": SCHEMA})
    assert again.status == 409
    assert nodes[1].call("DELETE", f"{SPACE}/tables/t").status == 204
    assert nodes[0].call("GET", f"{SPACE}/tables/t").status == 404


def test_who_signed_in_here_is_known_there(nodes):
    for token_of, asked in itertools.permutations(nodes, 2):
        reply = asked.request("GET", "/v1/default/namespaces",
                              headers=token_of.bearer())
        assert reply.status == 200, reply


def test_a_new_key_signs_and_verifies_on_both(nodes):
    one, two = nodes
    old = one.token()
    names = [f"n{i}" for i in range(3)]
    for name in names:
        made = one.call("POST", SPACES, {"namespace": [name]})
        assert made.status == 200, made
    first = one.call("GET", f"{SPACES}?pageToken=&pageSize=2")
    two.token()
    assert one.as_root("POST", "/api/v1/auth/rotate-key").status == 200
    for node in nodes:
        node.tokens.clear()
    new, by_two = one.token(), two.token()
    assert old.split(".")[0] != new.split(".")[0] == by_two.split(".")[0]
    for node, token in itertools.product(nodes * 2, (old, new, by_two)):
        assert node.get("/api/v1/users/me", {
            "Authorization": f"Bearer {token}"}).status == 200
    for page in (first, one.call("GET", f"{SPACES}?pageToken=&pageSize=2")):
        rest = two.call("GET", f"{SPACES}?pageSize=2&pageToken="
                        + page.json()["next-page-token"])
        assert page.json()["namespaces"] + rest.json()["namespaces"] == [
            [name] for name in names]


class Knocker(threading.Thread):
    """Loads a table again and again: what was answered since it was told."""

    def __init__(self, node, path, headers):
        super().__init__()
        self.node, self.path, self.headers = node, path, headers
        self.seen = collections.Counter()
        self.is_shut = self.is_done = False

    def run(self):
        connection = self.node.connection()
        while not self.is_done:
            begun_shut = self.is_shut
            try:
                connection.request("GET", self.path, headers=self.headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()  # its worker was killed
                continue
            self.seen[begun_shut, answer.status] += 1
        connection.close()

    def refused(self):
        return sum(count for (begun_shut, _), count in self.seen.items()
                   if begun_shut)


@pytest.mark.parametrize("nodes", ("postgres",), indirect=True)
def test_after_a_revoke_no_request_passes(nodes):
    """10,000 requests, while workers of the node that was not told die."""
    house = Wide(nodes[0])
    table = f"{house.base}/a/tables/t"
    seen = collections.Counter()
    for turn in range(10):
        grant = house.on_catalog("read")
        name = house.user()
        made = house.grant(house.user_id, grant)
        bearer = house.server.bearer(name)
        knockers = [Knocker(node, table, bearer) for node in nodes * 2]
        for knocker in knockers:
            knocker.start()
        until(lambda: all(k.seen[False, 200] for k in knockers), "all in")
        if turn % 3 == 0:
            os.kill(nodes[1].workers()[-1], signal.SIGKILL)
        if turn % 2:
            house.must(204, "DELETE", f"/api/v1/permissions/{made}")
        else:
            [session] = house.must(
                200, "GET", f"/api/v1/users/{house.user_id}/tokens").json()
            house.must(204, "DELETE", f"/api/v1/tokens/{session['id']}")
        for knocker in knockers:
            knocker.is_shut = True
        until(lambda: sum(k.refused() for k in knockers) >= 1000, "refusals")
        for knocker in knockers:
            knocker.is_done = True
        for knocker in knockers:
            knocker.join()
            seen += knocker.seen
    assert {status for begun_shut, status in seen if begun_shut} == {401, 403}
    assert sum(count for (begun_shut, _), count in seen.items()
               if begun_shut) >= 10000


def test_an_engine_writes_through_both(nodes):
    here, there = (connect(node) for node in nodes)
    here.create_namespace("round")
    rows = pa.table({"id": pa.array(range(1000), pa.int64())})
    here.create_table("round.numbers", rows.schema).append(rows)
    there.load_table("round.numbers").append(rows)
    assert here.load_table("round.numbers").scan().to_arrow().num_rows == 2000


def test_a_plan_goes_on_at_the_other(nodes):
    path = large(nodes[0])
    reply = nodes[0].call("POST", f"{path}/plan", {},
                          headers={"Prefer": "respond-async"})
    polled = f"{path}/plan/{reply.json()['plan-id']}"
    answer = nodes[1].call("GET", polled).json()
    assert len(follow(nodes[0], path, answer)) == 10
    assert nodes[0].call("DELETE", polled).status == 204
    assert nodes[1].call("GET", polled).json() == {"status": "cancelled"}


def test_a_task_is_done_once_whoever_took_it(nodes):
    for number in range(5):
        make_table(nodes[0], f"t{number}")
    tasks = [nodes[n % 2].call("POST", "/api/v1/tasks", {
        "kind": "verify_catalog", "catalog": "default"}) for n in range(6)]
    assert {t.status for t in tasks} == {202}, tasks[0]
    for task in tasks:
        path = f"/api/v1/tasks/{task.json()['task_id']}"
        seen = [until(lambda n=node: finished(n, path), "the task", 60)
                for node in nodes]
        assert seen[0]["state"] == seen[1]["state"] == "completed", seen
        assert seen[0]["progress"]["done"] == 5


def same(replies):
    assert len({(r.status, r.body) for r in replies}) == 1, replies
    return replies[0]


def test_a_key_is_known_on_both(nodes):
    make_table(nodes[0], "t")
    table = f"{SPACE}/tables/t"
    change = {"requirements": [], "updates": [
        {"action": "set-properties", "updates": {"a": "1"}}]}
    requests = (("POST", table, change), ("POST", table, change),
                ("POST", f"{SPACE}/tables", {"name": "t", "schema": SCHEMA}),
                ("DELETE", f"{SPACE}/tables/gone", None),
                ("POST", f"{SPACE}/tables", {"name": "u", "schema": SCHEMA}),
                ("DELETE", f"{SPACE}/tables/u", None))
    keys = [{"Idempotency-Key": str(uuid.uuid4())} for _ in requests]
    sent = list(zip(requests, keys, strict=True))
    first = [nodes[0].call(*request, headers=key) for request, key in sent]
    assert [r.status for r in first] == [200, 200, 409, 404, 200, 204]
    make_table(nodes[1], "gone")
    set_property(nodes[1], "t", "a", "2")
    for (request, key), reply in zip(sent, first, strict=True):
        same([nodes[1].call(*request, headers=key), reply])
    other = nodes[1].call("DELETE", table, headers=keys[0])
    assert other.status == 422
    assert properties(nodes[0], "t")["a"] == "2"


def test_requests_at_once_with_one_key_are_one_on_both(nodes, long):
    """Whether they change something, nothing, or are refused is a matter of
    a moment: another client writes the same things."""
    make_table(nodes[0], "t")
    ends = threading.Event()

    def disturb():
        for turn in itertools.count():
            if ends.is_set():
                return
            set_property(nodes[0], "t", "a", str(turn % 2))
            nodes[1].call(*(("DELETE", f"{SPACE}/tables/u") if turn % 2 else
                            ("POST", f"{SPACE}/tables",
                             {"name": "u", "schema": SCHEMA})))

    def send(where):
        node, key, request = where
        return node.call(*request, headers=key)

    other = threading.Thread(target=disturb, daemon=True)
    other.start()
    ends_of = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for turn in range(100 if long else 15):
            for request in (
                    ("POST", f"{SPACE}/tables/t", {
                        "requirements": [], "updates": [
                            {"action": "set-properties",
                             "updates": {"a": str(turn % 2)}}]}),
                    ("POST", f"{SPACE}/tables", {
                        "name": "u", "schema": SCHEMA}),
                    ("DELETE", f"{SPACE}/tables/u", None)):
                key = {"Idempotency-Key": str(uuid.uuid4())}
                first = same(list(pool.map(send, [
                    (node, key, request) for node in nodes * 2])))
                ends_of[request[0], first.status] += 1
    ends.set()
    other.join(60)
    assert set(ends_of) <= {("POST", 200), ("POST", 409), ("DELETE", 204),
                            ("DELETE", 404)}, ends_of
    assert len(ends_of) >= 3, ends_of


def finished(node, path):
    task = node.call("GET", path).json()
    return task if task["state"] not in ("pending", "running") else None


class Writer(threading.Thread):
    """Sets properties of one table through one node."""

    def __init__(self, node, table, number, count):
        super().__init__(daemon=True)
        self.node, self.table, self.count = node, table, count
        self.number, self.done, self.wrong = number, set(), []

    def run(self):
        for turn in range(self.count):
            key = f"w{self.number}.{turn}"
            reply = set_property(self.node, self.table, key)
            if reply.status == 200:
                self.done.add(key)
            elif reply.status not in (409, 429):
                self.wrong.append(reply)


def test_a_soak_of_32_writers_through_both(nodes, long):
    for number in range(4):
        make_table(nodes[0], f"t{number}")
    writers = [Writer(nodes[n % 2], f"t{n // 2 % 4}", n, 100 if long else 8)
               for n in range(WRITERS)]
    for node in nodes:
        node.token()  # 32 sign-ins at once would be too many
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(300)
    assert all(writer.done for writer in writers)
    assert not [w for writer in writers for w in writer.wrong][:3]
    for number in range(4):
        told = set().union(*(w.done for w in writers
                             if w.table == f"t{number}"))
        assert told
        for node in nodes:
            assert told <= set(properties(node, f"t{number}"))


def test_entries_of_commits_say_from_where_whoever_writes_them(nodes):
    """The node that comes first writes the rows of both."""
    for number, node in enumerate(nodes):
        make_table(node, f"audited{number}")

    def commit(number):
        for i in range(40):
            reply = nodes[number].call(
                "POST", f"{SPACE}/tables/audited{number}", {
                    "requirements": [], "updates": [{
                        "action": "set-properties",
                        "updates": {"k": str(i)}}]},
                headers={"User-Agent": f"node{number}"})
            assert reply.status == 200, reply

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(commit, range(2)))

    def who():
        rows = nodes[0].call(
            "GET", "/api/v1/audit?limit=1000&action=commit_table").json()
        return collections.Counter(
            (one["resource_name"][-1], one["user_agent"], one["ip_address"])
            for one in rows)
    wanted = {(str(n), f"node{n}", "127.0.0.1"): 40 for n in range(2)}
    until(lambda: who() == wanted, "all entries, complete")
