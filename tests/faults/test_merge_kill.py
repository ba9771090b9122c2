"""kill -9 at each step of merging, picking, undoing and going back."""

import contextlib
import functools
import http.client

import pytest
from faults.test_fault_points import Killed
from harness.changes import new_key
from harness.versions import API, Catalog
from harness.wait import until

BEFORE = ("before_merge", "before_unit")
BEHIND = ("unit_applied", "unit_answered", "merge_applied", "before_reply")
MANIFESTS = ("merge_manifests_written", "merge_files_written")


class Merging:
    """A catalog whose branches can be merged and brought back."""

    def __init__(self, killed):
        self.killed = killed
        self.catalog = c = Catalog(killed.server)
        c.make_space()
        for name in ("t", "both", "gone"):
            c.make_table(name)
        self.early = c.head()
        c.set("t", "0")
        c.fork("dev")
        c.set("t", "1", branch="dev")
        c.make_table("new", branch="dev")
        c.drop("gone", branch="dev")

    def state(self, branch=None):
        c = self.catalog
        return c.head(branch or "main"), {
            name: c.value(name, branch=branch)
            for name in c.tables(branch=branch)}

    def body(self):
        return {"source_branch": "dev", "target_branch": "main",
                "catalog": self.catalog.name}

    def check(self, point, path, body, is_done):
        key, before = new_key(), self.state()
        self.killed.send_until(point, "POST", f"{API}/{path}", body, key)
        behind = self.state()
        assert (behind != before) == is_done, point
        ask = self.catalog.ask
        first = ask("POST", f"{API}/{path}", body, 200, key)
        after = self.state()
        assert after != before and (not is_done or after == behind)
        again = ask("POST", f"{API}/{path}", body, 200, key)
        assert (again.status, again.body) == (first.status, first.body)
        assert self.state() == after
        return first.json()


@pytest.fixture(name="killed", params=("sqlite", "postgres"))
def fixture_killed(request, servers):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    return Killed(servers.new(store=request.param, workers=2))


def test_a_merge_is_before_or_after(killed):
    for point in (*BEFORE, *BEHIND):
        merging = Merging(killed)
        done = merging.check(point, "branches/merge", merging.body(),
                             point in BEHIND)
        assert done["status"] == "Completed"
        c = merging.catalog
        assert sorted(c.tables()) == ["both", "new", "t"]
        assert c.value("t") == "1"
        operations = c.ask("GET", f"{API}/catalogs/{c.name}/merge-operations",
                           want=200).json()
        assert [one["id"] for one in operations] == [done["id"]]
        head = c.head()
        assert c.merge("dev")["result_commit_id"] == head


def test_a_merge_of_contents_leaves_no_half_table(killed):
    for point in (*MANIFESTS, *BEHIND[:2]):
        merging = Merging(killed)
        c = merging.catalog
        c.ask("POST", f"{c.path('dev', 'a')}/tables/both", {
            "requirements": [], "updates": [
                {"action": "set-properties", "updates": {"x": "1"}}]})
        c.set("both", "2")
        merging.check(point, "branches/merge", merging.body(),
                      point in BEHIND)
        table = c.ask("GET", f"{c.path(None, 'a')}/tables/both").json()
        assert table["metadata"]["properties"]["x"] == "1"
        assert c.value("both") == "2"


def test_a_refused_merge_is_one_operation_or_none(killed):
    for point in ("before_conflicts", "before_reply"):
        merging = Merging(killed)
        c = merging.catalog
        c.set("t", "2")
        killed.send_until(point, "POST", f"{API}/branches/merge",
                          merging.body(), new_key())
        listed = c.ask("GET", f"{API}/catalogs/{c.name}/merge-operations",
                       want=200).json()
        assert len(listed) == (point == "before_reply")
        refused = c.merge("dev", want=409)
        found, = c.conflicts(refused["operation_id"])
        c.resolve(found["id"], "TakeSource")
        merging.check("unit_applied",
                      f"merge-operations/{refused['operation_id']}/complete",
                      None, True)
        assert c.operation(refused["operation_id"])["status"] == "Completed"
        assert c.value("t") == "1"


def killed_in_a_task(killed, point, catalog, ask=None, kind="merge"):
    """The task of a merge whose worker was killed at a point."""
    ask = ask or (lambda **more: catalog.merge("dev", **more))
    killed.point.write_text(point)
    with contextlib.suppress(OSError, http.client.HTTPException):
        ask(want=202, **{"async": True})
    until(lambda: not killed.point.exists(), f"{point} is reached")
    killed.server.kill()
    killed.server.restart()
    tasks = catalog.ask("GET", f"{API}/tasks?kind={kind}", want=200).json()
    found, = (one for one in tasks if one["catalog"] == catalog.name)
    return f"{API}/tasks/{found['id']}"


def ended(catalog, path):
    """The result of a task."""
    until(lambda: catalog.ask("GET", path).json()["finished_at"],
          "the task has ended", 60)
    row, = catalog.ask("GET", f"{path}/results", want=200).json()
    return row


def test_a_merge_by_a_task_is_made_once(killed):
    for point in ("before_merge", "unit_applied", "merge_applied"):
        merging = Merging(killed)
        c = merging.catalog
        path = killed_in_a_task(killed, point, c)
        row = ended(c, path)
        operation, = c.ask(
            "GET", f"{API}/catalogs/{c.name}/merge-operations",
            want=200).json()
        assert row["status"] == operation["status"] == "Completed"
        assert row["operation_id"] == operation["id"] == c.head()
        assert sorted(c.tables()) == ["both", "new", "t"]
        assert c.value("t") == "1"
        commits = c.ask("GET", c.refs(name="main/commits"), want=200).json()
        assert [one["message"] for one in commits].count(
            "merge dev into main") == 1


def test_a_cancel_behind_the_commit_comes_too_late(killed):
    c = Merging(killed).catalog
    path = killed_in_a_task(killed, "merge_applied", c)
    assert c.ask("POST", f"{path}/cancel").status in (200, 409)
    row = ended(c, path)
    assert c.ask("GET", path).json()["state"] == "completed"
    assert row["operation_id"] == c.head()


def test_a_commit_made_of_commits_is_before_or_after(killed):
    for how in ("reset", "revert"):
        for point in ("before_restore", "unit_applied", "restore_applied"):
            merging = Merging(killed)
            c = merging.catalog
            c.set("t", "3")
            merging.check(point, f"branches/main/{how}", {
                "catalog": c.name,
                "commit_id": merging.early if how == "reset" else c.head()},
                point != "before_restore")
            assert c.value("t") == ("" if how == "reset" else "0")


def test_a_revert_by_a_task_is_made_once(killed):
    c = Merging(killed).catalog
    c.set("t", "3")
    path = killed_in_a_task(
        killed, "restore_applied", c,
        functools.partial(c.restore, "revert", "main", c.head()), "restore")
    assert ended(c, path) == {"status": "completed", "commit_id": c.head()}
    assert c.head() == path.rpartition("/")[2] and c.value("t") == "0"
