"""What a worker holds stays under its setting, whatever is sent; what is small
is answered meanwhile, and what was freed is given back."""

import concurrent.futures
import gzip
import json
import pathlib
import re

import pytest

from harness.wait import until

MIB = 1 << 20
NAMESPACES = "/v1/default/namespaces"
TABLES = f"{NAMESPACES}/n/tables"
BUDGET = 128
# Several steps may go on at once, each until it looks at the ceiling.
ALLOWANCE = 32
SMALL = {"type": "struct", "fields": [
    {"id": 1, "name": "a", "required": False, "type": "long"}]}


@pytest.fixture(name="server")
def fixture_server(servers):
    server = servers.start(workers=1, settings={
        "limits": {"worker_memory_bytes": f"{BUDGET}MiB",
                   "metadata_bytes": "7MiB", "thread_wait_time": "1s"},
        "cache": {"options": {"memory": {"max_bytes": "1MiB"}}}})
    reply = server.call("POST", NAMESPACES, {"namespace": ["n"]})
    assert reply.status == 200, reply
    create(server, "small")
    assert server.call("GET", f"{TABLES}/small").status == 200
    return server


def create(server, name):
    reply = server.call("POST", TABLES, {"name": name, "schema": SMALL})
    assert reply.status == 200, reply
    return reply.json()["metadata"]


def memory(server, what):
    """MiB of the worker: VmRSS now, VmHWM at the most."""
    with open(f"/proc/{server.workers()[0]}/status", encoding="ascii") as text:
        return int(re.search(rf"{what}:\s+(\d+) kB", text.read())[1]) / 1024


def wide(name, mib):
    """A table of so many fields that its body has about this length."""
    fields = ",".join(
        f'{{"id":{i},"name":"c{i}","required":false,"type":"long"}}'
        for i in range(1, mib * MIB // 60))
    return (f'{{"name":"{name}","schema":'
            f'{{"type":"struct","fields":[{fields}]}}}}')


def register(server, name, size, pack=None):
    """A table whose metadata has this length, and is packed or not."""
    metadata = create(server, name)
    place = f"{metadata['location']}/metadata/00001-x"
    assert server.call("DELETE", f"{TABLES}/{name}").status == 204
    metadata["properties"] = {f"p{i}": "x" * 1000 for i in range(size // 1010)}
    text = json.dumps(metadata).encode()
    place += ".gz.metadata.json" if pack else ".metadata.json"
    with open(place.removeprefix("file://"), "wb") as file:
        file.write(pack(text) if pack else text)
    return server.call("POST", f"{NAMESPACES}/n/register",
                       {"name": name, "metadata-location": place})


def all_at_once(server, count, ask):
    """Statuses of `count` calls of ask(i); small ones are answered as well."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        asked = [pool.submit(ask, i) for i in range(count)]
        while not all(future.done() for future in asked):
            assert server.get("/health/live").status == 200
            reply = server.call("GET", f"{TABLES}/small")
            assert reply.status == 200, reply
        return {future.result().status for future in asked}


@pytest.mark.measures_memory
def test_large_creates(server):
    before = memory(server, "VmRSS")
    body = wide("@", 2)
    statuses = all_at_once(server, 6, lambda i: server.call(
        "POST", TABLES, body.replace("@", f"t{i}", 1)))
    assert 200 in statuses and statuses <= {200, 413, 429}, statuses
    assert memory(server, "VmHWM") < BUDGET + ALLOWANCE
    until(lambda: memory(server, "VmRSS") < before + 24, "memory given back")
    create(server, "after")


@pytest.mark.measures_memory
def test_many_readers_of_a_large_table(server):
    before = memory(server, "VmRSS")
    assert register(server, "large", 6 * MIB).status == 200
    statuses = all_at_once(server, 16, lambda i: server.call(
        "GET", f"{TABLES}/large", headers={"Accept-Encoding": "gzip"}))
    assert 200 in statuses and statuses <= {200, 503}, statuses
    assert memory(server, "VmHWM") < BUDGET + ALLOWANCE
    until(lambda: memory(server, "VmRSS") < before + 24, "memory given back")


def many_values(server, name, count):
    """A table whose metadata has so many small numbers."""
    place = create(server, name)["location"] + "/metadata"
    [file] = pathlib.Path(place.removeprefix("file://")).iterdir()
    text = file.read_text("utf-8")
    file.write_text(f'{text[:-1]},"x":[{"1," * count}1]}}', "utf-8")
    return file


@pytest.mark.measures_memory
def test_many_readers_of_many_values(server):
    """A value takes sixteen bytes when it is read, and its text but two."""
    many_values(server, "many", 1700000)
    statuses = all_at_once(server, 6, lambda i: server.call(
        "GET", f"{TABLES}/many?snapshots=refs"))
    assert statuses <= {400, 503}, statuses
    assert memory(server, "VmHWM") < BUDGET + ALLOWANCE


@pytest.mark.parametrize("pack", (None, gzip.compress))
def test_metadata_that_is_too_large_is_refused_by_its_size(server, pack):
    before = memory(server, "VmHWM")
    reply = register(server, "huge", 8 * MIB, pack)
    assert reply.status == 400, reply
    message = reply.json()["error"]["message"]
    assert "too large, at most 7340032 are read: file:///" in message
    assert memory(server, "VmHWM") < before + 8


def test_a_commit_that_would_be_too_large_is_refused(server):
    assert register(server, "grows", 6 * MIB).status == 200
    updates = [{"action": "set-properties",
                "updates": {f"q{i}": "x" * 1000 for i in range(2000)}}]
    reply = server.call("POST", f"{TABLES}/grows",
                        {"requirements": [], "updates": updates})
    assert reply.status == 400, reply
    assert "limits.metadata_bytes allows 7340032" in \
        reply.json()["error"]["message"]
    reply = server.call("GET", f"{TABLES}/grows")
    assert "q1" not in reply.json()["metadata"]["properties"]


def test_one_request_that_wants_too_much(server):
    """It is told so, and nothing else happens."""
    reply = server.call("POST", TABLES, wide("t", 8))
    assert reply.status == 413, reply
    assert "more memory than a request may take" in \
        reply.json()["error"]["message"]
    metrics = server.get("/metrics").body.decode()
    assert "pangolin_requests_refused_for_memory_total 1" in metrics
    assert server.call("GET", f"{TABLES}/t").status == 404
    create(server, "t")


def test_a_task_goes_on_behind_a_table_that_takes_too_much(server):
    """It is told in a row, and no runner has it for ever."""
    file = many_values(server, "a-many", 3000000)
    task = server.call("POST", "/api/v1/tasks", {
        "kind": "verify_catalog", "catalog": "default"}).json()["task_id"]
    path = f"/api/v1/tasks/{task}"
    until(lambda: server.call("GET", path).json().get("finished_at"),
          "the task has ended")
    done = server.call("GET", path).json()
    assert (done["state"], done["progress"]["done"]) == ("completed", 2), done
    assert server.call("GET", f"{path}/results").json() == [
        {"namespace": ["n"], "table": "a-many",
         "problem": "metadata-too-large", "location": file.as_uri()}]
