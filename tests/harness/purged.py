"""A catalog whose tables are purged, and their places emptied."""

from harness.changes import SCHEMA
from harness.upkeep import Kept, path_of
from harness.versions import API
from harness.wait import until


class Places(Kept):
    """A catalog with tables that have data."""

    def make(self, name, **more):
        """The directory of a new table with some files below it."""
        made = self.ask("POST", self.path(space="a") + "/tables", {
            "name": name, "schema": SCHEMA, **more}, 200).json()
        place = path_of(made["metadata"]["location"])
        for path in ("data/1.parquet", "data/day=1/2.parquet",
                     "metadata/snap-1.avro", "metadata/stats.puffin"):
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text("x")
        return place

    def purge(self, name, drop=True):
        if drop:
            self.drop(name)
        found = self.ask("GET", f"{API}/dropped?catalog={self.name}",
                         want=200).json()
        what = next(one["id"] for one in found if one["name"] == name)
        self.wait(self.ask("POST", f"{API}/purge", {
            "catalog": self.name, "id": what}, 202).json()["task_id"],
                  "purge")
        return what

    def sweep_out(self):
        """Sweeps until the place of a table that is purged now is gone."""
        place = self.make("last")
        self.purge("last")

        def gone():
            self.run("sweep")
            return not place.exists()
        until(gone, f"{place} is gone")


def files_below(place):
    return sorted(path for path in place.rglob("*") if path.is_file())
