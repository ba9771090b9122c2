"""The round that everything else rests on: write, kill, start, read."""

import contextlib
import os
import re
import subprocess

import pyarrow as pa
import pytest
from clients.conftest import connect
from harness.server import ROOT, free_port
from pyiceberg.types import StringType

FIRST = pa.table({"id": pa.array(range(1000), pa.int64())})
SECOND = pa.table({"id": pa.array(range(1000, 1500), pa.int64()),
                   "note": pa.array([f"n{i}" for i in range(500)])})


def write_two_schemas(catalog):
    catalog.create_namespace("round")
    table = catalog.create_table("round.numbers", FIRST.schema)
    table.append(FIRST)
    with table.update_schema() as update:
        update.add_column("note", StringType())
    table.append(SECOND)


def check_all_rows(catalog):
    rows = catalog.load_table("round.numbers").scan().to_arrow()
    assert sorted(rows["id"].to_pylist()) == list(range(1500))
    notes = [n for n in rows["note"].to_pylist() if n is not None]
    assert sorted(notes) == sorted(SECOND["note"].to_pylist())


@pytest.mark.parametrize("store,workers", (
    ("sqlite", 1), ("sqlite", 2), ("sqlite", 4), ("postgres", 2),
    ("mongo", 2)))
def test_all_rows_are_back_after_kill_9(servers, store, workers):
    server = servers.start(store=store, workers=workers)
    write_two_schemas(connect(server))
    server.kill()
    server.restart()
    check_all_rows(connect(server))


def test_the_memory_store_serves_the_same_round(servers):
    server = servers.start(store="memory")
    write_two_schemas(connect(server))
    check_all_rows(connect(server))


def test_a_token_outlives_a_restart(servers):
    server = servers.start(store="sqlite")
    catalog = connect(server)
    catalog.create_namespace("kept")
    server.kill()
    server.restart()
    assert ("kept",) in catalog.list_namespaces()


def test_the_lines_that_dev_run_prints_work(tmp_path):
    """Paste them: they make the environment and run a round, twice."""
    home = tmp_path / "home"
    (home / ".cache/pangolin").mkdir(parents=True)
    (home / ".cache/pangolin/venv").symlink_to(ROOT / "build/venv")
    listen = f"127.0.0.1:{free_port()}"
    state = tmp_path / "state"
    screen, terminal = os.openpty()
    with os.fdopen(screen, "rb", 0) as said, subprocess.Popen(
            [ROOT / "dev", "run", "--state-dir", state, "--listen", listen],
            stdout=terminal, stderr=terminal, stdin=subprocess.DEVNULL,
            start_new_session=True) as process:
        os.close(terminal)
        try:
            lines = snippet(said)
            lines = re.sub(r"python3 -m venv .*\n", "", lines)
            for rows in (1000, 2000):
                made = subprocess.run(["bash", "-ec", lines], check=True,
                                      env={**os.environ, "HOME": home},
                                      stdout=subprocess.PIPE, text=True)
                assert made.stdout.startswith(f"{rows} rows in file:")
            process.terminate()
            assert b"stopped" in b"".join(all_of(said))
        finally:
            process.terminate()
            process.wait(30)
    assert process.returncode == 0


def all_of(screen):
    """What is still to be read; a terminal that nobody has open is an error."""
    with contextlib.suppress(OSError):
        while data := screen.read(4096):
            yield data


def snippet(screen):
    """From the first line to paste to the last."""
    text = ""
    for data in all_of(screen):
        text += data.decode().replace("\r\n", "\n")
        found = re.search(r"^python3 -m venv .*?^EOF\n", text, re.M | re.S)
        if found:
            return found[0]
    raise AssertionError(text)
