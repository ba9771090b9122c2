"""A Debian 12 of its own in a folder: unpacked, mounted, and gone again."""

import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from harness.server import free_port
from harness.wait import until

# What it takes to install the package and to check its unit.
RECIPE = ["mmdebstrap", "--quiet", "--variant=apt", "--include=systemd",
          "bookworm"]
KEPT_SECONDS = 7 * 24 * 3600
UNIT = "lib/systemd/system/pangolin.service"
CONFIG = "etc/pangolin/pangolin.toml"


def unshare():
    """A namespace of mounts; where / is no mount (a changed root), what holds
    it cannot be made private and is left as it is."""
    tried = subprocess.run(["unshare", "--mount", "true"],
                           capture_output=True, check=False)
    return ["unshare", "--mount"] + (
        ["--propagation", "unchanged"] if tried.returncode else [])


def image():
    """A tar file of the fresh root; made again when it is a week old."""
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    name = hashlib.sha256(" ".join(RECIPE).encode()).hexdigest()[:16]
    path = pathlib.Path(home) / "pangolin/roots" / f"{name}.tar"
    if not (path.exists() and
            time.time() - path.stat().st_mtime < KEPT_SECONDS):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.tar")
        try:
            subprocess.run([*RECIPE, fresh], check=True, timeout=280)
            fresh.rename(path)
        finally:
            fresh.unlink(missing_ok=True)
    return path


class Machine:
    """The root, and what runs in it as the unit says."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder)
        self.root.mkdir()
        subprocess.run(["tar", "-xf", image(), "-C", self.root,
                        "--numeric-owner"], check=True)
        self.port = free_port()
        self.server = None
        self.unshare = unshare()

    def inside(self, command):
        """Its own /proc goes with the namespace of mounts."""
        root = shlex.quote(str(self.root))
        return [*self.unshare, "sh", "-c",
                f"mount -t proc proc {root}/proc && "
                f"exec chroot {root} {shlex.join(command)}"]

    def run(self, *command, status=0):
        made = subprocess.run(self.inside(command), capture_output=True,
                              text=True, check=False, timeout=60)
        assert made.returncode == status, made
        return made.stdout + made.stderr

    def dpkg(self, *arguments):
        return self.run("env", "DEBIAN_FRONTEND=noninteractive", "dpkg",
                        *arguments)

    def install(self, package):
        target = self.root / package.name
        target.write_bytes(package.read_bytes())
        return self.dpkg("--install", f"/{package.name}")

    def unit(self, key):
        """The one value of a key of the unit."""
        lines = (self.root / UNIT).read_text().splitlines()
        found = [line.split("=", 1)[1] for line in lines
                 if line.startswith(f"{key}=")]
        assert len(found) == 1, (key, found)
        return found[0]

    def listen_here(self):
        """As an operator edits the configuration: another port."""
        config = self.root / CONFIG
        text = config.read_text()
        changed = text.replace('#listen = "127.0.0.1:8181"',
                               f'listen = "127.0.0.1:{self.port}"')
        assert changed != text
        config.write_text(changed)

    def owner(self, path):
        """Names of the user and group, as the root knows them."""
        return self.run("stat", "-c", "%U:%G %a", path).strip()

    # ---- the server

    def start(self, activated=False):
        """The unit's command line as the unit's user, without root's rights;
        with a socket that waits for the first connection, if wanted."""
        command = ["setpriv", f"--reuid={self.unit('User')}",
                   f"--regid={self.unit('Group')}", "--init-groups",
                   "--no-new-privs", "--reset-env",
                   *(["systemd-socket-activate", "-l",
                      f"127.0.0.1:{self.port}"] if activated else []),
                   *shlex.split(self.unit("ExecStart"))]
        with open(self.root / "server.log", "ab") as out:
            self.server = subprocess.Popen(
                self.inside(command), stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, start_new_session=True)
        until(self.is_ready, "ready")

    def is_ready(self):
        assert self.server.poll() is None, self.log()
        try:
            return self.ask("GET", "/health/ready")[0] == 200
        except OSError:
            return False

    def log(self):
        return (self.root / "server.log").read_text()

    def stop(self):
        self.server.terminate()
        code = self.server.wait(60)
        self.server = None
        return code

    def remove(self):
        if self.server is not None:
            self.stop()
        subprocess.run(["rm", "-rf", "--one-file-system", self.root],
                       check=True)

    # ---- its clients

    def ask(self, method, path, body=None, headers=None):
        """Status and JSON, or None for an empty body."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, headers or {},
            method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                status, text = reply.status, reply.read()
        except urllib.error.HTTPError as reply:
            status, text = reply.code, reply.read()
        return status, json.loads(text) if text else None

    def token(self, username, password):
        status, reply = self.ask(
            "POST", "/v1/oauth/tokens", urllib.parse.urlencode({
                "grant_type": "client_credentials", "client_id": username,
                "client_secret": password, "scope": "catalog"}).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 200, reply
        return {"Authorization": f"Bearer {reply['access_token']}",
                "Content-Type": "application/json"}
