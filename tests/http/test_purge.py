"""Purges: what was dropped goes for good, when nothing shows it any more."""

import pytest
from harness.changes import VIEW_VERSION, new_key
from harness.upkeep import Kept, changes
from harness.versions import API
from harness.wait import until

# History is kept for ever: what goes is what was purged.
SETTINGS = {"history": {"retention": "3650d", "grace": "1s",
                        "upkeep_interval": "0s"}}
KINDS = [("sqlite", 2, SETTINGS), ("memory", 1, SETTINGS)]
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(name="server", scope="module", params=KINDS,
                ids=lambda kind: kind[0])
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


class Purging(Kept):
    def dropped(self, branch="main"):
        return self.ask("GET", f"{API}/dropped?catalog={self.name}"
                        f"&branch={branch}", want=200).json()

    def drop_purging(self, name, branch=None):
        self.ask("DELETE", f"{self.path(branch, 'a')}/tables/{name}"
                 "?purgeRequested=true", want=204)

    def undrop(self, what, want=200):
        return self.ask("POST", f"{API}/undrop",
                        {"catalog": self.name, "id": what}, want)

    def purge(self, what, branch=None, want=202, headers=None):
        body = {"catalog": self.name, "id": what}
        body.update({"branch": branch} if branch else {})
        return self.ask("POST", f"{API}/purge", body, want, headers)

    def purge_now(self, what):
        return self.wait(self.purge(what).json()["task_id"], "purge")

    def forget(self, retention="0s"):
        self.ask("PUT", f"{API}/catalogs/{self.name}", {
            "properties": {"history.retention": retention}}, 200)


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Purging(server)
    catalog.make_space()
    catalog.make_table("t")
    return catalog


def dropped_table(catalog, name="t"):
    """Id and files of a table that has a history and is dropped."""
    files = changes(catalog, 3, table=name)
    catalog.drop(name)
    return catalog.dropped()[-1]["id"], files


def test_what_is_purged_is_in_no_state_of_the_past(catalog):
    catalog.make_table("u")
    catalog.set("u", "1")
    catalog.set("t", "1")
    then = f"main~{catalog.head()}"
    catalog.set("u", "2")
    what, files = dropped_table(catalog)
    # the caches hold what was
    assert catalog.value("t", branch=then) == "1"
    assert catalog.tables(branch=then) == ["t", "u"]
    assert catalog.purge_now(what) == 7
    assert catalog.value("t", branch=then) is None
    assert catalog.tables(branch=then) == ["u"]
    assert catalog.value("u", branch=then) == "1"
    assert catalog.dropped() == []
    assert "knows no" in catalog.purge(what, want=404).body.decode()
    catalog.undrop(what, 404)
    catalog.sweep_until_gone(files)
    assert catalog.value("u") == "2"
    # the history is as long as it was, and has no file of the table
    found = catalog.ask("GET", catalog.refs(name="main/commits"), want=200)
    assert len(found.json()) == 10 and str(files[-1]) not in str(found.json())
    changed = catalog.ask("GET", f"{API}/diff?catalog={catalog.name}"
                          f"&from={then}&to=main", want=200).json()
    assert [one["name"] for one in changed] == ["u"]


def test_many_are_purged_together(catalog):
    """What a tag shows is told, and stays."""
    catalog.tag("v1", catalog.head())
    catalog.forget()
    for number in range(8):
        catalog.make_table(f"t{number}")
        catalog.drop_purging(f"t{number}")
    catalog.drop_purging("t")
    catalog.run("prune")

    def purged():
        catalog.run("sweep")
        return [one["name"] for one in catalog.dropped()] == ["t"]
    until(purged, "all but what the tag shows are purged")
    what = [{"namespace": ["a"], "table": "t", "problem": "shown",
             "location": f"{catalog.name}@v1"}]

    def told():
        tasks = catalog.ask("GET", f"{API}/tasks?kind=purge", want=200).json()
        return any(what == catalog.ask(
            "GET", f"{API}/tasks/{one['id']}/results", want=200).json()
            for one in tasks if one["catalog"] == catalog.name)
    until(told, "the task has told it, in the chunk that erased the others")
    assert catalog.value("t", branch="v1") is not None


