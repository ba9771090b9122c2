"""Tables that a merge has made, read by Iceberg's own implementation."""

import json
import shutil
import subprocess
import sys

import pytest
from harness.server import ROOT
from test_spark import fixture_classpath, run_java  # noqa: F401

sys.path.append(str(ROOT / "tests/merge"))

from histories import append, created, merged  # noqa: E402

IDS = (1, 2, 3, 10, 11, 12, 14, 15, 16, 20, 21, 25)


def merged_twice(folder, version):
    base = append(created(folder, version, "parted"), 1, 2, 3)
    source = append(append(base, 10, 11, 15), 12, 14)
    table = merged(base, source, append(base, 20, 21, 25))
    return merged(source, append(source, 16), table)


@pytest.fixture(name="warehouse")
def fixture_warehouse(tmp_path):
    """Tables where Hadoop's catalog looks for them: t1, t2, t3."""
    subprocess.run(["make", "-s", "build/dev/merge/merge_tables"], cwd=ROOT,
                   check=True)
    for version in (1, 2, 3):
        table = merged_twice(tmp_path / f"v{version}", version)
        folder = tmp_path / f"warehouse/db/t{version}/metadata"
        folder.mkdir(parents=True)
        shutil.copy(table.metadata_location, folder / "v1.metadata.json")
        (folder / "version-hint.text").write_text("1")
    return tmp_path / "warehouse"


@pytest.mark.timeout(1200)
def test_spark_reads_the_union_of_rows(warehouse, classpath):
    catalog = "spark.sql.catalog.lake"
    questions = {
        "SELECT id FROM lake.db.t{} ORDER BY id": [{"id": i} for i in IDS],
        "SELECT id FROM lake.db.t{} WHERE kind = 'b' AND price < -10": [
            {"id": 11}],
        "SELECT operation FROM lake.db.t{}.snapshots ORDER BY committed_at "
        "DESC LIMIT 1": [{"operation": "append"}]}
    asked = {question.format(version): answer for version in (1, 2, 3)
             for question, answer in questions.items()}
    asked["SELECT count(DISTINCT _row_id) AS n, max(_row_id) AS last "
          "FROM lake.db.t3"] = [{"n": len(IDS), "last": len(IDS) - 1}]
    lines = run_java(
        classpath, "SparkSql",
        f"{catalog}=org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.type=hadoop", f"{catalog}.warehouse={warehouse}",
        input="".join(f"{question}\n" for question in asked))
    for (question, answer), line in zip(asked.items(), lines, strict=True):
        assert json.loads(line) == answer, question
