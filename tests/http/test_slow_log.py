"""Slow statements of the store: the log, the sums, advice; and its pool."""

import concurrent.futures
import contextlib
import json
import os
import signal
import sqlite3
import threading
import uuid

import pymongo
import pytest
from harness.prometheus import parse
from harness.wait import until

# Nothing that a client sent may be in what is told of a statement.
SECRET = "hush4711"
STORES = ("sqlite", "postgres", "mongo")
SLOW, ADVICE = "slow statement", "index advice"


def start(servers, store, slow="1us", **options):
    """A server for which any statement is slow."""
    server = servers.new(store, workers=2)
    server.settings["store"]["slow_query"] = slow
    server.settings["store"].setdefault("options", {}).update(options)
    return server.start()


def lines(server, message=SLOW):
    text = server.log.read_text("utf-8")
    return [line for line in map(json.loads, text.splitlines())
            if line["message"] == message]


def of_request(server, request_id):
    """What a request was slow with, once it is told."""
    def find():
        return [line for line in lines(server)
                if line["request_id"] == request_id]
    return until(find, f"statements of {request_id}")


def statements(server, user="root"):
    reply = server.call("GET", "/api/v1/store/statements", user=user)
    assert reply.status == 200, reply
    return {one["statement"]: one for one in reply.json()}


def use(server):
    """Requests with words of their own; their ids."""
    space = {"namespace": [SECRET + "ns"], "properties": {"p": SECRET}}
    table = {"name": SECRET + "t", "schema": {"type": "struct", "fields": []}}
    path = "/v1/default/namespaces"
    user = {"username": SECRET + "user", "password": SECRET + "-P4ssword",
            "email": SECRET + "@lake.example", "role": "tenant-user"}
    ids = [server.call(*request).headers["X-Request-ID"] for request in (
        ("POST", path, space),
        ("POST", f"{path}/{SECRET}ns/tables", table),
        ("GET", f"{path}?parent={SECRET}ns"),
        ("POST", "/api/v1/users", user))]
    server.sign_in(SECRET + "nobody", SECRET)
    return ids


@pytest.mark.parametrize("store", STORES)
def test_slow_statements_are_told_by_name(servers, store):
    server = start(servers, store)
    for request_id in use(server):
        for line in of_request(server, request_id):
            assert line["level"] == "warn" and line["duration_us"] >= 1
            assert line["rows"] >= 0 and line["statement"]
    told = lines(server)
    planned = [line["statement"] for line in told if "plan" in line]
    assert len(planned) == len(set(planned)) and len(planned) > 5, planned
    assert all(line["plan"] for line in told if "plan" in line)
    assert not lines(server, ADVICE)  # of a store that is small
    for line in told:
        assert SECRET not in json.dumps(line), line
    sums = statements(server)
    for line in told:
        assert sums[line["statement"]]["count"] >= 1
    assert all(sums[name]["plan"] for name in planned)
    assert not [one for one in sums.values() if one["advice"]]
    assert SECRET not in json.dumps(sums)
    counted = parse(server.get("/metrics").body.decode())
    slow = counted["pangolin_store_slow_statements_total"].value()
    assert slow >= len(told) - 1


def test_the_limit_changes_while_it_runs(servers):
    server = start(servers, "sqlite", slow="0s")
    use(server)
    assert not lines(server) and not statements(server)
    server.settings["store"]["slow_query"] = "1us"
    server.write_config()
    server.process.send_signal(signal.SIGHUP)

    def is_told():
        server.token()
        server.tokens.clear()
        return lines(server)

    until(is_told, "slow statements")


def test_only_root_sees_the_statements(servers):
    server = start(servers, "sqlite")
    reply = server.call("GET", "/api/v1/store/statements")
    assert reply.status == 403, reply
    assert server.get("/api/v1/store/statements").status == 401


# ---- advice

MANY = 3000


def spoil_sqlite(server, _):
    """Takes an index away, and makes the table large."""
    with contextlib.closing(sqlite3.connect(
            server.state_dir / "pangolin.db", timeout=20)) as db:
        db.execute("DROP INDEX users_by_username")
        db.executemany(
            "INSERT INTO users (id, username) VALUES (?, ?)",
            [(uuid.uuid4().bytes, f"u{n}") for n in range(MANY)])
        db.commit()


