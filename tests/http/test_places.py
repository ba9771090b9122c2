"""Of two tenants that want one place at the same time, one gets it."""

import concurrent.futures

import pytest
from harness.server import kind_id

KINDS = (("sqlite", 2), ("memory", 1), ("postgres", 2), ("mongo", 2))
PAIRS = {"sqlite": 60, "mongo": 4}  # of the slower ones fewer tell
TENANTS = ("left", "right")


@pytest.fixture(scope="module", name="server", params=KINDS, ids=kind_id)
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        server.pairs = PAIRS.get(request.param[0], 10)
        yield server


def new_tenant(server, name):
    """Its id: root acts in it."""
    made = server.as_root("POST", "/api/v1/tenants", {"name": name})
    assert made.status == 201, made
    return made.json()["id"]


def create(server, tenant, name, place, **more):
    return server.as_root("POST", "/api/v1/warehouses", {
        "name": name, "storage_config": {"root": place, **more}}, tenant)


@pytest.mark.parametrize("inside", ("", "/below"))
def test_one_of_each_pair_gets_the_place(server, inside):
    word = "below" if inside else "same"
    tenants = [new_tenant(server, f"{word}-{name}") for name in TENANTS]
    here = f"file://{server.folder}/{word}"
    pairs = min(10, server.pairs) if inside else server.pairs
    wanted = [(tenant, f"w{n}", f"{here}{n}{end}")
              for n in range(pairs)
              for tenant, end in zip(tenants, ("", inside))]
    # All write to one log.  More than two of a pair at once add nothing on a
    # store that lets one of them win and makes the others try again.
    with concurrent.futures.ThreadPoolExecutor(2 * min(12, pairs)) as pool:
        replies = list(pool.map(lambda w: create(server, *w), wanted))
    for first, second in zip(replies[::2], replies[1::2]):
        assert sorted((first.status, second.status)) == [201, 400], \
            (first, second)
        refused = first if first.status == 400 else second
        assert "the place is taken" in refused.body.decode()
