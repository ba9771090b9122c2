"""The admin's page on a real server with real tables."""

import pytest
from playwright.sync_api import sync_playwright

import shop
from browser import Visits, launch
from harness.npm import install
from harness.server import ROOT, Server


@pytest.fixture(scope="session", name="browser")
def fixture_browser():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session", name="server")
def fixture_server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("ui"), workers=2).start()
    shop.fill(server)
    yield server
    server.kill()


@pytest.fixture(name="visits")
def fixture_visits(browser, server):
    visits = Visits(browser, server)
    yield visits
    visits.end()


@pytest.fixture(name="visit")
def fixture_visit(visits):
    """Signed in as admin, on a wide screen."""
    return visits.new().open().sign_in()


@pytest.fixture(scope="session", name="axe")
def fixture_axe():
    """axe-core, which looks for what keeps people off a page."""
    folder = install(ROOT / "tests/ui", ROOT / "build/ui")
    return (folder / "node_modules/axe-core/axe.min.js").read_text("utf-8")
