"""What the server tells its operators: log, metrics and health."""

import contextlib
import json
import os
import shutil
import signal
import subprocess

import pytest
from harness.prometheus import parse
from harness.wait import until
from harness.wire import Wire


def lines_of(server):
    """The log as objects; every line is one."""
    return [json.loads(line)
            for line in server.log.read_text("utf-8").splitlines()]


def requests_of(server):
    return [line for line in lines_of(server) if line["message"] == "request"]


def logged(server, request_id):
    """The line of a request, once it is there."""
    def find():
        return [line for line in requests_of(server)
                if line["id"] == request_id]
    until(find, f"a line of {request_id}")
    found = find()
    assert len(found) == 1, found
    return found[0]


# ---- log

def test_a_request_leaves_one_line(servers):
    server = servers.start(workers=2)
    reply = server.call("GET", "/v1/default/namespaces?pageToken=",
                        headers={"X-Request-ID": "seen-1"})
    line = logged(server, "seen-1")
    assert line["level"] == "info" and line["pid"] in server.workers()
    assert line["method"] == "GET" and line["status"] == 200
    assert line["route"] == "/v1/{prefix}/namespaces"
    assert line["path"] == "/v1/default/namespaces"
    assert line["bytes"] == len(reply.body)
    assert 0 < line["duration_us"] < 30_000_000
    assert line["principal"] == "admin" and line["peer"] == "127.0.0.1"
    tenant = server.as_root("GET", "/api/v1/tenants").json()[0]["id"]
    assert line["tenant"] == tenant


def test_no_secret_is_logged(servers):
    server = servers.start(settings={"log": {"level": "debug"}})
    token = server.token()
    server.get(f"/v1/config?warehouse=default&token={token}",
               {"X-Request-ID": "with-token",
                "Authorization": "Bearer " + token})
    server.get(f"/nowhere?password={server.first_password}",
               {"X-Request-ID": "with-password"})
    assert logged(server, "with-token")["status"] == 200
    assert logged(server, "with-password")["status"] == 404
    text = server.log.read_text()
    assert token not in text and server.first_password not in text


def test_refusals_and_lost_clients_are_logged(servers):
    server = servers.start()
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        request_id = wire.reply().headers["X-Request-ID"]
    line = logged(server, request_id)
    assert line["status"] == 400 and line["route"] is None
    with Wire(server) as wire:
        wire.send(b"POST /v1/oauth/tokens HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 9\r\nX-Request-ID: gone\r\n\r\nhalf")
    assert logged(server, "gone")["status"] == 499


def test_the_access_log_can_be_off(servers):
    server = servers.start(settings={"log": {"access": False}})
    server.get("/v1/config")
    assert server.stop() == 0
    assert lines_of(server) and not requests_of(server)


def test_all_is_written_before_the_end(servers):
    server = servers.start()
    for n in range(200):
        server.get("/health/live", {"X-Request-ID": f"last-{n}"})
    assert server.stop() == 0
    seen = {line["id"] for line in requests_of(server)}
    assert {f"last-{n}" for n in range(200)} <= seen


def ask_often(server, times):
    """Requests on one connection, each answered at once."""
    ask = (b"GET /health/live HTTP/1.1\r\nHost: a\r\n"
           b"X-Request-ID: often\r\n\r\n")
    with Wire(server, timeout=5) as wire:
        for _ in range(times):
            wire.send(ask)
            assert wire.reply().status == 200


def test_a_stuck_standard_output_stops_nothing(servers):
    server = servers.new()
    os.mkfifo(server.log)
    reader = os.open(server.log, os.O_RDONLY | os.O_NONBLOCK)
    try:
        server.spawn()
        until(server.is_ready, "ready")
        # a pipe of 64 KiB and a ring of 256 KiB, at 250 bytes a line
        ask_often(server, 3000)
        assert server.get("/health/ready").status == 200
        dropped = count_lines(reader, 3000)
    finally:
        server.kill()
        os.close(reader)
        server.log.unlink()
    assert 0 < dropped < 3000


