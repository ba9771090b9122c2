"""A merge that loses a race plans anew what has moved, and reads no file of
what has not."""

import pathlib
import urllib.parse

from harness.held import Held
from harness.versions import API, Catalog

TABLES = ("stays", "moves")


def change(catalog, name, branch, **properties):
    return catalog.ask("POST", f"{catalog.path(branch, 'a')}/tables/{name}", {
        "requirements": [], "updates": [
            {"action": "set-properties", "updates": properties}]}, 200).json()


def shown(catalog, name):
    found = catalog.ask("GET", f"{catalog.path(None, 'a')}/tables/{name}",
                        want=200).json()["metadata"]["properties"]
    return {key: found.get(key) for key in ("main", "dev", "late")}


def test_what_has_not_moved_is_not_read_again(servers):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    held = Held(servers.new(settings={"cache": {"levels": []}}))
    catalog = Catalog(held.server)
    catalog.make_space()
    bases = {name: catalog.make_table(name)["metadata-location"]
             for name in TABLES}
    catalog.fork("dev")
    for name in TABLES:
        change(catalog, name, "dev", dev="1")
        change(catalog, name, None, main="1")

    def merge():
        return catalog.ask("POST", f"{API}/branches/merge", {
            "source_branch": "dev", "target_branch": "main",
            "catalog": catalog.name})

    with held.at("before_merge", merge) as late:
        change(catalog, "moves", None, late="1")
        pathlib.Path(urllib.parse.urlparse(bases["stays"]).path).unlink()
    assert late.result().status == 200, late.result()
    assert late.result().json()["status"] == "Completed", late.result()
    assert shown(catalog, "moves") == {"main": "1", "dev": "1", "late": "1"}
    assert shown(catalog, "stays") == {"main": "1", "dev": "1", "late": None}
