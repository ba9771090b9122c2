"""TLS on the wire: versions, handshakes, ends, sessions."""

import contextlib
import json
import socket
import ssl
import subprocess

import pytest
from harness.prometheus import parse
from harness.tls import V1_1, V1_2, V1_3, TlsSocket, context_for, only
from harness.wire import LIVE, Wire, answers, connect, raw

TLS = {"tls": {"mode": "self-signed"}}

pytestmark = pytest.mark.parametrize(
    "server", [("sqlite", 2, TLS)], indirect=True, scope="module",
    ids=["tls"])


def metric(server, name):
    return parse(server.get("/metrics").body.decode())[name].value()


# ---- versions and protocols

@pytest.mark.parametrize("version", (V1_2, V1_3))
def test_two_versions_are_spoken(server, version):
    with connect(server, **only(version)) as wire:
        assert answers(wire)


def old_client(server):
    context = context_for(server.authority, **only(V1_1))
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    return TlsSocket(raw(server), context)


def test_tls_1_1_is_refused(server):
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        old_client(server)


def offering(server, *protocols):
    context = context_for(server.authority)
    context.set_alpn_protocols(protocols)
    return Wire(server, context=context)


def test_alpn_chooses_http_1_1(server):
    with offering(server, "h2", "http/1.1") as wire:
        assert wire.socket.tls.selected_alpn_protocol() == "http/1.1"
        assert answers(wire)


def test_a_client_of_another_protocol_is_refused(server):
    with pytest.raises(ssl.SSLError, match="no application protocol"):
        offering(server, "h2")


def s_client(server, *lines):
    """What openssl's client says about commands and requests it was given."""
    client = subprocess.Popen(
        ["openssl", "s_client", "-connect", server.host, "-crlf",
         "-CAfile", str(server.authority), *lines[0]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    heard = b""
    try:
        for line, answer in lines[1:]:
            client.stdin.write(line)
            client.stdin.flush()
            while answer not in heard:
                data = client.stdout.read1(65536)
                if not data:
                    return heard
                heard += data
            heard = heard.partition(answer)[2]
        return heard
    finally:
        client.kill()
        client.communicate()


REQUEST = b"GET /health/live HTTP/1.1\nHost: x\n\n"


def test_renegotiation_is_off(server):
    heard = s_client(server, ["-tls1_2"], (b"", b"---\n"),
                     (b"R\n", b"never said"))
    assert b"no renegotiation" in heard
    assert answers(connect(server))


def test_keys_may_be_updated(server):
    heard = s_client(server, ["-tls1_3"], (REQUEST, b'{"status":"alive"}'),
                     (b"K\n", b"KEYUPDATE"), (REQUEST, b'{"status":"alive"}'))
    assert b"error" not in heard


# ---- plain HTTP

@pytest.mark.parametrize("request_bytes", (
    LIVE, b"DELETE /v1/x HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /v1/oauth/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
    b"\r\n" + b"x" * 100000), ids=("GET", "DELETE", "POST"))
def test_plain_http_is_told_what_is_wrong(server, request_bytes):
    with raw(server) as client:
        client.sendall(request_bytes)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and b"Connection: close" in head
    assert "HTTPS" in json.loads(body)["error"]["message"]


@pytest.mark.parametrize("garbage", (
    b"\x16" + b"\xff" * 5000, b"\x16\x03\x01\x00\x05hello", b"\x00" * 100,
    b"\x80\x2e\x01\x00\x02", b"ssh", b"\x15\x03\x01\x00\x02\x02\x28"),
    ids=("long record", "short record", "zeros", "SSL 2", "letters", "alert"))
def test_garbage_ends_the_connection(server, garbage):
    with raw(server) as client:
        with contextlib.suppress(ConnectionError, BrokenPipeError):
            client.sendall(garbage)
            while client.recv(65536):
                pass
    assert answers(connect(server))


# ---- handshakes

def test_a_handshake_byte_by_byte(server):
    class Slowly(socket.socket):
        def sendall(self, data):
            for i in range(len(data)):
                super().sendall(data[i:i + 1])

    client = Slowly()
    client.settimeout(20)
    client.connect(("127.0.0.1", server.port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    tls = TlsSocket(client, context_for(server.authority))
    tls.sendall(LIVE)
    assert tls.recv(65536).startswith(b"HTTP/1.1 200 ")
    client.close()


def test_handshakes_are_counted(server):
    before = metric(server, "pangolin_tls_handshakes_total")
    with connect(server), pytest.raises(ssl.SSLError):
        old_client(server)
    after = metric(server, "pangolin_tls_handshakes_total")
    assert after >= before + 2
    assert metric(server, "pangolin_tls_handshake_failures_total") >= 1


# ---- bytes and ends

def test_a_client_that_leaves_without_close_notify_gets_its_reply(server):
    for _ in range(20):
        with connect(server) as wire:
            wire.ask("GET", "/v1/config?warehouse=default", server.bearer())
            wire.socket.raw.shutdown(socket.SHUT_WR)
            assert wire.reply().status == 200
            assert wire.is_closed()


def test_the_server_says_close_notify(server):
    with connect(server) as wire:
        wire.ask("GET", "/health/live", {"Connection": "close"})
        assert wire.reply().status == 200
        assert wire.socket.recv(1) == b""


@pytest.fixture(scope="module", name="large")
def fixture_large(server):
    """The path of a table of two megabytes, and its properties."""
    properties = {f"p{i}": "x" * 1000 for i in range(2000)}
    server.call("POST", "/v1/default/namespaces", {"namespace": ["large"]})
    reply = server.call("POST", "/v1/default/namespaces/large/tables", {
        "name": "t", "schema": {"type": "struct", "fields": []},
        "properties": properties})
    assert reply.status == 200, reply
    return "/v1/default/namespaces/large/tables/t", properties


def properties_of(reply):
    return reply.json()["metadata"]["properties"]


def test_megabytes_up_and_down(server, large):
    path, sent = large
    reply = server.call("GET", path)
    got = properties_of(reply)
    assert {k: got[k] for k in sent} == sent and len(reply.body) > 2 * 10 ** 6


def test_a_slow_reader_gets_all(server, large):
    path, sent = large
    with connect(server) as wire:
        wire.socket.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        wire.ask("GET", path, server.bearer())
        read = wire.socket.recv
        wire.socket.recv = lambda size: read(1000)
        assert len(properties_of(wire.reply())) >= len(sent)


def test_a_greedy_pipeliner_is_paused(server):
    with connect(server) as wire:
        wire.socket.raw.settimeout(2)
        with pytest.raises(TimeoutError):
            for _ in range(10 ** 6):
                wire.socket.tls.write(LIVE * 300)
                wire.socket._flush()  # pylint: disable=protected-access
        assert server.get("/health/ready").status == 200


# ---- sessions

@pytest.mark.parametrize("version", (V1_2, V1_3))
def test_a_session_is_resumed_by_any_worker(server, version):
    context = context_for(server.authority, **only(version))
    with Wire(server, context=context) as wire:
        assert answers(wire)
        session = wire.socket.tls.session
    resumed = metric(server, "pangolin_tls_resumptions_total")
    for _ in range(20):
        with Wire(server, context=context, session=session) as wire:
            assert answers(wire) and wire.socket.tls.session_reused
    assert metric(server, "pangolin_tls_resumptions_total") == resumed + 20
