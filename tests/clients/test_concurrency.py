"""Several PyIceberg clients at once."""

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
from clients.conftest import connect
from pyiceberg.exceptions import CommitFailedException, TableAlreadyExistsError

WRITERS = 6
EACH = 5
SCHEMA = pa.schema([("id", pa.int64())])


def append_with_retries(server, name, number):
    """As an engine does: on a conflict, load again and try again."""
    catalog = connect(server)
    rows = pa.table({"id": [number]}, schema=SCHEMA)
    for _ in range(200):
        try:
            catalog.load_table(name).append(rows)
            return
        except CommitFailedException:
            continue
    raise AssertionError("never came through")


def test_appends_to_one_table_are_all_there(server, catalog, space):
    name = (space, "shared")
    catalog.create_table(name, SCHEMA)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda n: append_with_retries(server, name, n),
                      range(WRITERS * EACH)))
    rows = catalog.load_table(name).scan().to_arrow()["id"].to_pylist()
    assert sorted(rows) == list(range(WRITERS * EACH))


def test_stale_writers_are_told(catalog, space):
    first = catalog.create_table((space, "stale"), SCHEMA,
                                 properties={"commit.retry.num-retries": "0"})
    second = catalog.load_table((space, "stale"))
    first.append(pa.table({"id": [1]}, schema=SCHEMA))
    with pytest.raises(CommitFailedException):
        second.append(pa.table({"id": [2]}, schema=SCHEMA))


def test_properties_of_many_writers_are_merged(server, catalog, space):
    """Changes that do not touch each other need no retry of the client."""
    name = (space, "merged")
    catalog.create_table(name, SCHEMA)

    def write(number):
        with connect(server).load_table(name).transaction() as transaction:
            transaction.set_properties({f"k{number}": "v"})

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    kept = catalog.load_table(name).properties
    assert {f"k{n}" for n in range(WRITERS)} <= set(kept)


def test_one_of_many_creates_the_table(server, space):
    def make(_):
        try:
            return connect(server).create_table((space, "one"), SCHEMA)
        except TableAlreadyExistsError:
            return None

    with ThreadPoolExecutor(WRITERS) as pool:
        made = [t for t in pool.map(make, range(WRITERS)) if t]
    assert len(made) == 1


def test_tables_of_their_own_do_not_conflict(server, catalog, space):
    def write(number):
        own = connect(server)
        table = own.create_table((space, f"own{number}"), SCHEMA)
        for value in range(EACH):
            table.append(pa.table({"id": [value]}, schema=SCHEMA))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    assert len(catalog.list_tables(space)) == WRITERS
    for name in catalog.list_tables(space):
        assert catalog.load_table(name).scan().to_arrow().num_rows == EACH
