"""Apache Iceberg's own tests of REST catalogs: the REST compatibility kit."""

import re
import subprocess
import xml.etree.ElementTree as xml

import pytest

from harness.server import ROOT, kind_id

KIT = ROOT / "build/rck"
PACKAGE = "org.apache.iceberg.rest"
# Each class, and how many of its tests there are for this configuration.
CLASSES = {"RESTCompatibilityKitCatalogTests": 97,
           "RESTCompatibilityKitViewCatalogTests": 50}
# What the kit never asks of a REST catalog by itself.
MORE = ("testDropNamespaceWithNestedNamespace", "testListNestedNamespaces",
        "testNamespaceWithSlash", "testTableNameWithSlash",
        "createTableInUniqueLocation")
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


@pytest.fixture(scope="session", name="more")
def fixture_more(classpath):
    """The classpath with our class that turns more of the kit on."""
    classes, source = KIT / "classes", ROOT / "tests/rck/MoreTests.java"
    subprocess.run(["javac", "-nowarn", "-d", classes, "-cp", classpath,
                    source], check=True, timeout=120)
    return f"{classpath}:{classes}"


# They expire snapshots, which deletes files that other branches may show.
NEED_GC = ("testRemoveUnusedSchemas(boolean)", "testRemoveUnusedSpec(boolean)")

# They make a table at the place of one that another of them has dropped.
NEED_PLACES = ("testCompleteCreateTable()", "testLoadTable()",
               "testCompleteCreateTransaction()",
               "testCompleteCreateTransactionV2()",
               "testCompleteCreateTransactionMultipleSchemas()",
               "testCompleteCreateOrReplaceTransactionCreate()",
               "testCompleteCreateOrReplaceTransactionReplace()",
               "testCompleteReplaceTransaction()",
               "testCreateTableWithDefaultColumnValue()")

# Store and workers.
STORES = (("sqlite", 2), ("memory", 1))
MORE_STORES = (("postgres", 2), ("mongo", 2))


def pytest_generate_tests(metafunc):
    """Servers behind stores with --long only: the way to them is the same."""
    if "server" in metafunc.fixturenames:
        stores = STORES
        if metafunc.config.getoption("--long"):
            stores += MORE_STORES
        elif metafunc.definition.get_closest_marker("left_out_of_quick"):
            stores = STORES[:1]
        metafunc.parametrize("server", stores, ids=kind_id, indirect=True,
                             scope="module")


@pytest.fixture(scope="module", name="server")
def fixture_server(request, start_kind):
    places = {"bootstrap_allowed_locations": PLACES}
    with start_kind((*request.param, places)) as server:
        yield server


def empty(server, parent=None, warehouse="default"):
    """The kit wants none of its namespaces to be there."""
    spaces = f"/v1/{warehouse}/namespaces"
    query = f"?parent={'%1F'.join(parent)}" if parent else ""
    for levels in server.call("GET", spaces + query).json()["namespaces"]:
        empty(server, levels, warehouse)
        path = f"{spaces}/" + "%1F".join(
            level.replace("/", "%2F") for level in levels)
        for kind in ("tables", "views"):
            found = server.call("GET", f"{path}/{kind}").json()
            for identifier in found["identifiers"]:
                name = identifier["name"].replace("/", "%2F")
                server.call("DELETE", f"{path}/{kind}/{name}")
        assert server.call("DELETE", path).status == 204


def run_kit(server, selected, classpath, folder, warehouse="default",
            options=()):
    """How many of these tests passed, and what went wrong."""
    (folder / "tmp").mkdir(parents=True)
    with open(folder / "console", "wb") as console:
        subprocess.run(
            ["java", *JVM, *options, f"-Djava.io.tmpdir={folder}/tmp",
             f"-Duri={server.url}", f"-Dwarehouse={warehouse}",
             f"-Dtoken={server.token('admin')}", "-cp", classpath,
             "org.junit.platform.console.ConsoleLauncher", "execute",
             *selected, f"--reports-dir={folder}", "--details=none", "--disable-banner"],
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


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CLASSES)
def test_the_kit_passes_also_twice_in_a_row(
        server, name, classpath, tmp_path, request):
    once = request.config.getoption("--quick")
    for round_ in ("first",) if once else ("first", "second"):
        empty(server)
        passed, wrong = run_kit(
            server, ("--select-class", f"{PACKAGE}.{name}"), classpath,
            tmp_path / round_)
        assert not wrong
        assert passed == CLASSES[name]


@pytest.mark.timeout(300)
def test_names_below_names_slashes_and_places_of_their_own(
        server, more, tmp_path):
    empty(server)
    selected = [f"--select-method={PACKAGE}.MoreTests#{name}" for name in MORE]
    passed, wrong = run_kit(server, selected, more, tmp_path / "more")
    assert not wrong
    assert passed == len(MORE)


@pytest.mark.timeout(900)
@pytest.mark.left_out_of_quick
@pytest.mark.parametrize("name", CLASSES)
def test_the_kit_passes_on_a_branch(server, name, classpath, tmp_path):
    empty(server)
    branch = f"kit-{name[20:24]}"
    made = server.call("POST", "/api/v1/branches", {
        "name": branch, "catalog": "default"})
    assert made.status == 201, made
    warehouse = f"default@{branch}"
    empty(server, warehouse=warehouse)
    passed, wrong = run_kit(
        server, ("--select-class", f"{PACKAGE}.{name}"), classpath, tmp_path,
        warehouse)
    refused = {test for test in NEED_GC + NEED_PLACES if "ViewCatalog" not in name}
    assert {re.split(r"\[|: ", one)[0] for one in wrong} == refused, wrong
    assert all("GC is disabled" in one or "Location is in, at" in one
               for one in wrong), wrong
    assert passed == CLASSES[name] - len(wrong)
    assert server.call("GET", "/v1/default/namespaces").json()[
        "namespaces"] == []
