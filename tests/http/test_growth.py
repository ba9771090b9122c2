"""What a catalog takes stays flat: behind a year of commits, branches, merges
and deletions, tidied all the time, there is what there was behind a month.

A day is as long as its requests last; the retention is nothing and the grace a
second.  Rows are counted: SQLite keeps free pages in its file, PostgreSQL dead
rows until a vacuum.  What does grow is the row of each commit, and of each
branch there ever was three small ones: its ref, its name on the tenant's log,
its merge."""

import contextlib
import sqlite3

import pytest
from harness.changes import set_property
from harness.upkeep import Kept

SETTINGS = {"history": {"retention": "0s", "grace": "1s"}}
MONTH, SHORT, YEAR = 30, 60, 365
COUNTED = ("versions", "entries", "commits", "refs", "merges")
# a day's commits: two of the catalog that stay, three of a branch; what a
# branch is made, merged and deleted with is on the tenant's log
COMMITS_A_DAY = 9


def rows(server, database, schema):
    if database:
        return {table: int(database.ask(
            f"SELECT count(*) FROM {schema}.{table}")[0][0])
            for table in COUNTED}
    path = server.state_dir / "pangolin.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro",
                                            uri=True)) as db:
        return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[
            0] for table in COUNTED}


def one_day(catalog, day):
    catalog.set("t", f"{day:03}")
    catalog.fork("dev")
    catalog.set("u", f"{day:03}", branch="dev")
    catalog.make_table("x", branch="dev")
    catalog.drop("x", branch="dev")
    catalog.merge("dev")
    catalog.delete("dev")


def bytes_of(catalog):
    """Of the tables that live on."""
    return sum(file.stat().st_size
               for name in ("t-*", "u-*", "x-*")
               for folder in (catalog.server.folder / catalog.name).rglob(name)
               for file in folder.rglob("*") if file.is_file())


def measured(catalog, *store):
    catalog.tidy()
    catalog.run("prune")  # the tenant's log is pruned behind the grace
    found = rows(catalog.server, *store)
    found["bytes"] = bytes_of(catalog)
    found["kept"] = found["versions"] - found["refs"]
    found["named"] = found["entries"] - found["refs"]
    return found


@pytest.mark.left_out_of_quick
@pytest.mark.parametrize("store", ("sqlite", "postgres"))
def test_a_year_leaves_no_more_than_a_month(servers, databases, store, long):
    database = databases(store) if store == "postgres" else None
    place = database.new_store() if database else {}
    where = (database, place["store"]["options"]["schema"]
             if database else None)
    catalog = Kept(servers.start(store=store, workers=1,
                                 settings={**place, **SETTINGS}))
    catalog.make_space()
    for name in ("t", "u"):
        catalog.make_table(name)
        catalog.ask("POST", f"{catalog.path(space='a')}/tables/{name}", {
            "requirements": [], "updates": set_property(
                "write.metadata.previous-versions-max", "3")}, 200)
    days = YEAR if long else SHORT
    for day in range(1, days + 1):
        one_day(catalog, day)
        if day % 15 == 0 or long:
            for kind in ("prune", "sweep", "fold"):
                catalog.run(kind)
        if day == MONTH:
            month = measured(catalog, *where)
    year = measured(catalog, *where)
    for what in ("bytes", "kept", "named"):
        assert year[what] <= month[what] * 1.1, (what, month, year)
    for what, most in (("commits", COMMITS_A_DAY), ("refs", 1), ("merges", 1)):
        grown = year[what] - month[what]
        assert grown <= most * (days - MONTH) + 10, (what, month, year)
