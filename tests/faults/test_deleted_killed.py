"""kill -9 while the rows of a deleted catalog are removed: all go in the end,
and those of the catalog that was made anew stay."""

from faults.test_prune_killed import until_killed
from faults.test_purge_killed import start
from harness.deleted import Rows, delete, make_anew, rich
from harness.upkeep import Kept
from harness.wait import until


def test_a_kill_while_a_deleted_catalog_is_forgotten_stops_nothing(servers):
    server, point = start(servers, "sqlite")
    keeper, gone = Kept(server), rich(server)
    rows = Rows(server, gone.name)
    delete(gone)
    make_anew(gone)
    for _ in range(3):
        until_killed(server, keeper, point, "deleted_swept")
        assert gone.value("new") == "1"

    def swept():
        keeper.run("sweep")
        return rows.count() == {}
    until(swept, "its rows are gone")
    assert gone.value("new") == "1"
