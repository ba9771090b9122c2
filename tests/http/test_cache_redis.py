"""A Redis server as the second level, also one that comes and goes."""

import itertools
import os
import pathlib
import subprocess

import pytest
from harness.wait import until

TESTBED = pathlib.Path(__file__).resolve().parents[1] / "testbed/redis"
NAMESPACE = "/v1/default/namespaces/far"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}


class Redis:
    """A server of its own, always on the same port."""

    def __init__(self, folder):
        self.folder, self.port = str(folder), None
        self.start()

    def start(self):
        environment = {k: v for k, v in os.environ.items() if k != "PORT"}
        if self.port:
            environment["PORT"] = self.port
        # without pipes: the server would keep them open
        with open(self.folder + "/up", "w+") as out:
            subprocess.run([TESTBED / "up", self.folder], check=True,
                           stdout=out, env=environment, timeout=60)
            out.seek(0)
            told = dict(line.split("=", 1) for line in out.read().split())
        self.port = told["REDIS_PORT"]

    def stop(self):
        subprocess.run([TESTBED / "down", self.folder], check=True,
                       timeout=60)


@pytest.fixture(name="redis")
def fixture_redis(tmp_path):
    folder = tmp_path / "redis-server"
    folder.mkdir()
    redis = Redis(folder)
    yield redis
    redis.stop()


@pytest.fixture(name="server")
def fixture_server(servers, redis):
    return servers.start(workers=2, settings={"cache": {
        "levels": ["memory", "redis"],
        "options.redis.url": f"redis://127.0.0.1:{redis.port}/3",
        "options.redis.timeout": "500ms"}})


def level(server):
    levels = server.as_root("GET", "/api/v1/cache/stats").json()["levels"]
    assert [one["name"] for one in levels] == ["memory", "redis"]
    return levels[1]


def make_table(server):
    server.call("POST", "/v1/default/namespaces", {"namespace": ["far"]})
    reply = server.call("POST", f"{NAMESPACE}/tables",
                        {"name": "t", "schema": SCHEMA})
    assert reply.status == 200, reply


def load(server):
    reply = server.call("GET", f"{NAMESPACE}/tables/t")
    assert reply.status == 200, reply
    return reply.json()


def test_what_never_changes_outlives_the_server(server):
    make_table(server)
    first = load(server)
    assert level(server)["entries"] > 0
    assert server.stop() == 0
    server.restart()  # counts begin again
    assert load(server) == first
    far = level(server)
    assert far["hits"] > 0 and far["errors"] == 0


def test_a_level_that_is_away_is_a_miss(server, redis):
    make_table(server)
    first = load(server)
    assert server.stop() == 0
    redis.stop()
    server.restart()
    for _ in range(20):
        assert load(server) == first
    far = level(server)
    assert far["errors"] > 0 and far["hits"] == 0
    redis.start()

    numbers = itertools.count()

    def is_used_again():
        assert server.call("POST", f"{NAMESPACE}/tables/t", {
            "requirements": [], "updates": [
                {"action": "set-properties",
                 "updates": {"n": str(next(numbers))}}]}).status == 200
        load(server)
        return level(server)["entries"] > 0

    until(is_used_again, "values in the server that is back", 40)


@pytest.mark.parametrize("option, value, words", [
    ("url", "localhost", "cache.options.redis.url must be like"),
    ("url", "redis://:hunter2@host:port", "cache.options.redis.url must be"),
    ("timeout", "1h", "cache.options.redis.timeout must be a time"),
    ("prefix", "p" * 65, "cache.options.redis.prefix must have at most 64"),
])
def test_a_wrong_option_is_named(servers, option, value, words):
    server = servers.new(settings={"cache": {
        "levels": ["memory", "redis"], f"options.redis.{option}": value}})
    assert server.spawn().wait(timeout=20) == 2
    assert words in server.log_text() and "hunter2" not in server.log_text()
