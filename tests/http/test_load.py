"""The load generator of bench/, which numbers are only as good as."""

import http.server
import json
import os
import pathlib
import subprocess
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", name="load")
def fixture_load(tmp_path_factory):
    """Runs it with these arguments and gives what it tells."""
    program = tmp_path_factory.mktemp("load") / "load"
    subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-D_GNU_SOURCE",
                    "-Isrc", "bench/load.c", "src/base/priority.c",
                    "-o", program], cwd=ROOT, check=True)

    def run(*arguments):
        out = subprocess.run([program, *map(str, arguments)], check=True,
                             capture_output=True, timeout=60).stdout
        return json.loads(out)
    return run


class Answers(http.server.BaseHTTPRequestHandler):
    """Writes down what it is asked; the first answer comes late."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        server = self.server
        length = int(self.headers["Content-Length"] or 0)
        server.asked.append((self.path, self.rfile.read(length).decode()))
        if len(server.asked) == 1 and server.stall:
            begin = time.monotonic()
            threading.Event().wait(server.stall)
            server.stalled = time.monotonic() - begin
        self.send_response(204)
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture(name="answers")
def fixture_answers():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.asked, server.stall = [], 0
    server.place = f"127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever).start()
    yield server
    server.shutdown()
    server.server_close()


def test_every_request_is_its_own(load, answers):
    told = load("-c", 2, "-d", 0.2, "-m", "POST", "-b", '{"n": {n}}',
                answers.place, "/t/{c}")
    assert told["answered"] == len(answers.asked) > 2
    assert told["failed"] == told["refused"] == 0
    assert {path for path, _ in answers.asked} == {"/t/0", "/t/1"}
    numbers = [json.loads(body)["n"] for _, body in answers.asked]
    assert sorted(numbers) == list(range(len(numbers)))


def test_an_open_loop_asks_what_is_due(load, answers):
    told = load("-c", 4, "-d", 0.5, "-r", 200, answers.place, "/")
    assert told["answered"] == 100 and told["failed"] == 0


def test_an_open_loop_counts_what_waited_behind_a_stall(load, answers):
    """In a closed loop only one request would have seen it."""
    answers.stall = 0.4
    told = load("-c", 1, "-d", 0.4, "-r", 500, answers.place, "/")
    assert told["answered"] == 200
    assert told["max_us"] >= answers.stalled * 1e6 * 0.95
    assert told["p50_us"] >= answers.stalled * 1e6 / 4


def test_refusals_are_counted(load, servers):
    server = servers.start()
    told = load("-c", 2, "-d", 0.1, server.host, "/nowhere")
    assert told["refused"] == told["answered"] > 0


def test_an_end_without_an_answer_is_counted(load, answers):
    answers.RequestHandlerClass = Silent
    told = load("-c", 1, "-d", 0.1, answers.place, "/")
    assert told["answered"] == 0 and told["failed"] > 0


class Silent(Answers):
    def do_GET(self):
        self.close_connection = True
