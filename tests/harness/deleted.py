"""Catalogs that are deleted, and what the store still has of them."""

import contextlib
import sqlite3

from harness.upkeep import Kept, changes
from harness.versions import API


def rich(server):
    """A catalog that has something of everything."""
    catalog = Kept(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.tag("v1", catalog.head())
    catalog.fork("dev")
    catalog.make_table("u", branch="dev")
    catalog.merge("dev")
    catalog.fork("other")
    catalog.set("t", "other", branch="other")
    catalog.set("t", "main")
    catalog.merge("other", want=409)
    catalog.delete("dev")
    changes(catalog, 3, table="u")
    catalog.ask("DELETE", catalog.path(space="a")
                + "/tables/u?purgeRequested=true", want=204)
    catalog.run("prune")
    catalog.run("sweep")
    return catalog


def delete(catalog):
    catalog.ask("DELETE", f"{API}/catalogs/{catalog.name}", want=204)


def make_anew(catalog):
    """Under the same name, with a table of two commits."""
    catalog.ask("POST", f"{API}/catalogs", {
        "name": catalog.name, "warehouse_name": catalog.name}, 201)
    catalog.make_space()
    catalog.make_table("new")
    catalog.set("new", "1")


class Rows:
    """The rows of a catalog that is about to be deleted."""

    def __init__(self, server, name):
        self.file, = (server.folder / "state").glob("*.db")
        (self.id,), = self.ask("SELECT id FROM catalogs WHERE name = ?", name)
        self.branches = [row[0] for row in self.ask(
            "SELECT id FROM refs WHERE catalog = ?", self.id)]
        self.operations = [row[0] for row in self.ask(
            "SELECT id FROM merge_operations WHERE catalog = ?", self.id)]

    def ask(self, text, *values):
        with contextlib.closing(sqlite3.connect(
                self.file, timeout=20, isolation_level=None)) as store:
            return store.execute(text, values).fetchall()

    def count(self):
        """By table and column, all that name the catalog or its branches."""
        found = {}
        for table, in self.ask("SELECT name FROM sqlite_master"
                               " WHERE type = 'table'"):
            columns = {row[1] for row in self.ask(
                f"PRAGMA table_info({table})")}
            for column, values in (
                    ("catalog", [self.id]), ("branch", self.branches),
                    ("into_branch", self.branches),
                    ("operation", self.operations)):
                if column not in columns:
                    continue
                marks = ",".join("?" * len(values))
                (count,), = self.ask(
                    f"SELECT count(*) FROM {table}"
                    f" WHERE {column} IN ({marks})", *values)
                if count:
                    found[table] = count
        return found

    def forget_notes(self):
        """As in a store whose catalogs an earlier release has deleted."""
        self.ask("DELETE FROM revisions WHERE name LIKE '%deleted catalog%'")
