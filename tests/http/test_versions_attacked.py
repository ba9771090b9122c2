"""What was found by attacking branches, histories and merges."""

import pytest
from harness.changes import SCHEMA, set_property
from harness.upkeep import Kept, changes
from harness.versions import API

SETTINGS = {"history": {"retention": "0s"}}
MESSAGE = "X-Pangolin-Commit-Message"
MANY = 1200


@pytest.fixture(name="server", scope="module")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2, SETTINGS)) as server:
        yield server


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Kept(server)
    catalog.make_space()
    catalog.make_table("t")
    return catalog


def test_a_revert_behind_a_prune_does_not_drop_the_table(catalog):
    """What was before the oldest commit that is kept is forgotten."""
    changes(catalog, 3)
    catalog.run("prune")
    oldest = catalog.head()
    for how in ("revert", "cherry-pick"):
        answer = catalog.restore(how, "main", oldest, want=404)
        assert "old" in answer["error"], answer
    assert catalog.value("t") == "2" and catalog.head() == oldest
    catalog.set("t", "3")
    catalog.restore("revert", "main", catalog.head())
    assert catalog.value("t") == "2"
    catalog.restore("reset", "main", oldest)


def last_message(catalog, branch="main"):
    reply = catalog.ask("GET", catalog.refs(name=f"{branch}/commits", limit=1))
    return reply.json()[0]["message"]


def test_messages_of_merges_have_the_bounds_of_all_messages(catalog):
    before = catalog.head()
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    head = catalog.head("dev")
    for text in ("x" * 4097, "a\u0007b"):
        for path, body in (
                ("merge", {"source_branch": "dev", "target_branch": "main"}),
                ("dev/rebase", {}),
                ("dev/reset", {"commit_id": before}),
                ("dev/revert", {"commit_id": head}),
                ("main/cherry-pick", {"commit_id": head})):
            reply = catalog.ask("POST", f"{API}/branches/{path}", {
                "catalog": catalog.name, "message": text, **body}, 400)
            assert "/message" in reply.json()["error"], (path, reply)
    catalog.merge("dev", message="")
    assert last_message(catalog) == "merge dev into main"


def test_the_header_gives_merges_and_resets_their_message(catalog):
    before = catalog.head()
    catalog.fork("dev")
    catalog.set("t", "1", branch="dev")
    catalog.merge("dev", headers={MESSAGE: "merged"})
    assert last_message(catalog) == "merged"
    catalog.restore("reset", "main", before, headers={MESSAGE: "gone back"})
    assert last_message(catalog) == "gone back"


def test_an_experiment_is_not_merged_by_the_address_of_its_commit(catalog):
    catalog.fork("safe", branch_type="ingest", protected=True)
    catalog.fork("trial")
    catalog.set("t", "1", branch="trial")
    head = catalog.head("trial")
    for source in ("trial", f"trial~{head}", f"~{head}"):
        catalog.merge(source, "safe", want=400)
    assert catalog.value("t", branch="safe") == ""


def test_large_commits_are_compared_and_looked_through(catalog):
    """A commit is read once, however many pieces it is looked at in."""
    for number in range(MANY):
        catalog.ask("POST", catalog.path(), {
            "namespace": ["a", f"n{number}"]}, 200)
    catalog.fork("dev")
    catalog.ask("POST", f"{API}/namespaces/move", {
        "catalog": catalog.name, "branch": "dev", "source": ["a"],
        "destination": ["b"]}, 204)
    moved = catalog.head("dev")
    assert catalog.ask("GET", catalog.refs("dropped", branch="dev"),
                       want=200).json() == []
    catalog.restore("revert", "dev", moved)
    reply = catalog.ask("GET", catalog.refs("diff", to="dev", limit=1000),
                        want=200)
    assert reply.json() == []
    seen = []
    path = catalog.refs("diff", to=f"dev~{moved}", limit=1000)
    while path:
        reply = catalog.ask("GET", path, want=200)
        seen += [(one["change"], *one["namespace"], one["name"])
                 for one in reply.json()]
        link = reply.headers["Link"]
        path = f"{API}/diff" + link[1:].split(">")[0] if link else None
    assert len(seen) == len(set(seen)) == 2 * (MANY + 2)


def test_a_dropped_namespace_is_not_lost_among_many(catalog):
    """What the source drops, and what else it puts there."""
    for name in ("b", "c", "d"):
        catalog.make_space(name)
        catalog.make_table("x", name)
    catalog.fork("dev")
    for name in ("b", "c"):
        catalog.drop("x", name, "dev")
        catalog.ask("DELETE", catalog.path("dev", name), want=204)
    catalog.make_table("y", "c")
    answer = catalog.merge("dev", want=409)
    conflict, = catalog.conflicts(answer["operation_id"])
    assert "NamespaceDeletion" in conflict["conflict_type"]
    catalog.abort(answer["operation_id"])
    catalog.ask("POST", f"{catalog.path(space='d')}/tables/x", {
        "requirements": [], "updates": set_property("a", "b")}, 200)
    catalog.drop("y", "c")
    catalog.merge("dev")
    assert catalog.tables("d") == ["x"]
    catalog.ask("GET", catalog.path(space="c"), want=404)


def test_assets_in_deep_namespaces_cost_no_product(catalog):
    deep = ".".join(["a"] * 400)
    reply = catalog.ask("POST", f"{API}/branches", {
        "catalog": catalog.name, "name": "deep",
        "assets": [f"{deep}.t{number}" for number in range(900)]}, 400)
    assert "/assets" in reply.json()["error"]


def test_a_decision_has_the_limits_of_properties(catalog):
    path = f"{catalog.path(space='a')}/properties"
    catalog.fork("dev")
    catalog.ask("POST", path, {"updates": {"k": "main"}}, 200)
    catalog.ask("POST", f"{catalog.path('dev', 'a')}/properties",
                {"updates": {"k": "dev"}}, 200)
    operation = catalog.merge("dev", want=409)["operation_id"]
    conflict, = catalog.conflicts(operation)
    for properties, status in (
            ({"k": "x" * 300_000}, 400),
            ({f"k{number}": "" for number in range(1001)}, 400),
            ({"k": 5}, 422), ({"k": None}, 422), ({"k": "both"}, 200)):
        answer = catalog.resolve(conflict["id"], "Manual", want=status,
                                 value={"properties": properties})
        assert status == 200 or "resolved_value" in answer["error"], answer
    catalog.complete(operation)
    reply = catalog.ask("GET", catalog.path(space="a"), want=200)
    assert reply.json()["properties"] == {"k": "both"}


def test_a_target_that_is_not_named_is_the_default_branch(catalog):
    catalog.fork("dev")
    catalog.set("t", "1")
    catalog.drop("t", branch="dev")
    found = [catalog.ask("GET", catalog.refs(name="dev/conflicts", **query),
                         want=200).json()
             for query in ({"into": "main"}, {}, {"into": ""})]
    assert [[one["asset_name"] for one in page] for page in found] == \
        [["a.t"]] * 3
