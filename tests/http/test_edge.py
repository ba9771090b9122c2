"""The edge: framing, limits, connections, request ids."""

import json
import re
import select

import pytest
from harness.wire import Wire

READY = b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n"
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(name="wire")
def fixture_wire(server):
    with Wire(server) as wire:
        yield wire


def authorized(server, **headers):
    return {**server.bearer(), **headers}


# ---- headers of every answer

@pytest.mark.parametrize("path", ("/health/live", "/v1/config", "/nowhere",
                                  "/openapi.json", "/metrics", "/"))
def test_no_answer_is_taken_for_another_type(server, path):
    reply = server.get(path)
    assert reply.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert "Strict-Transport-Security" not in reply.headers


# ---- connections

def test_a_connection_serves_many_requests(wire):
    for _ in range(50):
        wire.send(READY)
        reply = wire.reply()
        assert reply.status == 200
        assert reply.headers.get("Connection", "keep-alive") != "close"


def test_connection_close_is_kept(wire):
    wire.ask("GET", "/health/ready", {"Connection": "close"})
    reply = wire.reply()
    assert reply.status == 200 and reply.headers["Connection"] == "close"
    assert wire.is_closed()


def test_pipelined_requests_are_answered_in_order(server, wire):
    token = server.bearer()["Authorization"]
    for i in range(40):
        target = "/health/live" if i % 2 else "/v1/config?warehouse=default"
        wire.ask("GET", target, {"Authorization": token})
    for i in range(40):
        reply = wire.reply()
        assert reply.status == 200
        assert ("status" in reply.json()) == bool(i % 2)


def test_a_request_in_pieces_is_one_request(wire):
    for byte in READY:
        wire.send(bytes([byte]))
    assert wire.reply().status == 200


def test_a_client_that_shut_its_side_gets_its_reply(server):
    for _ in range(20):
        with Wire(server) as wire:
            wire.ask("GET", "/v1/config?warehouse=default",
                     server.bearer())
            wire.half_close()
            assert wire.reply().status == 200
            assert wire.is_closed()


def test_a_client_that_leaves_harms_nobody(server):
    for _ in range(50):
        with Wire(server) as wire:
            wire.ask("GET", "/v1/config?warehouse=default", server.bearer())
    assert server.get("/health/ready").status == 200


def test_a_greedy_pipeliner_is_paused(server):
    """Who never reads cannot make the server hold its replies."""
    with Wire(server) as wire:
        wire.socket.setblocking(False)
        sent = 0
        burst = LIVE * 500
        while sent < 64 << 20:
            if not select.select([], [wire.socket], [], 1.0)[1]:
                break
            try:
                sent += wire.socket.send(burst)
            except BlockingIOError:
                break
        assert sent < 64 << 20
        assert server.get("/health/ready").status == 200


# ---- bodies

def test_a_chunked_body_is_joined(server, wire):
    body = json.dumps({"namespace": ["chunked"]}).encode()
    wire.ask("POST", "/v1/default/namespaces", authorized(
        server, **{"Transfer-Encoding": "chunked",
                   "Content-Type": "application/json"}))
    for i in range(0, len(body), 3):
        part = body[i:i + 3]
        wire.send(b"%x\r\n%s\r\n" % (len(part), part))
    wire.send(b"0\r\n\r\n")
    reply = wire.reply()
    assert reply.status == 200, reply
    wire.send(READY)
    assert wire.reply().status == 200


def test_a_body_on_get_smuggles_nothing(wire):
    inner = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    wire.ask("GET", "/health/live", body=inner)
    assert wire.reply().status in (200, 400)
    if not wire.buffer:
        wire.half_close()
    assert wire.is_closed()


def test_expect_100_continue_is_honoured(server, wire):
    body = json.dumps({"namespace": ["expected"]}).encode()
    wire.ask("POST", "/v1/default/namespaces", authorized(
        server, Expect="100-continue",
        **{"Content-Type": "application/json",
           "Content-Length": str(len(body))}))
    assert wire.reply().status == 100
    wire.send(body)
    assert wire.reply().status == 200


# ---- names and ids

def test_a_request_id_comes_back(server):
    reply = server.get("/health/live", {"X-Request-ID": "abc-1.2_3"})
    assert reply.headers["X-Request-ID"] == "abc-1.2_3"


@pytest.mark.parametrize("theirs", ("", "x" * 129, "a b", "<x>", "é"))
def test_an_unfit_request_id_is_replaced(server, theirs):
    headers = {"X-Request-ID": theirs.encode()} if theirs else {}
    reply = server.get("/health/live", headers)
    assert UUID.fullmatch(reply.headers["X-Request-ID"])


def test_errors_have_a_request_id_too(server, wire):
    reply = server.get("/v1/nowhere", {"X-Request-ID": "mine"})
    assert reply.headers["X-Request-ID"] == "mine"
    wire.send(b"GET no-slash HTTP/1.1\r\nHost: x\r\n\r\n")
    reply = wire.reply()
    assert reply.status == 400 and UUID.fullmatch(
        reply.headers["X-Request-ID"])


def test_a_namespace_separator_is_one_byte(server):
    for name in (["levels"], ["levels", "two"], ["levels", "two", "a/b"]):
        assert server.call("POST", "/v1/default/namespaces",
                           {"namespace": name}).status == 200
    for target, name in (
            ("levels%1Ftwo", ["levels", "two"]),
            ("levels%1ftwo", ["levels", "two"]),
            ("levels%1Ftwo%1Fa%2Fb", ["levels", "two", "a/b"])):
        reply = server.call("GET", f"/v1/default/namespaces/{target}")
        assert reply.status == 200, (target, reply)
        assert reply.json()["namespace"] == name


@pytest.mark.parametrize("target", (
    "/v1/default/namespaces/%00", "/v1/default/namespaces/%zz",
    "/v1/default/namespaces/%F", "/v1/default/namespaces/%ff",
    "/v1/default/namespaces/%c0%ae%c0%ae",  # ".." in too many bytes
    "/v1/default/namespaces/%ed%a0%80",  # half a surrogate pair
    "/v1/default/namespaces/%f4%90%80%80",  # beyond Unicode
    "/v1/default/namespaces/%u002e", "/v1/default/namespaces/%+2",
    "/v1/default/namespaces/a%1F", "/v1/default/namespaces/%1Fa"))
def test_a_bad_escape_is_a_bad_request(server, target):
    reply = server.call("GET", target)
    assert reply.status == 400, reply
    assert reply.json()["error"]["code"] == 400


@pytest.mark.parametrize("target", (
    "/v1/../health/live", "/v1/%2e%2e/health/live", "//health/live",
    "/health//live", "/health/live/", "/health%2Flive", "/health/./live",
    "/health;x/live", "/health/live%20", "/HEALTH/live", "/%68ealth%2flive"))
def test_a_path_is_what_it_says(server, target):
    """Nothing is resolved, joined or decoded before a route is looked for."""
    assert server.get(target).status == 404


def test_an_escape_is_decoded_once(server):
    name = "twice%41"
    assert server.call("POST", "/v1/default/namespaces",
                       {"namespace": [name]}).status == 200
    reply = server.call("GET", "/v1/default/namespaces/twice%2541")
    assert reply.status == 200 and reply.json()["namespace"] == [name]
    assert server.call(
        "GET", "/v1/default/namespaces/twice%41").status == 404


def test_http_1_0_is_answered_and_closed(wire):
    wire.send(b"GET /health/live HTTP/1.0\r\n\r\n")
    assert wire.reply().status == 200
    assert wire.is_closed()
