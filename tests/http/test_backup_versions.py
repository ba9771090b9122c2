"""A backup holds branches, tags and histories, chains included."""

import threading

import pytest
from harness.versions import Catalog
from harness.wait import until
from test_backup import Place, backup, restore, running

STORES = ("sqlite", "postgres", "mongo")


@pytest.fixture(scope="module", name="place")
def fixture_place(tmp_path_factory, form, databases):
    return Place(tmp_path_factory.mktemp("backup"), form or "dev", databases)


def fill(catalog):
    """Forks of forks, a fold, a partial branch, a merge, tags."""
    catalog.make_space()
    for name in ("t", "u"):
        catalog.make_table(name)
    first = catalog.head()
    catalog.tag("v1", first)
    origin = "main"
    for n in range(10):
        catalog.fork(f"b{n}", origin)
        origin = f"b{n}"
        catalog.set("t", str(n), branch=origin)
    catalog.drop("u", branch="b4")
    catalog.fork("part", "b4", assets=["a.t"])
    catalog.make_table("new", branch="part")
    catalog.tag("v2", **{"from": "b5"})
    catalog.delete("b5")
    catalog.merge("b0")
    catalog.change("b1", name="renamed", protected=True)


def told(catalog):
    """Everything that the API says of branches and what they show."""
    found = [catalog.branches(), catalog.tags()]
    for ref in found[0] + found[1]:
        name = ref["name"]
        found += [name, catalog.tables(branch=name),
                  catalog.value("t", branch=name),
                  catalog.ask("GET", catalog.refs(
                      "branches", f"{name}/commits"), want=200).json(),
                  catalog.ask("GET", catalog.refs("diff", to=name),
                              want=200).json()]
    return found


@pytest.mark.parametrize("store", STORES)
def test_branches_come_back_as_they_were(place, store):
    source = place.new("sqlite")
    with running(source):
        catalog = Catalog(source)
        fill(catalog)
        before = told(catalog)
        file = backup(source, source.folder / "all.jsonl")
    target = place.new(store)
    restore(target, file, "--verify")
    target.tokens = dict(source.tokens)
    with running(target):
        catalog.server = target
        assert told(catalog) == before
        # and all goes on from there
        catalog.set("t", "more", branch="b9")
        assert catalog.value("t", branch="b9") == "more"
        catalog.fork("next", "b9")
        assert catalog.value("t", branch="next") == "more"
        catalog.fork("fresh", "v2")
        assert catalog.value("t", branch="fresh") == "5"


def test_branches_that_are_made_meanwhile_fit_together(place):
    source = place.new("sqlite")
    with running(source):
        catalog = Catalog(source)
        catalog.make_space()
        catalog.make_table("t")
        catalog.tag("moving", catalog.head())
        stop, made = threading.Event(), []

        def work():
            while not stop.is_set():
                n = str(len(made))
                before = catalog.tags()[0]["commit_id"]
                catalog.set("t", n)
                catalog.fork(f"b{n}")
                catalog.ask("PUT", catalog.refs("tags", "moving"), {
                    "commit_id": catalog.head(),
                    "expected_commit_id": before}, want=200)
                made.append(n)

        worker = threading.Thread(target=work)
        worker.start()
        try:
            until(lambda: len(made) > 2, "the first branches", 60)
            file = backup(source, source.folder / "busy.jsonl")
        finally:
            stop.set()
            worker.join()
    target = place.new("sqlite")
    restore(target, file, "--verify")
    target.tokens = dict(source.tokens)
    with running(target):
        catalog.server = target
        for branch in catalog.branches():
            if branch["name"] != "main":
                assert catalog.value("t", branch=branch["name"]) == \
                    branch["name"][1:]
        assert catalog.value("t", branch="moving") is not None
