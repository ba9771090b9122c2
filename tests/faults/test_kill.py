"""kill -9 of everything during concurrent commits, again and again.

Every commit that was acknowledged is there afterwards, every table loads, and
what a pointer names is a whole file.
"""

import itertools
import os
import pathlib
import signal
import urllib.parse

import pytest
from harness.wait import until
from harness.writers import (
    NAMESPACE,
    SCHEMA,
    WRITERS,
    Ledger,
    Writer,
    check,
    make_tables,
    round_of_commits,
)


@pytest.mark.parametrize("store,workers", (
    ("sqlite", 1), ("sqlite", 2), ("sqlite", 4), ("postgres", 2),
    ("mongo", 2)))
@pytest.mark.timeout(1800)
def test_acknowledged_commits_survive_kill_9(servers, store, workers, long):
    """10 rounds over all of them; --long: 68."""
    rounds = 17 if long else 4 if (store, workers) == ("sqlite", 2) else 2
    server = servers.start(store=store, workers=workers)
    make_tables(server)
    ledger, keys = Ledger(), itertools.count(1)
    for seed in range(rounds):
        round_of_commits(server, ledger, keys, seed)
        server.restart()
        check(server, ledger)
    assert ledger.snapshots and ledger.properties


def test_half_written_files_of_a_crash_are_harmless(servers):
    """What a crash leaves beside the metadata files is never read."""
    server = servers.start(store="sqlite")
    server.call("POST", "/v1/default/namespaces", {"namespace": ["faults"]})
    made = server.call("POST", f"{NAMESPACE}/tables",
                       {"name": "t", "schema": SCHEMA}).json()
    folder = pathlib.Path(urllib.parse.urlparse(
        made["metadata-location"]).path).parent
    server.kill()
    (folder / "00001-half.metadata.json").write_text('{"format-ver')
    (folder / ".00001-half.metadata.json.tmp").write_text('{"format-ver')
    server.restart()
    reply = server.call("POST", f"{NAMESPACE}/tables/t", {
        "requirements": [], "updates": [
            {"action": "set-properties", "updates": {"k": "v"}}]})
    assert reply.status == 200, reply


def test_a_worker_killed_mid_commit_loses_nothing_acknowledged(servers):
    server = servers.start(store="sqlite", workers=2)
    make_tables(server)
    ledger, keys = Ledger(), itertools.count(1)
    for seed in range(4):
        writers = [Writer(server, ledger, keys, seed * WRITERS + n)
                   for n in range(WRITERS)]
        goal = ledger.acknowledged + 30
        for writer in writers:
            writer.start()
        until(lambda: ledger.acknowledged >= goal, "commits", 60)
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        for writer in writers:
            writer.join(60)
        until(server.is_ready, "ready again", 60)
        check(server, ledger)
