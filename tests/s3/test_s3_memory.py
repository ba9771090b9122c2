"""Memory of the server while a bucket misbehaves for long."""

import concurrent.futures
import pathlib
import random
import re

import pytest
from harness.changes import set_property
from harness.s3 import (cut_after, cut_before, failed_after, failed_before,
                        slow_down, torn)
from harness.sea import SETTINGS, Sea

CLIENTS = 8
MOST = 12 << 20  # bytes more, of which allocators keep some


def dribbles(handler, body):
    """The answer comes byte by byte."""
    answer, said = handler.forward(body)
    handler.send_response_only(answer.status)
    handler.send_header("Content-Length", str(len(said)))
    handler.end_headers()
    for at in range(len(said)):
        handler.wfile.write(said[at:at + 1])
        handler.wfile.flush()


FAULTS = (cut_before, cut_after, failed_before, failed_after, slow_down, torn,
          dribbles)


def resident(server):
    total = 0
    for process in server.group():
        status = pathlib.Path(f"/proc/{process}/status").read_text()
        total += int(re.search(r"^VmRSS:\s+(\d+)", status, re.M)[1]) << 10
    return total


@pytest.fixture(name="sea")
def fixture_sea(start_kind, proxy):
    """Of a server whose cache is soon full."""
    settings = {**SETTINGS, "cache": {"options": {"memory": {
        "max_bytes": "4MiB"}}}}
    with start_kind(("sqlite", 1, settings)) as server:
        sea = Sea(server, proxy)
        sea.make_space()
        yield sea


@pytest.mark.timeout(1800)
@pytest.mark.plain_build
def test_memory_stays_flat_while_requests_break(sea, long):
    """Commits of all tables; one of twenty requests to the bucket breaks."""
    count = 100_000 if long else 4000
    dice = random.Random(3)

    def choose(_method):
        return dice.choice(FAULTS) if dice.random() < 0.05 else None

    def commit(number):
        path = f"{sea.path(space='a')}/tables/t{number % CLIENTS}"
        return sea.ask("POST", path, {
            "requirements": [],
            "updates": set_property("value", str(number))}).status

    for number in range(CLIENTS):
        sea.make_table(f"t{number}")
    sea.proxy.choose = choose
    held, answers = [], []
    try:
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            for begin in range(0, count, count // 4):
                answers += pool.map(
                    commit, range(begin, begin + count // 4))
                held.append(resident(sea.server))
    finally:
        del sea.proxy.choose
    assert answers.count(200) > count * 0.9, answers
    assert held[3] - held[0] < MOST, held
