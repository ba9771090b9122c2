"""Background tasks: submitting, following, stopping, and what they find."""

import itertools
import json
import pathlib
import urllib.parse
import uuid

import pytest
from harness.lease import Lease
from harness.wait import until

TASKS = "/api/v1/tasks"
SCHEMA = {"type": "struct", "fields": []}
_numbers = itertools.count(1)


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    """A catalog of its own for each test, on a warehouse of its own."""
    name = f"tasked{next(_numbers)}"
    reply = server.call("POST", "/api/v1/warehouses", {
        "name": name,
        "storage_config": {"root": f"file://{server.folder}/{name}"}})
    assert reply.status == 201, reply
    reply = server.call("POST", "/api/v1/catalogs", {
        "name": name, "warehouse_name": name})
    assert reply.status == 201, reply
    return name


def make_namespace(server, catalog, *levels):
    reply = server.call("POST", f"/v1/{catalog}/namespaces",
                        {"namespace": list(levels)})
    assert reply.status == 200, reply
    return (f"/v1/{catalog}/namespaces/"
            + urllib.parse.quote("\x1f".join(levels), safe=""))


def make_table(server, namespace, name):
    reply = server.call("POST", f"{namespace}/tables",
                        {"name": name, "schema": SCHEMA})
    assert reply.status == 200, reply
    return reply.json()["metadata-location"]


def path_of(location):
    return pathlib.Path(urllib.parse.urlparse(location).path)


def submit(server, catalog, kind="verify_catalog"):
    reply = server.call("POST", TASKS, {"kind": kind, "catalog": catalog})
    assert reply.status == 202, reply
    return reply.json()["task_id"]


def get(server, task):
    reply = server.call("GET", f"{TASKS}/{task}")
    assert reply.status == 200, reply
    return reply.json()


def await_state(server, task, *states):
    def there():
        found = get(server, task)
        return found if found["state"] in states else None
    return until(there, f"{task} is one of {states}")


def results(server, task, query=""):
    reply = server.call("GET", f"{TASKS}/{task}/results{query}")
    assert reply.status == 200, reply
    return reply.json()


def refused(reply, status, word):
    assert reply.status == status, reply
    assert word in reply.json()["error"], reply


@pytest.fixture(name="stuck")
def fixture_stuck(server, catalog):
    """A task in the middle of a table, until let_pass()."""
    namespace = make_namespace(server, catalog, "stuck")
    lease = Lease(path_of(make_table(server, namespace, "t")))
    task = submit(server, catalog)
    until(lease.is_wanted, "the task at the table")
    lease.task = task
    yield lease
    lease.release()


# ---- a task's life

def test_a_sound_catalog_is_verified(server, catalog):
    for levels in (["a"], ["a", "b"], ["c"]):
        namespace = make_namespace(server, catalog, *levels)
        for number in range(3):
            make_table(server, namespace, f"t{number}")
    task = submit(server, catalog)
    found = await_state(server, task, "completed", "failed")
    assert found == {
        "id": task, "kind": "verify_catalog", "catalog": catalog,
        "state": "completed", "error": None, "results": 0,
        "progress": {"done": 9, "total": 9, "eta_seconds": None,
                     "rate": found["progress"]["rate"]},
        "created_at": found["created_at"], "started_at": found["started_at"],
        "finished_at": found["finished_at"],
        "created_by": found["created_by"]}
    assert found["progress"]["rate"] > 0
    assert (found["created_at"] <= found["started_at"]
            <= found["finished_at"])
    assert results(server, task) == []


def test_an_empty_catalog_is_verified(server, catalog):
    found = await_state(server, submit(server, catalog), "completed", "failed")
    assert found["state"] == "completed"
    assert found["progress"] == {
        "done": 0, "total": 0, "rate": None, "eta_seconds": None}


