"""Idempotency-Key: what was answered once is answered again, and done once."""

import concurrent.futures
import json
import re
import uuid

import pytest
from harness.changes import (
    NAMESPACES,
    OPERATIONS,
    Space,
    commit_table,
    create_table,
    new_key,
    same,
    set_property,
)
from harness.lease import Lease
from harness.wait import until


@pytest.fixture(name="space")
def fixture_space(server):
    return Space(server)


# What changes nothing takes no key.
UNKEYED = ("metrics", "plan", "plan/{plan-id}", "tasks", "sign")
every_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda op: op.__name__)


def test_every_operation_that_changes_something_is_here(server):
    config = server.call("GET", "/v1/config").json()
    assert config["idempotency-key-lifetime"] == "PT30M"
    changing = {e for e in config["endpoints"]
                if e.split()[0] not in ("GET", "HEAD")
                and not e.endswith(UNKEYED)}
    assert changing == set(OPERATIONS.values())


@every_operation
def test_a_success_is_answered_again_and_done_once(space, operation):
    method, path, body, meanwhile = operation(space)
    key = new_key()
    first = space.server.call(method, path, body, headers=key)
    assert first.status in (200, 204), first
    same(space.server.call(method, path, body, headers=key), first)
    for request in meanwhile:
        space.add(*request)
    before, files = space.state(), space.files()
    same(space.server.call(method, path, body, headers=key), first)
    assert (space.state(), space.files()) == (before, files)


@every_operation
def test_a_key_is_for_one_request(space, operation):
    method, path, body, meanwhile = operation(space)
    key = new_key()
    assert space.server.call(
        method, path, body, headers=key).status in (200, 204)
    before, files = space.state(), space.files()
    for other in (*meanwhile, (method, path + "?a=b", body)):
        check_error(space.server.call(*other, headers=key), 422,
                    "UnprocessableEntityException", "Idempotency-Key")
    assert (space.state(), space.files()) == (before, files)


# Each: a request that is refused, the status, and what would let it pass.
REFUSED = {
    "there": lambda s: ("POST", f"{s.path}/tables", s.table("t"), 409,
                        ("DELETE", f"{s.path}/tables/t")),
    "nowhere": lambda s: ("POST", f"{NAMESPACES}/{s.name}%1Fno/tables",
                          s.table("t"), 404,
                          ("POST", NAMESPACES, {"namespace": [s.name, "no"]})),
    "missing": lambda s: ("DELETE", f"{s.path}/tables/gone", None, 404,
                          ("POST", f"{s.path}/tables", s.table("gone"))),
    "full": lambda s: ("DELETE", s.path, None, 409,
                       ("DELETE", f"{s.path}/views/v"),
                       ("DELETE", f"{s.path}/tables/t"),
                       ("DELETE", f"{s.path}%1Fchild")),
    "requirement": lambda s: ("POST", f"{s.path}/tables/t", {
        "requirements": [{"type": "assert-create"}],
        "updates": set_property("a", "1")}, 409,
        ("DELETE", f"{s.path}/tables/t")),
    "both": lambda s: ("POST", f"{s.path}/properties",
                       {"removals": ["a"], "updates": {"a": "1"}}, 422),
    "form": lambda s: ("POST", f"{s.path}/views", {"name": 7}, 400),
}


def check_error(reply, status, kind, message):
    assert reply.status == status, reply
    error = reply.json()["error"]
    assert error["type"] == kind and message in error["message"], error


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_a_refusal_stays_one(space, refused):
    method, path, body, status, *meanwhile = refused(space)
    key = new_key()
    first = space.server.call(method, path, body, headers=key)
    assert first.status == status, first
    for request in meanwhile:
        space.add(*request)
    again = space.server.call(method, path, body, headers=key)
    same(again, first)


def test_what_changed_nothing_undoes_nothing_later(space):
    """Without a commit there is nothing in the log to know the key by."""
    path = f"{space.path}/tables/t"
    noop = {"requirements": [], "updates": set_property("a", "1")}
    space.add("POST", path, noop)
    key = new_key()
    first = space.server.call("POST", path, noop, headers=key)
    assert first.json()["metadata-location"] == \
        space.load("t")["metadata-location"]
    space.add("POST", path, {"requirements": [],
                             "updates": set_property("a", "2")})
    same(space.server.call("POST", path, noop, headers=key), first)
    assert space.load("t")["metadata"]["properties"]["a"] == "2"
    check_error(space.server.call("POST", path, {
        "requirements": [], "updates": set_property("b", "1")}, headers=key),
                422, "UnprocessableEntityException", "Idempotency-Key")


def test_no_operation_that_changed_nothing_is_done_later(space):
    changes = {"updates": {"a": "1"}, "removals": ["none"]}
    path, key = f"{space.path}/properties", new_key()
    first = space.server.call("POST", path, changes, headers=key)
    assert first.json()["missing"] == ["none"]
    space.add("POST", path, {"updates": {"none": "here", "a": "2"}})
    same(space.server.call("POST", path, changes, headers=key), first)
    kept = space.server.call("GET", space.path).json()["properties"]
    assert (kept["a"], kept["none"]) == ("2", "here")


def test_a_staged_table_is_the_same_one_again(space):
    staged = space.table("new", **{"stage-create": True})
    path, key = f"{space.path}/tables", new_key()
    first = space.server.call("POST", path, staged, headers=key)
    assert first.status == 200 and "metadata-location" not in first.json()
    same(space.server.call("POST", path, staged, headers=key), first)
    other = space.server.call("POST", path, staged, headers=new_key())
    assert other.body != first.body


