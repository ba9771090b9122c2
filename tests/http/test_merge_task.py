"""Merges that run as tasks, because they may take longer than a request."""

import pytest
from harness.changes import new_key
from harness.lease import Lease
from harness.upkeep import Kept
from harness.versions import API
from harness.wait import until

TASKS = f"{API}/tasks"


class Merging(Kept):
    def merge_later(self, source="dev", target="main", want=202,
                    headers=None, **more):
        return self.merge(source, target, want, headers,
                          **{"async": True, **more})

    def task(self, task):
        return self.ask("GET", f"{TASKS}/{task}", want=200).json()

    def end(self, task):
        def end():
            found = self.task(task)
            return found if found["finished_at"] else None
        return until(end, "the merge has ended")

    def result(self, task):
        """What became of a merge that came to its end."""
        found = self.end(task)
        assert found["state"] == "completed", found
        row, = self.ask("GET", f"{TASKS}/{task}/results", want=200).json()
        return row

    def operations(self):
        return self.ask("GET", f"{API}/catalogs/{self.name}/merge-operations",
                        want=200).json()

    def change_both(self):
        for branch, name in (("dev", "x"), (None, "y")):
            self.ask("POST", f"{self.path(branch, 'a')}/tables/t", {
                "requirements": [], "updates": [{
                    "action": "set-properties", "updates": {name: "1"}}]},
                200)


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Merging(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.fork("dev")
    catalog.make_table("u", branch="dev")
    return catalog


def test_a_merge_is_made_by_a_task(catalog):
    catalog.change_both()
    task = catalog.merge_later(message="all of dev")["task_id"]
    assert catalog.result(task) == {
        "status": "Completed", "operation_id": task, "result_commit_id": task}
    assert catalog.head() == task and catalog.tables() == ["t", "u"]
    assert catalog.operation(task)["status"] == "Completed"
    assert catalog.operation(task)["initiated_by"] is not None
    newest = catalog.ask("GET", catalog.refs(name="main/commits", limit=1),
                         want=200).json()[0]
    assert newest["message"] == "all of dev" and newest["author"] == "admin"
    # nothing new: the target's head, and no operation
    again = catalog.merge_later()["task_id"]
    assert catalog.result(again) == {
        "status": "Completed", "result_commit_id": task}
    assert len(catalog.operations()) == 1


def test_conflicts_of_a_task_are_decided_like_others(catalog):
    catalog.set("t", "dev", branch="dev")
    catalog.set("t", "main")
    task = catalog.merge_later()["task_id"]
    assert catalog.result(task) == {
        "status": "conflicted", "operation_id": task, "conflicts": 1}
    assert catalog.value("t") == "main"
    found, = catalog.conflicts(task)
    catalog.resolve(found["id"], "TakeSource")
    catalog.complete(task)
    assert catalog.value("t") == "dev" and catalog.tables() == ["t", "u"]


def test_what_can_be_told_at_once_is_no_task(catalog):
    catalog.fork("kept", branch_type="ingest", protected=True)
    for source, target, status in (("none", "main", 404),
                                   ("dev", "none", 404),
                                   ("dev", f"~{catalog.head()}", 400)):
        catalog.merge_later(source, target, want=status)
    found = catalog.merge_later(dry_run=True, want=400)
    assert "/async" in found["error"], found
    found = catalog.ask("POST", TASKS, {
        "kind": "merge", "catalog": catalog.name}, 422).body.decode()
    assert "POST /api/v1/branches/merge" in found
    tasks = catalog.ask("GET", f"{TASKS}?kind=merge", want=200).json()
    assert [one for one in tasks if one["catalog"] == catalog.name] == []


def test_what_refuses_a_merge_fails_its_task(catalog):
    seen = catalog.head("dev")
    catalog.make_table("v", branch="dev")
    task = catalog.merge_later(expected_source_head=seen)["task_id"]
    found = catalog.end(task)
    assert found["state"] == "failed"
    assert "expected_source_head" in found["error"]
    catalog.fork("kept", branch_type="ingest", protected=True)
    found = catalog.end(catalog.merge_later("dev", "kept")["task_id"])
    assert found["state"] == "failed" and "protected" in found["error"]


def test_a_key_asks_for_one_task(catalog):
    key = new_key()
    first = catalog.merge_later(headers=key)
    assert catalog.merge_later(headers=key) == first
    catalog.result(first["task_id"])
    assert catalog.merge_later(headers=key) == first
    assert len(catalog.operations()) == 1


def test_a_merge_is_cancelled_before_its_commit(catalog):
    catalog.change_both()
    before = catalog.head()
    lease = Lease(catalog.file(branch="dev"))
    task = catalog.merge_later()["task_id"]
    until(lease.is_wanted, "the merge reads a file of dev")
    catalog.ask("POST", f"{TASKS}/{task}/cancel", want=200)
    lease.release()
    assert catalog.end(task)["state"] == "cancelled"
    assert catalog.head() == before and catalog.operations() == []
    catalog.result(catalog.merge_later()["task_id"])
    assert catalog.tables() == ["t", "u"]


def test_a_merge_is_paused_and_goes_on(catalog):
    catalog.change_both()
    before = catalog.head()
    lease = Lease(catalog.file(branch="dev"))
    task = catalog.merge_later()["task_id"]
    until(lease.is_wanted, "the merge reads a file of dev")
    catalog.ask("POST", f"{TASKS}/{task}/pause", want=200)
    lease.release()
    until(lambda: catalog.task(task)["state"] == "paused", "paused")
    assert catalog.head() == before
    catalog.ask("POST", f"{TASKS}/{task}/resume", want=200)
    assert catalog.result(task)["operation_id"] == task == catalog.head()


def test_nobody_merges_who_has_lost_the_right(catalog):
    """A merge that waits, or is paused, is made later, by whoever lets it."""
    catalog.change_both()
    name = f"{catalog.name}-gone"
    server, password = catalog.server, "a-long-password"
    who = catalog.ask("POST", f"{API}/users", {
        "username": name, "email": f"{name}@example.com",
        "password": password, "role": "tenant-admin"}, 201).json()["id"]
    before = catalog.head()

    def held(wish):
        """A merge of theirs, while it reads; behind, what became of it."""
        lease = Lease(catalog.file(branch="dev"))
        task = catalog.merge_later(
            headers=server.bearer(name, password))["task_id"]
        until(lease.is_wanted, "the merge reads a file of dev")
        wish(task)
        lease.release()
        return task

    paused = held(lambda task: catalog.ask(
        "POST", f"{TASKS}/{task}/pause", want=200))
    until(lambda: catalog.task(paused)["state"] == "paused", "paused")
    last = held(lambda _: catalog.ask("PUT", f"{API}/users/{who}", {
        "active": False}, 200))
    catalog.ask("POST", f"{TASKS}/{paused}/resume", want=200)
    for task in (paused, last):
        found = catalog.end(task)
        assert found["state"] == "failed", found
        assert who in found["error"], found
    assert catalog.head() == before and catalog.operations() == []
