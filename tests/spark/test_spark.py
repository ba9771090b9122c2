"""Spark with Iceberg's runtime, whose scans the server plans."""

import json
import subprocess

import pyarrow as pa
import pytest
from harness.manual import block_of_clients, filled_in
from harness.server import ROOT
from pyiceberg.catalog import load_catalog

HERE = ROOT / "tests/spark"
KIT = ROOT / "build/spark"
# What Spark's own scripts open of Java's modules.
OPENS = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in (
    "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io",
    "java.net", "java.nio", "java.util", "java.util.concurrent",
    "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs",
    "sun.security.action", "sun.util.calendar")]
JVM = ("java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *OPENS)
ROUND = {
    "CREATE NAMESPACE shop": [],
    "CREATE TABLE shop.days (id BIGINT, name STRING, d TIMESTAMP) "
    "USING iceberg PARTITIONED BY (day(d)) TBLPROPERTIES ("
    "'format-version'='2', 'write.delete.mode'='merge-on-read', "
    "'write.update.mode'='merge-on-read', "
    "'write.merge.mode'='merge-on-read')": [],
    "INSERT INTO shop.days SELECT id, '4142', "
    "timestamp_seconds(1767225600 + id * 40000) FROM range(20)": [],
    "UPDATE shop.days SET name = 'new' WHERE id < 5": [],
    "DELETE FROM shop.days WHERE id = 7": [],
    "MERGE INTO shop.days t USING (SELECT 9 AS id UNION ALL SELECT 100) s "
    "ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = 'merged' "
    "WHEN NOT MATCHED THEN INSERT (id, name, d) "
    "VALUES (s.id, 'in', timestamp '2026-01-01')": [],
    "SELECT name, count(*) AS n FROM shop.days GROUP BY name ORDER BY name": [
        {"name": "4142", "n": 13}, {"name": "in", "n": 1},
        {"name": "merged", "n": 1}, {"name": "new", "n": 5}],
    "SELECT count(*) AS n FROM shop.days WHERE name = '4142' "
    "AND d < timestamp '2026-01-04'": [{"n": 2}],
}
# On branch `dev`, and on what `main` was: a table that had one row then.
BRANCHES = {
    "INSERT INTO dev.fork.t VALUES (2)": [],
    "INSERT INTO fork.t VALUES (3)": [],
    "CREATE TABLE dev.fork.more USING iceberg AS SELECT 7 AS n": [],
    "SELECT n FROM dev.fork.more": [{"n": 7}],
    "ALTER TABLE dev.fork.t RENAME TO fork.u": [],
    "SELECT n FROM dev.fork.u ORDER BY n": [{"n": 1}, {"n": 2}],
    "SELECT n FROM fork.t ORDER BY n": [{"n": 1}, {"n": 3}],
    "SHOW TABLES IN fork": [
        {"namespace": "fork", "tableName": "t", "isTemporary": False}],
    "DROP TABLE dev.fork.more": [],
    "SHOW TABLES IN dev.fork": [
        {"namespace": "fork", "tableName": "u", "isTemporary": False}],
    "SELECT n FROM tagged.fork.t": [{"n": 1}],
    "SELECT n FROM past.fork.t": [{"n": 1}],
    "INSERT INTO tagged.fork.t VALUES (9)": "historic view",
    "DROP TABLE past.fork.t": "historic view",
    "SELECT count(*) AS n FROM fork.t": [{"n": 2}],
}


@pytest.fixture(scope="session", name="classpath")
def fixture_classpath():
    """What Maven has fetched, once for each version of the list."""
    KIT.mkdir(parents=True, exist_ok=True)
    made, pom = KIT / "classpath", HERE / "pom.xml"
    if not made.exists() or made.stat().st_mtime < pom.stat().st_mtime:
        subprocess.run(
            ["mvn", "-B", "-ntp", "-q", "-f", pom,
             f"-Dmaven.repo.local={KIT}/repository",
             "dependency:build-classpath", f"-Dmdep.outputFile={made}"],
            check=True, timeout=900)
    libraries = made.read_text().strip()
    subprocess.run(["javac", "-nowarn", "-d", KIT / "classes", "-cp", libraries,
                    HERE / "SparkSql.java", HERE / "Statistics.java"],
                   check=True, timeout=120)
    return f"{libraries}:{KIT}/classes"


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2)) as server:
        yield server


