"""Workers that die, hang, or die again and again, while others serve."""

import contextlib
import os
import signal
import time

from harness.wait import until
from harness.wire import Wire

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


def answers(wire):
    """Does this connection still get replies?"""
    try:
        wire.send(LIVE)
        reply = wire.reply()
    except OSError:
        return False
    return reply is not None and reply.status == 200


def longest_wait(server, connections=100):
    """Seconds that the slowest of so many new connections took."""
    longest = 0
    with contextlib.ExitStack() as stack:
        for _ in range(connections):
            begun = time.monotonic()
            assert answers(stack.enter_context(Wire(server)))
            longest = max(longest, time.monotonic() - begun)
    return longest


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    until(lambda: open(f"/proc/{pid}/stat").read().split()[2] == "T", "stop")


def start_two(servers):
    server = servers.start(workers=2)
    return server, until(lambda: len(server.workers()) == 2
                         and server.workers(), "two workers")


def test_a_killed_worker_takes_only_its_own_connections(servers):
    server, pids = start_two(servers)
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(server)) for _ in range(32)]
        assert all(answers(wire) for wire in wires)
        os.kill(pids[0], signal.SIGKILL)
        until(lambda: pids[0] not in server.workers(), "its death")
        assert longest_wait(server) < 2
        alive = [answers(wire) for wire in wires]
        assert any(alive) and not all(alive)
        until(lambda: len(server.workers()) == 2, "another worker")


def test_a_worker_told_alone_to_end_is_replaced(servers):
    server, pids = start_two(servers)
    os.kill(pids[0], signal.SIGTERM)
    until(lambda: pids[0] not in server.workers(), "its end")
    until(lambda: len(server.workers()) == 2, "another worker")


def test_nobody_waits_for_a_hung_worker_which_is_replaced(servers):
    server, pids = start_two(servers)
    stop(pids[0])
    assert longest_wait(server) < 2
    until(lambda: pids[0] not in server.workers(), "its end", 30)
    until(lambda: "has hung" in server.log_text(), "a word about it")
    until(lambda: len(server.workers()) == 2, "another worker")
    assert longest_wait(server) < 2


def test_a_worker_that_slept_gets_its_share_again(servers):
    server, pids = start_two(servers)
    stop(pids[0])
    assert longest_wait(server) < 2
    os.kill(pids[0], signal.SIGCONT)
    stop(pids[1])
    assert longest_wait(server) < 2
    os.kill(pids[1], signal.SIGCONT)


def test_all_frozen_together_condemn_nobody(servers):
    server, pids = start_two(servers)
    for pid in pids:
        stop(pid)
    frozen = time.monotonic()
    until(lambda: time.monotonic() - frozen > 11, "longer than is forgiven")
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    thawed = time.monotonic()
    until(lambda: time.monotonic() - thawed > 1, "several beats")
    assert longest_wait(server) < 2
    assert sorted(server.workers()) == sorted(pids)


def kill_until_it_waits(server, sibling):
    """Kill whoever takes the place beside `sibling`."""
    def kill_next():
        for pid in server.workers():
            if pid != sibling:
                with contextlib.suppress(ProcessLookupError):  # it was faster
                    os.kill(pid, signal.SIGKILL)
        return "has died too often" in server.log_text()

    until(kill_next, "the brake")


def test_a_worker_that_dies_again_and_again_waits(servers):
    server, pids = start_two(servers)
    kill_until_it_waits(server, pids[1])
    assert longest_wait(server) < 2
    assert pids[1] in server.workers()
    until(lambda: len(server.workers()) == 2, "the one that waits")
    # it waits no longer once its sibling cannot serve
    stop(pids[1])
    assert answers_within(server, 5)
    os.kill(pids[1], signal.SIGCONT)


def test_not_all_workers_wait_at_once(servers):
    """Both have died too often: somebody serves all the same."""
    server, pids = start_two(servers)
    kill_until_it_waits(server, pids[1])
    for _ in range(4):
        for pid in server.workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        begun = time.monotonic()
        until(lambda: serves(server), "somebody who serves")
        assert time.monotonic() - begun < 5


def serves(server):
    try:
        with Wire(server, timeout=1) as wire:
            return answers(wire)
    except OSError:
        return False


def answers_within(server, seconds):
    with Wire(server, timeout=seconds) as wire:
        return answers(wire)


def test_a_worker_that_waits_does_not_hold_up_the_end(servers):
    """SIGTERM comes while a worker is being born, and with a SIGCHLD."""
    server, pids = start_two(servers)
    kill_until_it_waits(server, pids[1])
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 5
