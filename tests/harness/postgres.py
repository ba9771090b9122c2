"""A PostgreSQL server for tests; each store in it has a schema of its own."""

import contextlib
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness.wait import until

TESTBED = pathlib.Path(__file__).resolve().parents[1] / "testbed/postgres"


class Postgres:
    """Started by the testbed; its processes can be stopped and started."""

    def __init__(self, *settings):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.folder.chmod(0o755)
        self.numbers = itertools.count(1)
        said = subprocess.run(
            [TESTBED / "up", self.folder, *settings], check=True,
            capture_output=True, text=True).stdout
        self.facts = dict(line.split("=", 1) for line in said.splitlines())
        self.url = self.facts["POSTGRES_URL"]
        self.port = int(self.facts["POSTGRES_PORT"])

    def new_store(self, **options):
        """The settings of a store that is still empty."""
        return {"store": {"plugin": "postgres", "options": {
            "url": self.url, "schema": f"s{next(self.numbers)}", **options}}}

    def ask(self, statement):
        """The rows of a statement, as lists of texts."""
        made = subprocess.run(
            ["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", self.url,
             "-c", statement], check=True, capture_output=True, text=True)
        return [line.split("\t") for line in made.stdout.splitlines()]

    def control(self, *words):
        data = self.facts["POSTGRES_DATA"]
        tool = next(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
        owner = pathlib.Path(data).owner()
        subprocess.run(
            ["setpriv", f"--reuid={owner}", f"--regid={owner}",
             "--clear-groups", tool, "-D", data, "-w", "-l",
             f"{data}/restarted.log", "-o",
             f"-p {self.facts['POSTGRES_PORT']}", *words],
            check=True, capture_output=True, cwd="/",
            stdin=subprocess.DEVNULL)

    def restart(self, mode="fast"):
        """As an operator does ("fast"), or like a crash ("immediate")."""
        self.control("-m", mode, "restart")
        until(lambda: self.ask("SELECT 1"), "the server is back")

    def stop(self):
        self.control("-m", "immediate", "stop")

    def start(self):
        self.control("start")
        until(lambda: self.ask("SELECT 1"), "the server is back")

    def crash(self):
        self.restart("immediate")

    def end(self):
        # what a restart began is not what the testbed started
        pid = pathlib.Path(self.facts["POSTGRES_DATA"]) / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError):
            os.kill(int(pid.read_text().split()[0]), signal.SIGQUIT)
        until(lambda: not pid.exists(), "the server has ended")
        subprocess.run([TESTBED / "down", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
