"""Apache Iceberg's own tests of REST catalogs: the REST compatibility kit."""

import subprocess
import xml.etree.ElementTree as xml

import pytest

from harness.server import ROOT, Server

KIT = ROOT / "build/rck"
# Each class, and how many of its tests there are for this configuration.
CLASSES = {"RESTCompatibilityKitCatalogTests": 97,
           "RESTCompatibilityKitViewCatalogTests": 50}
# The kit makes its tables at fixed places below /tmp.
PLACES = "file:/tmp"
JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
       "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Drck.local=false",
       # the effective default of 1.11.0 makes tables in no namespace
       "-Drck.requires-namespace-create=true",
       "-Drck.supports-names-with-dot=true")


@pytest.fixture(scope="session", name="classpath")
def fixture_classpath():
    """What Maven has fetched, once for each version of the list."""
    KIT.mkdir(parents=True, exist_ok=True)
    made, pom = KIT / "classpath", ROOT / "tests/rck/pom.xml"
    if not made.exists() or made.stat().st_mtime < pom.stat().st_mtime:
        subprocess.run(
            ["mvn", "-B", "-ntp", "-q", "-f", pom,
             f"-Dmaven.repo.local={KIT}/repository",
             "dependency:build-classpath", f"-Dmdep.outputFile={made}"],
            check=True, timeout=900)
    return made.read_text().strip()


@pytest.fixture(scope="module", name="server",
                params=(("sqlite", 2), ("memory", 1)), ids=lambda p: p[0])
def fixture_server(request, tmp_path_factory):
    """Store and workers."""
    store, workers = request.param
    server = Server(tmp_path_factory.mktemp("rck"), store=store,
                    workers=workers,
                    settings={"bootstrap_allowed_locations": PLACES}).start()
    yield server
    server.kill()


def empty(server, parent=None):
    """The kit wants none of its namespaces to be there."""
    spaces = "/v1/default/namespaces"
    query = f"?parent={'%1F'.join(parent)}" if parent else ""
    for levels in server.call("GET", spaces + query).json()["namespaces"]:
        empty(server, levels)
        path = f"{spaces}/" + "%1F".join(
            level.replace("/", "%2F") for level in levels)
        for kind in ("tables", "views"):
            found = server.call("GET", f"{path}/{kind}").json()
            for identifier in found["identifiers"]:
                name = identifier["name"].replace("/", "%2F")
                server.call("DELETE", f"{path}/{kind}/{name}")
        assert server.call("DELETE", path).status == 204


def run_kit(server, name, classpath, folder):
    """How many passed, and what went wrong."""
    (folder / "tmp").mkdir()
    with open(folder / "console", "wb") as console:
        subprocess.run(
            ["java", *JVM, f"-Djava.io.tmpdir={folder}/tmp",
             f"-Duri={server.url}", "-Dwarehouse=default",
             f"-Dtoken={server.token('admin')}", "-cp", classpath,
             "org.junit.platform.console.ConsoleLauncher", "execute",
             "--select-class", f"org.apache.iceberg.rest.{name}",
             f"--reports-dir={folder}", "--details=none", "--disable-banner"],
            stdout=console, stderr=console, timeout=600, check=False)
    passed, wrong = 0, []
    for case in xml.parse(folder / "TEST-junit-jupiter.xml").iter("testcase"):
        bad = case.find("failure")
        bad = bad if bad is not None else case.find("error")
        if bad is not None:
            wrong.append(f"{case.get('name')}: {bad.get('message')}"[:300])
        elif case.find("skipped") is None:
            passed += 1
    return passed, wrong


def check_kit(server, name, classpath, folder):
    empty(server)
    folder.mkdir()
    passed, wrong = run_kit(server, name, classpath, folder)
    assert not wrong
    assert passed == CLASSES[name]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CLASSES)
def test_the_kit_passes_also_twice_in_a_row(
        server, name, classpath, tmp_path):
    for round_ in ("first", "second"):
        check_kit(server, name, classpath, tmp_path / round_)
