"""Tasks outlive whoever works on them: kill -9 in the middle of one."""

import json
import os
import pathlib
import signal
import urllib.parse

import pytest
from harness.lease import Lease
from harness.wait import until

TABLES = 300
STUCK = 150  # the table at which the work stands still: in the 2nd chunk
MISSING = (20, 149, 150, 280)  # tables without their metadata file
NAMESPACE = "/v1/default/namespaces/faults"
TASKS = "/api/v1/tasks"
SCHEMA = {"type": "struct", "fields": []}


def make_tables(server):
    """The metadata file of each table, by name."""
    reply = server.call("POST", "/v1/default/namespaces",
                        {"namespace": ["faults"]})
    assert reply.status == 200, reply
    files = {}
    for number in range(TABLES):
        name = f"t{number:04}"
        reply = server.call("POST", f"{NAMESPACE}/tables",
                            {"name": name, "schema": SCHEMA})
        assert reply.status == 200, reply
        files[name] = pathlib.Path(urllib.parse.urlparse(
            reply.json()["metadata-location"]).path)
    return files


def submit(server):
    reply = server.call("POST", TASKS, {"kind": "verify_catalog",
                                        "catalog": "default"})
    assert reply.status == 202, reply
    return reply.json()["task_id"]


def get(server, task):
    reply = server.call("GET", f"{TASKS}/{task}")
    assert reply.status == 200, reply
    return reply.json()


def await_end(server, task):
    def end():
        found = get(server, task)
        return found if found["finished_at"] else None
    return until(end, "the end of the task", 60)


def start_and_stick(servers, **settings):
    """A server whose task is behind some chunks and in the middle of one."""
    server = servers.start(**settings)
    files = make_tables(server)
    names = sorted(files)
    stuck = files[names[STUCK]]
    for number in MISSING:
        files[names[number]].unlink(missing_ok=True)
    stuck.touch()
    lease = Lease(stuck)
    task = submit(server)
    until(lambda: get(server, task)["progress"]["done"] == 100,
          "the task in the chunk that does not end")
    return server, task, lease, names


def check(server, task, names):
    found = await_end(server, task)
    assert found["state"] == "completed", found
    assert found["progress"]["done"] == TABLES
    assert found["progress"]["total"] == TABLES
    rows = server.call("GET", f"{TASKS}/{task}/results").json()
    assert [(r["table"], r["problem"]) for r in rows] == [
        (names[n], "metadata-missing") for n in MISSING], json.dumps(rows)
    assert found["results"] == len(MISSING)


@pytest.mark.parametrize("store,workers", (
    ("sqlite", 1), ("sqlite", 2), ("postgres", 2)))
def test_a_task_goes_on_after_kill_9_of_everything(servers, store, workers):
    server, task, stuck, names = start_and_stick(
        servers, store=store, workers=workers)
    server.kill()
    stuck.file.unlink()
    stuck.release()
    server.restart()
    check(server, task, names)


def test_a_task_goes_on_after_kill_9_of_its_worker(servers):
    server, task, stuck, names = start_and_stick(
        servers, store="sqlite", workers=2)
    for pid in server.workers():
        os.kill(pid, signal.SIGKILL)
    stuck.file.unlink()
    stuck.release()
    until(server.is_ready, "ready again", 60)
    check(server, task, names)