@pytest.mark.parametrize("key", (
    "", "x", "017F22E2-79B0-7CC3-98C4-DC0C0C07398", "{}".format("0" * 36),
    "017F22E2-79B0-7CC3-98C4-DC0C0C07398F0"))
def test_a_key_is_a_uuid(space, key):
    reply = space.server.call("DELETE", f"{space.path}/tables/t",
                              headers={"Idempotency-Key": key})
    check_error(reply, 400, "BadRequestException", "Idempotency-Key")
    assert space.load("t")


def test_letters_of_a_key_have_no_case(space):
    path, key = f"{space.path}/tables/t", str(uuid.uuid4())
    for written in (key.upper(), key.lower()):
        reply = space.server.call("DELETE", path,
                                  headers={"Idempotency-Key": written})
        assert reply.status == 204


def test_a_key_belongs_to_who_sent_it(space):
    """And to the tenant that it was sent for."""
    path, key = f"{space.path}/tables/t", new_key()
    tenant = space.server.call("GET", "/api/v1/users/me").json()["tenant-id"]
    assert space.server.call("DELETE", path, headers=key).status == 204
    other = space.server.call("DELETE", path, user="root", headers={
        **key, "X-Pangolin-Tenant": tenant})
    assert other.status == 404


def replayed(server):
    return int(re.search(rb"^pangolin_requests_replayed_total (\d+)",
                         server.get("/metrics").body, re.M)[1])


def test_requests_at_once_with_one_key_are_one(space):
    path, key = f"{space.path}/tables/t", new_key()
    body = {"requirements": [], "updates": set_property("n", "1")}

    def send(_):
        return space.server.call("POST", path, body, headers=key)

    before = replayed(space.server)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(send, range(16)))
    assert replayed(space.server) == before + 15
    for reply in replies:
        same(reply, replies[0])
    assert replies[0].status == 200
    assert len(space.load("t")["metadata"]["metadata-log"]) == 1


def metadata_file(space):
    return next(space.server.folder.rglob(space.location.rpartition("/")[2]))


def test_a_request_waits_for_the_first_with_its_key(space):
    path, key = f"{space.path}/tables/t", new_key()
    body = {"requirements": [], "updates": set_property("n", "1")}
    lease = Lease(metadata_file(space))

    def send():
        return space.server.call("POST", path, body, headers=key)

    def one_waits():
        return b'pangolin_commit_turns{state="waiting"} 1\n' in \
            space.server.get("/metrics").body

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first = pool.submit(send)
        until(lease.is_wanted, "the first at its table")
        second = pool.submit(send)
        until(one_waits, "the second waiting")
        assert not second.done()
        lease.release()
        same(first.result(), second.result())
    assert len(space.load("t")["metadata"]["metadata-log"]) == 1


def test_what_failed_here_is_not_remembered(space):
    path, key = f"{space.path}/tables/t", new_key()
    body = {"requirements": [], "updates": set_property("n", "1")}
    file = metadata_file(space)
    text = file.read_text()
    file.write_text("{")
    failed = space.server.call("POST", path, body, headers=key)
    assert failed.status == 500, failed
    file.write_text(text)
    reply = space.server.call("POST", path, body, headers=key)
    assert reply.status == 200, reply
    same(space.server.call("POST", path, body, headers=key), reply)


def test_metrics_need_no_key_and_take_any(space):
    reply = space.server.call(
        "POST", f"{space.path}/tables/t/metrics", {"report-type": "x"},
        headers={"Idempotency-Key": "any"})
    assert reply.status in (204, 400), reply
    assert b"Idempotency" not in reply.body


def test_keys_outlive_the_server(servers):
    server = servers.start(store="sqlite", workers=2)
    space = Space(server)
    requests = [commit_table(space)[:3], create_table(space)[:3],
                ("DELETE", f"{space.path}/tables/gone", None),
                ("POST", f"{space.path}/tables/t",
                 {"requirements": [], "updates": []})]
    keys = [new_key() for _ in requests]
    first = [server.call(*r, headers=k)
             for r, k in zip(requests, keys, strict=True)]
    assert [r.status for r in first] == [200, 200, 404, 200]
    server.kill()
    server.restart()
    space.add("POST", f"{space.path}/tables", space.table("gone"))
    for request, key, reply in zip(requests, keys, first, strict=True):
        same(server.call(*request, headers=key), reply)


def test_answers_without_a_commit_expire(servers):
    server = servers.start(store="sqlite", settings={
        "iceberg": {"idempotency_lifetime": "1s"}})
    space = Space(server)
    config = server.call("GET", "/v1/config").json()
    assert config["idempotency-key-lifetime"] == "PT1S"
    path, key = f"{space.path}/tables/gone", new_key()
    assert server.call("DELETE", path, headers=key).status == 404
    space.add("POST", f"{space.path}/tables", space.table("gone"))
    assert server.call("DELETE", path, headers=key).status == 404
    until(lambda: server.call("DELETE", path, headers=key).status == 204,
          "the key forgotten", 30)
    same(server.call("DELETE", path, headers=key),
         server.call("DELETE", path, headers=key))
    assert json.loads(server.call("GET", path).body)["error"]["code"] == 404
