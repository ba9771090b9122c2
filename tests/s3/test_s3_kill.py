"""kill -9 of everything during concurrent commits to tables in a bucket."""

import itertools

import pytest
from harness.sea import SETTINGS, Sea, key_of
from harness.writers import Ledger, check, make_tables, round_of_commits


@pytest.mark.parametrize("kind", [("sqlite", 2, SETTINGS)])
def test_acknowledged_commits_in_s3_survive_kill_9(
        start_kind, proxy, bucket, kind, long):
    """Also which the bucket had and the store had not."""
    with start_kind(kind) as server:
        sea = Sea(server, proxy)
        namespace = f"/v1/{sea.name}/namespaces/killed"
        make_tables(server, namespace)

        def read(location):
            return bucket.ok("get", key=key_of(location))["body"]
        ledger, keys = Ledger(), itertools.count(1)
        for seed in range(20 if long else 4):
            round_of_commits(server, ledger, keys, seed, namespace)
            server.restart()
            check(server, ledger, namespace, read)
        assert ledger.snapshots and ledger.properties
