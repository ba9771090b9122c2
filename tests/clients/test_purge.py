"""purge_table() of PyIceberg: data goes when no branch shows it, not before."""

import pyarrow as pa
import pytest
from harness.upkeep import Kept, path_of
from harness.wait import until

from conftest import connect

ROWS = pa.table({"n": pa.array([1, 2, 3], pa.int64())})


@pytest.fixture(scope="module", name="server", params=("sqlite", "postgres"))
def fixture_server(request, start_kind):
    with start_kind((request.param, 2, {"history": {
            "retention": "0s", "grace": "1s",
            "upkeep_interval": "0s"}})) as server:
        yield server


def test_data_goes_when_no_branch_shows_it(server):
    kept = Kept(server)
    main = connect(server, kept.name)
    main.create_namespace("a")
    places = []
    for name in ("t", "u"):
        table = main.create_table(("a", name), ROWS.schema)
        table.append(ROWS)
        table.append(ROWS)
        places.append(path_of(table.location()))
    kept.fork("dev")
    dev = connect(server, f"{kept.name}@dev")
    dev.load_table(("a", "t")).append(ROWS)
    for name in ("t", "u"):
        main.purge_table(("a", name))
    dev.drop_table(("a", "u"))
    kept.run("prune")

    def gone():
        kept.run("sweep")
        return not places[1].exists()
    until(gone, f"{places[1]} is gone")
    assert main.list_tables("a") == []
    assert len(list(places[0].rglob("*.parquet"))) == 3
    assert dev.load_table(("a", "t")).scan().to_arrow().num_rows == 9
    dev.drop_table(("a", "t"))
    kept.run("prune")

    def all_gone():
        kept.run("sweep")
        return not places[0].exists()
    until(all_gone, f"{places[0]} is gone")
