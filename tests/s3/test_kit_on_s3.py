"""Apache Iceberg's compatibility kit on a bucket: Java's own client, once with
keys of a session, once without any, its requests being signed."""

import pathlib
import subprocess
import tempfile

import pytest
from harness.s3 import S3
from harness.server import ROOT, Server
from rck import test_rck as rck

# Else the AWS SDK sends bodies in chunks, which Ceph 16 refuses.
CHECKSUMS = ("-Daws.requestChecksumCalculation=when_required",
             "-Daws.responseChecksumValidation=when_required")
# It moves a metadata file away, as a file.
NEEDS_FILES = "testLoadTableWithMissingMetadataFile(Path)"
# It deletes files, which a session may not, in a form that Ceph 16 answers 400.
DELETES = "dropAfterRenameDoesntCorruptTable()"


@pytest.fixture(scope="module", name="classpath")
def fixture_classpath():
    """Maven looks for what both kits need only once."""
    made, pom = ROOT / "build/rck/classpath-s3", ROOT / "tests/s3/pom.xml"
    made.parent.mkdir(parents=True, exist_ok=True)
    if not made.exists() or made.stat().st_mtime < pom.stat().st_mtime:
        subprocess.run(
            ["mvn", "-B", "-ntp", "-q", "-f", pom,
             f"-Dmaven.repo.local={ROOT}/build/rck-s3/repository",
             "dependency:build-classpath", f"-Dmdep.outputFile={made}"],
            check=True, timeout=900)
    return made.read_text().strip()


@pytest.fixture(scope="module", name="server")
def fixture_server():
    """Not below /tmp: some tests make their tables there."""
    folder = pathlib.Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    server = Server(folder, settings={"warehouse": {
        "allowed_endpoints": ["127.0.0.1"], "allowed_roots": ["file:///"]}})
    server.s3 = S3()
    try:
        server.start()
        yield server
    finally:
        server.kill()
        server.s3.end()
        subprocess.run(["rm", "-rf", folder], check=True)


def make_catalog(server, name):
    s3 = server.s3
    for path, body in (
            ("/api/v1/warehouses", {"name": name, "storage_config": {
                "s3.bucket": s3.bucket, "s3.prefix": name,
                "s3.endpoint": f"http://127.0.0.1:{s3.port}",
                "s3.path-style-access": "true",
                "s3.access-key-id": s3.access_key,
                "s3.secret-access-key": s3.secret_key,
                "allowed-locations": "file:/tmp"},
                "vending_strategy": {"AwsSts": {"role_arn": s3.role}}}),
            ("/api/v1/catalogs", {"name": name, "warehouse_name": name})):
        made = server.call("POST", path, body)
        assert made.status == 201, made


WAYS = (("remote-signing", {NEEDS_FILES}),
        ("vended-credentials", {NEEDS_FILES, DELETES}))


def pytest_generate_tests(metafunc):
    """Both with --long; what PyIceberg does with each is in every run."""
    if "delegation" in metafunc.fixturenames:
        long = metafunc.config.getoption("--long")
        metafunc.parametrize("delegation, fail", WAYS if long else WAYS[:1])


@pytest.mark.timeout(900)
def test_the_kit_passes_on_a_bucket(
        server, classpath, tmp_path, delegation, fail):
    make_catalog(server, delegation)
    passed, wrong = rck.run_kit(
        server, ("--select-class",
                 f"{rck.PACKAGE}.RESTCompatibilityKitCatalogTests"),
        classpath, tmp_path, delegation,
        (*CHECKSUMS, f"-Dheader.X-Iceberg-Access-Delegation={delegation}"))
    assert {one.split(": ")[0] for one in wrong} == fail, wrong
    assert passed == rck.CLASSES[
        "RESTCompatibilityKitCatalogTests"] - len(fail)