def count_lines(reader, wanted):
    """Reads until each request is there or counted; how many were dropped."""
    text = b""
    dropped = 0

    def complete():
        nonlocal text, dropped
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(reader, 65536):
                text += piece
        lines = [json.loads(line) for line in text.split(b"\n")[:-1]]
        dropped = sum(line.get("dropped", 0) for line in lines)
        seen = sum(line.get("id") == "often" for line in lines)
        return seen + dropped >= wanted
    until(complete, "every line, or that it was dropped")
    return dropped


def test_no_auth_mode_is_a_warning(servers):
    server = servers.start(settings={"auth": {"enabled": False}})
    warnings = [line["message"] for line in lines_of(server)
                if line["level"] == "warn"]
    assert any("auth.enabled" in message for message in warnings)


# ---- metrics

def metrics_of(server):
    reply = server.get("/metrics")
    assert reply.status == 200, reply
    assert reply.headers["Content-Type"] == (
        "text/plain; version=0.0.4; charset=utf-8")
    return parse(reply.body.decode())


def test_metrics_are_what_prometheus_reads(server):
    server.call("GET", "/v1/config")
    server.get("/nowhere")
    store = server.settings["store"]["plugin"]
    workers = server.settings["server"]["workers"]
    # the first one answers while others start
    until(lambda: metrics_of(server)["pangolin_workers"].value() == workers,
          "all workers")
    families = metrics_of(server)
    info = families["pangolin_build_info"].samples
    assert [dict(labels)["store"] for _, labels in info] == [store]
    assert families["pangolin_store_up"].value() == 1
    resident = families["pangolin_resident_memory_bytes"].samples
    assert len(resident) == workers + 1
    assert all(value > 1_000_000 for value in resident.values())


def test_promtool_has_nothing_to_say(server):
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("no promtool: it comes with Debian's prometheus")
    server.call("GET", "/v1/config")
    said = subprocess.run([promtool, "check", "metrics"], text=True,
                          input=server.get("/metrics").body.decode(),
                          capture_output=True, check=False, timeout=30)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_metrics_count_over_all_workers(servers):
    server = servers.start(workers=4)
    for _ in range(40):  # a connection each: they spread over the workers
        assert server.call("GET", "/v1/config").status == 200
    assert server.get("/v1/config").status == 401
    labels = {"route": "/v1/config", "method": "GET"}

    def all_counted():
        families = metrics_of(server)
        counted = families["pangolin_http_requests_total"].samples
        ok = counted.get(("", tuple(sorted({**labels, "code": "2xx"}.items()))))
        took = families["pangolin_http_request_duration_seconds"]
        return ok == 40 and took.value("_count", **labels) == 41
    until(all_counted, "41 requests in the sum")
    requests = metrics_of(server)["pangolin_http_requests_total"]
    assert requests.value(code="4xx", **labels) == 1


def test_labels_are_not_what_clients_send(servers):
    server = servers.start()
    for n in range(50):
        server.get(f"/nowhere/{n}")
        server.get(f"/v1/catalog-{n}/namespaces")
    text = server.get("/metrics").body.decode()
    assert "nowhere" not in text and "catalog-" not in text
    assert 'route="none",method="none",code="4xx"} 50' in text


def test_metrics_can_be_off(servers):
    server = servers.start(settings={"metrics": {"enabled": False}})
    assert server.get("/metrics").status == 404


# ---- health

def test_health_says_if_the_loop_turns_and_the_store_answers(server):
    assert server.get("/health/live").json() == {"status": "alive"}
    for path in ("/health", "/health/ready"):
        reply = server.get(path)
        assert reply.status == 200
        assert reply.json()["status"] == "ready"
        assert reply.json()["store"] == "ok"


def test_a_draining_server_is_alive_and_not_ready(servers):
    server = servers.start()
    with Wire(server) as ready, Wire(server) as live, Wire(server) as last:
        ready.send(b"GET /health/ready HTTP/1.1\r\n")
        live.send(b"GET /health/live HTTP/1.1\r\n")
        last.send(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert last.reply().status == 200
        server.process.send_signal(signal.SIGTERM)
        assert last.is_closed()
        ready.send(b"Host: x\r\n\r\n")
        reply = ready.reply()
        assert reply.status == 503
        assert reply.json() == {"status": "draining"}
        live.send(b"Host: x\r\n\r\n")
        assert live.reply().status == 200
    assert server.process.wait(30) == 0