def spoil(server, catalog):
    """One table for each problem; what verify_catalog must say of them."""
    make_namespace(server, catalog, "n")
    namespace = make_namespace(server, catalog, "n", "m")
    files = {name: path_of(make_table(server, namespace, name))
             for name in ("absent", "broken", "elsewhere", "listed", "out",
                          "out-there", "sound", "stranger")}
    files["absent"].unlink()
    files["broken"].write_text("{", "utf-8")
    # of what is outside nobody is told whether it is there
    lists = {"listed": files["listed"].with_name("none.avro").as_uri(),
             "out": f"file://{server.folder}/none.avro",
             "out-there": f"file://{server.log}"}

    def listed(name):
        return {"last-sequence-number": 1, "snapshots": [{
            "snapshot-id": 7, "sequence-number": 1, "timestamp-ms": 1,
            "manifest-list": lists[name], "schema-id": 0,
            "summary": {"operation": "append"}}]}
    for name, change in (
            ("elsewhere", {"location": "file:///elsewhere/t"}),
            ("stranger", {"table-uuid": str(uuid.uuid4())}),
            *((name, listed(name)) for name in lists)):
        metadata = json.loads(files[name].read_text("utf-8"))
        files[name].write_text(json.dumps({**metadata, **change}), "utf-8")
    return {
        "absent": ("metadata-missing", files["absent"].as_uri()),
        "broken": ("metadata-invalid", files["broken"].as_uri()),
        "elsewhere": ("location-mismatch", "file:///elsewhere/t"),
        "listed": ("manifest-list-missing", lists["listed"]),
        "out": ("manifest-list-outside", lists["out"]),
        "out-there": ("manifest-list-outside", lists["out-there"]),
        "stranger": ("uuid-mismatch", files["stranger"].as_uri())}


def test_each_problem_is_a_result_row(server, catalog):
    expected = spoil(server, catalog)
    task = submit(server, catalog)
    found = await_state(server, task, "completed", "failed")
    assert found["state"] == "completed", found
    assert found["progress"]["done"] == 8
    assert found["results"] == 7
    rows = results(server, task)
    assert rows == [
        {"namespace": ["n", "m"], "table": name, "problem": problem,
         "location": location}
        for name, (problem, location) in sorted(expected.items())]
    assert results(server, task, "?limit=2&offset=3") == rows[3:5]
    assert results(server, task, "?limit=1") == rows[:1]


def test_a_table_of_many_problems_fills_no_store(server, catalog):
    file = path_of(make_table(server, make_namespace(server, catalog, "n"),
                              "t"))
    metadata = json.loads(file.read_text("utf-8"))
    metadata["last-sequence-number"] = 1
    metadata["snapshots"] = [{
        "snapshot-id": i, "sequence-number": 1, "timestamp-ms": 1,
        "manifest-list": file.with_name(f"{i}.avro").as_uri(), "schema-id": 0,
        "summary": {"operation": "append"}} for i in range(1, 151)]
    file.write_text(json.dumps(metadata), "utf-8")
    task = submit(server, catalog)
    found = await_state(server, task, "completed", "failed")
    assert found["results"] == 101
    last = results(server, task, "?limit=1&offset=100")
    assert last == [{"namespace": ["n"], "table": "t",
                     "problem": "more-problems", "location": file.as_uri()}]


def test_a_table_that_is_gone_is_no_problem(server, catalog):
    namespace = make_namespace(server, catalog, "n")
    file = path_of(make_table(server, namespace, "t"))
    assert server.call(
        "DELETE", f"{namespace}/tables/t").status == 204
    file.unlink()
    found = await_state(server, submit(server, catalog), "completed", "failed")
    assert (found["state"], found["results"]) == ("completed", 0)
    assert found["progress"]["total"] == 0


# ---- lists

def test_lists_are_newest_first(server, catalog):
    tasks = [submit(server, catalog) for _ in range(3)]
    for task in tasks:
        await_state(server, task, "completed")
    listed = [t["id"] for t in server.call("GET", TASKS).json()]
    assert listed[:3] == tasks[::-1]
    paged = server.call("GET", f"{TASKS}?limit=1&offset=1").json()
    assert [t["id"] for t in paged] == [tasks[1]]
    done = server.call(
        "GET", f"{TASKS}?state=completed&kind=verify_catalog&limit=3").json()
    assert [t["id"] for t in done] == tasks[::-1]
    assert server.call("GET", f"{TASKS}?kind=other").json() == []
    assert not [t for t in server.call(
        "GET", f"{TASKS}?state=failed").json() if t["id"] in tasks]
    refused(server.call("GET", f"{TASKS}?state=done"), 400, "state")


# ---- stopping

