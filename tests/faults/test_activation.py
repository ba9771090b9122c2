"""A socket that outlives the server, and what the service manager is told."""

import os
import signal
import threading
import time

import pytest
from faults.test_workers import LIVE, longest_wait, stop
from harness.manager import Manager
from harness.wait import until
from harness.wire import Wire

READERS, WRITERS, RESTARTS = 12, 4, 5
WATCHDOG_US = 2_000_000


@pytest.fixture(name="managed")
def fixture_managed(servers):
    """Makes servers whose socket somebody else holds."""
    made = []

    def make(workers, settings=None, **arguments):
        server = servers.new(workers=workers, settings=settings)
        manager = Manager(server, **arguments)
        made.append(manager)
        server.start()
        manager.await_line("READY=1")
        return server, manager

    yield make
    for manager in made:
        manager.close()


class Client(threading.Thread):
    """Asks again and again, on a new connection each time."""

    def __init__(self, server, number, over):
        super().__init__(daemon=True)
        self.server, self.number, self.over = server, number, over
        self.headers = server.bearer()
        self.answered, self.made, self.wrong = 0, [], []

    def run(self):
        while not self.over.is_set():
            try:
                self.ask()
            except OSError as error:
                self.wrong.append(repr(error))

    def ask(self):
        if self.number < READERS:
            path, body = "/v1/config?warehouse=default", None
        else:
            path = "/v1/default/namespaces"
            body = {"namespace": [f"n{self.number}-{self.answered}"]}
        reply = self.server.request("POST" if body else "GET", path, body,
                                    self.headers)
        if reply.status != 200:
            self.wrong.append(reply)
        elif body:
            self.made.append(body["namespace"])
        self.answered += 1


@pytest.mark.parametrize("workers,tls", (
    (1, "auto"), (2, "auto"), (4, "auto"), (2, "self-signed")))
def test_a_restart_under_load_refuses_and_loses_nothing(
        managed, workers, tls):
    server, manager = managed(workers, {"tls": {"mode": tls}})
    over = threading.Event()
    clients = [Client(server, n, over) for n in range(READERS + WRITERS)]
    for client in clients:
        client.start()
    for _ in range(RESTARTS):
        goal = sum(c.answered for c in clients) + 200
        until(lambda g=goal: sum(c.answered for c in clients) >= g,
              "answers", 60)
        manager.forget()
        assert server.stop() == 0
        assert "STOPPING=1" in manager.hear()
        server.start()
        manager.await_line("READY=1")
    over.set()
    for client in clients:
        client.join(60)
    assert [w for c in clients for w in c.wrong] == []
    found = server.call("GET", "/v1/default/namespaces").json()["namespaces"]
    assert sorted(found) == sorted(m for c in clients for m in c.made)


def test_a_new_connection_is_heard_out_before_the_end(managed):
    server, _ = managed(1)
    with Wire(server) as fresh, Wire(server) as used:
        used.send(LIVE)
        assert used.reply().status == 200  # so the other is accepted, too
        server.process.send_signal(signal.SIGTERM)
        assert used.is_closed()
        fresh.send(LIVE)
        reply = fresh.reply()
        assert reply.status == 200 and reply.headers["Connection"] == "close"
    assert server.process.wait(20) == 0


def test_a_new_connection_that_asks_nothing_delays_the_end_by_a_second(
        managed):
    server, _ = managed(1)
    with Wire(server), Wire(server) as used:
        used.send(LIVE)
        assert used.reply().status == 200
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 5


def test_nobody_waits_for_a_hung_worker_on_a_handed_over_socket(managed):
    server, manager = managed(2)
    pids = server.workers()
    stop(pids[0])
    assert longest_wait(server) < 2
    manager.await_line("STATUS=1 of 2 workers serve.")
    until(lambda: pids[0] not in server.workers(), "its end", 30)
    manager.forget()
    manager.await_line("STATUS=2 of 2 workers serve.")


# ---- what the manager is told

def test_the_watchdog_is_fed_while_a_worker_lives(managed):
    server, manager = managed(2, watchdog_us=WATCHDOG_US)
    for _ in range(3):
        manager.forget()
        manager.await_line("WATCHDOG=1")
    pids = server.workers()
    for pid in pids:
        stop(pid)
    manager.await_line("STATUS=0 of 2 workers serve.")
    manager.forget()
    begun = time.monotonic()
    until(lambda: time.monotonic() - begun > 2 * WATCHDOG_US / 1e6, "a while")
    assert "WATCHDOG=1" not in manager.hear()
    assert server.process.poll() is None
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    manager.await_line("WATCHDOG=1")


def test_a_reload_is_announced(managed):
    server, manager = managed(1)
    manager.forget()
    server.process.send_signal(signal.SIGHUP)
    manager.await_line("RELOADING=1")
    until(lambda: manager.hear()[-1] == "READY=1", "the end of the reload")
    stamp = [line for line in manager.heard if line.startswith("MONOTONIC")]
    age = time.monotonic_ns() // 1000 - int(stamp[0].partition("=")[2])
    assert 0 <= age < 30e6


def test_the_end_may_take_as_long_as_is_set(managed):
    server, manager = managed(1, watchdog_us=WATCHDOG_US)
    assert server.stop() == 0
    heard = manager.hear()
    assert "STOPPING=1" in heard
    assert "EXTEND_TIMEOUT_USEC=35000000" in heard
    assert "WATCHDOG_USEC=35000000" in heard


# ---- sockets that do not fit

def refused_start(server):
    process = server.spawn()
    try:
        return process.wait(30), server.log_text()
    finally:
        server.kill()


def test_another_address_than_the_settings_say_is_refused(servers):
    """Else what is allowed on loopback only could be served to all."""
    server = servers.new()
    manager = Manager(server, host="0.0.0.0")
    code, text = refused_start(server)
    manager.close()
    assert code == 1
    assert f"0.0.0.0 port {server.port}" in text and server.host in text


def test_a_socket_that_does_not_listen_is_refused(servers):
    server = servers.new()
    manager = Manager(server, listen=False)
    code, text = refused_start(server)
    manager.close()
    assert code == 1 and "LISTEN_FDS" in text


def test_more_than_one_socket_is_refused(servers):
    server = servers.new()
    manager = Manager(server)
    server.environment["LISTEN_FDS"] = "2"
    code, text = refused_start(server)
    manager.close()
    assert code == 1 and "exactly one" in text


def test_sockets_for_another_process_are_not_ours(servers):
    server = servers.new()
    server.environment.update(LISTEN_FDS="1", LISTEN_PID="1")
    server.start()
    assert "(inherited)" not in server.log_text()


def test_systemd_socket_activate_starts_it_with_the_first_connection(servers):
    server = servers.new(workers=2)
    server.through = ["systemd-socket-activate", "-l", server.host]
    server.spawn()
    until(lambda: answers(server), "an answer")
    assert "(inherited), store sqlite, 2 workers" in server.log_text()
    assert server.stop() == 0


def answers(server):
    try:
        return server.get("/health/ready").status == 200
    except ConnectionRefusedError:
        return False
