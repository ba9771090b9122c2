"""Every limit of [limits]: kept at its value, and what comes beyond it."""

import json
import os
import re
import resource
import select
import sqlite3

import pytest
from harness.wait import until
from harness.wire import Wire

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
SPACES = "/v1/default/namespaces"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(name="wire")
def fixture_wire(server):
    with Wire(server) as wire:
        yield wire


@pytest.fixture(name="limited", params=("off", "self-signed"),
                ids=("plain", "tls"))
def fixture_limited(servers, request):
    """Starts a server with these limits."""
    return lambda **limits: servers.start(
        settings={"limits": limits, "tls": {"mode": request.param}})


def check_refused(reply, status):
    assert reply.status == status
    assert reply.headers["Connection"] == "close"


def is_let_go(wire):
    """Has the server closed for good, so that nothing can be sent?"""
    try:
        wire.send(b" ")
    except OSError:
        return True
    return False


# ---- the size of a request

def test_a_target_over_the_limit_is_414(wire):
    wire.ask("GET", "/v1/config?warehouse=" + "x" * (16 << 10))
    check_refused(wire.reply(), 414)


def test_a_target_at_the_limit_is_read(server, wire):
    target = "/v1/config?warehouse=default&x="
    target += "x" * ((16 << 10) - len(target))
    wire.ask("GET", target, server.bearer())
    assert wire.reply().status == 200


@pytest.mark.parametrize("more,status", ((0, 200), (1, 431)))
def test_the_head_is_measured(wire, more, status):
    begin = b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: "
    wire.send(begin + b"x" * ((32 << 10) - len(begin) - 4 + more)
              + b"\r\n\r\n")
    assert wire.reply().status == status


@pytest.mark.parametrize("lines,status", ((100, 200), (101, 431)))
def test_header_lines_are_counted(wire, lines, status):
    wire.ask("GET", "/health/live",
             {f"X-{i}": "1" for i in range(lines - 1)})
    assert wire.reply().status == status


def test_a_body_over_the_limit_is_413(server, wire):
    wire.ask("POST", SPACES, {
        **server.bearer(), **JSON, "Content-Length": str((16 << 20) + 1)})
    check_refused(wire.reply(), 413)
    assert wire.is_closed()


def test_chunks_over_the_limit_are_413(server, wire):
    wire.ask("POST", SPACES, {
        **server.bearer(), **JSON, "Transfer-Encoding": "chunked"})
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    for _ in range(18):
        try:
            wire.send(chunk)
        except OSError:
            break
        if select.select([wire.socket], [], [], 0)[0]:
            break
    check_refused(wire.reply(), 413)


def test_a_body_at_the_limit_is_read(server, wire):
    text = json.dumps({"namespace": ["x" * 40], "properties": {}})
    body = text.encode() + b" " * ((16 << 20) - len(text))
    wire.ask("POST", SPACES, {**server.bearer(), **JSON}, body)
    assert wire.reply().status == 200


@pytest.mark.parametrize("settings,sent,status", (
    ({"body_bytes": "1KiB"}, {"body": b" " * 1025}, 413),
    ({"target_bytes": 256}, {"target": "/health/live?" + "x" * 256}, 414),
    ({"head_bytes": "1KiB", "target_bytes": 256},
     {"headers": {"X": "x" * 1024}}, 431),
    ({"header_lines": 10},
     {"headers": {f"X-{i}": "1" for i in range(10)}}, 431),
))
def test_each_size_is_a_setting(limited, settings, sent, status):
    server = limited(**settings)
    with Wire(server) as wire:
        wire.ask("POST" if "body" in sent else "GET",
                 sent.get("target", "/health/live"),
                 {**JSON, **sent.get("headers", {})}, sent.get("body"))
        check_refused(wire.reply(), status)


@pytest.mark.parametrize("method,status", (("POST", 429), ("GET", 503)))
def test_bodies_in_flight_are_bounded(limited, method, status):
    server = limited(body_bytes="64KiB", bodies_bytes="64KiB")
    with Wire(server) as first, Wire(server) as second:
        head = {**server.bearer(), **JSON, "Content-Length": "65536"}
        first.ask("POST", SPACES, head)
        first.send(b" " * 60000)
        held = "\npangolin_request_bodies_bytes 65536\n"
        until(lambda: held in server.get("/metrics").body.decode(), held)
        second.ask(method, SPACES, {**head, "Content-Length": "4000"})
        reply = second.reply()
        check_refused(reply, status)
        assert reply.headers["Retry-After"] == "1"
        body = json.dumps({"namespace": ["held"]}).encode()
        first.socket.close()
        until(lambda: server.call(
            "POST", SPACES, body.ljust(60000), headers=JSON).status == 200,
            "room for another body")


# ---- connections

def test_connections_over_the_limit_are_told(servers):
    server = servers.start(settings={"limits": {"connections": 10}})
    held = [Wire(server) for _ in range(10)]
    for wire in held:
        wire.send(LIVE)
        assert wire.reply().status == 200
    with Wire(server) as wire:
        reply = wire.reply()
        check_refused(reply, 503)
        assert reply.headers["Retry-After"] == "1"
        assert wire.is_closed()
    for wire in held[:2]:
        wire.socket.close()
    until(lambda: server.get("/health/live").status == 200, "room again")
    for wire in held:
        wire.socket.close()


