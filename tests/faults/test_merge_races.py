"""A merge that loses a race plans anew what has moved, and reads no file of
what has not."""

import contextlib
import pathlib
import sqlite3
import urllib.parse
import uuid

import pytest
from harness.held import Held
from harness.upkeep import Kept, changes
from harness.versions import API, Catalog
from harness.wait import until

TABLES = ("stays", "moves")


def change(catalog, name, branch, **properties):
    return catalog.ask("POST", f"{catalog.path(branch, 'a')}/tables/{name}", {
        "requirements": [], "updates": [
            {"action": "set-properties", "updates": properties}]}, 200).json()


def shown(catalog, name):
    found = catalog.ask("GET", f"{catalog.path(None, 'a')}/tables/{name}",
                        want=200).json()["metadata"]["properties"]
    return {key: found.get(key) for key in ("main", "dev", "late")}


def test_what_has_not_moved_is_not_read_again(servers):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    held = Held(servers.new(settings={"cache": {"levels": []}}))
    catalog = Catalog(held.server)
    catalog.make_space()
    bases = {name: catalog.make_table(name)["metadata-location"]
             for name in TABLES}
    catalog.fork("dev")
    for name in TABLES:
        change(catalog, name, "dev", dev="1")
        change(catalog, name, None, main="1")

    def merge():
        return catalog.ask("POST", f"{API}/branches/merge", {
            "source_branch": "dev", "target_branch": "main",
            "catalog": catalog.name})

    with held.at("before_merge", merge) as late:
        change(catalog, "moves", None, late="1")
        pathlib.Path(urllib.parse.urlparse(bases["stays"]).path).unlink()
    assert late.result().status == 200, late.result()
    assert late.result().json()["status"] == "Completed", late.result()
    assert shown(catalog, "moves") == {"main": "1", "dev": "1", "late": "1"}
    assert shown(catalog, "stays") == {"main": "1", "dev": "1", "late": None}


class Purging(Kept):
    """A catalog whose dropped tables are purged at once."""

    def purge(self, name, branch="main"):
        found = self.ask("GET", f"{API}/dropped?catalog={self.name}"
                         f"&branch={branch}", want=200).json()
        what = next(one["id"] for one in found if one["name"] == name)
        task = self.ask("POST", f"{API}/purge", {
            "catalog": self.name, "id": what, "branch": branch}, 202).json()
        assert self.wait(task["task_id"], "purge") != 0


@pytest.mark.parametrize("store", ("sqlite", "postgres"))
def test_what_was_purged_while_a_merge_waited_stays_away(servers, store):
    """The merge may wait for longer than the sweep does: by then the table's
    files are deleted."""
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    held = Held(servers.new(store=store, settings={
        "history": {"retention": "3650d", "upkeep_interval": "0s"}}))
    catalog = Purging(held.server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.drop("t")
    dropped = catalog.head()

    def revert():
        return catalog.ask("POST", f"{API}/branches/main/revert", {
            "catalog": catalog.name, "commit_id": dropped})

    with held.at("restore_planned", revert) as late:
        catalog.purge("t")
    assert late.result().json()["status"] == "unchanged", late.result()
    assert catalog.tables() == []

    catalog.fork("dev")
    for name in ("goes", "stays"):
        catalog.make_table(name, branch="dev")
    state = f"dev~{catalog.head('dev')}"  # it is read once for all tries
    with held.at("before_merge",
                 lambda: catalog.merge(state, want=None)) as late:
        catalog.drop("goes", branch="dev")
        catalog.purge("goes", "dev")
    assert late.result()["status"] == "Completed", late.result()
    assert catalog.tables() == ["stays"]


def test_a_file_that_was_decided_for_is_not_swept_in_between(servers):
    """It is garbage, and may be decided for as long as it is there."""
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    held = Held(servers.new(settings={"history": {
        "retention": "0s", "grace": "1s", "upkeep_interval": "0s"}}))
    catalog = Kept(held.server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.fork("dev")
    for branch in ("dev", None):
        catalog.set("t", branch or "main", branch=branch)
    catalog.fork("fix", "dev")
    _, file, _ = changes(catalog, 2, "fix")
    operation = catalog.merge("dev", want=409)["operation_id"]
    conflict, = catalog.conflicts(operation)
    catalog.resolve(conflict["id"], "Manual",
                    value={"metadata_location": file.as_uri()})
    catalog.run("prune")
    with held.at("before_merge", lambda: catalog.ask(
            "POST", f"{API}/merge-operations/{operation}/complete")) as late:
        catalog.sweep_until_gone([file])
    assert late.result().status == 409, late.result()
    assert catalog.value("t") == "main"


def test_conflicts_that_another_worker_stored_fail_no_task(servers):
    """It was thought dead, and both do the same merge."""
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    held = Held(servers.new())
    catalog = Kept(held.server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.fork("dev")
    for branch in ("dev", None):
        catalog.set("t", branch or "main", branch=branch)
    first = catalog.merge("dev", want=409)["operation_id"]

    def submit():
        """Answers when the task has ended, which is held."""
        task = catalog.merge("dev", want=202, **{"async": True})["task_id"]
        tasks.append(task)
        catalog.wait(task, "merge")
        return task

    tasks = []
    with held.at("before_conflicts", submit) as late:
        store_again(held.server, first, until(
            lambda: tasks and tasks[0], "the task's id"))
    row, = catalog.ask("GET", f"{API}/tasks/{late.result()}/results",
                       want=200).json()
    assert row["status"] == "conflicted"
    assert row["operation_id"] == late.result()


def store_again(server, operation, name):
    """The row of an operation once more, under another id."""
    with contextlib.closing(sqlite3.connect(
            server.state_dir / "pangolin.db", timeout=30)) as store, store:
        at = store.execute("SELECT * FROM merge_operations WHERE id = ?",
                           (uuid.UUID(operation).bytes,))
        columns = [column[0] for column in at.description]
        row = dict(zip(columns, at.fetchone()))
        row["id"] = uuid.UUID(name).bytes
        store.execute(f"INSERT INTO merge_operations ({', '.join(row)}) "
                      f"VALUES ({', '.join('?' * len(row))})",
                      list(row.values()))