def properties(server, mode, warehouse="default"):
    return {"uri": server.url, "warehouse": warehouse,
            "credential": f"admin:{server.first_password}",
            "scan-planning-mode": mode}


def run_java(classpath, *arguments, **more):
    done = subprocess.run([*JVM, "-cp", classpath, *arguments], text=True,
                          capture_output=True, timeout=300, check=False,
                          **more)
    assert done.returncode == 0, done.stderr[-6000:]
    return done.stdout.splitlines()


@pytest.fixture(scope="module", name="warehouses")
def fixture_warehouses(server):
    """By Spark's names for them: main, a branch, and two ways to the past."""
    def manage(path, body):
        reply = server.call("POST", f"/api/v1/{path}",
                            {"catalog": "default", **body})
        assert reply.status < 300, reply
        return reply.json()

    main = load_catalog("lake", **properties(server, "client"))
    row = pa.table({"n": pa.array([1], pa.int32())})
    main.create_namespace("fork")
    main.create_table("fork.t", row.schema).append(row)
    commit = manage("branches", {"name": "dev"})["head_commit_id"]
    manage("tags", {"name": "v1", "commit_id": commit})
    return {"lake": "default", "dev": "default@dev", "tagged": "default@v1",
            "past": f"default@main~{commit}"}


def settings_of(server, warehouses):
    """Those that docs/clients.md has for `lake`, and the like for the rest."""
    yield from filled_in(block_of_clients("properties"), server).splitlines()
    for name, warehouse in warehouses.items():
        if name == "lake":
            continue
        catalog = f"spark.sql.catalog.{name}"
        yield f"{catalog}=org.apache.iceberg.spark.SparkCatalog"
        yield f"{catalog}.type=rest"
        for key, value in properties(server, "server", warehouse).items():
            yield f"{catalog}.{key}={value}"


@pytest.fixture(scope="module", name="answers")
def fixture_answers(server, warehouses, classpath):
    """Of one Spark, which takes seconds to start, to all statements; scans
    are planned by the server."""
    statements = [*ROUND, *BRANCHES]
    lines = run_java(
        classpath, "SparkSql", *settings_of(server, warehouses),
        input="".join(f"{statement}\n" for statement in statements))
    return {statement: json.loads(line) for statement, line
            in zip(statements, lines, strict=True)}


@pytest.fixture(scope="module", name="table")
def fixture_table(answers):
    """Partitioned, and changed by Spark."""
    assert {statement: answers[statement] for statement in ROUND} == ROUND
    return "shop.days"


def statistics(server, classpath, table, mode):
    return run_java(classpath, "Statistics", table, *(
        f"{name}={value}" for name, value in
        properties(server, mode).items()))


@pytest.mark.timeout(1200)
def test_spark_changes_a_partitioned_table_under_planned_scans(server, table):
    assert table
    assert server.log_text().count('tables/{table}/plan"') >= 4


@pytest.mark.timeout(1200)
def test_spark_writes_a_branch_and_reads_the_past(answers):
    for statement, wanted in BRANCHES.items():
        found = answers[statement]
        if isinstance(wanted, str):
            assert isinstance(found, str) and wanted in found, statement
        else:
            assert found == wanted, statement


@pytest.mark.timeout(300)
def test_statistics_are_those_of_the_clients_own_planning(
        server, classpath, table):
    own, planned = (statistics(server, classpath, table, mode)
                    for mode in ("client", "server"))
    assert own[0] != planned[0]  # another class of scans
    assert len(own) > 5 and own[1:] == planned[1:]
    assert any("2=34313432" in line for line in own)
