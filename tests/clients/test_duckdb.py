"""DuckDB and its Iceberg extension: all that they can do with a catalog."""

import pathlib

import duckdb
import pytest

EXTENSIONS = ("avro", "httpfs", "iceberg")


@pytest.fixture(scope="module", name="server",
                params=(("sqlite", 2), ("postgres", 2)),
                ids=("sqlite-2", "postgres-2"))
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


def load_extensions(connection):
    """PyPI's packages carry them; DuckDB by itself would download them."""
    site = pathlib.Path(duckdb.__file__).parents[1]
    for name in EXTENSIONS:
        package = site / f"duckdb_extension_{name}/extensions"
        file, = package.rglob(f"{name}.duckdb_extension")
        connection.execute(f"INSTALL '{file}'")
        connection.execute(f"LOAD {name}")


@pytest.fixture(name="sql")
def fixture_sql(server, tmp_path, request):
    """Runs a statement, signed in, with a schema of the test's own in use."""
    connection = duckdb.connect(
        config={"extension_directory": str(tmp_path / "extensions")})
    load_extensions(connection)
    connection.execute(
        f"CREATE SECRET (TYPE iceberg, CLIENT_ID 'admin', "
        f"CLIENT_SECRET '{server.first_password}', "
        f"OAUTH2_SERVER_URI '{server.url}/v1/oauth/tokens')")
    connection.execute(
        f"ATTACH 'default' AS lake (TYPE iceberg, ENDPOINT '{server.url}')")
    schema = request.node.originalname
    connection.execute(f"CREATE SCHEMA lake.{schema}")
    connection.execute(f"USE lake.{schema}")
    yield lambda statement: connection.execute(statement).fetchall()
    connection.close()


def test_creates_tables_with_every_kind_of_type(sql):
    sql("CREATE TABLE kinds (id INTEGER NOT NULL, name VARCHAR, day DATE, "
        "price DECIMAL(10, 2), moment TIMESTAMP, zoned TIMESTAMPTZ, raw BLOB, "
        "ok BOOLEAN, ratio DOUBLE, tags VARCHAR[], "
        "point STRUCT(x INTEGER, y VARCHAR), counts MAP(VARCHAR, INTEGER))")
    sql("INSERT INTO kinds VALUES (1, 'a', '2026-01-01', 1.5, "
        "'2026-01-01 12:00:00', '2026-01-01 12:00:00+00', 'ab'::BLOB, true, "
        "0.5, ['t'], {'x': 1, 'y': 'q'}, MAP {'k': 7})")
    assert sql("SELECT id, name, price, raw, tags, point, counts FROM kinds") \
        == sql("SELECT 1, 'a', 1.5::DECIMAL(10, 2), 'ab'::BLOB, ['t'], "
               "{'x': 1, 'y': 'q'}, MAP {'k': 7}")


def test_creates_a_table_from_a_query(sql):
    sql("CREATE TABLE numbers AS "
        "SELECT range AS id, range::VARCHAR AS name FROM range(1000)")
    assert sql("SELECT count(*), sum(id), max(name) FROM numbers") == [
        (1000, 499500, "999")]
    sql("CREATE TABLE IF NOT EXISTS numbers (one INTEGER)")
    assert len(sql("DESCRIBE numbers")) == 2


def test_writes_partitioned_tables(sql):
    sql("CREATE TABLE days (id INTEGER, day DATE) "
        "PARTITIONED BY (bucket(4, id), month(day))")
    sql("INSERT INTO days "
        "SELECT range, DATE '2026-01-01' + range::INTEGER FROM range(60)")
    sql("UPDATE days SET id = id + 1000 WHERE id < 5")
    sql("DELETE FROM days WHERE id > 1002")
    assert sql("SELECT count(*), max(id) FROM days") == [(58, 1002)]
    assert sql("SELECT count(*) FROM days WHERE day < DATE '2026-02-01'") == [
        (29,)]


def test_updates_deletes_and_merges(sql):
    sql("CREATE TABLE stock AS SELECT range AS id, 'old' AS note FROM range(4)")
    sql("UPDATE stock SET note = 'new' WHERE id = 1")
    sql("DELETE FROM stock WHERE id = 2")
    sql("MERGE INTO stock USING (SELECT 3 AS id UNION ALL SELECT 9) AS other "
        "ON stock.id = other.id "
        "WHEN MATCHED THEN UPDATE SET note = 'merged' "
        "WHEN NOT MATCHED THEN INSERT VALUES (other.id, 'inserted')")
    assert sql("SELECT * FROM stock ORDER BY id") == [
        (0, "old"), (1, "new"), (3, "merged"), (9, "inserted")]


