"""Caches: what is told of them, and that all works without any."""

import contextlib
import pathlib
import subprocess
import urllib.parse

import pytest
from harness.prometheus import parse
from harness.wait import until

STATS = "/api/v1/cache/stats"
NAMESPACE = "/v1/default/namespaces/kept"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}


def stats(server, query=""):
    reply = server.as_root("GET", STATS + query)
    assert reply.status == 200, reply
    return reply.json()


def make_table(server, name):
    server.call("POST", "/v1/default/namespaces", {"namespace": ["kept"]})
    reply = server.call("POST", f"{NAMESPACE}/tables",
                        {"name": name, "schema": SCHEMA})
    assert reply.status == 200, reply


def load(server, name):
    reply = server.call("GET", f"{NAMESPACE}/tables/{name}")
    assert reply.status == 200, reply
    return reply.json()


def test_a_table_that_is_loaded_again_is_found(servers):
    server = servers.start(workers=2)
    make_table(server, "t")
    first = load(server, "t")
    before = stats(server)
    for _ in range(20):
        assert load(server, "t") == first
    after = stats(server)
    assert after["hits"] >= before["hits"] + 20
    assert after["entries"] > 0
    [level] = after["levels"]
    assert level["name"] == "memory"
    assert level["hits"] == after["hits"]
    assert level["misses"] == after["misses"]
    assert level["entries"] == after["entries"]
    assert 0 < level["bytes"] == after["bytes"] < level["max_bytes"]
    assert level["max_bytes"] == 128 * 1024 * 1024
    assert level["pinned"] == 0 and level["errors"] == 0
    assert level["emptied"] == 0 and level["refused"] == 0


def file_of(answer):
    return pathlib.Path(
        urllib.parse.urlparse(answer["metadata-location"]).path)


def test_the_hottest_tables_of_the_last_run_are_there_at_once(servers):
    server = servers.start(workers=2)
    make_table(server, "t")
    first = load(server, "t")
    assert server.stop() == 0
    server.restart()
    until(lambda: "hottest metadata files" in server.log_text(), "warm caches")
    # who had to read it now would see another table
    file = file_of(first)
    file.write_bytes(b" " * file.stat().st_size)
    assert load(server, "t") == first


@pytest.mark.parametrize("text", (b"", b"\xff\x00\n\n", b"/etc/passwd\n",
                                  b"file:///nowhere/x.json\n" * 2000))
def test_a_list_of_the_last_run_that_is_wrong_harms_nobody(servers, text):
    server = servers.start()
    make_table(server, "t")
    first = load(server, "t")
    assert server.stop() == 0
    (server.state_dir / "hot-files").write_bytes(text)
    server.restart()
    assert load(server, "t") == first


@pytest.mark.parametrize("settings", [
    {"cache": {"levels": []}},
    {"cache": {"options.memory.max_bytes": "1MiB"}},
])
def test_answers_are_the_same(servers, settings):
    server = servers.start(workers=2, settings=settings)
    make_table(server, "t")
    first = load(server, "t")
    for number in range(10):
        reply = server.call("POST", f"{NAMESPACE}/tables/t", {
            "requirements": [], "updates": [
                {"action": "set-properties",
                 "updates": {"n": str(number)}}]})
        assert reply.status == 200, reply
        loaded = load(server, "t")
        assert loaded["metadata"]["properties"]["n"] == str(number)
        assert loaded["metadata"]["table-uuid"] == \
            first["metadata"]["table-uuid"]
    assert server.call("DELETE", f"{NAMESPACE}/tables/t").status == 204
    assert server.call("GET", f"{NAMESPACE}/tables/t").status == 404


