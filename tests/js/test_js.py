"""iceberg-js, the client of browsers and Node, against each store."""

import os
import shutil
import subprocess

import pytest
from harness.manual import block_of_clients, variables
from harness.npm import NODE, install
from harness.server import ROOT, kind_id

HERE = ROOT / "tests/js"
KINDS = (("sqlite", 2), ("postgres", 2))


@pytest.fixture(scope="session", name="folder")
def fixture_folder():
    """A folder with the client that package-lock.json names, and the test."""
    folder = install(HERE, ROOT / "build/js")
    shutil.copy(HERE / "round.test.mjs", folder)
    return folder


@pytest.fixture(scope="module", name="server", params=KINDS, ids=kind_id)
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


def test_a_round_with_iceberg_js(server, folder):
    done = subprocess.run(
        [NODE, "--test", "round.test.mjs"], cwd=folder, timeout=120,
        env={**os.environ, "PANGOLIN_URL": server.url,
             "PANGOLIN_TOKEN": server.token()},
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "pass 8\n" in done.stdout, done.stdout[-6000:]


def test_the_block_of_the_manual_runs(server, folder):
    (folder / "manual.mjs").write_text(block_of_clients("js"))
    done = subprocess.run(
        [NODE, "manual.mjs"], cwd=folder, timeout=60, capture_output=True,
        env={**os.environ, **variables(server)}, text=True, check=False)
    assert done.stdout.startswith("iceberg-js lists "), done.stderr[-3000:]
