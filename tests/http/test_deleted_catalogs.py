"""What the store has of deleted catalogs: a sweep of any other removes it."""

import pytest
from harness.deleted import Rows, delete, make_anew, rich
from harness.upkeep import Kept
from harness.wait import until

SETTINGS = {"history": {"retention": "0s", "grace": "1s",
                        "upkeep_interval": "0s"}}
KINDS = [("sqlite", 2, SETTINGS), ("memory", 1, SETTINGS),
         ("postgres", 1, SETTINGS), ("mongo", 1, SETTINGS)]


@pytest.fixture(name="server", scope="module")
def fixture_server(start_kind):
    with start_kind(KINDS[0]) as server:
        yield server


@pytest.mark.parametrize("earlier", (False, True))
def test_nothing_is_left_of_a_deleted_catalog(server, earlier):
    keeper, gone = Kept(server), rich(server)
    keeper.make_space()
    keeper.make_table("t")
    rows, kept = Rows(server, gone.name), Rows(server, keeper.name)
    before = until(lambda: "audit_cursors" in kept.count() and kept.count(),
                   "its commits are on record")
    tables = {"refs", "commits", "merges", "merge_operations",
              "merge_conflicts", "garbage", "purges", "locations"}
    assert tables < set(rows.count())
    until(lambda: "audit_cursors" in rows.count(), "and those of the other")
    file = gone.file()
    delete(gone)
    make_anew(gone)
    if earlier:
        rows.forget_notes()

    def swept():
        keeper.run("sweep")
        return rows.count() == {}
    until(swept, "its rows are gone")
    assert kept.count() == before
    assert file.exists()  # no file is deleted
    assert gone.value("new") == "1"
    found = gone.ask("GET", gone.refs(name="main/commits"), want=200).json()
    assert len(found) == 3
    assert rows.ask("SELECT name FROM revisions"
                    " WHERE name LIKE 'deleted catalog %'") == []


@pytest.mark.parametrize("kind", KINDS[1:], ids=lambda kind: kind[0])
def test_other_stores_remove_it_too(start_kind, kind):
    with start_kind(kind) as server:
        keeper, gone = Kept(server), rich(server)
        keeper.run("sweep")
        delete(gone)
        make_anew(gone)
        removed = []

        def swept():
            removed.append(keeper.run("sweep"))
            return removed[-1] == 0 and sum(removed) > 0
        until(swept, "a sweep finds nothing any more")
        assert sum(removed) >= 30
        assert gone.value("new") == "1"
