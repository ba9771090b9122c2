"""kill -9 at each step of making, changing and deleting branches and tags.

Behind the restart each is as before or as after, and the same request sent
again with its key is answered as if it had come once.
"""

import itertools

import pytest
from harness.changes import new_key, same
from harness.killed import Killed
from harness.versions import API, Catalog

_names = (f"k{n}" for n in itertools.count(1))
POINTS = ("before_ref_unit", "unit_applied", "ref_unit_applied",
          "before_reply")
DONE = POINTS[1:]


def create(catalog, name):
    return "POST", f"{API}/branches", {"name": name, "catalog": catalog.name}


def create_partial(catalog, name):
    return "POST", f"{API}/branches", {
        "name": name, "catalog": catalog.name, "assets": ["a.t"]}


def rename(catalog, name):
    catalog.fork(f"{name}-old")
    return "PATCH", catalog.refs(name=f"{name}-old"), {"name": name}


def delete(catalog, name):
    catalog.fork(name)
    return "DELETE", catalog.refs(name=name), None


def tag(catalog, name):
    return "POST", f"{API}/tags", {
        "name": name, "catalog": catalog.name, "commit_id": catalog.head()}


def move_tag(catalog, name):
    first = catalog.head()
    catalog.tag(name, first)
    catalog.set("t", name)
    return "PUT", catalog.refs("tags", name), {
        "commit_id": catalog.head(), "expected_commit_id": first}


OPERATIONS = (create, create_partial, rename, delete, tag, move_tag)


def state(catalog):
    """All refs, and what each branch shows."""
    refs = catalog.branches() + catalog.tags()
    return [(ref, catalog.value("t", branch=ref["name"])) for ref in refs]


def check(killed, catalog, operation, point):
    method, path, body = operation(catalog, next(_names))
    key, before = new_key(), state(catalog)
    killed.send_until(point, method, path, body, key)
    behind = state(catalog)
    assert (behind != before) == (point in DONE), (operation, point)
    first = catalog.ask(method, path, body, headers=key)
    assert first.status in (200, 201, 204), first
    after = state(catalog)
    assert after != before
    if point in DONE:
        assert after == behind
    same(catalog.ask(method, path, body, headers=key), first)
    assert state(catalog) == after


def some_pairs():
    """Each operation once, and every point."""
    for n, operation in enumerate(OPERATIONS):
        yield operation, POINTS[n % len(POINTS)]


@pytest.fixture(name="killed")
def fixture_killed(servers, store):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    return Killed(servers.new(store=store, workers=2))


@pytest.fixture(name="catalog")
def fixture_catalog(killed):
    catalog = Catalog(killed.server)
    catalog.make_space()
    catalog.make_table("t")
    return catalog


@pytest.mark.timeout(900)
@pytest.mark.parametrize("store", ("sqlite", "postgres"))
def test_a_kill_leaves_refs_as_before_or_as_after(killed, catalog, long):
    """--long: every operation at every point."""
    pairs = itertools.product(OPERATIONS, POINTS) if long else some_pairs()
    for operation, point in pairs:
        check(killed, catalog, operation, point)


@pytest.mark.parametrize("store", ("sqlite",))
def test_a_kill_while_a_chain_is_folded_harms_nobody(killed, catalog):
    origin = "main"
    for n in range(7):
        catalog.fork(f"c{n}", origin)
        origin = f"c{n}"
        catalog.set("t", str(n), branch=origin)
    for point in ("folded_some", "before_link"):
        name, key = next(_names), new_key()
        body = {"name": name, "catalog": catalog.name, "from_branch": origin}
        killed.send_until(point, "POST", f"{API}/branches", body, key)
        assert catalog.value("t", branch=name) == "6"
        catalog.ask("POST", f"{API}/branches", body, 201, key)
        catalog.set("t", "new", branch=name)
        assert catalog.value("t", branch=origin) == "6"
        catalog.fork(f"{name}-child", name)
        assert catalog.value("t", branch=f"{name}-child") == "new"
