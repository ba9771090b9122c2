"""The catalog's own store as a level, and any set of levels in any order."""

import contextlib
import itertools
import sqlite3

import pytest
from harness.wait import until
from test_backup import pangolin
from test_cache import NAMESPACE, file_of, load, make_table
from test_cache_redis import Redis, fixture_redis  # noqa: F401

CACHE = "/api/v1/cache"
LEVELS = ("memory", "redis", "store")
SETS = [one for count in range(4)
        for one in itertools.combinations(LEVELS, count)]


def level(server, name):
    levels = server.as_root("GET", f"{CACHE}/stats").json()["levels"]
    return {one["name"]: one for one in levels}[name]


def written(server):
    """Whether all that was put is in the store."""
    store = level(server, "store")
    return store["entries"] + store["refused"] >= store["puts"] > 0


def spoil(file):
    """Who reads it from now on sees no table."""
    file.write_bytes(b" " * file.stat().st_size)


@pytest.mark.parametrize("levels", SETS, ids=lambda one: "-".join(one) or "no")
def test_answers_are_the_same_with_each_set_of_levels(servers, levels,
                                                      request):
    # the last is asked first
    settings = {"levels": list(reversed(levels))}
    if "redis" in levels:
        redis = request.getfixturevalue("redis")
        settings["options.redis.url"] = f"redis://127.0.0.1:{redis.port}/0"
    server = servers.start(workers=2, settings={"cache": settings})
    make_table(server, "t")
    first = load(server, "t")
    for number in range(3):
        reply = server.call("POST", f"{NAMESPACE}/tables/t", {
            "requirements": [], "updates": [
                {"action": "set-properties",
                 "updates": {"n": str(number)}}]})
        assert reply.status == 200, reply
        for _ in range(2):
            loaded = load(server, "t")["metadata"]
            assert loaded["properties"]["n"] == str(number)
            assert loaded["table-uuid"] == first["metadata"]["table-uuid"]
    for name in levels:
        assert level(server, name)["errors"] == 0
    assert server.as_root("DELETE", CACHE).status == 204
    assert load(server, "t")["metadata"]["properties"]["n"] == "2"
    assert server.call("DELETE", f"{NAMESPACE}/tables/t").status == 204
    assert server.call("GET", f"{NAMESPACE}/tables/t").status == 404


def test_what_a_node_has_read_the_next_one_finds(servers, databases):
    settings = {**databases("postgres").new_store(),
                "cache": {"levels": ["memory", "store"]}}
    gone = servers.start(settings=settings)
    make_table(gone, "t")
    first = load(gone, "t")
    until(lambda: written(gone), "values in the store")
    gone.kill()
    spoil(file_of(first))
    node = servers.new(settings=settings)
    node.start()
    node.first_password = gone.first_password
    node.token()
    before = level(node, "store")["hits"]
    assert load(node, "t") == first
    found = level(node, "store")["hits"]
    assert found > before
    assert load(node, "t") == first
    assert level(node, "store")["hits"] == found
    # behind a clear there is nothing but the file
    assert node.as_root("DELETE", CACHE).status == 204
    assert node.call("GET", f"{NAMESPACE}/tables/t").status == 500


def test_a_damaged_row_is_no_hit(servers):
    server = servers.start(settings={"cache": {"levels": ["store"]}})
    make_table(server, "t")
    first = load(server, "t")
    until(lambda: written(server), "values in the store")
    server.stop()
    with contextlib.closing(sqlite3.connect(
            server.state_dir / "pangolin.db")) as db:
        damaged = db.execute(
            "UPDATE cached SET value = x'40000000ffffffff'"
            " WHERE value IS NOT NULL").rowcount
        db.commit()
    assert damaged > 0
    server.restart()
    until(lambda: server.call("GET", "/v1/config").status == 200, "start")
    assert load(server, "t") == first


def test_the_longest_unused_make_room(servers, tmp_path):
    server = servers.start(settings={"cache": {
        "levels": ["store"], "options.store.max_bytes": "1MiB"}})
    make_table(server, "t")
    noise = [str(i * 2654435761 % 2**32) for i in range(60_000)]
    for number in range(8):
        reply = server.call("POST", f"{NAMESPACE}/tables/t", {
            "requirements": [], "updates": [
                {"action": "set-properties",
                 "updates": {"n": "".join(noise[number:])}}]})
        assert reply.status == 200, reply
        load(server, "t")
    until(lambda: level(server, "store")["evictions"] > 0, "evictions")
    until(lambda: level(server, "store")["bytes"] <= 1 << 20, "room")
    # no backup has them
    made = pangolin(server, "backup", tmp_path / "copy")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "copy").stat().st_size < 100_000


@pytest.mark.parametrize("value", ("1", "much"))
def test_a_wrong_option_is_named(servers, value):
    server = servers.new(settings={"cache": {
        "levels": ["store"], "options.store.max_bytes": value}})
    assert server.spawn().wait(timeout=20) == 2
    assert "cache.options.store.max_bytes must be" in server.log_text()
