"""An S3 server for tests, a proxy in front of it that breaks what a test says,
and the program that calls our client."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from harness.server import free_port
from harness.wait import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTBED = ROOT / "tests/testbed/s3"
FORM = os.environ.get("TEST_FORM", "dev")
PROGRAM = ROOT / "build" / FORM / "s3/s3_calls"


def build_program():
    subprocess.run(["make", "-s", f"FORM={FORM}", PROGRAM.relative_to(ROOT)],
                   cwd=ROOT, check=True)


class S3:
    """Ceph's gateway, started by the testbed."""

    is_ceph = True

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        said = subprocess.run(
            [TESTBED / "up", self.folder], check=True, capture_output=True,
            text=True).stdout
        facts = dict(line.split("=", 1) for line in said.splitlines())
        self.port = int(facts["S3_PORT"])
        self.bucket = facts["S3_BUCKET"]
        self.access_key = facts["S3_ACCESS_KEY"]
        self.secret_key = facts["S3_SECRET_KEY"]
        self.role = facts["S3_ROLE"]

    def admin(self, *arguments):
        """radosgw-admin of this server."""
        conf, = self.folder.rglob("ceph.conf")
        subprocess.run(["radosgw-admin", "-n", "client.rgw", *arguments],
                       check=True, capture_output=True,
                       env={**os.environ, "CEPH_CONF": str(conf)})

    def end(self):
        subprocess.run([TESTBED / "down", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


class Versity:
    """Another make of S3 server, over a file system: no STS, and it looks for
    an object before it creates one, so that of racing creates two may win."""

    PACKAGE = "github.com/versity/versitygw/cmd/versitygw@v1.7.0"
    PROGRAM = ROOT / "build/go/versitygw"
    GO = pathlib.Path(sys.executable).with_name("go")  # Debian's is too old

    is_ceph = False

    def __init__(self):
        self.bucket, self.role = "warehouse", None
        self.access_key = "anotheraccess"
        self.secret_key = "another+secret/key"
        if not self.PROGRAM.exists():
            subprocess.run([self.GO, "install", self.PACKAGE], check=True,
                           timeout=1200, env={
                               **os.environ, "GOBIN": self.PROGRAM.parent})
        self.folder = pathlib.Path(tempfile.mkdtemp())
        (self.folder / "data" / self.bucket).mkdir(parents=True)
        self.port = free_port()
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [self.PROGRAM, "--port", f"127.0.0.1:{self.port}", "--access",
                 self.access_key, "--secret", self.secret_key, "--health",
                 "/health", "--keep-alive", "--virtual-domain",
                 f"localhost:{self.port}", "posix", self.folder / "data"],
                stdout=log, stderr=log)
        until(self.is_up, "the S3 server answers")

    def is_up(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", "/health")
            return link.getresponse().status == 200
        except OSError:
            return False
        finally:
            link.close()

    def end(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


MAKES = {"ceph": S3, "versity": Versity}


class Client:
    """object/s3_client.h by way of tests/s3/s3_calls.c."""

    def __init__(self, s3, endpoint, secret_key=None, connections=4,
                 silence=20, style="path", ca_file=None, environment=None):
        arguments = [PROGRAM, endpoint, s3.bucket, s3.access_key,
                     secret_key or s3.secret_key, str(connections),
                     str(silence), style, *([ca_file] if ca_file else [])]
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=environment)

    def do(self, call, **arguments):
        """What the call came to; its error is in `err` and `message`."""
        line = json.dumps({"do": call, **arguments}, ensure_ascii=False)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def ok(self, call, **arguments):
        done = self.do(call, **arguments)
        assert done["err"] == "OK", (call, arguments, done)
        return done

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        assert self.process.wait(20) == 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.choose(self.command)
        self.server.seen.append([self.command, fault])
        (fault or self.pass_on)(*([self] if fault else []), body)

    def forward(self, body):
        """As it came, byte for byte: it is signed."""
        to = http.client.HTTPConnection("127.0.0.1", self.server.to_port)
        to.putrequest(self.command, self.path, skip_host=True,
                      skip_accept_encoding=True)
        for name, value in self.headers.items():
            to.putheader(name, value)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            to.endheaders(body or None)  # some refuse before all is there
        answer = to.getresponse()
        said = answer.read()
        to.close()
        return answer, said

    def pass_on(self, body):
        answer, said = self.forward(body)
        self.answer(answer.status, said, answer.getheaders())

    def answer(self, status, said, headers=()):
        self.server.statuses.append(status)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding",
                                    "content-length", "keep-alive"):
                self.send_header(name, value)
        length = dict(headers).get("Content-Length")
        if self.command == "HEAD" and length is not None:
            self.send_header("Content-Length", length)
        elif status != 204:
            self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)

    def abort(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = relay

    def log_message(self, *_):
        pass


# ---- faults: what happens to one request

def cut_before(handler, _body):
    """It does not arrive."""
    handler.abort()


def cut_after(handler, body):
    """It arrives; its answer does not."""
    handler.forward(body)
    handler.abort()


def torn(handler, body):
    """Half of its answer comes."""
    _, said = handler.forward(body)
    handler.send_response_only(200)
    handler.send_header("Content-Length", str(len(said)))
    handler.end_headers()
    handler.wfile.write(said[:len(said) // 2])
    handler.abort()


def silent(handler, body):
    """It arrives, and nothing comes until the client gives up."""
    handler.forward(body)
    handler.connection.recv(1)
    handler.close_connection = True


def slow_down(handler, _body):
    handler.answer(503, b"<Error><Code>SlowDown</Code></Error>")


def failed_before(handler, _body):
    handler.answer(500, b"<Error><Code>InternalError</Code></Error>")


def failed_after(handler, body):
    """It is done, and the answer says that it failed."""
    handler.forward(body)
    failed_before(handler, body)


def says(status, said, *headers):
    """The server says this instead."""
    def fault(handler, _body):
        handler.answer(status, said, headers)
    return fault


class Faults(http.server.ThreadingHTTPServer):
    """Listens on a port of its own and forwards to the server."""

    daemon_threads = True

    def __init__(self, to_port, certificate=None):
        super().__init__(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            scheme = "https"
        self.to_port, self.lock = to_port, threading.Lock()
        self.armed, self.seen, self.statuses = [], [], []
        self.url = f"{scheme}://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def arm(self, *faults):
        """Each happens once, to the next request."""
        with self.lock:
            self.armed += faults

    def choose(self, _method):
        with self.lock:
            return self.armed.pop(0) if self.armed else None

    def methods(self):
        return [method for method, _ in self.seen]

    def handle_error(self, *_):
        pass  # clients that give up

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
