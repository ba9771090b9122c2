"""A branch that is protected while a change of it is under way.

The change is held before its unit is handed in; the protection is answered
meanwhile.  Behind that answer nothing but merges may land.
"""

import pytest
from harness.changes import set_property
from harness.held import Held
from harness.versions import API, Catalog


def commit(catalog, branch):
    return catalog.ask("POST", catalog.path(branch, "a") + "/tables/t", {
        "requirements": [], "updates": set_property("value", "late")})


def merge(catalog, source, target):
    return catalog.ask("POST", f"{API}/branches/merge", {
        "source_branch": source, "target_branch": target,
        "catalog": catalog.name})


@pytest.mark.parametrize("store", ("memory", "sqlite", "postgres", "mongo"))
def test_behind_the_answer_of_a_protection_only_merges_land(servers, store):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    workers = 1 if store == "memory" else 2
    held = Held(servers.new(store=store, workers=workers))
    catalog = Catalog(held.server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.fork("plain")
    head = catalog.head("plain")
    with held.at("before_unit", lambda: commit(catalog, "plain")) as late:
        catalog.change("plain", protected=True)
    assert late.result().status == 403, late.result()
    assert "is protected" in late.result().json()["error"]["message"]
    assert catalog.head("plain") == head
    assert catalog.value("t", branch="plain") == ""

    for name, kind in (("ingest", "ingest"), ("trial", "experimental")):
        catalog.fork(name, branch_type=kind)
        catalog.make_table(name, branch=name)
        catalog.fork(f"into-{name}")
        with held.at("before_unit",
                     lambda name=name: merge(catalog, name, f"into-{name}")
                     ) as late:
            catalog.change(f"into-{name}", protected=True)
        shown = catalog.tables(branch=f"into-{name}")
        if name == "ingest":
            assert late.result().status == 200, late.result()
            assert shown == ["ingest", "t"]
        else:
            assert late.result().status == 400, late.result()
            assert "experimental" in late.result().json()["error"]
            assert shown == ["t"]
