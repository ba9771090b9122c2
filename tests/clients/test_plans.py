"""Plans as things that are asked for: requests, tokens, files in disorder."""

import functools
import pathlib

import pytest
from harness.manifests import ByHand
from harness.plans import (
    between,
    chain,
    follow,
    large,
    make,
    paths,
    plan,
    planned,
)

plain = functools.cache(lambda server: chain(server)[1])
heavy = functools.cache(large)


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2)) as server:
        yield server


WRONG = {
    "snapshot": ({"snapshot-id": 77}, "/snapshot-id"),
    "snapshot-type": ({"snapshot-id": "x"}, "/snapshot-id"),
    "both": ({"snapshot-id": 1, **between(1, 2)}, "/snapshot-id"),
    "no-end": ({"start-snapshot-id": 1}, "/end-snapshot-id"),
    "no-start": ({"end-snapshot-id": 1}, "/start-snapshot-id"),
    "end": (between(1, 99), "/end-snapshot-id"),
    "select": ({"select": [1]}, "/select/0"),
    "stats": ({"stats-fields": ["none"]}, "/stats-fields/0"),
    "rows": ({"min-rows-requested": -1}, "/min-rows-requested"),
    "column": ({"filter": {"type": "eq", "term": "none", "value": 1}},
               "none"),
    "operator": ({"filter": {"type": "like", "term": "id", "value": 1}},
                 "/filter"),
    "value": ({"filter": {"type": "eq", "term": "id", "value": "x"}}, "id"),
    "filter": ({"filter": [1]}, "/filter"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_400_and_names_the_field(server, name):
    path, (request, field) = plain(server), WRONG[name]
    reply = plan(server, path, **request)
    assert reply.status == 400, reply
    assert field in reply.json()["error"]["message"]


def test_select_takes_names_of_partitions_and_unknown_ones(server):
    """Spark asks for what is inside `_partition` to update and delete."""
    assert planned(server, plain(server), select=[
        "id", "_file", "_row_id", "_partition.d_day", "none"])
def test_a_large_plan_is_told_by_plan_tasks(server):
    path = heavy(server)
    answer = plan(server, path).json()
    assert len(answer["plan-tasks"]) == 5
    assert "file-scan-tasks" not in answer
    assert len(paths(follow(server, path, answer))) == 10
    answer = plan(server, path, filter={
        "type": "eq", "term": "kind", "value": "none"}).json()
    assert answer["file-scan-tasks"] == []


def refused(reply, status, kind):
    assert (reply.status, reply.json()["error"]["type"]) == (status, kind)


def test_tokens_are_good_for_their_table_alone(server):
    path, other = heavy(server), plain(server)
    answer = plan(server, path).json()
    task, plan_id = answer["plan-tasks"][0], answer["plan-id"]
    for wrong in (task[:-2] + ("AA" if task[-2:] != "AA" else "BB"), "x",
                  plan_id):
        refused(server.call("POST", f"{path}/tasks", {"plan-task": wrong}),
                404, "NoSuchPlanTaskException")
    refused(server.call("POST", f"{other}/tasks", {"plan-task": task}),
            404, "NoSuchPlanTaskException")
    for method in ("GET", "DELETE"):
        for where, wrong in ((other, plan_id), (path, "x"), (path, task)):
            refused(server.call(method, f"{where}/plan/{wrong}"),
                    404, "NoSuchPlanIdException")
    refused(server.call("POST", f"{path}/tasks", {}),
            400, "BadRequestException")
    refused(server.call("POST", f"{path}x/plan", {}),
            404, "NoSuchTableException")


def submit(server, path, **request):
    reply = server.call("POST", f"{path}/plan", request,
                        headers={"Prefer": "wait=10, respond-async"})
    assert reply.headers["Preference-Applied"] == "respond-async"
    answer = reply.json()
    assert answer["status"] == "submitted" and set(answer) == {
        "status", "plan-id"}
    return f"{path}/plan/{answer['plan-id']}"


def test_a_submitted_plan_is_polled_by_any_worker(server):
    path = plain(server)
    polled = submit(server, path, filter={
        "type": "eq", "term": "kind", "value": "a"})
    for _ in range(8):  # each on a connection of its own
        answer = server.call("GET", polled).json()
        assert answer["status"] == "completed" and "plan-id" not in answer
        assert paths(follow(server, path, answer)) == {
            "a1", "a2", "a3", "a4"}
    assert len(server.call("GET", submit(server, heavy(server))).json()[
        "plan-tasks"]) == 5


def test_a_cancelled_plan_is_over(server):
    path = heavy(server)
    polled, answer = submit(server, path), plan(server, path).json()
    for cancelled in (polled, f"{path}/plan/{answer['plan-id']}"):
        assert server.call("GET", cancelled).json()["status"] == "completed"
        for _ in range(2):
            assert server.call("DELETE", cancelled).status == 204
        assert server.call("GET", cancelled).json() == {
            "status": "cancelled"}
    refused(server.call("POST", f"{path}/tasks", {
        "plan-task": answer["plan-tasks"][0]}),
        404, "NoSuchPlanTaskException")


def test_a_plan_outlives_kill_9(servers):
    server = servers.start(workers=2)
    path = chain(server)[1]
    polled, cancelled = submit(server, path), submit(server, path)
    assert server.call("DELETE", cancelled).status == 204
    server.kill()
    server.restart()
    answer = server.call("GET", polled).json()
    assert len(follow(server, path, answer)) == 8
    assert server.call("GET", cancelled).json() == {"status": "cancelled"}


# ---- files that are not as they should be

def test_a_damaged_manifest_is_named(server):
    table, path = make(server)
    hand = ByHand(server, path)
    row = hand.manifest(table, [hand.file("a1", ("a",))], 1)
    file = pathlib.Path(row.manifest_path.removeprefix("file://"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])
    hand.snapshot(1, [row])
    polled = submit(server, path)
    reply = plan(server, path)
    assert reply.status == 400
    assert row.manifest_path in reply.json()["error"]["message"]
    answer = server.call("GET", polled).json()
    assert answer["status"] == "failed"
    assert row.manifest_path in answer["error"]["message"]


def test_manifests_elsewhere_are_not_read(server, tmp_path):
    table, path = make(server)
    hand = ByHand(server, path)
    row = hand.manifest(table, [hand.file("a1", ("a",))], 1,
                        manifest_path="file:///etc/passwd")
    hand.snapshot(1, [row])
    reply = plan(server, path)
    assert reply.status == 400 and "outside the catalog's place" in \
        reply.json()["error"]["message"]
