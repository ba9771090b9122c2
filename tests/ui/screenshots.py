#!/usr/bin/env python3
"""screenshots.py: makes the pictures of docs/screenshots/ anew, with the
Python of build/venv, from a real server."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from playwright.sync_api import sync_playwright  # noqa: E402

import shop  # noqa: E402
from browser import NARROW, Visit, launch  # noqa: E402
from harness.server import ROOT, Server  # noqa: E402
from harness.versions import Catalog  # noqa: E402
from harness.wait import until  # noqa: E402

OUT = ROOT / "docs/screenshots"
WIDE = {"width": 1200, "height": 760}
TABLE = "#/tables/default/shop/orders"
SALES = "#/catalogs/versions1"
SNAPSHOTS = "#/tables/default/shop/reports/visitors?tab=snapshots"
# Name, page, what is waited for, how it is looked at.
SHOTS = (
    ("table-light", TABLE, "labels", {"viewport": WIDE}),
    ("snapshots-dark", SNAPSHOTS, "end-of-year",
     {"viewport": WIDE, "color_scheme": "dark"}),
    ("tasks-light", "#/tasks", "200 of", {"viewport": WIDE}),
    ("tasks-narrow", "#/tasks", "200 of", {"viewport": NARROW}),
    ("table-narrow", TABLE, "labels", {"viewport": NARROW}),
    ("branches-light", f"{SALES}?tab=branches", "2 ahead",
     {"viewport": WIDE}),
    ("history-dark", f"{SALES}@november?tab=history", "Prices of November",
     {"viewport": WIDE, "color_scheme": "dark"}),
    ("merge-light", f"{SALES}@november?tab=merge", "MetadataConflict",
     {"viewport": WIDE}),
    ("branches-narrow", f"{SALES}?tab=branches", "2 ahead",
     {"viewport": NARROW}),
)


def verify(server):
    """Gives whether the new task has finished."""
    made = server.call("POST", "/api/v1/tasks",
                       {"kind": "verify_catalog", "catalog": "default"})
    path = f"/api/v1/tasks/{made.json()['task_id']}"
    return lambda: server.call("GET", path).json()["finished_at"]


def branches(server):
    """A branch that is ahead and behind, and would conflict."""
    catalog = Catalog(server)
    catalog.make_space("sales")
    catalog.make_table("orders", "sales")
    catalog.tag("opening", catalog.head())
    catalog.fork("november", branch_type="ingest")
    catalog.make_table("prices", "sales", "november")
    catalog.set("orders", "1", "sales", "november", {
        "X-Pangolin-Commit-Message": "Prices of November"})
    catalog.fork("audit", protected=True)
    catalog.set("orders", "2", "sales")


def shoot(browser, server, name, hash_, text, screen):
    visit = Visit(browser, server, **screen).open().sign_in()
    visit.open(hash_)
    visit.page.get_by_text(text).first.wait_for()
    visit.page.screenshot(path=OUT / f"{name}.png")
    visit.context.close()


def main():
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pangolin-") as folder, \
            sync_playwright() as playwright:
        browser = launch(playwright)
        server = Server(folder).start()
        try:
            shop.fill(server)
            branches(server)
            shop.many(server, "weather", 297)
            until(verify(server), "the first task done")
            with shop.obstacle(server, "table0250"):
                verify(server)
                for shot in SHOTS:
                    shoot(browser, server, *shot)
        finally:
            server.kill()
            browser.close()


main()