def spoil_postgres(server, database):
    schema = server.settings["store"]["options"]["schema"]
    database.ask(f"DROP INDEX {schema}.users_by_username; "
                 f"INSERT INTO {schema}.users (id, username) "
                 f"SELECT gen_random_uuid(), 'u' || g "
                 f"FROM generate_series(1, {MANY}) g; "
                 f"ANALYZE {schema}.users")


def spoil_mongo(server, database):
    name = server.settings["store"]["options"]["database"]
    with pymongo.MongoClient(database.url) as client:
        users = client[name].users
        users.drop_index("users_by_username")
        users.insert_many([{"_id": f"x{n}", "username": f"u{n}"}
                           for n in range(MANY)])


SPOIL = {"sqlite": spoil_sqlite, "postgres": spoil_postgres,
         "mongo": spoil_mongo}


@pytest.mark.parametrize("store", STORES)
def test_an_index_that_is_missing_is_advised(servers, databases, store):
    """Once, and no other."""
    server = start(servers, store)
    token = server.token("root")
    SPOIL[store](server, None if store == "sqlite" else databases(store))

    def is_advised():
        server.sign_in(SECRET, SECRET)
        return lines(server, ADVICE)

    advice, = until(is_advised, "advice", 60)
    for _ in range(30):
        server.sign_in(SECRET, SECRET)
    assert lines(server, ADVICE) == [advice]
    assert "rows of users are read to find" in advice["advice"]
    assert "users where username" in advice["statement"]
    server.tokens["root"] = token
    sums = statements(server)
    assert [name for name, one in sums.items() if one["advice"]] == [
        advice["statement"]]
    assert SECRET not in json.dumps([advice, sums])


# ---- the pool

def pool_of(server):
    families = parse(server.get("/metrics").body.decode())
    prefix = "pangolin_store_pool_"
    return {name.removeprefix(prefix): family.value()
            for name, family in families.items() if name.startswith(prefix)}


def pool_at_rest(server):
    """Threads in the background ask the store now and then."""
    def rests():
        found = pool_of(server)
        return found["used"] == found["waiting"] == 0 and found
    return until(rests, "none is lent")


@pytest.mark.parametrize("store", STORES)
def test_a_pool_at_rest_lends_nothing(servers, store):
    server = start(servers, store, slow="0s")
    use(server)
    at_rest = pool_at_rest(server)
    assert 1 <= at_rest["idle"] <= at_rest["max_connections"], at_rest
    assert at_rest["opened_total"] >= at_rest["idle"]
    assert at_rest["timeouts_total"] == at_rest["failed_total"] == 0


@contextlib.contextmanager
def locked(database, schema):
    """Nobody reads users meanwhile."""
    asleep = "FROM pg_stat_activity WHERE wait_event = 'PgSleep'"

    def hold():
        with contextlib.suppress(Exception):
            database.ask(f"LOCK {schema}.users; SELECT pg_sleep(60)")

    holder = threading.Thread(target=hold)
    holder.start()
    until(lambda: database.ask(f"SELECT 1 {asleep}"), "it is locked")
    try:
        yield
    finally:
        database.ask(f"SELECT pg_cancel_backend(pid) {asleep}")
        holder.join()


def test_who_waits_for_a_connection_is_counted(servers, databases):
    server = start(servers, "postgres", slow="0s", max_connections="2",
                   acquire_timeout="200ms")
    schema = server.settings["store"]["options"]["schema"]
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        with locked(databases("postgres"), schema):
            replies = [threads.submit(server.sign_in, f"x{n}", SECRET)
                       for n in range(8)]
            until(lambda: pool_of(server)["used"] == 2, "both are lent")
            until(lambda: pool_of(server)["timeouts_total"] > 0, "timeouts")
        for reply in replies:
            reply.result()
    after = pool_at_rest(server)
    assert after["max_connections"] == 2, after
    assert after["waits_total"] >= after["timeouts_total"], after
    assert after["wait_seconds_total"] > 0.1, after


def test_a_worker_that_is_born_again_has_no_connections_of_the_last(servers):
    server = start(servers, "postgres", slow="0s")
    use(server)
    opened = pool_of(server)["opened_total"]
    before = pool_of(server)["max_connections"]
    old = server.workers()
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(set(server.workers()) - set(old)) == 2, "new workers")
    until(server.is_ready, "ready")
    after = pool_of(server)
    assert after["max_connections"] == before
    assert after["opened_total"] > opened  # counters never go back
    assert after["idle"] <= before
