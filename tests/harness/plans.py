"""Plans of scans: asking for them, and tables to ask about."""

import itertools

from clients.conftest import connect
from harness.manifests import ByHand
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType, TimestampType

_numbers = itertools.count(1)
SPACES = "/v1/default/namespaces"
EVENTS = Schema(
    NestedField(1, "id", LongType(), required=False),
    NestedField(2, "kind", StringType(), required=False),
    NestedField(3, "at", TimestampType(), required=False))
BY_KIND = PartitionSpec(
    PartitionField(2, 1000, IdentityTransform(), "kind"))


def plan(server, path, **request):
    return server.call("POST", f"{path}/plan", request)


def file_name(task):
    return task["data-file"]["file-path"]


def follow(server, path, answer):
    """All tasks, each with the delete files it names."""
    answers = [answer]
    for task in answer.get("plan-tasks", ()):
        reply = server.call("POST", f"{path}/tasks", {"plan-task": task})
        assert reply.status == 200, reply
        answers.append(reply.json())
    found = []
    for one in answers:
        for task in one.get("file-scan-tasks", ()):
            deletes = [one["delete-files"][i]
                       for i in task.get("delete-file-references", ())]
            found.append((task, deletes))
    return found


def planned(server, path, **request):
    reply = plan(server, path, **request)
    assert reply.status == 200, reply
    answer = reply.json()
    assert answer["status"] == "completed" and answer["plan-id"]
    return follow(server, path, answer)


def paths(tasks):
    found = [file_name(task) for task, _ in tasks]
    assert len(found) == len(set(found))
    return set(found)


def make(server, spec=BY_KIND, version=2, schema=EVENTS):
    """A table of its own, as PyIceberg and the REST API have it."""
    catalog = connect(server)
    space = f"scan{next(_numbers)}"
    catalog.create_namespace(space)
    table = catalog.create_table(
        (space, "t"), schema, partition_spec=spec,
        properties={"format-version": str(version)})
    return table, f"{SPACES}/{space}/tables/t"


def chain(server):
    """Snapshots 1 to 4: append, append, overwrite, append."""
    table, path = make(server)
    hand, rows = ByHand(server, path), []
    for number in range(1, 5):
        rows.append(hand.manifest(table, [
            hand.file(f"{kind}{number}", (kind,), rows=number)
            for kind in "ab"], number))
        hand.snapshot(number, rows, "overwrite" if number == 3 else "append")
    return hand, path


def between(start, end):
    return {"start-snapshot-id": start, "end-snapshot-id": end}


def large(server):
    """Its manifests are said to be larger than what is planned at once."""
    table, path = make(server)
    hand = ByHand(server, path)
    hand.snapshot(1, [hand.manifest(
        table, [hand.file(f"{kind}{n}", (kind,)) for kind in "ab"], 1,
        manifest_length=5 << 20) for n in range(5)])
    return path
