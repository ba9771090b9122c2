"""A catalog whose old versions are pruned and whose files are swept."""

import itertools
import pathlib
import urllib.parse

from harness.versions import Catalog
from harness.wait import until

TASKS = "/api/v1/tasks"
_numbers = itertools.count(1)


class Kept(Catalog):
    """A catalog whose tasks are run and waited for."""

    def submit(self, kind):
        return self.ask("POST", TASKS, {
            "kind": kind, "catalog": self.name}, 202).json()["task_id"]

    def run(self, kind):
        return self.wait(self.submit(kind), kind)

    def wait(self, task, kind):
        def end():
            found = self.ask("GET", f"{TASKS}/{task}").json()
            return found if found["finished_at"] else None
        found = until(end, f"{kind} has ended")
        assert found["state"] == "completed", found
        return found["progress"]["done"]

    def file(self, table="t", branch=None):
        reply = self.ask("GET", f"{self.path(branch, 'a')}/tables/{table}",
                         want=200)
        return path_of(reply.json()["metadata-location"])

    def sweep_until(self, condition):
        """The grace is a second."""
        def done():
            self.run("sweep")
            return condition()
        until(done, "swept")

    def sweep_until_gone(self, files):
        """The grace is a second."""
        def gone():
            self.run("sweep")
            return not any(file.exists() for file in files)
        until(gone, f"{files} are gone")

    def tidy(self):
        """Prunes and sweeps until what is garbage now has had its time."""
        self.run("prune")
        self.run("sweep")
        name = f"probe{next(_numbers)}"
        self.make_table(name)
        gone = changes(self, 1, table=name)[:1]
        self.run("prune")
        self.sweep_until_gone(gone)
        self.drop(name)


def path_of(location):
    return pathlib.Path(urllib.parse.urlparse(location).path)


def changes(catalog, count, branch=None, table="t"):
    """The files that a table had, the newest last."""
    files = [catalog.file(table, branch)]
    for number in range(count):
        catalog.set(table, str(number), branch=branch)
        files.append(catalog.file(table, branch))
    return files
