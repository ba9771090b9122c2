"""Two nodes that count together: of many at once exactly the limit pass."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.wait import until

LIMIT = 10
RIGHT, WRONG = "the-right-password", "a-wrong-password"
SETTINGS = {"trusted_proxies": ["127.0.0.1"],
            "auth": {"rate_limit": LIMIT, "rate_window": "1h"},
            "rate": {"shared": True}}


@pytest.fixture(name="nodes", scope="module")
def fixture_nodes(start_kind, databases):
    store = databases("postgres").new_store()
    with start_kind(("sqlite", 4, {**SETTINGS, **store})) as first, \
            start_kind(("sqlite", 4, {**SETTINGS, **store})) as second:
        second.first_password = first.password_file.read_text().strip()
        yield first, second


def make_user(node, name):
    made = node.call("POST", "/api/v1/users", {
        "username": name, "email": f"{name}@example.com",
        "password": RIGHT, "role": "tenant-user"})
    assert made.status == 201, made
    return made.json()["id"]


def login(node, name, password, address):
    return node.request("POST", "/api/v1/users/login", {
        "username": name, "password": password},
        {"X-Forwarded-For": address})


def test_of_wrong_passwords_on_both_exactly_the_limit_are_tried(nodes):
    user = make_user(nodes[0], "bob")
    with ThreadPoolExecutor(40) as pool:
        replies = list(pool.map(
            lambda number: login(nodes[number % 2], "bob", WRONG,
                                 f"10.0.0.{number}"), range(200)))
    statuses = [reply.status for reply in replies]
    assert statuses.count(401) == LIMIT
    assert statuses.count(429) == 200 - LIMIT
    waits = [int(reply.headers["Retry-After"]) for reply in replies
             if reply.status == 429]
    assert 3500 < min(waits) <= max(waits) <= 3600
    # who ends the pause on one ends it on both
    for node in nodes:
        assert login(node, "bob", RIGHT, "10.0.1.1").status == 429
    changed = nodes[0].call("PUT", f"/api/v1/users/{user}", {"active": True})
    assert changed.status == 200, changed
    assert login(nodes[0], "bob", RIGHT, "10.0.1.1").status == 200
    until(lambda: login(nodes[1], "bob", RIGHT, "10.0.1.2").status == 200,
          "the other asks the store again")


def test_right_ones_never_count_on_any(nodes):
    make_user(nodes[0], "eve")
    for number in range(LIMIT + 4):
        address = f"10.1.0.{number}"
        assert login(nodes[number % 2], "eve", RIGHT, address).status == 200
