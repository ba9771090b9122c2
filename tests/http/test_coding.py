"""gzip in both directions."""

import gzip
import json

import pytest

TABLES = "/v1/default/namespaces/packed/tables"
FIELDS = [{"id": i, "name": f"column_{i}", "type": "long", "required": False}
          for i in range(40)]


@pytest.fixture(name="table", scope="module")
def fixture_table(server):
    """A table, made by packed requests; its path."""
    reply = send(server, "/v1/default/namespaces", {"namespace": ["packed"]})
    assert reply.status == 200, reply
    reply = send(server, TABLES, {
        "name": "wide", "schema": {"type": "struct", "fields": FIELDS}})
    assert reply.status == 200, reply
    return f"{TABLES}/wide"


def send(server, path, body, coding="gzip"):
    if not isinstance(body, bytes):
        body = gzip.compress(json.dumps(body).encode())
    return server.call("POST", path, body, headers={
        "Content-Type": "application/json", "Content-Encoding": coding})


def fetch(server, path, accept):
    return server.call("GET", path, headers={"Accept-Encoding": accept})


def test_a_long_reply_is_packed_for_who_asks(server, table):
    plain = fetch(server, table, "identity")
    packed = fetch(server, table, "gzip, deflate")
    assert plain.headers["Content-Encoding"] is None
    assert packed.headers["Content-Encoding"] == "gzip"
    for reply in (plain, packed):
        assert "Accept-Encoding" in reply.headers.get_all("Vary")
    assert len(packed.body) * 3 < len(plain.body)
    assert json.loads(gzip.decompress(packed.body)) == plain.json()


def test_a_short_reply_is_not_packed(server, table):
    reply = fetch(server, "/v1/default/namespaces/packed", "gzip")
    assert reply.headers["Content-Encoding"] is None
    assert reply.headers["Vary"] is None and reply.json()


def test_head_is_not_packed(server, table):
    reply = server.call("HEAD", table, headers={"Accept-Encoding": "gzip"})
    assert reply.status == 204 and reply.body == b""


@pytest.mark.parametrize("body, coding, status", (
    (b"{}", "br", 415),
    (b"{}", "gzip", 400),
    (gzip.compress(b'{"namespace": ["half"]}')[:-3], "gzip", 400),
    (gzip.compress(bytes(20 << 20)), "gzip", 413),
    (gzip.compress(bytes(9 << 20)) * 2, "gzip", 413),
))
def test_a_body_that_cannot_be_unpacked(server, body, coding, status):
    reply = send(server, "/v1/default/namespaces", body, coding)
    assert reply.status == status, reply
    assert reply.json()["error"]["code"] == status


def test_nobody_unpacks_for_strangers(server):
    reply = server.request(
        "POST", "/v1/default/namespaces", gzip.compress(bytes(20 << 20)),
        {"Content-Encoding": "gzip"})
    assert reply.status == 401