def test_what_a_branch_or_tag_shows_is_not_purged(catalog):
    assert "no table" in catalog.purge(NOBODY, want=404).body.decode()
    catalog.tag("v1", catalog.head())
    catalog.fork("dev")
    catalog.ask("POST", f"/v1/{catalog.name}@dev/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["a"], "name": "of_dev"}}, 204)
    catalog.drop("t")
    what = catalog.dropped()[0]["id"]
    for name, take_away in (
            ("Branch 'dev' still shows it, as a.of_dev",
             lambda: catalog.drop("of_dev", branch="dev")),
            ("Tag 'v1' still shows it, as a.t",
             lambda: catalog.ask("DELETE", catalog.refs("tags", "v1"),
                                 want=204))):
        # which of them is named first is nobody's business
        found = [catalog.purge(what, want=409).body.decode()]
        if name not in found[0]:
            assert "still shows it" in found[0]
        take_away()
    file = catalog.dropped()[0]["metadata_location"].removeprefix("file://")
    catalog.purge_now(what)
    assert catalog.dropped("dev") == []
    until(lambda: catalog.run("sweep") or not open_or_none(file),
          "its file is gone")


def open_or_none(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def test_what_lives_is_not_purged(catalog):
    what = catalog.ask("GET", catalog.path(space="a") + "/tables/t",
                       want=200).json()["metadata"]["table-uuid"]
    refused = catalog.purge(what, want=409).body.decode()
    assert "Branch 'main' still shows it, as a.t: drop it there" in refused
    catalog.drop("t")
    catalog.fork("dev")
    catalog.undrop(what)
    assert "Branch 'main'" in catalog.purge(
        what, branch="dev", want=409).body.decode()


def test_a_view_is_purged_too(catalog):
    views = catalog.path(space="a") + "/views"
    catalog.ask("POST", views, {
        "name": "v", "view-version": VIEW_VERSION,
        "schema": {"type": "struct", "schema-id": 0, "fields": []}}, 200)
    catalog.ask("DELETE", f"{views}/v", want=204)
    view, = catalog.dropped()
    catalog.purge_now(view["id"])
    assert catalog.dropped() == []


def test_a_protected_branch_keeps_nobody_from_purging(catalog):
    what, _ = dropped_table(catalog)
    catalog.change("main", protected=True)
    catalog.purge_now(what)
    assert catalog.dropped() == []


def test_what_is_purged_is_not_registered_again(catalog):
    """Its row says so until its files are gone."""
    what, files = dropped_table(catalog)
    catalog.purge_now(what)
    reply = catalog.ask("POST", catalog.path(space="a") + "/register", {
        "name": "again", "metadata-location": f"file://{files[-1]}"}, 409)
    assert "is being purged" in reply.body.decode()
    catalog.sweep_until_gone(files)


def test_a_purge_that_comes_again_is_the_same(catalog):
    what, _ = dropped_table(catalog)
    key = new_key()
    first = catalog.purge(what, headers=key)
    catalog.wait(first.json()["task_id"], "purge")
    assert catalog.purge(what, headers=key).body == first.body


def test_what_a_deleted_branch_showed_is_purged(catalog):
    """Its head shows the table, and a fork of it needs the branch."""
    catalog.fork("dev")
    file = changes(catalog, 2, "dev")[-1]
    catalog.fork("child", "dev")
    catalog.drop("t", branch="child")
    catalog.delete("dev")
    catalog.drop("t")
    catalog.purge_now(catalog.dropped()[0]["id"])
    catalog.sweep_until_gone([file])
    assert catalog.tables(branch="child") == []


def test_a_drop_that_asks_purges_when_history_has_forgotten(catalog):
    files = changes(catalog, 2)
    catalog.drop_purging("t")
    found, = catalog.dropped()
    assert found["purge"] is True
    for _ in range(3):
        catalog.run("sweep")
    assert catalog.dropped() == [found] and files[-1].exists()
    catalog.forget()
    catalog.run("prune")

    def purged():
        catalog.run("sweep")
        return catalog.dropped() == []
    until(purged, "the table is purged")
    catalog.undrop(found["id"], 404)
    catalog.sweep_until_gone(files)


def test_what_comes_back_is_not_purged_later(catalog):
    catalog.forget()
    catalog.drop_purging("t")
    found, = catalog.dropped()
    catalog.run("sweep")  # sees it
    assert catalog.undrop(found["id"]).json()["purge"] is False
    catalog.drop("t")
    assert catalog.dropped() == [{**found, "purge": False}]
    catalog.make_table("u")
    catalog.drop_purging("u")
    other = catalog.dropped()[-1]["id"]
    catalog.run("prune")

    def purged():
        catalog.run("sweep")
        return len(catalog.dropped()) == 1
    until(purged, f"{other} is purged")
    assert catalog.undrop(found["id"]).json()["id"] == found["id"]


def test_what_another_branch_shows_stays_until_it_is_dropped_there(catalog):
    catalog.forget()
    catalog.fork("dev")
    catalog.set("t", "dev", branch="dev")
    catalog.drop_purging("t")
    catalog.tidy()
    catalog.run("sweep")
    assert catalog.value("t", branch="dev") == "dev"
    assert catalog.dropped()[0]["purge"] is True
    catalog.drop("t", branch="dev")
    catalog.run("prune")

    def purged():
        catalog.run("sweep")
        return not any(one["name"] == "t" for branch in ("main", "dev")
                       for one in catalog.dropped(branch))
    until(purged, "the table is purged")


def test_a_merge_of_a_drop_asks_too(catalog):
    catalog.fork("dev")
    catalog.drop_purging("t", branch="dev")
    catalog.merge("dev")
    assert [one["purge"] for one in catalog.dropped()] == [True]


def test_a_history_that_is_too_long_for_a_request_is_read_by_the_task(catalog):
    """The task tells then what shows the table, or that there is none."""
    def told(what):
        task = catalog.purge(what).json()["task_id"]
        catalog.wait(task, "purge")
        return [(one["problem"], one["location"]) for one in catalog.ask(
            "GET", f"{API}/tasks/{task}/results", want=200).json()]
    source = "b"
    for space in ("b", *(f"b%1F{number}" for number in range(240))):
        catalog.make_space(space)
    for number in range(22):
        catalog.ask("POST", f"{API}/namespaces/move", {
            "catalog": catalog.name, "source": [source],
            "destination": [f"b{number}"]}, 204)
        source = f"b{number}"
    late = catalog.make_table("late")["metadata"]["table-uuid"]
    early = catalog.ask("GET", catalog.path(space="a") + "/tables/t",
                        want=200).json()["metadata"]["table-uuid"]
    catalog.fork("dev")
    for name in ("t", "late"):
        catalog.drop(name)
    assert "Branch 'dev'" in catalog.purge(early, want=409).body.decode()
    assert told(late) == [("shown", f"{catalog.name}@dev")]
    assert told(NOBODY) == [("unknown", catalog.name)]
    catalog.drop("late", branch="dev")
    assert told(late) == []
    catalog.undrop(late, 404)
