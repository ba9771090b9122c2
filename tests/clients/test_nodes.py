"""Two nodes on one database: one truth, whichever is asked."""

import itertools
import threading

import pyarrow as pa
import pytest
from clients.conftest import connect
from harness.wait import until

SPACE = "/v1/default/namespaces/shared"
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


def test_an_engine_writes_through_both(nodes):
    here, there = (connect(node) for node in nodes)
    here.create_namespace("round")
    rows = pa.table({"id": pa.array(range(1000), pa.int64())})
    here.create_table("round.numbers", rows.schema).append(rows)
    there.load_table("round.numbers").append(rows)
    assert here.load_table("round.numbers").scan().to_arrow().num_rows == 2000


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
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(300)
    assert not [w for writer in writers for w in writer.wrong][:3]
    for number in range(4):
        told = set().union(*(w.done for w in writers
                             if w.table == f"t{number}"))
        assert told
        for node in nodes:
            assert told <= set(properties(node, f"t{number}"))
