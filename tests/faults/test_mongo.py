"""What MongoDB must be, and what it must not do to the catalog."""

import contextlib

import pytest
from harness.mongo import Mongo


@pytest.fixture(name="mongo")
def fixture_mongo():
    """MongoDB servers of a test: mongo("--option")."""
    with contextlib.ExitStack() as stack:
        def start(*options):
            server = Mongo("--streaming", *options)
            stack.callback(server.end)
            return server

        yield start


def test_a_standalone_server_is_refused_with_what_to_do(servers, mongo):
    server = servers.new(settings=mongo("--standalone").new_store())
    assert server.spawn().wait(60) != 0
    text = server.log_text()
    assert "standalone" in text, text
    for command in ("--replSet rs0", "rs.initiate()", "replicaSet=rs0"):
        assert command in text, text


def test_a_server_that_is_not_there_is_told_in_time(servers):
    store = {"plugin": "mongo", "options": {
        "url": "mongodb://127.0.0.1:1/?replicaSet=rs0",
        "server_timeout": "1s"}}
    server = servers.new(settings={"store": store})
    assert server.spawn().wait(30) != 0
    assert "no primary that can be reached" in server.log_text()
    assert "127.0.0.1:1" not in server.log_text()
