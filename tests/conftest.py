"""Fixtures: servers in folders of their own, gone when a test ends."""

import contextlib
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from harness.mongo import Mongo  # noqa: E402
from harness.postgres import Postgres  # noqa: E402
from harness.server import KINDS, Server, kind_id  # noqa: E402

# The servers behind stores, as durable as they can be.
DATABASES = {"postgres": Postgres, "mongo": lambda: Mongo("--sync-on-commit")}


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true",
                     help="many more rounds of what is random")
    parser.addoption("--quick", action="store_true",
                     help="each test once: on one store, with one server")


# Under ASan the kinds of servers take turns from module to module; their own
# paths, those of a store's plugin, have its contract suite there.
ASAN_KINDS = (("memory", 1), ("postgres", 2))


def pytest_collection_modifyitems(config, items):
    """With --quick a test that runs on several kinds of server runs on SQLite
    with two workers; the contract of stores is what compares stores.  Under
    ASan it runs there and on one more kind: the sanitizer wants to see each
    path once, and what the kinds answer is compared without it."""
    if os.environ.get("TEST_FORM") == "asan":
        leave_out(config, items, [
            item for item in items if item.get_closest_marker("measures_memory")
            or item.get_closest_marker("plain_build")])
        leave_out(config, items, seen_by_asan_elsewhere(items))
    leave_out(config, items, [
        item for item in items if item.get_closest_marker("ceph_only")
        and item.callspec.params.get("s3", "ceph") != "ceph"])
    if not config.getoption("--quick"):
        return
    left_out = [item for item in items
                if item.get_closest_marker("left_out_of_quick")]
    for group in by_name(items, name_without_store):
        group.sort(key=lambda item: (STORES.index(store_of(item)[1] or "sqlite"),
                                     kind_of(item) != ("sqlite", 2)))
        left_out += group[1:]
    leave_out(config, items, left_out)


def by_name(items, name_of):
    """Lists of what is one test on several kinds of server."""
    groups = {}
    for item in items:
        groups.setdefault(name_of(item), []).append(item)
    return groups.values()


def seen_by_asan_elsewhere(items):
    modules = sorted({item.path for item in items})
    left_out = []
    for group in by_name(items, name_without_kind):
        turn = modules.index(group[0].path) % len(ASAN_KINDS)
        kept = ("sqlite", 2), ASAN_KINDS[turn]
        others = [item for item in group if kind_of(item) not in kept]
        left_out += others if len(others) < len(group) else group[1:]
    return left_out


def leave_out(config, items, left_out):
    config.hook.pytest_deselected(items=left_out)
    others = set(left_out)
    items[:] = [item for item in items if item not in others]


def kind_of(item):
    """Store and workers, where the test's server is one of several kinds."""
    kind = getattr(item, "callspec", None) and item.callspec.params.get(
        "server")
    return kind if isinstance(kind, tuple) else None


STORES = ("sqlite", "postgres", "memory", "mongo")  # what runs in --quick first


def store_of(item):
    """Which argument of a test says on what store it runs, and which."""
    call = getattr(item, "callspec", None)
    for name, value in call.params.items() if call else ():
        store = value[0] if isinstance(value, tuple) and value else value
        if store in STORES:
            return name, store
    return None, None


def name_without_store(item):
    argument, _ = store_of(item)
    if argument is None:
        return item.nodeid
    others = {name: value for name, value in item.callspec.params.items()
              if name != argument}
    return f"{item.parent.nodeid}::{item.originalname} {others}"


def name_without_kind(item):
    if kind_of(item) is None:
        return item.nodeid
    others = {name: value for name, value in item.callspec.params.items()
              if name != "server"}
    return f"{item.parent.nodeid}::{item.originalname} {others}"


@pytest.fixture(scope="session", name="long")
def fixture_long(request):
    return request.config.getoption("--long")


@pytest.fixture(scope="session", name="form")
def fixture_form(request):
    """Which build; the environment's TEST_FORM wins."""
    return os.environ.get("TEST_FORM")


def form_for(form, request):
    in_http = "http" in request.path.parts
    return form or ("dev" if in_http else "release")


class Servers:
    """Makes servers and ends them all."""

    def __init__(self, folder, form, databases):
        self.folder, self.form, self.made = folder, form, []
        self.databases = databases

    def new(self, store="sqlite", settings=None, **others):
        folder = self.folder / f"server{len(self.made)}"
        folder.mkdir()
        settings = dict(settings or {})
        if store in DATABASES and "store" not in settings:
            settings.update(self.databases(store).new_store())
        server = Server(folder, self.form, store=store, settings=settings,
                        **others)
        self.made.append(server)
        return server

    def start(self, **settings):
        return self.new(**settings).start()

    def end(self):
        for server in self.made:
            server.kill()
            text = server.log_text()
            assert "Sanitizer" not in text and "runtime error" not in text, text


@pytest.fixture(scope="session", name="databases")
def fixture_databases():
    """Gives the database servers of this run, started when asked for."""
    made = {}

    def give(store):
        if store not in made:
            made[store] = DATABASES[store]()
        return made[store]

    yield give
    for database in made.values():
        database.end()


@pytest.fixture(name="servers")
def fixture_servers(tmp_path, form, databases, request):
    """Servers for one test: servers.start(store=..., workers=...)."""
    servers = Servers(tmp_path, form_for(form, request), databases)
    yield servers
    servers.end()


@pytest.fixture(scope="module", name="start_kind")
def fixture_start_kind(tmp_path_factory, form, databases, request):
    """A server of a kind, for the tests of a module, until it is given back."""
    @contextlib.contextmanager
    def start(kind):
        servers = Servers(tmp_path_factory.mktemp("server"),
                          form_for(form, request), databases)
        store, workers, *settings = kind
        yield servers.start(store=store, workers=workers,
                            settings=settings[0] if settings else None)
        servers.end()

    return start


@pytest.fixture(scope="module", name="server", params=KINDS, ids=kind_id)
def fixture_server(request, start_kind):
    """A server that the tests of a module share, on each store."""
    with start_kind(request.param) as server:
        yield server
