"""An S3 server, a proxy that breaks what a test says, a catalog behind it."""

import pytest
from harness.s3 import FORM, MAKES, Client, Faults, build_program
from harness.sea import SETTINGS, Sea


def pytest_generate_tests(metafunc):
    """A module may say on which makes of servers it runs."""
    makes = getattr(metafunc.module, "SERVERS", None)
    if makes and "s3" in metafunc.fixturenames:
        makes = makes if FORM == "dev" else makes[:1]
        metafunc.parametrize("s3", makes, indirect=True, scope="module")


@pytest.fixture(scope="module", name="s3")
def fixture_s3(request):
    build_program()
    s3 = MAKES[getattr(request, "param", "ceph")]()
    yield s3
    s3.end()


@pytest.fixture(scope="module", name="proxy")
def fixture_proxy(s3):
    with Faults(s3.port) as proxy:
        proxy.s3 = s3
        yield proxy


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind, s3):
    """One worker, so that one process has all connections; new with each S3
    server, whose catalogs die with it."""
    assert s3
    with start_kind(("sqlite", 1, SETTINGS)) as server:
        yield server


@pytest.fixture(name="bucket")
def fixture_bucket(s3):
    """A client of the bucket that is not the server's."""
    with Client(s3, f"http://127.0.0.1:{s3.port}") as client:
        yield client


@pytest.fixture(name="sea")
def fixture_sea(server, proxy):
    sea = Sea(server, proxy)
    sea.make_space()
    return sea
