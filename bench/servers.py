"""What is measured: the catalog and nginx, each a process group of its own."""

import contextlib
import http.client
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests"))

from harness.server import Server, free_port  # noqa: E402

SPACES = "/v1/default/namespaces"
CONNECTIONS = 11_000  # nginx holds memory for as many
WRITERS = 16
LINKS = 8  # of the longest chain of branches that is not folded
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"

# Columns and snapshots of the tables that are loaded, by row.
TABLES = {"load-2.7k": (31, 0), "load-47k": (31, 150), "load-2m": (31, 6950)}

PLAN = "plan-1000"
PLAN_REQUEST = '{"filter":{"type":"lt","term":"column_1","value":1000}}'


class Group:
    """The processes of a server, as the kernel accounts for them."""

    group = Server.group

    def cpu_seconds(self):
        """User and system time of all its processes so far."""
        total = 0
        for pid in self.group():
            with contextlib.suppress(OSError):
                stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
                fields = stat.rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def pss(self):
        """Memory in bytes; a page that several share counts in part."""
        total = 0
        for pid in self.group():
            with contextlib.suppress(OSError):
                text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
                line = next(x for x in text.splitlines() if x[:4] == "Pss:")
                total += int(line.split()[1]) * 1024
        return total

    def etag(self, row):
        """What a client that has the newest answer says."""
        host, port = self.host.split(":")
        headers = dict(h.split(": ", 1) for h in self.headers if h != "-H")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        connection.request("GET", self.paths[row], headers=headers)
        with connection.getresponse() as answer:
            return answer.headers["ETag"]

    def first_answer(self):
        """Milliseconds from its start to its first answer."""
        begin = time.perf_counter()
        self.spawn()
        while not self.answers():
            if time.perf_counter() > begin + 20:
                sys.exit(f"no answer from {self.host}")
        return (time.perf_counter() - begin) * 1e3

    def answers(self):
        host, port = self.host.split(":")
        try:
            with socket.create_connection((host, int(port)), 5) as s:
                s.sendall(f"GET {self.ready} HTTP/1.1\r\n"
                          f"Host: {self.host}\r\n\r\n".encode())
                return s.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            time.sleep(0.0002)
            return False