def test_reads_a_table_as_it_was(sql):
    sql("CREATE TABLE story AS SELECT 1 AS id")
    sql("INSERT INTO story VALUES (2)")
    snapshots = sql("SELECT snapshot_id, timestamp_ms FROM "
                    "iceberg_snapshots(lake.test_reads_a_table_as_it_was.story)"
                    " ORDER BY sequence_number")
    assert len(snapshots) == 2
    first, moment = snapshots[0]
    assert sql(f"SELECT * FROM story AT (VERSION => {first})") == [(1,)]
    assert sql("SELECT * FROM story AT "
               f"(TIMESTAMP => TIMESTAMP '{moment}')") == [(1,)]
    assert sql("SELECT count(*) FROM story") == [(2,)]


def test_a_transaction_changes_two_tables_or_none(sql):
    for name in ("debit", "credit"):
        sql(f"CREATE TABLE {name} (amount INTEGER)")
    for end, rows in (("ROLLBACK", 0), ("COMMIT", 1)):
        sql("BEGIN")
        sql("INSERT INTO debit VALUES (7)")
        sql("INSERT INTO credit VALUES (7)")
        sql(end)
        assert sql("SELECT (SELECT count(*) FROM debit), "
                   "(SELECT count(*) FROM credit)") == [(rows, rows)]


def test_alters_renames_and_drops(sql):
    sql("CREATE TABLE shape AS SELECT 1::INTEGER AS id, 'a' AS name")
    sql("ALTER TABLE shape ADD COLUMN extra INTEGER")
    sql("ALTER TABLE shape ALTER COLUMN id TYPE BIGINT")
    sql("ALTER TABLE shape RENAME COLUMN name TO title")
    sql("ALTER TABLE shape DROP COLUMN extra")
    sql("CALL set_iceberg_table_properties(shape, {'owner': 'duck'})")
    assert ("owner", "duck") in sql(
        "SELECT key, value FROM iceberg_table_properties(shape)")
    sql("ALTER TABLE shape RENAME TO form")
    assert [(name, kind) for name, kind, *_ in sql("DESCRIBE form")] == [
        ("id", "BIGINT"), ("title", "VARCHAR")]
    sql("DROP TABLE form")
    assert sql("SHOW TABLES") == []
    with pytest.raises(duckdb.Error, match="does not exist"):
        sql("SELECT * FROM form")


def test_a_branch_is_written_and_the_past_read(sql, server, request):
    schema = request.node.originalname
    sql("CREATE TABLE t AS SELECT 1 AS n")
    made = server.call("POST", "/api/v1/branches", {
        "name": "duck", "catalog": "default"})
    assert made.status == 201, made
    commit = made.json()["head_commit_id"]
    assert server.call("POST", "/api/v1/tags", {
        "name": "pond", "catalog": "default",
        "commit_id": commit}).status == 200
    for name, address in (("dev", "duck"), ("past", f"main~{commit}"),
                          ("tagged", "pond")):
        sql(f"ATTACH 'default@{address}' AS {name} (TYPE iceberg, "
            f"ENDPOINT '{server.url}')")

    def shows(table, *rows):
        found = sql(f"SELECT n FROM {table} ORDER BY n")
        assert [n for n, in found] == list(rows), table

    sql(f"INSERT INTO dev.{schema}.t VALUES (2)")
    sql("INSERT INTO t VALUES (3)")
    sql(f"CREATE TABLE dev.{schema}.more AS SELECT 7 AS n")
    shows(f"dev.{schema}.more", 7)
    sql(f"ALTER TABLE dev.{schema}.t RENAME TO u")
    shows(f"dev.{schema}.u", 1, 2)
    sql(f"DROP TABLE dev.{schema}.more")
    assert sql(f"SHOW TABLES FROM dev.{schema}") == [("u",)]
    assert sql(f"SHOW TABLES FROM lake.{schema}") == [("t",)]
    for name in ("past", "tagged"):
        shows(f"{name}.{schema}.t", 1)
        for statement in ("INSERT INTO {} VALUES (9)", "DROP TABLE {}"):
            with pytest.raises(duckdb.Error, match="historic view"):
                sql(statement.format(f"{name}.{schema}.t"))
    shows(f"lake.{schema}.t", 1, 3)
