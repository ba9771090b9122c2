"""kill -9 at each step of prune and sweep: nothing that a version needs goes,
and what nobody needs goes in the end."""

import pytest
from harness.upkeep import Kept, changes
from harness.wait import until

POINTS = {"prune": ("horizon_raised", "garbage_noted", "pruned"),
          "sweep": ("doomed", "file_deleted")}


class Needed:
    """What branches, tags and forks of a catalog show, and what nobody does."""

    def __init__(self, server):
        self.catalog = catalog = Kept(server)
        catalog.make_space()
        catalog.make_table("t")
        self.shown = {}
        self.unseen = []
        for ref in ("v1", "dev", "exp"):
            files = changes(catalog, 3)
            self.unseen += files[:-1]
            if ref == "v1":
                catalog.tag(ref, catalog.head())
            else:
                catalog.fork(ref)
            self.shown[ref] = files[-1]
            catalog.set("t", "between")
        files = changes(catalog, 3, "dev")
        self.unseen += files[1:-1]
        self.shown["dev"] = files[-1]
        self.shown["main"] = catalog.file()
        shown = set(self.shown.values()) | {files[0]}
        self.unseen = [file for file in self.unseen if file not in shown]

    def check(self):
        for ref, file in self.shown.items():
            assert self.catalog.file(branch=ref) == file and file.exists(), ref


@pytest.mark.timeout(300)
@pytest.mark.parametrize("store", ("sqlite", "postgres"))
def test_a_kill_in_prune_or_sweep_loses_nothing(servers, store):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    server = servers.new(store=store, workers=2, settings={
        "history": {"retention": "0s", "grace": "1s"}})
    point = server.folder / "point"
    server.environment["FAULT_POINT"] = str(point)
    server.start()
    needed = Needed(server)
    for kind, points in POINTS.items():
        for name in points:
            changes(needed.catalog, 3)
            needed.shown["main"] = needed.catalog.file()
            if kind == "sweep":
                needed.catalog.run("prune")
                # the rows of garbage reach their grace meanwhile
                until_killed(server, needed.catalog, point, name)
            else:
                point.write_text(name)
                task = needed.catalog.submit(kind)
                until(lambda: not point.exists(), f"{name} is reached")
                server.kill()
                server.restart()
                needed.catalog.wait(task, kind)
            needed.check()
    needed.catalog.run("prune")
    needed.catalog.sweep_until_gone(needed.unseen)
    needed.check()


def until_killed(server, catalog, point, name):
    """Sweeps until one finds a file that is old enough."""
    point.write_text(name)

    def reached():
        try:
            task = catalog.submit("sweep")
            catalog.wait(task, "sweep")
        except (OSError, AssertionError):
            return not point.exists()
        return False
    until(reached, f"{name} is reached")
    server.kill()
    server.restart()
