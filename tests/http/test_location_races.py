"""Of several that want one place at once, on two branches and two nodes of
each store, one gets it."""

import concurrent.futures

import pytest
from harness.changes import SCHEMA
from harness.versions import Catalog

KINDS = (("sqlite", 2), ("memory", 1), ("postgres", 2), ("mongo", 2))


@pytest.fixture(name="server", scope="module", params=KINDS,
                ids=lambda kind: kind[0])
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    catalog.fork("dev")
    return catalog


def all_at_once(catalog, bodies):
    """The statuses; every other one is on dev."""
    def create(number):
        return catalog.ask("POST", catalog.path(
            ("dev", None)[number % 2], "a") + "/tables", {
                "name": f"t{number}", "schema": SCHEMA, **bodies[number]}
        ).status
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(create, range(len(bodies))))
    assert set(codes) <= {200, 409}, codes
    return codes


def test_of_many_at_once_one_gets_the_place(catalog, server):
    root = f"file://{server.folder}/{catalog.name}/{catalog.name}"
    for round_ in range(3):
        here = f"{root}/{round_}"
        codes = all_at_once(catalog, [
            {"location": place, "name": f"t{round_}_{number}"}
            for number, place in enumerate(
                (here, f"{here}/a", here, f"{here}/a/b") * 2)])
        assert codes.count(200) <= 1, codes
        last = catalog.ask("POST", catalog.path("dev", "a") + "/tables", {
            "name": f"late{round_}", "schema": SCHEMA, "location": here})
        assert (last.status == 200) == (codes.count(200) == 0)


def test_default_places_and_their_directory_race(catalog, server):
    """Whoever claims the directory finds all that are in it, or keeps them
    out."""
    directory = f"file://{server.folder}/{catalog.name}/{catalog.name}/a"
    codes = all_at_once(catalog, [{}] * 3 + [{"location": directory}]
                        + [{}] * 4)
    inside = codes[:3] + codes[4:]
    assert codes[3] == 409 or 200 not in inside, codes
