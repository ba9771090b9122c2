"""A MongoDB server for tests; each store in it has a database of its own."""

import itertools
import pathlib
import shutil
import subprocess
import tempfile

TESTBED = pathlib.Path(__file__).resolve().parents[1] / "testbed/mongo"


class Mongo:
    """Started by the testbed."""

    def __init__(self, *settings):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.numbers = itertools.count(1)
        said = subprocess.run(
            [TESTBED / "up", self.folder, *settings], check=True,
            capture_output=True, text=True).stdout
        facts = dict(line.split("=", 1) for line in said.splitlines())
        self.url = facts["MONGO_URL"]
        self.port = int(facts["MONGO_PORT"])

    def new_store(self, **options):
        """The settings of a store that is still empty."""
        return {"store": {"plugin": "mongo", "options": {
            "url": self.url, "database": f"d{next(self.numbers)}",
            **options}}}

    def crash(self):
        """kill -9, and the same server again."""
        subprocess.run([TESTBED / "restart", self.folder], check=True,
                       capture_output=True)

    def end(self):
        subprocess.run([TESTBED / "down", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