def test_a_running_task_is_cancelled(server, stuck):
    reply = server.call("POST", f"{TASKS}/{stuck.task}/cancel")
    assert reply.status == 200 and reply.json()["state"] == "running", reply
    refused(server.call("POST", f"{TASKS}/{stuck.task}/resume"), 409,
            "is being cancelled")
    stuck.let_pass()
    found = await_state(server, stuck.task, "cancelled", "completed")
    assert found["state"] == "cancelled"
    assert found["finished_at"] and found["progress"]["done"] == 0
    for verb in ("cancel", "pause", "resume"):
        refused(server.call("POST", f"{TASKS}/{stuck.task}/{verb}"), 409,
                f"Task {stuck.task} is cancelled")


def test_a_paused_task_is_resumed(server, stuck):
    assert server.call("POST", f"{TASKS}/{stuck.task}/pause").status == 200
    stuck.let_pass()
    found = await_state(server, stuck.task, "paused", "completed")
    assert found["state"] == "paused" and found["finished_at"] is None
    reply = server.call("POST", f"{TASKS}/{stuck.task}/resume")
    assert reply.status == 200
    found = await_state(server, stuck.task, "completed", "failed")
    assert found["state"] == "completed"
    assert (found["progress"]["done"], found["results"]) == (1, 0)
    refused(server.call("POST", f"{TASKS}/{stuck.task}/cancel"), 409,
            f"Task {stuck.task} is completed")


# ---- refusals

def test_what_cannot_be_submitted_is_named(server, catalog):
    def post(body):
        return server.call("POST", TASKS, body)

    refused(post({"kind": "sing", "catalog": catalog}), 422, "verify_catalog")
    refused(post({"kind": "verify_catalog", "catalog": "none"}), 404, "none")
    refused(post({"kind": "verify_catalog"}), 422, "catalog")
    refused(post({"kind": "verify_catalog", "catalog": catalog, "x": 1}),
            422, "x")


def test_unknown_tasks_are_not_found(server):
    nobody = str(uuid.uuid4())
    for method, path in (("GET", ""), ("GET", "/results"),
                         ("POST", "/cancel"), ("POST", "/pause"),
                         ("POST", "/resume")):
        refused(server.call(method, f"{TASKS}/{nobody}{path}"), 404, nobody)
        refused(server.call(method, f"{TASKS}/7{path}"), 400, "task id '7'")


def test_another_tenant_sees_no_task(server, catalog):
    task = submit(server, catalog)
    await_state(server, task, "completed")
    made = server.as_root("POST", "/api/v1/tenants", {"name": f"o-{catalog}"})
    tenant = made.json()["id"]
    for method, path in (("GET", ""), ("GET", "/results"),
                         ("POST", "/cancel"), ("POST", "/pause"),
                         ("POST", "/resume")):
        refused(server.as_root(method, f"{TASKS}/{task}{path}", None, tenant),
                404, task)
    assert server.as_root("GET", TASKS, None, tenant).json() == []
    refused(server.as_root("POST", TASKS, {
        "kind": "verify_catalog", "catalog": catalog}, tenant), 404, catalog)


def test_users_without_rights_are_refused(server, catalog):
    name = f"user-{catalog}"
    made = server.call("POST", "/api/v1/users", {
        "username": name, "email": f"{name}@example.org",
        "password": "long enough 1", "role": "tenant-user"})
    assert made.status == 201, made
    server.token(name, "long enough 1")
    refused(server.call("GET", TASKS, user=name), 403, "read tasks")
    refused(server.call("POST", TASKS, {
        "kind": "verify_catalog", "catalog": catalog}, user=name),
        403, "manage tasks")


def test_warm_cache_reads_files_before_anybody_asks(servers):
    """What is loaded afterwards comes from what it has read."""
    server = servers.start(store="sqlite", workers=2)
    tables = "/v1/default/namespaces/warm"
    server.call("POST", "/v1/default/namespaces", {"namespace": ["warm"]})
    files = [path_of(make_table(server, tables, f"t{n}")) for n in range(3)]
    files.pop().unlink()  # somebody else's worry
    server.kill()
    server.restart()
    task = submit(server, "default", "warm_cache")
    found = await_state(server, task, "completed", "failed")
    assert found["state"] == "completed", found
    assert found["progress"]["done"] == found["progress"]["total"] == 3
    for number, file in enumerate(files):
        was = json.loads(file.read_text())
        file.write_text("{}")
        reply = server.call("GET", f"{tables}/tables/t{number}")
        assert reply.status == 200, reply
        assert reply.json()["metadata"] == was
    assert server.call("GET", f"{tables}/tables/t2").status == 404
