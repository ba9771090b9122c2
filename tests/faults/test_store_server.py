"""The store's own server fails: restarts, crashes, has nothing left."""

import concurrent.futures
import contextlib
import itertools
import json
import pathlib
import shutil
import subprocess
import threading

import pytest
from harness.postgres import Postgres
from harness.wait import until
from harness.writers import NAMESPACE, SCHEMA, TABLES, Ledger, Writer, check


@pytest.fixture(name="database")
def fixture_database():
    database = Postgres()
    yield database
    database.end()


def start(servers, database, **options):
    server = servers.start(settings=database.new_store(**options), workers=2)
    server.call("POST", "/v1/default/namespaces", {"namespace": ["faults"]})
    for number in range(TABLES):
        made = server.call("POST", f"{NAMESPACE}/tables",
                           {"name": f"t{number}", "schema": SCHEMA})
        assert made.status == 200, made
    return server


class Reader(threading.Thread):
    """Loads a table again and again: every answer must be one."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.stop, self.statuses = server, False, []

    def run(self):
        while not self.stop:
            self.statuses.append(self.server.call(
                "GET", f"{NAMESPACE}/tables/t0").status)


@pytest.mark.parametrize("mode", ("fast", "immediate"))
def test_a_restart_under_load_loses_nothing(servers, database, mode):
    """Acknowledged commits stay, and no read fails."""
    server = start(servers, database, connect_timeout="20s")
    ledger, keys = Ledger(), itertools.count(1)
    for seed in range(2):
        reader = Reader(server)
        writers = [Writer(server, ledger, keys, seed * 16 + n)
                   for n in range(8)]
        goal = ledger.acknowledged + 40
        for thread in (reader, *writers):
            thread.start()
        until(lambda: ledger.acknowledged >= goal, "commits", 60)
        database.restart(mode)
        goal = ledger.acknowledged + 40
        until(lambda: ledger.acknowledged >= goal
              or not any(w.is_alive() for w in writers), "more commits", 60)
        reader.stop = True
        for writer in writers:
            writer.stop = True
        reader.join(60)
        assert set(reader.statuses) == {200}
        for writer in writers:
            writer.join(60)
        unknown = [w for writer in writers for w in writer.wrong]
        assert not [w for w in unknown if b"CommitState" not in w[1]], unknown
        check(server, ledger)


def unchecked(server):
    name = "pangolin_token_revocation_check_errors_total"
    [count] = [int(line.split()[1]) for line
               in server.get("/metrics").body.decode().splitlines()
               if line.startswith(f"{name} ")]
    return count


def test_an_outage_is_two_lines_of_the_log(servers, database):
    """In words of ours, whatever the driver says, and once for all workers."""
    server = start(servers, database, connect_timeout="1s")
    mark = len(server.log_text())

    def lines(words):
        made = map(json.loads, server.log_text()[mark:].splitlines())
        return [line["message"] for line in made if words in line["message"]]

    database.stop()
    until(lambda: lines("does not answer"), "the outage is told", 30)
    assert server.call("POST", "/v1/default/namespaces",
                       {"namespace": ["away"]}).status in (429, 503)
    until(lambda: server.call("GET", "/api/v1/users/me").status == 503
          and unchecked(server), "tokens that nobody can look up", 30)
    database.start()
    until(lambda: lines("answers again"), "its end is told", 30)
    (away,) = lines("does not answer")
    assert away.startswith("the store does not answer: The store's server ")
    assert len(lines("answers again")) == 1
    for driver in ("connection to server", "FATAL"):
        assert driver not in server.log_text()[mark:]


SLEEPERS = "FROM pg_stat_activity WHERE wait_event = 'PgSleep'"


@contextlib.contextmanager
def holding(database, statement):
    """What the statement locks stays locked meanwhile."""
    def hold():
        with contextlib.suppress(subprocess.CalledProcessError):
            database.ask(f"{statement}; SELECT pg_sleep(600)")

    holder = threading.Thread(target=hold)
    holder.start()
    until(lambda: database.ask(f"SELECT 1 {SLEEPERS}"), "it is locked")
    try:
        yield
    finally:
        database.ask(f"SELECT pg_cancel_backend(pid) {SLEEPERS}")
        holder.join()


def test_a_commit_waits_for_who_holds_the_branch(servers, database):
    server = start(servers, database)
    schema = server.settings["store"]["options"]["schema"]
    branch = database.ask(f"SELECT id FROM {schema}.refs WHERE kind = 1")[0][0]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with holding(database, f"SELECT pg_advisory_xact_lock({branch})"):
            commit = pool.submit(
                server.call, "POST", f"{NAMESPACE}/tables/t0", {
                    "requirements": [], "updates": [
                        {"action": "set-properties", "updates": {"k": "v"}}]})
            until(lambda: database.ask(
                "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND "
                "NOT granted"), "the commit waits")
            assert not commit.done()
        assert commit.result().status == 200


def test_a_pool_that_is_used_up_says_try_again(servers, database):
    """503 for reads, with Retry-After, while nothing is free."""
    server = start(servers, database, max_connections="2",
                   acquire_timeout="300ms")
    schema = server.settings["store"]["options"]["schema"]

    def load(_):
        reply = server.call("GET", f"{NAMESPACE}/tables/t0")
        return reply.status, reply.headers["Retry-After"]

    with concurrent.futures.ThreadPoolExecutor(12) as pool, holding(
            database, f"LOCK {schema}.versions, {schema}.commits, "
            f"{schema}.users, {schema}.catalogs"):
        found = list(pool.map(load, range(12)))
    assert {status for status, _ in found} <= {200, 503}, found
    refused = [after for status, after in found if status == 503]
    assert refused and all(refused), found
    until(lambda: server.call("GET", f"{NAMESPACE}/tables/t0").status == 200,
          "it serves again")


@pytest.fixture(name="guarded")
def fixture_guarded(database, tmp_path):
    """Talks TLS with a certificate of its own, and wants a password."""
    data = pathlib.Path(database.facts["POSTGRES_DATA"])
    certificate = tmp_path / "ca.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", data / "server.key", "-out", certificate],
        check=True, capture_output=True)
    shutil.copy(certificate, data / "server.crt")
    for name in ("server.key", "server.crt"):
        shutil.chown(data / name, data.owner())
        (data / name).chmod(0o600)
    database.ask("CREATE ROLE lake LOGIN PASSWORD 'a p@ss' ")
    database.ask("ALTER DATABASE pangolin OWNER TO lake")
    database.ask("ALTER SYSTEM SET ssl = on")
    rules = data / "pg_hba.conf"
    rules.write_text("hostssl all lake 127.0.0.1/32 scram-sha-256\n"
                     "host all lake 127.0.0.1/32 reject\n"
                     + rules.read_text())
    database.restart()
    url = database.url.replace("postgres@", "lake:a%20p%40ss@")
    return database, url, certificate


def test_tls_and_a_password(servers, guarded):
    database, url, certificate = guarded
    database.url = f"{url}?sslmode=verify-full&sslrootcert={certificate}"
    server = start(servers, database)
    database.url = url.replace("lake:a%20p%40ss@", "postgres@")
    said = database.ask(
        "SELECT DISTINCT s.ssl, s.version FROM pg_stat_ssl s"
        " JOIN pg_stat_activity USING (pid) WHERE usename = 'lake'")
    assert said == [["t", "TLSv1.3"]]
    assert server.call("GET", f"{NAMESPACE}/tables/t0").status == 200


@pytest.mark.parametrize("change", (
    ("a%20p%40ss", "wrong"), ("sslmode=require", "sslmode=disable"),
    ("sslmode=require", "sslmode=verify-full&sslrootcert=/etc/hostname")))
def test_who_may_not_connect_is_told_at_the_start(servers, guarded, change):
    """In one line of what the driver says, without the password."""
    database, url, _ = guarded
    database.url = f"{url}?sslmode=require".replace(*change)
    server = servers.new(settings=database.new_store(connect_timeout="1s"))
    server.spawn()
    assert server.process.wait(30) != 0
    assert "cannot be reached" in server.log_text()
    assert "p@ss" not in server.log_text()
    assert "p%40ss" not in server.log_text()
