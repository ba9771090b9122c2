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


@pytest.fixture(scope="session", name="long")
def fixture_long(request):
    return request.config.getoption("--long")


@pytest.fixture(scope="session", name="form")
def fixture_form(request):
    """Which build; the environment's PANGOLIN_FORM wins."""
    return os.environ.get("PANGOLIN_FORM")


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
