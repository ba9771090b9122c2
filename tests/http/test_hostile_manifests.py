"""Manifests that somebody wrote to stall the server, or to end it."""

import contextlib
import pathlib
import threading

import pytest
from harness.hostile_manifests import HARMLESS, HOSTILE
from harness.manifests import ByHand
from harness.plans import make, plan
from harness.wire import Wire, answers
from pyiceberg.partitioning import PartitionSpec


class Table:
    """A table of one manifest, whose bytes are what a test wants."""

    def __init__(self, server):
        table, self.path = make(server, spec=PartitionSpec())
        hand = ByHand(server, self.path)
        rows = [hand.manifest(table, [hand.file("a")], 1)]
        hand.snapshot(1, rows)
        self.manifest = rows[0].manifest_path

    def write(self, content):
        pathlib.Path(self.manifest.removeprefix("file://")).write_bytes(
            content)


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    # what is read is not kept: the tests change files
    with start_kind(("memory", 2, {"cache.levels": []})) as server:
        yield server


@pytest.fixture(scope="module", name="table")
def fixture_table(server):
    return Table(server)


def submit(server, path):
    """The place of a plan that is made when it is asked for."""
    answer = server.call("POST", f"{path}/plan", {}, headers={
        "Prefer": "respond-async"}).json()
    assert answer["status"] == "submitted"
    return f"{path}/plan/{answer['plan-id']}"


def test_plans_of_nulls_stop_no_worker(server, table):
    """By GET, which else is answered on the loop."""
    table.write(HOSTILE["nulls"][0])
    assert len(HOSTILE["nulls"][0]) < 1000
    polled, found = submit(server, table.path), []
    plans = [threading.Thread(target=lambda: found.append(
        server.call("GET", polled).json())) for _ in range(4)]
    with contextlib.ExitStack() as stack:
        both = [stack.enter_context(Wire(server)) for _ in range(8)]
        for thread in plans:
            thread.start()
        while any(thread.is_alive() for thread in plans):
            assert all(answers(wire) for wire in both)
        for thread in plans:
            thread.join()
    assert [answer["status"] for answer in found] == ["failed"] * len(plans)
    assert all(table.manifest in answer["error"]["message"]
               for answer in found)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_manifest_is_400_and_named(server, table, name):
    content, why = HOSTILE[name]
    table.write(content)
    reply = plan(server, table.path)
    assert reply.status == 400, reply
    message = reply.json()["error"]["message"]
    assert table.manifest in message and why in message


@pytest.mark.parametrize("name", HARMLESS)
def test_what_nobody_asks_for_is_skipped(server, table, name):
    table.write(HARMLESS[name])
    reply = plan(server, table.path)
    assert reply.status == 200, reply
    assert reply.json()["file-scan-tasks"][0]["data-file"]["file-path"] == "a"
