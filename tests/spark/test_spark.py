"""Spark with Iceberg's runtime, whose scans the server plans."""

import json
import subprocess

import pytest
from harness.server import ROOT

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


def properties(server, mode):
    return {"uri": server.url, "warehouse": "default",
            "credential": f"admin:{server.first_password}",
            "scan-planning-mode": mode}


def run_java(classpath, *arguments, **more):
    done = subprocess.run([*JVM, "-cp", classpath, *arguments], text=True,
                          capture_output=True, timeout=300, check=False,
                          **more)
    assert done.returncode == 0, done.stderr[-6000:]
    return done.stdout.splitlines()


@pytest.fixture(scope="module", name="table")
def fixture_table(server, classpath):
    """Partitioned, and changed by Spark under scans that the server plans."""
    catalog = "spark.sql.catalog.lake"
    settings = {catalog: "org.apache.iceberg.spark.SparkCatalog",
                f"{catalog}.type": "rest", "spark.sql.defaultCatalog": "lake",
                **{f"{catalog}.{name}": value for name, value
                   in properties(server, "server").items()}}
    rows = run_java(
        classpath, "SparkSql",
        *(f"{name}={value}" for name, value in settings.items()),
        input="".join(f"{statement}\n" for statement in ROUND))
    for statement, line in zip(ROUND, rows, strict=True):
        assert json.loads(line) == ROUND[statement], statement
    return "shop.days"


def statistics(server, classpath, table, mode):
    return run_java(classpath, "Statistics", table, *(
        f"{name}={value}" for name, value in
        properties(server, mode).items()))


@pytest.mark.timeout(1200)
def test_spark_changes_a_partitioned_table_under_planned_scans(server, table):
    assert table
    assert server.log_text().count('tables/{table}/plan"') >= 4


@pytest.mark.timeout(300)
def test_statistics_are_those_of_the_clients_own_planning(
        server, classpath, table):
    own, planned = (statistics(server, classpath, table, mode)
                    for mode in ("client", "server"))
    assert own[0] != planned[0]  # another class of scans
    assert len(own) > 5 and own[1:] == planned[1:]
    assert any("2=34313432" in line for line in own)
