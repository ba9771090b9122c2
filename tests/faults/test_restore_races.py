"""Reverts, resets and merges of history that somebody overtakes between their
plan and their commit: what was read may be forgotten, or done already.
"""

import pytest
from harness.held import Held
from harness.upkeep import Kept
from harness.versions import API


def restore(catalog, how, commit):
    return catalog.ask("POST", f"{API}/branches/main/{how}", {
        "catalog": catalog.name, "commit_id": commit})


@pytest.mark.parametrize("store", ("sqlite", "postgres"))
def test_what_is_overtaken_is_planned_again(servers, store):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    held = Held(servers.new(store=store, workers=2, settings={
        "history": {"retention": "0s", "grace": "1s"}}))
    catalog = Kept(held.server)
    catalog.make_space()
    for name in ("t", "u"):
        catalog.make_table(name)

    # by one that brings the same table back: there is nothing left to do
    catalog.drop("u")
    dropped = catalog.head()
    lost, = catalog.ask(
        "GET", f"{API}/dropped?catalog={catalog.name}", want=200).json()
    with held.at("restore_planned",
                 lambda: restore(catalog, "revert", dropped)) as late:
        catalog.ask("POST", f"{API}/undrop", {
            "catalog": catalog.name, "id": lost["id"]}, 200)
    assert late.result().status == 200, late.result()
    assert late.result().json()["status"] == "unchanged"

    # by a prune: the state and its files are forgotten
    for how in ("reset", "revert"):
        commit = catalog.head()
        catalog.set("t", how)
        commit = catalog.head() if how == "revert" else commit
        with held.at("restore_planned",
                     lambda how=how, commit=commit: restore(
                         catalog, how, commit)) as late:
            catalog.set("u", how)
            catalog.run("prune")
        assert late.result().status == 404, late.result()
        assert catalog.value("t") == how


@pytest.mark.parametrize("store", ("sqlite", "postgres", "mongo"))
def test_a_merge_of_history_that_is_pruned_meanwhile_takes_nothing(
        servers, store):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    held = Held(servers.new(store=store, workers=2, settings={
        "history": {"retention": "0s", "grace": "1s"}}))
    catalog = Kept(held.server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.fork("dev")
    catalog.set("t", "old", branch="dev")
    old = catalog.head("dev")

    with held.at("before_merge", lambda: catalog.ask(
            "POST", f"{API}/branches/merge", {
                "catalog": catalog.name, "source_branch": f"dev~{old}",
                "target_branch": "main"})) as late:
        catalog.set("t", "new", branch="dev")
        catalog.run("prune")
    assert late.result().status == 404, late.result()
    assert "no history that old" in late.result().json()["error"]
    assert catalog.value("t") == ""
