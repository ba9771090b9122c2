"""PyIceberg's view of a server."""

import itertools

import pytest
from harness.server import KINDS, kind_id
from pyiceberg.catalog import load_catalog

_numbers = itertools.count(1)


def connect(server, warehouse="default", **properties):
    """A catalog, signed in as the first administrator."""
    return load_catalog(
        "pangolin", **{
            "type": "rest", "uri": server.url, "warehouse": warehouse,
            "credential": f"admin:{server.first_password}", **properties})


@pytest.fixture(scope="module", name="server",
                params=(*KINDS, ("mongo", 2)), ids=kind_id)
def fixture_server(request, start_kind):
    """As everywhere, and on MongoDB, whose stand-in is slow."""
    with start_kind(request.param) as server:
        yield server


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    return connect(server)


@pytest.fixture(name="space")
def fixture_space(catalog):
    """A namespace of the test's own."""
    name = f"space{next(_numbers)}"
    catalog.create_namespace(name)
    return name