def test_connections_are_as_many_as_files_allow(servers, tmp_path):
    server = servers.new()
    starved = tmp_path / "starved"
    starved.write_text(
        f'#!/bin/sh\nulimit -n 300 && exec {server.program} "$@"\n')
    starved.chmod(0o755)
    server.program = starved
    server.start()
    held = [Wire(server) for _ in range(300 - 256)]
    for wire in held:
        wire.send(LIVE)
        assert wire.reply().status == 200
    with Wire(server) as wire:
        check_refused(wire.reply(), 503)
    for wire in held:
        wire.socket.close()


def test_who_comes_when_no_file_can_be_opened_is_told(servers):
    server = servers.start()
    [worker] = server.workers()
    with Wire(server) as held:
        held.send(LIVE)
        assert held.reply().status == 200
        used = {int(n) for n in os.listdir(f"/proc/{worker}/fd")}
        free = min(set(range(len(used) + 1)) - used)
        before = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (free, before[1]))
        with Wire(server) as wire:
            check_refused(wire.reply(), 503)
        resource.prlimit(worker, resource.RLIMIT_NOFILE, before)
        held.send(LIVE)
        assert held.reply().status == 200
    assert server.get("/health/live").status == 200


# ---- time

def test_a_head_that_does_not_come_is_408(limited):
    server = limited(head_time="1s")
    with Wire(server) as wire:
        wire.send(LIVE[:-2])
        check_refused(wire.reply(), 408)
        assert wire.is_closed()


def test_a_body_that_is_too_slow_is_408(limited):
    server = limited(progress_time="1s")
    with Wire(server) as wire:
        wire.ask("POST", SPACES, {
            **server.bearer(), **JSON, "Content-Length": "60000"})
        wire.send(b" " * 1000)
        check_refused(wire.reply(), 408)
        assert wire.is_closed()


def test_a_reply_that_nobody_reads_is_given_up(limited):
    server = limited(progress_time="1s")
    with Wire(server) as wire:
        for _ in range(200):
            wire.ask("GET", "/openapi.json")
        until(lambda: is_let_go(wire), "the server has closed")
    assert server.get("/health/live").status == 200


def test_a_silent_connection_is_closed_as_announced(limited):
    server = limited(idle_time="1s")
    with Wire(server) as wire:
        wire.send(LIVE)
        reply = wire.reply()
        assert reply.headers["Keep-Alive"] == "timeout=1"
        assert wire.is_closed()


def test_a_connection_that_never_asks_is_closed(limited):
    server = limited(idle_time="1s")
    with Wire(server) as wire:
        assert wire.is_closed()


def refuse_a_body(wire):
    wire.ask("POST", "/nowhere", {"Content-Length": "1000000"})
    check_refused(wire.reply(), 404)


def test_a_refused_body_is_heard_out_for_a_while(limited):
    server = limited(drain_time="1s")
    with Wire(server) as wire:
        refuse_a_body(wire)
        until(lambda: is_let_go(wire), "the server has closed")


def test_a_refused_body_is_heard_out_for_a_part(limited):
    server = limited(drain_time="10m", drain_bytes="100KiB")
    with Wire(server) as wire:
        refuse_a_body(wire)
        with pytest.raises(OSError):
            for _ in range(64):
                wire.send(b" " * (1 << 20))


@pytest.fixture(name="stuck")
def fixture_stuck(servers):
    """A server whose store nobody can write to."""
    server = servers.new(settings={
        "server": {"threads": 4},
        "limits": {"thread_wait_time": "1s", "request_time": "3s"}})
    server.start().bearer()
    [file] = server.state_dir.glob("*.db")
    store = sqlite3.connect(file, isolation_level=None)
    store.execute("BEGIN IMMEDIATE")
    yield server
    store.close()


def check_shed(reply, status):
    assert reply.status == status
    assert reply.headers["Retry-After"] == "1"
    assert reply.headers["Connection"] == "keep-alive"


def test_a_change_that_takes_too_long_is_429(stuck):
    with Wire(stuck) as wire:
        wire.ask("POST", SPACES, {**stuck.bearer(), **JSON},
                 b'{"namespace":["late"]}')
        check_shed(wire.reply(), 429)


def test_a_request_that_no_thread_takes_is_shed(stuck):
    asked = [Wire(stuck) for _ in range(5)]
    for wire in asked:
        wire.ask("POST", SPACES, {**stuck.bearer(), **JSON},
                 b'{"namespace":["busy"]}')
    first = select.select([w.socket for w in asked], [], [], 20)[0]
    assert 0 < len(first) < 5  # others have a thread and wait for the store
    page = stuck.get("/metrics").body.decode()
    shed = re.search(r"^pangolin_requests_shed_total (\d+)", page, re.M)
    assert int(shed[1]) > 0
    for wire in asked:
        check_shed(wire.reply(), 429)
        wire.socket.close()
