"""SIGHUP: settings are read again."""

import os
import signal
from datetime import datetime, timedelta, timezone

import pytest
from harness.server import toml
from harness.wait import until

READ = "the settings have been read again"


@pytest.fixture(name="server")
def fixture_server(servers):
    return servers.start(workers=2)


def reload(server, settings, expected=READ):
    """Write new settings, and wait until the parent has said something."""
    for section, keys in settings.items():
        server.settings.setdefault(section, {}).update(keys)
    config = server.folder / "pangolin.toml"
    config.write_text(toml(server.settings), "utf-8")
    before = log_of(server).count(expected)
    server.process.send_signal(signal.SIGHUP)
    until(lambda: log_of(server).count(expected) > before,
          expected)


def log_of(server):
    return server.log.read_text("utf-8")


def target_is_taken(server, length):
    """By each of many connections, so by each worker."""
    return [server.get("/health/live?" + "x" * length).status == 200
            for _ in range(16)]


def test_limits_change_while_it_runs(server):
    assert all(target_is_taken(server, 2000))
    pids = sorted(server.workers())
    reload(server, {"limits": {"target_bytes": 1000}})
    until(lambda: not any(target_is_taken(server, 2000)), "the new limit")
    assert sorted(server.workers()) == pids
    assert "limits.target_bytes has changed" in log_of(server)


def test_a_worker_born_later_has_them_too(server):
    reload(server, {"limits": {"target_bytes": 1000}})
    old = server.workers()
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(set(server.workers()) - set(old)) == 2, "new workers")
    assert not any(target_is_taken(server, 2000))


def test_tokens_live_as_long_as_is_said_now(server):
    reload(server, {"auth": {"token_ttl": "2m"}})

    def lives_two_minutes():
        reply = server.request("POST", "/api/v1/users/login", {
            "username": "admin", "password": server.first_password})
        end = datetime.fromisoformat(reply.json()["expires-at"])
        return end < datetime.now(timezone.utc) + timedelta(minutes=3)

    until(lambda: all(lives_two_minutes() for _ in range(4)), "the new time")


def test_the_log_says_what_needs_a_restart(server):
    reload(server, {"server": {"threads": 9}, "log": {"level": "warn"}},
           "server.threads has changed; this needs a restart")
    # lines of less importance stop: the next reload is silent
    reload(server, {"server": {"workers": 3}},
           "server.workers has changed; this needs a restart")
    assert server.get("/health/ready").status == 200


def test_wrong_settings_change_nothing(server):
    reload(server, {"limits": {"target_bytes": 1000, "header_lines": 1}},
           "the settings stay as they are")
    assert "header_lines" in log_of(server)
    assert all(target_is_taken(server, 2000))


def test_many_signals_at_once_lose_no_worker(server):
    for _ in range(20):
        server.process.send_signal(signal.SIGHUP)
    pids = server.workers()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        server.process.send_signal(signal.SIGHUP)
    until(lambda: len(set(server.workers()) - set(pids)) == 2, "new workers")
    assert server.stop() == 0
