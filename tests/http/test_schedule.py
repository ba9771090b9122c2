"""Upkeep by a schedule: prune, sweep and fold are queued for each catalog."""

import pytest
from harness.upkeep import Kept, changes
from harness.wait import until

TASKS = "/api/v1/tasks"
KINDS = {"prune", "sweep", "fold"}
INTERVAL = 2  # of rounds, in seconds
FAST = {"history": {"retention": "0s", "grace": "1s",
                    "upkeep_interval": "1s"}}


def tasks(catalog, **query):
    text = "&".join(f"{k}={v}" for k, v in {"limit": 1000, **query}.items())
    found = catalog.ask("GET", f"{TASKS}?{text}", want=200).json()
    return [one for one in found if one["catalog"] == catalog.name]


def rounds(catalog):
    """How often all kinds have been queued."""
    found = [one["kind"] for one in tasks(catalog)]
    return min(found.count(kind) for kind in KINDS)


def paused(catalog, kind):
    """A task that is neither done nor gone."""
    while True:
        task = catalog.submit(kind)
        catalog.ask("POST", f"{TASKS}/{task}/pause")
        state = until(lambda: catalog.ask(
            "GET", f"{TASKS}/{task}").json()["state"], "it is known")
        if state == "paused":
            return task


@pytest.mark.left_out_of_quick
def test_what_nobody_needs_goes_without_anybody_asking(servers):
    catalog = Kept(servers.start(workers=4, settings=FAST))
    never = Kept(catalog.server)
    path = f"/api/v1/catalogs/{never.name}"
    for wrong in ("often", "1ms"):
        reply = never.ask("PUT", path, {
            "properties": {"history.upkeep_interval": wrong}}, 400)
        assert "history.upkeep_interval" in reply.body.decode()
    never.ask("PUT", path, {"properties": {"history.upkeep_interval": "0s"}},
              200)
    catalog.make_space()
    catalog.make_table("t")
    files = changes(catalog, 3)
    until(lambda: not any(file.exists() for file in files[:-1]),
          "old files are gone")
    assert files[-1].exists()
    found = tasks(catalog)
    assert {one["kind"] for one in found} == KINDS
    assert {one["created_by"] for one in found} == {None}
    assert tasks(never) == []
    # what waits is not queued a second time
    held = paused(catalog, "fold")
    before = {kind: len(tasks(catalog, kind=kind)) for kind in KINDS}
    until(lambda: len(tasks(catalog, kind="prune")) >= before["prune"] + 2,
          "two more rounds")
    assert len(tasks(catalog, kind="fold")) == before["fold"]
    catalog.ask("POST", f"{TASKS}/{held}/resume", want=200)


@pytest.mark.left_out_of_quick
def test_two_nodes_queue_it_once(servers, databases):
    settings = {**databases("postgres").new_store(),
                "history": {"upkeep_interval": f"{INTERVAL}s"},
                "tasks": {"at_once": 1}}
    first = servers.start(settings=settings, workers=2)
    second = servers.new(settings=settings, workers=2)
    second.start()
    catalogs = [Kept(first) for _ in range(3)]
    until(lambda: all(rounds(one) >= 2 for one in catalogs), "two rounds")
    for catalog in catalogs:
        found = tasks(catalog)
        at = [(one["kind"], one["created_at"]) for one in found]
        assert len(set(at)) == len(at), found
        # a kind that still runs is left out of a round, so the rounds are
        # those of all kinds together; one may come late, the next in time
        rounds_at = sorted({seconds(when) for _, when in at})
        passed = rounds_at[-1] - rounds_at[0]
        assert len(rounds_at) <= passed / INTERVAL + 2, rounds_at


def seconds(text):
    hours, minutes, rest = text.split("T")[1].rstrip("Z").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)