def test_root_clears_a_level_or_all(servers):
    server = servers.start(workers=2)
    make_table(server, "t")
    first = load(server, "t")
    for query in ("?level=memory", ""):
        assert load(server, "t") == first
        before = stats(server)
        reply = server.as_root("DELETE", "/api/v1/cache" + query)
        assert (reply.status, reply.body) == (204, b"")
        # what root's own requests have put is not of the table
        assert stats(server)["bytes"] < before["bytes"] / 2
        assert load(server, "t") == first
        assert stats(server)["misses"] > before["misses"]
    reply = server.as_root("DELETE", "/api/v1/cache?level=disk")
    assert reply.status == 400 and '"disk"' in reply.json()["error"]
    assert server.call("DELETE", "/api/v1/cache").status == 403
    entries = server.as_root(
        "GET", "/api/v1/audit?action=clear_cache&result=success").json()
    assert [(e["resource_type"], e["resource_name"], e["username"])
            for e in entries] == [("cache", "", "root"),
                                  ("cache", "memory", "root")]


def test_no_levels_are_no_statistics(servers):
    server = servers.start(settings={"cache": {"levels": []}})
    assert stats(server, "?verify=true") == {
        "hits": 0, "misses": 0, "entries": 0, "bytes": 0, "levels": [],
        "object_clients": {"clients": 0, "requests": 0,
                           "connections_made": 0, "connections_reused": 0}}
    assert "pangolin_cache_hits_total" not in \
        server.get("/metrics").body.decode()


def test_verify_looks_at_all_that_is_held(servers):
    server = servers.start(workers=2)
    make_table(server, "t")
    load(server, "t")
    assert "problem" not in stats(server)["levels"][0]
    assert "problem" not in stats(server, "?verify=false")["levels"][0]
    assert stats(server, "?verify=true")["levels"][0]["problem"] == ""
    reply = server.as_root("GET", STATS + "?verify=perhaps")
    assert reply.status == 400
    assert "verify must be true or false" in reply.json()["error"]


def test_admins_see_the_statistics(servers):
    server = servers.start()
    assert server.call("GET", STATS).status == 200
    assert server.as_root("GET", STATS).status == 200
    assert server.get(STATS).status == 401
    reply = server.call("POST", "/api/v1/users", {
        "username": "ulla", "email": "ulla@example.org",
        "password": "a long password", "role": "tenant-user",
        "tenant_id": server.call(
            "GET", "/api/v1/users/me").json()["tenant-id"]})
    assert reply.status == 201, reply
    server.tokens["ulla"] = server.sign_in(
        "ulla", "a long password").json()["access_token"]
    assert server.call("GET", STATS, user="ulla").status == 403


def test_metrics_tell_the_same(servers):
    server = servers.start()
    make_table(server, "t")
    for _ in range(5):
        load(server, "t")
    [level] = stats(server)["levels"]
    metrics = parse(server.get("/metrics").body.decode())
    for member, name in (("hits", "hits_total"), ("misses", "misses_total"),
                         ("puts", "puts_total"), ("entries", "entries"),
                         ("max_bytes", "max_bytes"),
                         ("evictions", "evictions_total")):
        sample = metrics["pangolin_cache_" + name].value(level="memory")
        assert sample >= level[member]


# ---- settings

def complaint(servers, settings):
    server = servers.new(settings=settings)
    process = server.spawn()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=20)
    assert process.returncode == 2, server.log_text()
    return server.log_text()


@pytest.mark.parametrize("cache, words", [
    ({"options.memory.max_bytes": "a lot"},
     "cache.options.memory.max_bytes must be a size"),
    ({"options.memory.max_bytes": "64KiB"},
     "cache.options.memory.max_bytes must be from 1MiB to 1024GiB"),
    ({"options.memory.bytes": "1MiB"},
     "plugin memory has no option"),
    ({"options.redis.url": "x"},
     "cache.levels does not name"),
    ({"levels": ["memory", "memory"]}, "names \\\"memory\\\" twice"),
])
def test_a_wrong_setting_is_named(servers, cache, words):
    assert words in complaint(servers, {"cache": cache})
