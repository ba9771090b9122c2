"""A start while the processes of the last server are still dying."""

import contextlib
import fcntl
import os
import signal
import subprocess

from harness.wait import until


@contextlib.contextmanager
def held(server, owner):
    """The lock of the state directory, in the name of `owner`."""
    server.state_dir.mkdir(mode=0o750)
    with open(server.state_dir / "lock", "w", encoding="ascii") as lock:
        lock.write(f"{owner}\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def dead_process():
    """The number of one that has ended and was not waited for."""
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return process


def test_a_start_waits_for_the_orphans_of_a_dead_parent(servers):
    server = servers.new()
    owner = dead_process()
    with held(server, owner.pid):
        server.spawn()
        until(lambda: "still ending" in server.log_text(), "its patience")
        assert server.process.poll() is None
    until(server.is_ready, "a server")
    owner.wait()


def test_a_start_does_not_wait_for_ever(servers):
    server = servers.new()
    owner = dead_process()
    with held(server, owner.pid):
        server.spawn()
        assert server.process.wait(timeout=60) == 1
    assert f"pangolin {owner.pid} already uses" in server.log_text()
    owner.wait()


def test_a_start_beside_a_living_server_fails(servers):
    server = servers.new()
    with held(server, os.getpid()):
        server.spawn()
        assert server.process.wait(timeout=60) == 1
    assert f"pangolin {os.getpid()} already uses" in server.log_text()
    assert "still ending" not in server.log_text()


def test_a_start_follows_a_kill_of_the_parent_at_once(servers):
    server = servers.start(workers=4)
    for _ in range(3):
        before = server.process
        before.send_signal(signal.SIGKILL)
        server.start()
        before.wait()
