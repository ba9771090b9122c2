"""Requests that are broken off, in every phase: nothing of them stays held."""

import gzip
import json
import re
import socket
import struct

import pytest
from harness.wait import until
from harness.wire import LIVE, Wire

SPACES = "/v1/default/namespaces"
SIGN_IN = "/v1/oauth/tokens"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WAITING = {"Expect": "100-continue"}
CHUNKED = {"Transfer-Encoding": "chunked"}
GZIP = {"Content-Encoding": "gzip"}
WRONG = b"grant_type=client_credentials&client_id=admin&client_secret=wrong-one"
LARGE = b'{"namespace": ["' + b"a," * 200000 + b'"]}'

# What no request holds any more; /metrics itself is one.
IDLE = {"request_bodies_bytes": 0, "passwords_waiting": 0, "connections": 1,
        "requests_running": 0, "store_pool_waiting": 0, "cache_pinned": 0,
        "commit_queue": 0, "commit_turns": 0}
# Arenas that are kept for the next requests.
SPARE = 2 << 20


@pytest.fixture(name="server")
def fixture_server(servers, request):
    return servers.start(workers=1, settings={
        "limits": {"request_time": "1s", "thread_wait_time": "1s",
                   "body_bytes": "1MiB", "bodies_bytes": "8MiB",
                   "worker_memory_bytes": "128MiB"},
        "cache": {"options": {"memory": {"max_bytes": "1MiB"}}},
        "tls": {"mode": getattr(request, "param", "off")}})


def gauges(server):
    """By name, summed over their labels."""
    sums = {}
    page = server.get("/metrics").body.decode()
    for name, value in re.findall(r"^pangolin_(\w+)\S* (\d+)$", page, re.M):
        sums[name] = sums.get(name, 0) + int(value)
    return sums


def requests(server):
    """Beginnings of requests, and some that are whole."""
    known = {**server.bearer(), **JSON}
    table = json.dumps({"name": "t", "schema": {"type": "struct",
                                                "fields": []}}).encode()
    yield "POST", SPACES, {**JSON, "Content-Length": "60000"}, b" " * 9000
    for who in (known, JSON):
        yield "POST", SPACES, {**who, "Content-Length": "9"}, None
        yield "POST", SPACES, {**who, **WAITING, "Content-Length": "9000"}, None
        yield "POST", SPACES, {**who, **CHUNKED}, b"5\r\n{\"nam\r\n"
        yield "POST", SPACES, {**who, **CHUNKED}, b"5\r\n{}\r\n0\r\n\r\n"
        yield "POST", SPACES, {**who, "Content-Length": "2"}, b"{}more than it"
        yield "POST", SPACES, {**who, **GZIP}, gzip.compress(bytes(900000))
        yield "POST", SPACES, who, LARGE
        yield "POST", SPACES + "/n/tables", who, table
        yield "GET", SPACES, {**who, "Content-Length": "4000"}, b"{"
        yield "HEAD", SPACES, {**who, "Content-Length": "99999"}, b"{"
    yield "POST", SIGN_IN, {**FORM, "Content-Length": "60000"}, b" " * 9000
    yield "POST", SIGN_IN, {**FORM, **CHUNKED}, b"5\r\nabcde\r\n"
    yield "POST", SIGN_IN, FORM, WRONG
    yield "GET", "/v1/config", known, None


def break_off(wire):
    """Reset, as of a client that was killed."""
    wire.socket.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.socket.close()


def stays_held(server, before):
    now = gauges(server)
    held = {name: now[name] for name in IDLE if now.get(name) != IDLE[name]}
    if now["request_memory_bytes"] > before + SPARE:
        held["request_memory_bytes"] = now["request_memory_bytes"]
    return held


@pytest.mark.parametrize("server", ("off", "self-signed"), indirect=True)
def test_what_is_broken_off_holds_nothing(server):
    before = gauges(server)["request_memory_bytes"]
    wires = []
    for _ in range(4):
        for request in requests(server):
            wires.append(Wire(server))
            wires[-1].ask(*request)
            if len(wires) % 2:  # some are broken off at once
                break_off(wires.pop())
    for wire in wires[::2]:
        wire.send(LIVE * 20)
    for wire in wires[::3]:
        wire.half_close()
    for wire in wires:
        break_off(wire)
    until(lambda: not stays_held(server, before), "nothing is held")


def test_replies_that_nobody_reads_hold_their_bytes_only(server):
    """Anybody may ask for so many, over and over."""
    before = gauges(server)["request_memory_bytes"]
    wires = [Wire(server) for _ in range(8)]
    for wire in wires:
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        wire.socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            while True:
                wire.send(LIVE * 50)
    assert server.call("POST", SPACES, {"namespace": ["n"]}).status == 200
    until(lambda: gauges(server)["connections"] == 9, "all are connected")
    assert gauges(server)["request_memory_bytes"] < before + 3 * SPARE
    for wire in wires:
        break_off(wire)
    until(lambda: not stays_held(server, before), "nothing is held")
