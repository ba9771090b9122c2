"""Bodies near the limit of 16 MiB, in the shape that compares most."""

import itertools

import pytest
from harness.good import SCHEMA

NAMESPACES = "/v1/default/namespaces"
_numbers = itertools.count(1)


@pytest.fixture(scope="module", name="server", params=(("sqlite", 2),),
                ids=lambda p: p[0])
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


@pytest.fixture(name="path")
def fixture_path(server):
    name = f"worst{next(_numbers)}"
    made = server.call("POST", NAMESPACES, {
        "namespace": [name],
        "properties": {f"k{n:06}": "v" for n in range(1000)}})
    assert made.status == 200, made
    return f"{NAMESPACES}/{name}"


def test_removals_times_updates_times_properties(server, path):
    reply = server.call("POST", f"{path}/properties", {
        "updates": {f"k{n:06}": "new" for n in range(500)},
        "removals": [f"k{n:06}" for n in range(500, 700_000)]})
    assert reply.status == 200, reply
    answer = reply.json()
    assert len(answer["removed"]) == 500
    assert len(answer["missing"]) == 699_000
    left = server.call("GET", path).json()["properties"]
    assert left == {f"k{n:06}": "new" for n in range(500)}


def test_requirements_of_refs_that_are_not_there(server, path):
    made = server.call("POST", f"{path}/tables",
                       {"name": "t", "schema": SCHEMA})
    assert made.status == 200, made
    reply = server.call("POST", f"{path}/tables/t", {
        "requirements": [{"type": "assert-ref-snapshot-id", "ref": f"r{n}",
                          "snapshot-id": None} for n in range(150_000)],
        "updates": []})
    assert reply.status == 200, reply
