"""Merges, picks, reverts and resets that run as tasks, because they may take
longer than a request."""

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

    def complete_later(self, operation, want=202, text="true", headers=None):
        return self.ask(
            "POST", f"{API}/merge-operations/{operation}/complete"
            f"?async={text}", None, want, headers).json()

    def restore_later(self, how, branch, commit, want=202, headers=None,
                      **more):
        return self.restore(how, branch, commit, want, headers,
                            **{"async": True, **more})

    def tasks(self, kind):
        found = self.ask("GET", f"{TASKS}?kind={kind}", want=200).json()
        return [one for one in found if one["catalog"] == self.name]

    def operations(self):
        return self.ask("GET", f"{API}/catalogs/{self.name}/merge-operations",
                        want=200).json()

    def decided(self):
        """An operation of which every conflict is decided for the source."""
        self.set("t", "dev", branch="dev")
        self.set("t", "main")
        operation = self.merge("dev", want=409)["operation_id"]
        found, = self.conflicts(operation)
        self.resolve(found["id"], "TakeSource")
        return operation

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
    assert catalog.tasks("merge") == []


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
    assert len(catalog.tasks("merge")) == len(catalog.operations()) == 1


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


# ---- what was decided

def test_a_decided_merge_is_completed_by_a_task(catalog):
    operation = catalog.decided()
    key = new_key()
    task = catalog.complete_later(operation, headers=key)
    assert catalog.complete_later(operation, headers=key) == task
    task = task["task_id"]
    done = {"status": "Completed", "operation_id": operation,
            "result_commit_id": task}
    assert catalog.result(task) == done
    assert catalog.head() == task and catalog.value("t") == "dev"
    assert catalog.operation(operation)["result_commit_id"] == task
    # it is told again
    assert catalog.result(catalog.complete_later(operation)["task_id"]) == done
    assert catalog.head() == task


def test_what_is_not_decided_is_told_at_once(catalog):
    catalog.set("t", "dev", branch="dev")
    catalog.set("t", "main")
    operation = catalog.merge("dev", want=409)["operation_id"]
    assert "not resolved" in catalog.complete_later(operation, 400)["error"]
    assert "async" in catalog.complete_later(operation, 400, "yes")["error"]
    assert catalog.tasks("merge") == []


def test_new_conflicts_are_what_a_task_comes_to(catalog):
    operation = catalog.decided()
    catalog.make_table("u")  # dev has another of this name
    task = catalog.complete_later(operation)["task_id"]
    assert catalog.result(task) == {
        "status": "conflicted", "operation_id": operation, "conflicts": 2}
    assert catalog.value("t") == "main"


# ---- picks, reverts, resets

@pytest.mark.parametrize("how", ["cherry-pick", "revert", "reset"])
def test_a_task_restores(catalog, how):
    catalog.set("t", "one")
    before = catalog.head()
    catalog.set("t", "two")
    commit = before if how == "reset" else catalog.head()
    if how == "cherry-pick":
        catalog.restore("reset", "main", before)
    key = new_key()
    task = catalog.restore_later(how, "main", commit, message="by a task",
                                 headers=key)
    assert catalog.restore_later(how, "main", commit, message="by a task",
                                 headers=key) == task
    task = task["task_id"]
    assert [one["id"] for one in catalog.tasks("restore")] == [task]
    assert catalog.result(task) == {"status": "completed", "commit_id": task}
    assert catalog.head() == task
    assert catalog.value("t") == ("two" if how == "cherry-pick" else "one")
    newest = catalog.ask("GET", catalog.refs(name="main/commits", limit=1),
                         want=200).json()[0]
    assert newest["message"] == "by a task" and newest["author"] == "admin"
    again = catalog.restore_later(how, "main", commit)["task_id"]
    assert catalog.result(again) == {"status": "unchanged", "commit_id": task}


def test_what_refuses_a_restore_fails_its_task(catalog):
    catalog.set("t", "one")
    commit = catalog.head()
    catalog.set("t", "two")
    found = catalog.end(catalog.restore_later(
        "revert", "main", commit)["task_id"])
    assert found["state"] == "failed" and "conflicts" in found["error"]
    catalog.restore_later("revert", "none", commit, 404)
    catalog.restore_later("revert", "main", new_key()["Idempotency-Key"], 404)
    catalog.fork("kept", branch_type="ingest", protected=True)
    catalog.restore_later("revert", "kept", commit, 403)
    found = catalog.ask("POST", TASKS, {
        "kind": "restore", "catalog": catalog.name}, 422).body.decode()
    assert "cherry-pick" in found


def test_a_rebase_is_made_by_a_task(catalog):
    catalog.make_table("v")
    task = catalog.ask("POST", f"{API}/branches/dev/rebase", {
        "catalog": catalog.name, "async": True}, 202).json()["task_id"]
    assert catalog.result(task)["result_commit_id"] == catalog.head("dev")
    assert catalog.tables(branch="dev") == ["t", "u", "v"]
