"""More sign-ins than the processor can check: what does not need a password
is served all the same, and whoever is too many hears so at once."""

import contextlib
import re
import select
import urllib.parse

from harness.wait import until
from harness.wire import Wire

FLOOD = 300
SPACES = "/v1/default/namespaces"
TABLE = f"{SPACES}/flood/tables/t"
# more of it than is parsed without a permit of the processor
COLUMNS = [{"id": i, "name": f"{i:0100}", "required": False, "type": "long"}
           for i in range(1, 1001)]


def make_large_table(server):
    assert server.call("POST", SPACES,
                       {"namespace": ["flood"]}).status == 200
    made = server.call("POST", f"{SPACES}/flood/tables", {
        "name": "t", "schema": {"type": "struct", "fields": COLUMNS}})
    assert made.status == 200, made


def sign_in(wire, name):
    body = urllib.parse.urlencode({
        "grant_type": "client_credentials", "client_id": name,
        "client_secret": "wrong", "scope": "catalog"}).encode()
    wire.ask("POST", "/v1/oauth/tokens", {
        "Content-Type": "application/x-www-form-urlencoded"}, body)


def unanswered(wires):
    if not wires:
        return []
    ready = select.select([w.socket for w in wires], [], [], 0)[0]
    return [w for w in wires if w.socket not in ready]


def sample(server, name):
    page = server.get("/metrics").body.decode()
    return sum(map(int, re.findall(rf"^{name}(?:\{{.*\}})? (\d+)$", page,
                                   re.M)))


def test_sign_ins_hold_up_no_loads_of_large_tables(servers):
    server = servers.start(settings={
        "limits": {"thread_wait_time": "1s"}, "cache": {"levels": []}})
    make_large_table(server)
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(Wire(server)) for _ in range(FLOOD)]
        for number, wire in enumerate(wires):
            sign_in(wire, f"nobody{number}")
        waiting, loads = wires, 0
        while waiting or not loads:
            reply = server.call("GET", TABLE,
                                headers={"Accept-Encoding": "gzip"})
            assert reply.status == 200, (reply, len(waiting), loads)
            loads += len(waiting) > 0
            waiting = unanswered(waiting)
        assert loads >= 3
        replies = [wire.reply() for wire in wires]
    refused = [r for r in replies if r.status == 429]
    assert {r.status for r in replies} == {401, 429}
    assert {r.headers["Retry-After"] for r in refused} == {"1"}
    # not after a wait, which has other words
    assert any(b"Too many" in r.body for r in refused)
    until(lambda: sample(server, "pangolin_requests_shed_total")
          == len(refused), "a count of them")
    until(lambda: sample(server, "pangolin_passwords_waiting") == 0, "rest")