class Catalog(Group, Server):
    ready = "/health/ready"

    def __init__(self, place, workers, program=None):
        place.mkdir()
        super().__init__(place, workers=workers,
                         settings={"log": {"access": False}})
        self.program = program or self.program

    def made(self, path, body):
        reply = self.call("POST", path, body)
        if reply.status != 200:
            sys.exit(f"POST {path}: {reply}")
        return reply.json()

    def make_table(self, space, name, columns=1, snapshots=0):
        """A table whose metadata is as long as that makes it; its path."""
        fields = [{"id": i, "name": f"column_{i}", "required": False,
                   "type": "long"} for i in range(1, columns + 1)]
        table = self.made(f"{SPACES}/{space}/tables", {
            "name": name, "schema": {"type": "struct", "fields": fields}})
        path = f"{SPACES}/{space}/tables/{name}"
        if snapshots:
            first = table["metadata"]["last-updated-ms"]
            place = table["metadata"]["location"] + "/metadata"
            self.made(path, {"requirements": [], "updates": [
                {"action": "add-snapshot", "snapshot": {
                    "snapshot-id": n, "sequence-number": n,
                    "timestamp-ms": first + n, "schema-id": 0,
                    "manifest-list": f"{place}/snap-{n}.avro",
                    "summary": {"operation": "append",
                                "added-records": "1000",
                                "total-records": str(1000 * n)}}}
                for n in range(1, snapshots + 1)]})
        return path

    def fill(self, rows):
        """What the rows ask for; `paths` tells where it is."""
        for name in ("bench", "hundred", "thousand", "written"):
            self.made(SPACES, {"namespace": [name]})
        for space, count in (("hundred", 100), ("thousand", 1000)):
            for n in range(count):
                self.make_table(space, f"table_{n}")
        for n in range(WRITERS):
            self.make_table("written", f"w{n}")
        self.paths = {"list-100": SPACES + "/hundred/tables",
                      "list-1000": SPACES + "/thousand/tables",
                      "config": "/v1/config",
                      "commits": SPACES + "/written/tables/w{c}"}
        for row, (columns, snapshots) in TABLES.items():
            self.paths[row] = self.make_table(
                "bench", row.replace(".", "_"), columns, snapshots)
        self.paths["load-304"] = self.paths["load-47k"]
        if "load-branch" in rows:
            self.paths["load-branch"] = self.paths["load-2.7k"].replace(
                "default", "default@" + self.fork_often())
        if PLAN in rows:
            self.fill_plan()

    def fork_often(self):
        """A branch of a branch of ..., each with a commit of its own; the
        last of them."""
        branch = "main"
        for n in range(1, LINKS):
            made = self.call("POST", "/api/v1/branches", {
                "name": f"b{n}", "catalog": "default", "from_branch": branch})
            if made.status != 201:
                sys.exit(f"no branch: {made}")
            branch = f"b{n}"
            self.made(SPACES.replace("default", "default@" + branch),
                      {"namespace": [branch]})
        return branch

    def fill_plan(self):
        table = self.make_table("bench", "plan")
        subprocess.run([TOP / "build/venv/bin/python", "-B",
                        TOP / "bench/plan_table.py", self.host, self.token(),
                        table], check=True)
        self.paths[PLAN] = table + "/plan"

    def asks(self, row):
        """Options of the load generator."""
        if row != PLAN:
            return ()
        return ("-m", "POST", "-b", PLAN_REQUEST, "-c", "4")

    def body(self, row):
        if row == PLAN:
            return self.call("POST", self.paths[row],
                             json.loads(PLAN_REQUEST)).body
        return self.call("GET", self.paths[row]).body

    def batches(self):
        """Commits and the batches that they were applied in, so far."""
        text = self.get("/metrics").body.decode()
        return [int(re.search(rf"^pangolin_commit_{what}_total (\d+)", text,
                              re.M)[1]) for what in ("units", "batches")]

    @property
    def headers(self):
        token = self.bearer()["Authorization"]
        return ["-H", "Authorization: " + token,
                "-H", "Content-Type: application/json"]


class Nginx(Group):
    ready = "/ready"
    headers = ()

    def __init__(self, place, workers):
        self.place, self.port = place, free_port()
        self.host = f"127.0.0.1:{self.port}"
        (place / "www").mkdir(parents=True)
        self.put("ready", b"yes")
        temporary = "".join(
            f"{what}_temp_path {place}/{what};\n" for what in
            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = pwd.getpwuid(os.geteuid()).pw_name
        (place / "nginx.conf").write_text(
            f"daemon off; worker_processes {workers}; pid {place}/pid;\n"
            + (f"user {user};\n" if user == "root" else "")
            + f"error_log {place}/error.log;\n"
            f"events {{ worker_connections {CONNECTIONS}; }}\n"
            "http { access_log off; sendfile on; tcp_nopush on;\n"
            "keepalive_requests 1000000000; open_file_cache max=100;\n"
            f"default_type application/json; {temporary}"
            f"server {{ listen 127.0.0.1:{self.port} reuseport"
            f" backlog=4096; root {place}/www; }} }}\n")

    def spawn(self):
        self.process = subprocess.Popen(
            [NGINX, "-c", self.place / "nginx.conf", "-p", self.place],
            start_new_session=True, stderr=subprocess.DEVNULL)

    def start(self):
        self.first_answer()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def put(self, name, body):
        (self.place / "www" / name).write_bytes(body)

    def asks(self, _):
        return ()

    def fill(self, bodies):
        """The same bytes as another server answers with."""
        for row, body in bodies.items():
            self.put(row, body)
        self.paths = {row: "/" + row for row in bodies}
