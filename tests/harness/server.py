"""A real server: its own state directory, port and process group."""

import contextlib
import http.client
import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import urllib.parse

from harness.tls import context_for
from harness.wait import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUPPRESSIONS = ROOT / "tests/harness/lsan.supp:print_suppressions=0"
PROGRAMS = {
    "dev": (ROOT / "build/dev/pangolin", ROOT / "build/plugins"),
    "asan": (ROOT / "build/asan/pangolin", ROOT / "build/asan/plugins"),
    "tsan": (ROOT / "build/tsan/pangolin", ROOT / "build/tsan/plugins"),
    "release": (ROOT / "build/pangolin", None),
}

# What nodes of one store share; beside SQLite the server makes its own.
SEALING_KEY = "the same key on all nodes of a test"

# Store and number of workers; memory is for one process.
KINDS = (("sqlite", 1), ("sqlite", 2), ("sqlite", 4), ("memory", 1),
         ("postgres", 2))


def kind_id(kind):
    return f"{kind[0]}-{kind[1]}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def toml(settings, inside=""):
    """Settings as nested dictionaries, written as TOML."""
    lines, tables = [], []
    for key, value in settings.items():
        if isinstance(value, dict):
            tables.append(f"[{inside}{key}]\n"
                          f"{toml(value, inside + key + '.')}")
        else:
            lines.append(f"{key} = {json.dumps(value)}\n")
    return "".join(lines) + "\n".join(tables)


class Reply:
    """An answer, read to its end."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"Reply({self.status}, {self.body[:300]!r})"


class Server:
    """One `pangolin serve`; start, kill and start again as a test likes."""

    def __init__(self, folder, form="release", store="sqlite", workers=1,
                 settings=None):
        self.folder = pathlib.Path(folder)
        self.program, plugin_dir = PROGRAMS[form]
        self.state_dir = self.folder / "state"
        self.port = free_port()
        self.log = self.folder / "log"
        self.process = None
        self.first_password = None
        self.tokens = {}
        self.environment = {}  # more of it, for the server
        self.through = []  # a command that becomes the server
        self.pass_fds = []
        self.settings = {
            "server": {"listen": f"127.0.0.1:{self.port}",
                       "workers": workers,
                       "state_dir": str(self.state_dir),
                       "user": pwd.getpwuid(os.geteuid()).pw_name},
            "warehouse": {"allowed_roots": ["file:///"]},
            "store": {"plugin": store},
            # tests run the tasks of upkeep themselves
            "history": {"upkeep_interval": "0s"},
        }
        if plugin_dir:
            self.settings["plugin_dir"] = str(plugin_dir)
        for key, value in (settings or {}).items():
            if isinstance(value, dict):
                self.settings.setdefault(key, {}).update(value)
            else:
                self.settings[key] = value
        if self.settings["store"]["plugin"] in ("postgres", "mongo"):
            self.settings["warehouse"].setdefault("sealing_key", SEALING_KEY)

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    @property
    def authority(self):
        """The file of the certificate that clients trust; None: no TLS."""
        tls = self.settings.get("tls", {})
        if tls.get("mode") == "self-signed":
            return self.state_dir / "self-signed.crt"
        return tls.get("certificate") if tls.get("mode") == "files" else None

    @property
    def url(self):
        return f"{'https' if self.authority else 'http'}://{self.host}"

    # ---- its life

    def write_config(self):
        config = self.folder / "pangolin.toml"
        config.write_text(toml(self.settings), "utf-8")
        return config

    def spawn(self, *arguments):
        """Start it without waiting for anything."""
        config = self.write_config()
        environment = {k: v for k, v in os.environ.items()
                       if not k.startswith("PANGOLIN_")}
        environment["LSAN_OPTIONS"] = f"suppressions={SUPPRESSIONS}"
        environment.update(self.environment)
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                [*self.through, self.program, "serve", "-c", config,
                 *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=environment, cwd=self.folder, start_new_session=True,
                pass_fds=self.pass_fds)
        return self.process

    def start(self):
        self.spawn()
        until(self.is_ready, f"{self.url} ready\n{self.log_text()[-6000:]}")
        with contextlib.suppress(FileNotFoundError):
            self.first_password = self.password_file.read_text().strip()
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended with "
                               f"{self.process.returncode}:\n{self.log_text()[-6000:]}")
        try:
            reply = self.request("GET", "/health/ready", timeout=2)
            return reply.status == 200
        except OSError:
            return False

    def group(self):
        """Process ids of parent and workers, dead ones excluded."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError, IndexError):
                    text = (entry / "stat").read_text()
                    state, _, group = text.rpartition(")")[2].split()[:3]
                    # a dead leader's threads still hold its files
                    threads = len(list((entry / "task").iterdir()))
                    dead = state in "ZX" and threads <= 1
                    if int(group) == self.process.pid and not dead:
                        found.append(int(entry.name))
        return found

    def workers(self):
        return [pid for pid in self.group() if pid != self.process.pid]

    def kill(self):
        """kill -9 of everything at once."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        until(lambda: not self.group(), "all processes gone")

    def stop(self):
        """SIGTERM, as an operator stops it; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        until(lambda: not self.group(), "all processes gone")
        return code

    def restart(self):
        self.tokens.clear()
        return self.start()

    def log_text(self):
        try:
            return self.log.read_text("utf-8", "replace")
        except FileNotFoundError:
            return ""

    @property
    def password_file(self):
        return self.state_dir / "initial-admin-password"

    # ---- talking to it

    def request(self, method, path, body=None, headers=None, timeout=40):
        """One request on a connection of its own."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection = self.connection(timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def connection(self, timeout=40):
        """http.client's, for many requests."""
        if not self.authority:
            return http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=timeout)
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=timeout,
            context=context_for(self.authority))

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def form(self, path, fields, headers=None):
        """A POST as HTML forms and OAuth write it."""
        return self.request("POST", path, urllib.parse.urlencode(fields), {
            "Content-Type": "application/x-www-form-urlencoded",
            **(headers or {})})

    def sign_in(self, client_id, secret, scope="catalog"):
        return self.form("/v1/oauth/tokens", {
            "grant_type": "client_credentials", "client_id": client_id,
            "client_secret": secret, "scope": scope})

    def token(self, username="admin", password=None):
        if username not in self.tokens:
            reply = self.sign_in(username, password or self.first_password)
            assert reply.status == 200, reply
            self.tokens[username] = reply.json()["access_token"]
        return self.tokens[username]

    def bearer(self, username="admin", password=None):
        return {"Authorization": "Bearer " + self.token(username, password)}

    def call(self, method, path, body=None, user="admin", headers=None):
        """A request of a user who was signed in before."""
        return self.request(method, path, body,
                            {**self.bearer(user), **(headers or {})})

    def as_root(self, method, path, body=None, tenant=None):
        headers = {"X-Pangolin-Tenant": tenant} if tenant else {}
        return self.call(method, path, body, "root", headers)
