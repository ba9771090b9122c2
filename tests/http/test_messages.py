"""The table of framing/messages.h over live connections."""

import json
import os
import pathlib
import subprocess

import pytest
from harness.wire import Wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ("tests/http/framing/print_messages.c", "src/base/arena.c",
           "src/base/budget.c", "src/base/buf.c", "src/base/error.c", "src/base/str.c")

# What is there for "GET /next" and the like, and for bodies that are no form.
LEGAL = {"GET /": (200,), "POST /v1/oauth/tokens": (400, 415)}
NOTHING = (400, 404)


@pytest.fixture(scope="module", name="messages")
def fixture_messages(tmp_path_factory):
    program = tmp_path_factory.mktemp("messages") / "print_messages"
    subprocess.run(
        [os.environ.get("CC", "cc"), "-std=c11", "-D_GNU_SOURCE", "-Isrc",
         *SOURCES, "-o", program], cwd=ROOT, check=True)
    out = subprocess.run([program], capture_output=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def replies_to(server, pieces):
    """Everything that is answered before the server closes."""
    with Wire(server) as wire:
        try:
            for piece in pieces:
                wire.send(piece)
            wire.half_close()
        except OSError:
            pass  # closed already: what it said is there to be read
        replies = iter(wire.reply, None)
        return [reply for reply in replies if reply.status != 100]


def requests_in(accepted):
    """Method and path of each; a body may have lines of its own."""
    return [" ".join(line.split(" ")[:2]) for line in accepted.split("\n")
            if line.startswith(("GET /", "POST /"))]


def what_is_wrong(message, replies):
    wanted = [LEGAL.get(r, NOTHING) for r in requests_in(message["accepted"])]
    if message["status"]:
        wanted.append((message["status"],))
    got = [reply.status for reply in replies]
    if len(got) != len(wanted) or any(
            status not in legal for status, legal in zip(got, wanted)):
        return f"{message['name']}: {got}, not {wanted}"
    if message["status"] and replies[-1].headers["Connection"] != "close":
        return f"{message['name']}: refused, but not closed"
    return None


@pytest.mark.parametrize("workers,tls", (
    (1, "off"), (2, "off"), (2, "self-signed")))
def test_every_message_is_answered_as_its_row_says(
        servers, workers, tls, messages):
    server = servers.start(workers=workers, settings={"tls": {"mode": tls}})
    wrong = []
    for message in messages:
        data = bytes.fromhex(message["bytes"])
        half = len(data) // 2
        for pieces in ((data,), (data[:half], data[half:])):
            wrong.append(what_is_wrong(message, replies_to(server, pieces)))
    assert [w for w in wrong if w] == []
    assert server.get("/health/ready").status == 200
