"""docs/clients.md: the blocks for curl, PyIceberg and DuckDB.  Those of other
clients are run where these are tested."""

import os
import subprocess
import sys

import duckdb
from harness.manual import (
    block_of_clients, blocks_of, filled_in, variables)

from test_duckdb import load_extensions


def run(command, server):
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": os.environ["PATH"], **variables(server)})
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
    return done.stdout


def test_the_blocks_for_curl_pyiceberg_and_duckdb_run(servers, tmp_path):
    server = servers.start()
    shell = [text for language, text in blocks_of("clients.md")
             if language == "sh"]
    said = run(["bash", "-euc", "".join(shell)], server)
    assert '"overrides"' in said and '{"namespaces":[["curl"]]' in said

    said = run([sys.executable, "-c", block_of_clients("python")], server)
    assert said == "PyIceberg read 3 rows\n"

    connection = duckdb.connect(
        config={"extension_directory": str(tmp_path / "extensions")})
    load_extensions(connection)
    said = connection.execute(filled_in(block_of_clients("sql"), server))
    assert said.fetchall() == [("DuckDB read", 3, "rows")]
    connection.close()
