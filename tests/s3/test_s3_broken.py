"""Tables in a bucket that answers late, wrongly or not at all."""

import concurrent.futures
import json
import random
import threading

import pytest
from harness.changes import set_property
from harness.s3 import (
    Faults,
    cut_after,
    cut_before,
    failed_after,
    failed_before,
    says,
    slow_down,
)
from harness.sea import SETTINGS, Sea, key_of
from harness.upkeep import TASKS
from harness.wait import until

SERVERS = ["ceph", "versity"]
FAULTS = {"cut before": cut_before, "cut after": cut_after,
          "failed before": failed_before, "failed after": failed_after,
          "slow down": slow_down, "refused": says(403, b""),
          "gone": says(404, b"<Error><Code>NoSuchBucket</Code></Error>")}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_pointer_leads_to_a_missing_file(sea, bucket, fault):
    """One of the next requests of each commit breaks; the reads back, too."""
    sea.make_table("t")
    path = f"{sea.path(space='a')}/tables/t"
    done = "0"
    for number in range(1, 7):
        at = number % 3
        sea.proxy.arm(*[None] * at, FAULTS[fault], *[
            FAULTS[fault]] * (number // 3))
        reply = sea.ask("POST", path, {
            "requirements": [], "updates": set_property("value", str(number))})
        with sea.proxy.lock:
            sea.proxy.armed.clear()
        assert reply.status in (200, 429, 500, 502, 503), reply
        if reply.status == 200:
            done = str(number)
        file = json.loads(bucket.ok("get", key=sea.key("t"))["body"])
        assert file["properties"].get("value", "0") == done
        assert file == sea.load("t")["metadata"]


def test_no_commit_of_many_is_lost_while_requests_break(sea, bucket):
    """What was acknowledged is there, whatever became of its put."""
    path = f"{sea.path(space='a')}/tables/t"
    sea.make_table("t")
    dice = random.Random(7)
    faults = [cut_before, cut_after, failed_before, failed_after, slow_down]

    def commit(name):
        with sea.proxy.lock:
            sea.proxy.armed.append(dice.choice([None, None, *faults]))
        return sea.ask("POST", path, {"requirements": [],
                                      "updates": set_property(name, "1")})

    names = [f"n{number}" for number in range(60)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = dict(zip(names, pool.map(commit, names)))
    with sea.proxy.lock:
        sea.proxy.armed.clear()
    done = {name for name, reply in replies.items() if reply.status == 200}
    assert len(done) > 30, replies
    file = sea.load("t")["metadata"]
    assert done == {n for n in file["properties"] if n.startswith("n")}, [
        reply for reply in replies.values() if reply.status != 200]
    # each state of the log is there, too
    log = [one["metadata-file"] for one in file["metadata-log"]]
    assert len(log) == len(done)
    for key in [sea.key("t"), *map(key_of, log)]:
        bucket.ok("head", key=key)


def test_a_bucket_that_is_silent_holds_up_no_other(servers, s3, proxy):
    server = servers.start(settings={**SETTINGS, "cache": {"levels": []}})
    other = Sea(server, proxy)
    other.make_space()
    other.make_table("t")
    with Faults(s3.port) as silent, \
            concurrent.futures.ThreadPoolExecutor(8) as pool:
        held, silent.s3 = [], s3
        sea = Sea(server, silent)
        sea.make_space()
        sea.make_table("t")
        path = f"{sea.path(space='a')}/tables/t"

        def hold(handler, _body):
            held.append(handler)
            handler.connection.recv(1)
        silent.choose = lambda _method: hold
        waiting = [pool.submit(sea.ask, "GET", path) for _ in range(8)]
        until(lambda: len(held) == 8, "all wait")
        assert other.value("t") == ""
        # who comes later is told at once
        def refused():
            try:
                reply = server.request("GET", path, headers=server.bearer(),
                                       timeout=1)
            except TimeoutError:
                return None
            assert reply.status == 503, reply
            return reply.json()["error"]["message"]
        assert "does not answer" in until(refused, "refused", 15)
        other.set("t", "1")
        # it comes back
        silent.choose = lambda _method: None
        for handler in held:
            handler.abort()
        assert all(one.result().status == 200 for one in waiting)
        assert sea.value("t") == ""


def test_a_bucket_that_refuses_holds_up_no_task_of_others(servers, s3, proxy):
    server = servers.start(settings={**SETTINGS, "tasks": {"at_once": 1}})
    other = Sea(server, proxy)
    other.make_space()
    other.make_table("t")
    with Faults(s3.port) as refusing:
        refusing.s3 = s3
        sea = Sea(server, refusing)
        sea.make_space()
        sea.make_table("t")
        sea.set("t", "1")
        sea.set("t", "2")
        sea.run("prune")
        refusing.choose = lambda method: (
            says(403, b"") if method in ("DELETE", "POST") else None)

        def look(task):
            return sea.ask("GET", f"{TASKS}/{task}", want=200).json()

        def tried(task):
            found = look(task)
            return found if found["finished_at"] or found["error"] else None

        def refused():
            """What was garbage for a second has to be deleted."""
            task = sea.submit("sweep")
            return until(lambda: tried(task), "tried")["error"] and task
        task = until(refused, "a sweep that the bucket refuses")
        assert "403" in look(task)["error"]
        assert other.run("verify_catalog") == 1
        assert look(task)["state"] in ("pending", "running")
        refusing.choose = lambda _method: None
        sea.ask("POST", f"{TASKS}/{task}/resume", want=200)
        sea.wait(task, "sweep")
        assert look(task)["error"] is None


def test_answers_that_are_long_on_their_way_are_no_silence(
        servers, s3, proxy):
    """New calls of a bucket are not refused while it sends to the old ones."""
    server = servers.start(settings={**SETTINGS, "cache": {"levels": []}},
                           workers=1)
    sea = Sea(server, proxy)
    sea.make_space()
    names = [f"t{number}" for number in range(5)]
    for name in names:
        sea.make_table(name)
    end, sent = threading.Event(), []

    def slow(handler, body):
        """A byte each 200 ms, until the test lets the rest go."""
        _, said = handler.forward(body)
        handler.send_response_only(200)
        handler.send_header("Content-Length", str(len(said)))
        handler.end_headers()
        at = len(sent)
        sent.append(0)
        while not end.is_set():
            handler.wfile.write(said[sent[at]:sent[at] + 1])
            sent[at] += 1
            end.wait(0.2)
        handler.wfile.write(said[sent[at]:])
    proxy.arm(*[slow] * 4)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        loads = [pool.submit(sea.value, name) for name in names[:4]]
        until(lambda: len(sent) == 4 and min(sent) > 28, "six seconds of it")
        try:
            assert sea.value(names[4]) == ""
        finally:
            end.set()
        assert all(load.result() == "" for load in loads)
