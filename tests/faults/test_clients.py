"""Clients that read slowly, ask greedily or close half: nobody else feels it."""

import contextlib
import select
import socket

from faults.test_workers import LIVE, longest_wait
from harness.wait import until
from harness.wire import Wire

DOCUMENT = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
LIMITS = {"limits": {"progress_time": "1s", "progress_bytes": "1MiB"}}
MEMORY_KIB_MAX = 64 << 10  # that a worker may grow


def slow_reader(stack, server):
    """Asks for megabytes and takes a few kilobytes."""
    wire = stack.enter_context(Wire(server))
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.send(DOCUMENT * 64)
    assert wire.socket.recv(1024)
    return wire


def greedy(stack, server):
    """Sends as many requests as are taken, and never reads."""
    wire = stack.enter_context(Wire(server))
    wire.socket.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while select.select([], [wire.socket], [], 0.1)[1]:
            wire.socket.send(LIVE * 500)
    return wire


def resident_kib(server):
    found = 0
    for pid in server.workers():
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            found += next(int(line.split()[1]) for line in file
                          if line.startswith("VmRSS"))
    return found


def test_slow_and_greedy_clients_hold_up_nobody_and_are_cut_off(servers):
    server = servers.start(workers=2, settings=LIMITS)
    assert longest_wait(server) < 2
    before = resident_kib(server)
    with contextlib.ExitStack() as stack:
        slow = [slow_reader(stack, server) for _ in range(32)]
        greedy_ones = [greedy(stack, server) for _ in range(8)]
        assert longest_wait(server) < 2
        grown = resident_kib(server) - before
        assert grown < MEMORY_KIB_MAX, grown
        until(lambda: open_connections(server) <= 1, "all are cut off", 30)
    assert longest_wait(server) < 2


def open_connections(server):
    text = server.get("/metrics").body.decode()
    return next(float(line.split()[1]) for line in text.splitlines()
                if line.startswith("pangolin_connections "))


def test_half_closers_get_all_replies_that_they_asked_for(servers):
    server = servers.start(workers=2)
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(server)) for _ in range(50)]
        for wire in wires:
            wire.send(LIVE * 3 + DOCUMENT)
            wire.half_close()
        for wire in wires:
            assert [wire.reply().status for _ in range(4)] == [200] * 4
            assert wire.is_closed()
