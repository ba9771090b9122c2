"""A library that is loaded before the program changes its environment."""

import pathlib
import subprocess

import pytest


@pytest.fixture(name="library", scope="module")
def fixture_library(tmp_path_factory):
    library = tmp_path_factory.mktemp("preload") / "changed_environment.so"
    source = pathlib.Path(__file__).with_name("changed_environment.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source],
                   check=True)
    return library


def titles(server):
    return [pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().strip(b"\0")
            for pid in [server.process.pid, *sorted(server.workers())]]


@pytest.mark.parametrize("change", ("more", "less", "none"))
def test_the_environment_that_a_library_left_stops_no_start(
        servers, library, change):
    server = servers.new()
    server.environment.update(LD_PRELOAD=str(library), CHANGE=change)
    server.start()
    assert titles(server) == [b"pangolin [parent]", b"pangolin [wrk 1]"]
    assert server.stop() == 0
