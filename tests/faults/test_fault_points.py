"""kill -9 at each step of each change (base/fault.h, in the forms for tests).

Behind the restart the catalog is as before or as after, whole; the same
request sent again with its key is answered as if it had come once.
"""

import itertools

import pytest
from harness.changes import (
    OPERATIONS,
    Space,
    commit_table,
    commit_transaction,
    create_table,
    create_view,
    new_key,
    replace_view,
    same,
)
from harness.killed import Killed
from harness.wait import until

# In the order in which a request comes by.
FILE_POINTS = ("before_file", "file_synced", "file_linked", "file_written")
FILELESS = FILE_POINTS[:2]  # a kill here leaves no file, under no name
UNIT_POINTS = ("before_unit", "unit_applied", "unit_answered", "before_reply")
ANSWER_POINTS = ("before_answer", "answer_kept", "before_reply")
WITH_FILE = (create_table, commit_table, commit_transaction, create_view,
             replace_view)
DONE = UNIT_POINTS[1:]  # from here on the commit is in the log


def drop_missing(s):
    return "DELETE", f"{s.path}/tables/gone", None


def change_nothing(s):
    return "POST", f"{s.path}/tables/t", {"requirements": [], "updates": []}


def every_pair():
    for operation in OPERATIONS:
        points = UNIT_POINTS
        if operation in WITH_FILE:
            points = FILE_POINTS + points
        yield from ((operation, point) for point in points)
    yield from itertools.product((drop_missing, change_nothing),
                                 ANSWER_POINTS)


def some_pairs():
    """Each operation behind its commit, and every point once."""
    yield from ((operation, DONE[n % len(DONE)])
                for n, operation in enumerate(OPERATIONS))
    yield from ((commit_transaction, point)
                for point in (*FILE_POINTS, "before_unit"))
    yield from ((change_nothing, point) for point in ANSWER_POINTS[:2])


def check(killed, operation, point):
    space = Space(killed.server)
    method, path, body, *_ = operation(space)
    key, before, files = new_key(), space.state(), space.files()
    killed.send_until(point, method, path, body, key)
    if point in FILELESS:
        assert space.files() == files
    behind = space.state()
    assert (behind != before) == (point in DONE and operation in OPERATIONS)
    first = killed.server.call(method, path, body, headers=key)
    assert first.status in ((404,) if operation is drop_missing
                            else (200, 204)), first
    after = space.state()
    assert (after != before) == (operation in OPERATIONS)
    if point in DONE:
        assert after == behind
    same(killed.server.call(method, path, body, headers=key), first)
    assert space.state() == after
    if "metadata-location" in (first.json() if first.body else {}):
        assert first.json()["metadata-location"] in str(after) + \
            space.location  # the last: of what was unregistered
    if operation is commit_table:
        assert len(space.load("t")["metadata"]["metadata-log"]) == 1


def verify(server):
    task = server.call("POST", "/api/v1/tasks", {
        "kind": "verify_catalog", "catalog": "default"}).json()["task_id"]
    path = f"/api/v1/tasks/{task}"
    until(lambda: server.call("GET", path).json()["state"] == "completed",
          "the catalog verified", 60)
    assert server.call("GET", f"{path}/results").json() == []


@pytest.mark.timeout(900)
@pytest.mark.parametrize("store", ("sqlite", "postgres"))
def test_a_kill_at_any_step_leaves_before_or_after(servers, store, long):
    """--long: every operation at every point."""
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    killed = Killed(servers.new(store=store, workers=2))
    for operation, point in (every_pair if long else some_pairs)():
        check(killed, operation, point)
    verify(killed.server)
