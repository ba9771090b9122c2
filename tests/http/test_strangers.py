"""Bodies of those who are not known, and of those who send too much."""

import contextlib
import gzip
import json
import re
import select

import pytest
from harness.wait import until
from harness.wire import Wire

SPACES = "/v1/default/namespaces"
SIGN_IN = "/v1/oauth/tokens"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WAITING = {"Expect": "100-continue"}
PASSWORD = "long-enough-password"


@pytest.fixture(name="small")
def fixture_small(servers):
    """A server with room for 8 MiB of bodies."""
    return servers.start(settings={"limits": {
        "body_bytes": "1MiB", "bodies_bytes": "8MiB",
        "bodies_tenant_percent": 50}})


@pytest.fixture(name="wires")
def fixture_wires():
    """Gives connections; all are closed behind the test."""
    with contextlib.ExitStack() as held:
        yield lambda server, count=1: [
            held.enter_context(Wire(server)) for _ in range(count)]


def begin(wire, path, length, headers, some=b""):
    """A request of which no more will come."""
    wire.ask("POST", path, {**headers, "Content-Length": str(length)})
    wire.send(some)


def make_space(server, name):
    body = json.dumps({"namespace": [name]}).encode()
    return server.call("POST", SPACES, body, headers=JSON).status


def ready(wires, count):
    """Those of them that have something to read, once they are so many."""
    poll = select.poll()
    for wire in wires:
        poll.register(wire.socket, select.POLLIN)
    found = {fd for fd, _ in poll.poll(0)}
    return len(found) >= count and [
        wire for wire in wires if wire.socket.fileno() in found]


def held(server):
    page = server.get("/metrics").body.decode()
    return int(re.search(
        r"^pangolin_request_bodies_bytes (\d+)", page, re.M)[1])


def others_are_served(server, wires):
    """40 of 40, half of them with a body that comes behind its head."""
    split = wires(server, 20)
    for i, wire in enumerate(split):
        body = json.dumps({"namespace": [f"split{i}"]}).encode()
        begin(wire, SPACES, len(body), {**server.bearer(), **JSON, **WAITING})
        assert wire.reply().status == 100
        wire.send(body)
    whole = [make_space(server, f"whole{i}") for i in range(20)]
    assert [wire.reply().status for wire in split] + whole == [200] * 40


def test_strangers_cannot_fill_the_server(small, wires):
    small.bearer()
    asked = wires(small, 1200)
    for wire in asked:
        begin(wire, SPACES, 60000, JSON, b" " * 10000)
    for wire in asked:
        reply = wire.reply()  # before the rest of its body
        assert reply.status == 401
        assert reply.headers["Connection"] == "keep-alive"
    others_are_served(small, wires)


def test_unfinished_sign_ins_cannot_fill_the_server(small, wires):
    small.bearer()
    asked = wires(small, 1200)
    for wire in asked:
        begin(wire, SIGN_IN, 60000, FORM, b" " * 10000)
    # a tenth of 8 MiB has room for 13, and only the others are answered
    answered = until(lambda: ready(asked, 1187), "1187 are answered")
    assert [wire.reply().status for wire in answered] == [429] * 1187
    until(lambda: held(small) == 13 * 60000, "13 bodies are held")
    assert small.sign_in("admin", small.first_password).status == 200
    others_are_served(small, wires)


def test_sign_ins_are_not_unpacked(small, wires):
    bomb = gzip.compress(bytes(16 << 20))
    asked = wires(small, 48)
    for wire in asked:
        wire.ask("POST", SIGN_IN, {**FORM, "Content-Encoding": "gzip"}, bomb)
    for wire in asked:
        reply = wire.reply()
        assert reply.status == 415
        assert "Content-Encoding" in reply.json()["error"]["message"]


def test_a_sign_in_is_small(small, wires):
    [wire] = wires(small)
    begin(wire, SIGN_IN, 65537, FORM)
    assert wire.reply().status == 413


def test_a_body_is_asked_for_only_of_who_may_send_it(small, wires):
    stranger, known = wires(small, 2)
    begin(stranger, SPACES, 60000, {**JSON, **WAITING})
    begin(known, SPACES, 60000, {**small.bearer(), **JSON, **WAITING})
    assert stranger.reply().status == 401
    assert known.reply().status == 100
    until(lambda: held(small) == 60000, "one body is held")


@pytest.fixture(name="guest")
def fixture_guest(small):
    """The credentials of a user of another tenant."""
    tenant = small.as_root(
        "POST", "/api/v1/tenants", {"name": "guests"}).json()["id"]
    assert small.as_root("POST", "/api/v1/users", {
        "username": "guest", "email": "guest@example.com",
        "password": PASSWORD, "role": "tenant-admin",
        "tenant_id": tenant}).status == 201
    return small.bearer("guest", PASSWORD)


def test_a_tenant_that_fills_its_share_stops_nobody_else(small, guest, wires):
    filling, other = wires(small, 6), wires(small)[0]
    large = {**small.bearer(), **JSON, **WAITING}
    statuses = []
    for wire in filling:
        begin(wire, SPACES, 1 << 20, large)
        statuses.append(wire.reply().status)
    assert statuses == [100] * 4 + [429] * 2
    begin(other, "/api/v1/catalogs", 1 << 20, {**guest, **JSON, **WAITING})
    assert other.reply().status == 100


def test_large_bodies_leave_room_for_small_ones(small, guest, wires):
    statuses = []
    for i, wire in enumerate(wires(small, 8)):
        who = guest if i % 2 else small.bearer()
        begin(wire, SPACES if who != guest else "/api/v1/catalogs",
              1 << 20, {**who, **JSON, **WAITING})
        statuses.append(wire.reply().status)
    assert statuses == [100] * 7 + [429]
    reply = small.request("POST", "/api/v1/catalogs", b"{}", {**guest, **JSON})
    assert reply.status == 422


@pytest.mark.parametrize("mode", ("off", "self-signed"))
def test_a_head_is_answered_on_any_connection(servers, wires, mode):
    server = servers.start(settings={"tls": {"mode": mode}})
    [wire] = wires(server)
    body = b'{"namespace": ["kept"]}'
    begin(wire, SPACES, len(body), JSON)
    assert wire.reply().status == 401
    wire.send(body)  # is thrown away, and the connection goes on
    begin(wire, SPACES, len(body), {**server.bearer(), **JSON}, body[:5])
    wire.send(body[5:])
    assert wire.reply().status == 200
