"""Requests of a principal by class: how many pass, and whom that leaves
alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

READS, WRITES, COMMITS = 20, 5, 3
PASSWORD = "a-good-password"
SPACES = "/v1/default/namespaces"
TABLE = f"{SPACES}/rates/tables/t"


@pytest.fixture(name="server", scope="module")
def fixture_server(start_kind):
    with start_kind(("sqlite", 4, {"rate": {
            "reads": READS, "writes": WRITES, "commits": COMMITS,
            "window": "12h"}})) as server:
        yield server


class User:
    def __init__(self, server, name):
        self.server = server
        made = server.call("POST", "/api/v1/users", {
            "username": name, "email": f"{name}@example.com",
            "password": PASSWORD, "role": "tenant-admin"})
        assert made.status == 201, made
        signed_in = server.request("POST", "/api/v1/users/login", {
            "username": name, "password": PASSWORD})
        self.headers = {"Authorization": f"Bearer {signed_in.json()['token']}"}

    def ask(self, method, path, body=None):
        return self.server.request(method, path, body, self.headers)

    def ask_often(self, method, path, body=None, times=100):
        with ThreadPoolExecutor(32) as pool:
            return list(pool.map(lambda _: self.ask(method, path, body),
                                 range(times)))


def refused(server):
    text = server.get("/metrics").body.decode()
    line = next(one for one in text.splitlines()
                if one.startswith("pangolin_requests_throttled_total "))
    return int(line.split()[1])


def test_of_many_reads_at_once_exactly_the_limit_pass(server):
    bob, eve, before = User(server, "bob"), User(server, "eve"), \
        refused(server)
    replies = bob.ask_often("GET", SPACES)
    statuses = [reply.status for reply in replies]
    assert statuses.count(200) == READS
    assert statuses.count(429) == 100 - READS
    assert refused(server) - before == 100 - READS
    one = next(reply for reply in replies if reply.status == 429)
    wait = int(one.headers["Retry-After"])
    assert 12 * 3600 / READS - 60 < wait <= 12 * 3600 / READS
    assert one.headers["X-RateLimit-Limit"] == str(READS)
    assert one.headers["X-RateLimit-Remaining"] == "0"
    assert one.headers["X-RateLimit-Reset"] == str(wait)
    assert one.json()["error"]["code"] == 429
    assert one.json()["error"]["type"] == "TooManyRequestsException"
    managed = bob.ask("GET", "/api/v1/users/me")
    assert managed.status == 429
    assert managed.json() == {
        "error": f"Too many reads: try again in {wait} s"}
    # others, other classes, health and metrics go on
    assert eve.ask("GET", SPACES).status == 200
    assert bob.ask("POST", SPACES, {"namespace": ["b"]}).status == 200
    for _ in range(READS + 1):
        for path in ("/health", "/metrics"):
            assert server.request("GET", path, None,
                                  bob.headers).status == 200


def test_writes_and_commits_have_limits_of_their_own(server):
    ann = User(server, "ann")
    assert ann.ask("POST", SPACES, {"namespace": ["rates"]}).status == 200
    made = ann.ask("POST", f"{SPACES}/rates/tables", {
        "name": "t", "schema": {"type": "struct", "fields": []}})
    assert made.status == 200, made
    change = {"requirements": [], "updates": [
        {"action": "set-properties", "updates": {"a": "b"}}]}
    statuses = [reply.status for reply in ann.ask_often("POST", TABLE, change,
                                                        times=20)]
    assert statuses.count(200) == COMMITS
    assert statuses.count(429) == 20 - COMMITS
    statuses = [ann.ask("POST", SPACES, {"namespace": [f"n{number}"]}).status
                for number in range(WRITES)]
    assert statuses == [200] * (WRITES - 2) + [429] * 2
    # what was refused was not done
    names = ann.ask("GET", SPACES).json()["namespaces"]
    assert [f"n{WRITES - 3}"] in names and [f"n{WRITES - 2}"] not in names
