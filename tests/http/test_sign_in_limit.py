"""Wrong passwords: how many are tried, and whom that keeps out."""

import base64
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.wait import until

LIMIT = 10
RIGHT, WRONG = "the-right-password", "a-wrong-password"


@pytest.fixture(name="server", params=[1, 4])
def fixture_server(request, start_kind):
    with start_kind(("sqlite", request.param, {
            "trusted_proxies": ["127.0.0.1"],
            "auth": {"rate_limit": LIMIT, "rate_window": "1h"}})) as server:
        for name in ("bob", "eve"):
            made = server.call("POST", "/api/v1/users", {
                "username": name, "email": f"{name}@example.com",
                "password": RIGHT, "role": "tenant-user"})
            assert made.status == 201, made
            server.ids = {**getattr(server, "ids", {}),
                          name: made.json()["id"]}
        yield server


def login(server, name, password, address):
    return server.request("POST", "/api/v1/users/login", {
        "username": name, "password": password},
        {"X-Forwarded-For": address})


def throttled(server):
    text = server.get("/metrics").body.decode()
    line = next(one for one in text.splitlines()
                if one.startswith("pangolin_auth_throttled_total "))
    return int(line.split()[1])


def test_of_many_at_once_no_more_than_the_limit_are_tried(server):
    with ThreadPoolExecutor(32) as pool:
        replies = list(pool.map(
            lambda number: login(server, "bob", WRONG, f"10.0.0.{number}"),
            range(200)))
    statuses = [reply.status for reply in replies]
    assert statuses.count(401) == LIMIT
    assert statuses.count(429) == 200 - LIMIT
    assert throttled(server) == 200 - LIMIT
    refused = next(reply for reply in replies if reply.status == 429)
    wait = int(refused.headers["Retry-After"])
    assert 3500 < wait <= 3600
    assert refused.headers["X-RateLimit-Reset"] == str(wait)
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["X-RateLimit-Limit"] == str(LIMIT)
    assert list(refused.json()) == ["error"]
    # the right one from elsewhere has to wait, too; others need not
    assert login(server, "bob", RIGHT, "10.0.1.1").status == 429
    assert login(server, "eve", RIGHT, "10.0.1.1").status == 200


def test_right_ones_never_count(server):
    for _ in range(3 * LIMIT):
        assert login(server, "bob", RIGHT, "10.0.0.1").status == 200


def test_strangers_do_not_keep_an_owner_out_at_home(server):
    assert login(server, "bob", RIGHT, "10.0.0.1").status == 200
    for number in range(2 * LIMIT):
        login(server, "bob", WRONG, f"10.0.1.{number}")
    assert login(server, "bob", WRONG, "10.0.1.99").status == 429
    assert login(server, "bob", RIGHT, "10.0.0.1").status == 200


@pytest.mark.parametrize("addresses", [
    ["10.0.0.1"], [f"2001:db8::{n:x}" for n in range(1, 300)]])
def test_an_address_that_tries_many_names_is_refused(server, addresses):
    statuses = [login(server, f"nobody{number}", WRONG,
                      addresses[number % len(addresses)]).status
                for number in range(10 * LIMIT + 5)]
    assert statuses == [401] * (10 * LIMIT) + [429] * 5
    assert login(server, "bob", RIGHT, "10.9.9.9").status == 200


def test_every_way_to_show_a_password_counts(server):
    for number in range(LIMIT):
        client = {"X-Forwarded-For": f"10.0.0.{number}"}
        if number % 2:
            reply = server.form("/v1/oauth/tokens", {
                "grant_type": "client_credentials", "client_id": "bob",
                "client_secret": WRONG}, client)
        else:
            basic = base64.b64encode(f"bob:{WRONG}".encode()).decode()
            reply = server.get("/api/v1/users/me", {
                **client, "Authorization": f"Basic {basic}"})
        assert reply.status == 401, reply
    assert login(server, "bob", RIGHT, "10.0.2.1").status == 429
    reply = server.form("/v1/oauth/tokens", {
        "grant_type": "client_credentials", "client_id": "bob",
        "client_secret": RIGHT}, {"X-Forwarded-For": "10.0.2.1"})
    assert reply.status == 429 and int(reply.headers["Retry-After"]) > 60
    assert reply.json()["error"] == "temporarily_unavailable"  # RFC 6749


def test_a_stolen_token_is_no_way_to_guess_the_password(server):
    token = login(server, "bob", RIGHT, "10.0.0.1").json()["token"]
    path = f"/api/v1/users/{server.ids['bob']}"

    def change(current):
        return server.request("PUT", path, {
            "current-password": current, "password": "another-password"},
            {"Authorization": f"Bearer {token}"}).status

    assert [change(WRONG) for _ in range(LIMIT + 5)] == \
        [403] * LIMIT + [429] * 5
    assert change(RIGHT) == 429
    assert server.call("PUT", path, {"active": True}).status == 200
    assert change(RIGHT) == 200


def test_a_killed_worker_forgets_nothing(server):
    for number in range(LIMIT):
        login(server, "bob", WRONG, f"10.0.0.{number}")
    old = server.workers()
    os.kill(old[0], signal.SIGKILL)
    until(lambda: set(server.workers()) - set(old) and server.is_ready(),
          "it is born again")
    for number in range(8):
        assert login(server, "bob", WRONG, f"10.0.1.{number}").status == 429


def test_whom_nobody_trusts_cannot_change_its_address(start_kind):
    with start_kind(("sqlite", 1, {"auth": {"rate_limit": LIMIT}})) as server:
        statuses = [login(server, f"nobody{n}", WRONG, f"10.0.0.{n}").status
                    for n in range(10 * LIMIT + 1)]
    assert statuses == [401] * (10 * LIMIT) + [429]


def test_wrong_keys_count_for_their_address(server):
    key = f"pgl_{'0' * 32}_{'a' * 43}"
    client = {"X-Forwarded-For": "10.0.0.1", "X-API-Key": key}
    statuses = [server.get("/api/v1/users/me", client).status
                for _ in range(10 * LIMIT + 1)]
    assert statuses == [401] * (10 * LIMIT) + [429]


@pytest.mark.parametrize("change", [{"active": True}, {"password": RIGHT}])
def test_an_administrator_ends_the_pause(server, change):
    for number in range(LIMIT):
        login(server, "bob", WRONG, f"10.0.0.{number}")
    assert login(server, "bob", RIGHT, "10.0.1.1").status == 429
    reply = server.call(
        "PUT", f"/api/v1/users/{server.ids['bob']}", change)
    assert reply.status == 200, reply
    assert login(server, "bob", RIGHT, "10.0.1.1").status == 200
