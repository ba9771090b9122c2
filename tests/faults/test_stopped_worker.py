"""A worker is stopped, not killed, while all workers write: the others go on,
and what it did not know of when it wakes up changes nothing."""

import contextlib
import os
import signal
import time

import pytest
from faults.test_commit_group import (WRITERS, Writer, check, gauges,
                                      make_tables)
from faults.test_workers import stop
from harness.wait import until


class Patient(Writer):
    """Gives up on a connection that is silent, as clients do."""

    def __init__(self, server, number):
        super().__init__(server, number)
        self.connection = server.connection(timeout=1)


@contextlib.contextmanager
def writing(server):
    """Many writers; their commits are right in the end."""
    make_tables(server)
    writers = [Patient(server, n) for n in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        yield writers
    finally:
        for writer in writers:
            writer.ends.set()
        for writer in writers:
            writer.join(60)
    assert not any(w.is_alive() for w in writers)
    assert not [w.wrong[:3] for w in writers if w.wrong]
    until(lambda: set(gauges(server).values()) == {0}, "an empty queue", 30)
    check(server, writers)


def acknowledged(writers):
    return sum(len(writer.acknowledged) for writer in writers)


def wait_for_commits(writers, more, why):
    goal = acknowledged(writers) + more
    begun = time.monotonic()
    until(lambda: acknowledged(writers) >= goal, why, 30)
    return time.monotonic() - begun


@pytest.mark.timeout(300)
def test_writers_wait_briefly_for_a_stopped_worker(servers, long):
    """Whatever it holds: the lead, turns, or the store's own lock."""
    server = servers.start(store="sqlite", workers=2)
    with writing(server) as writers:
        for turn in range(20 if long else 4):
            wait_for_commits(writers, 40, "commits of both")
            pid = server.workers()[turn % 2]
            stop(pid)
            # it would be killed for its silence after ten seconds
            assert wait_for_commits(writers, 40, "commits of one") < 7
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
            until(lambda: len(server.workers()) == 2, "both workers", 30)


def test_a_worker_that_paused_goes_on(servers):
    """A second is forgiven, also while it leads."""
    server = servers.start(store="sqlite", workers=2)
    with writing(server) as writers:
        before = sorted(server.workers())
        for pid in before:
            wait_for_commits(writers, 40, "commits of both")
            stop(pid)
            stopped = time.monotonic()
            until(lambda: time.monotonic() - stopped > 1, "a second")
            os.kill(pid, signal.SIGCONT)
        wait_for_commits(writers, 40, "commits of both")
        assert sorted(server.workers()) == before
