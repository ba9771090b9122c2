"""iceberg-go, the client of programs in Go, against each store."""

import os
import pathlib
import subprocess
import sys

import pytest
from harness.manual import block_of_clients, variables
from harness.server import ROOT, kind_id

HERE = ROOT / "tests/go"
GO = pathlib.Path(sys.executable).with_name("go")  # Debian's is too old
KIT = ROOT / "build/go"
KINDS = (("sqlite", 2), ("postgres", 2))


@pytest.fixture(scope="session", name="program")
def fixture_program():
    """The tests of round_test.go as one program, and what go.sum names."""
    KIT.mkdir(parents=True, exist_ok=True)
    subprocess.run([GO, "test", "-c", "-o", KIT / "round"], cwd=HERE,
                   env={**os.environ, "GOFLAGS": "-mod=readonly"}, check=True,
                   timeout=1200)
    return KIT / "round"


@pytest.fixture(scope="module", name="server", params=KINDS, ids=kind_id)
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


@pytest.mark.timeout(1500)
def test_a_round_with_iceberg_go(server, program):
    done = subprocess.run(
        [program, "-test.v"], cwd=HERE, timeout=120,
        env={**os.environ, "PANGOLIN_URL": server.url,
             "PANGOLIN_PASSWORD": server.first_password,
             "PANGOLIN_TOKEN": server.token()},
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert done.stdout.count("--- PASS") == 7, done.stdout[-6000:]


@pytest.mark.timeout(600)
def test_the_program_of_the_manual_runs(server, program):
    """With the modules that the other test has brought."""
    assert program.exists()
    folder = KIT / "manual"
    folder.mkdir(exist_ok=True)
    for name in ("go.mod", "go.sum"):
        (folder / name).write_text((HERE / name).read_text())
    (folder / "main.go").write_text(block_of_clients("go"))
    done = subprocess.run(
        [GO, "run", "."], cwd=folder, timeout=300, capture_output=True,
        env={**os.environ, "GOFLAGS": "-mod=readonly", **variables(server)},
        text=True, check=False)
    assert done.stdout.startswith("iceberg-go lists "), done.stderr[-3000:]
