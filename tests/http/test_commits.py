"""The history of a branch: every change is a commit, told newest first."""

import re
import uuid

import pytest
from harness.changes import SCHEMA, set_property
from harness.versions import API, Catalog

MESSAGE = "X-Pangolin-Commit-Message"


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    return Catalog(server)


@pytest.fixture(name="filled")
def fixture_filled(catalog):
    catalog.make_space()
    catalog.make_table("t")
    return catalog


def log(catalog, branch="main", **query):
    return catalog.ask("GET", catalog.refs("branches", f"{branch}/commits",
                                           **query), want=200)


def commits(catalog, branch="main", **query):
    return log(catalog, branch, **query).json()


def pages(catalog, branch="main", **query):
    """All pages, by the links between them."""
    path = catalog.refs("branches", f"{branch}/commits", **query)
    while path:
        reply = catalog.ask("GET", path, want=200)
        yield reply.json()
        link = reply.headers["Link"]
        path = link and path.split("?")[0] + re.match("<([^>]*)>", link)[1]


def touched(commit):
    return [(o["operation"], o["kind"], ".".join([*o["namespace"],
                                                  o["name"]]))
            for o in commit["operations"]]


def test_every_change_is_a_commit(filled):
    filled.set("t", "1")
    filled.ask("POST", f"/v1/{filled.name}/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["a"], "name": "u"}}, want=204)
    filled.drop("u")
    filled.ask("DELETE", filled.path(space="a"), want=204)
    found = commits(filled)
    assert [touched(c) for c in reversed(found)] == [
        [("create", "namespace", "a")], [("create", "table", "a.t")],
        [("update", "table", "a.t")],
        [("drop", "table", "a.t"), ("create", "table", "a.u")],
        [("drop", "table", "a.u")], [("drop", "namespace", "a")]]
    assert [c["sequence"] for c in found] == [6, 5, 4, 3, 2, 1]
    assert [c["parent_id"] for c in found] == \
        [c["id"] for c in found[1:]] + [None]
    times = [c["timestamp"] for c in found]
    assert times == sorted(times, reverse=True)
    for commit in found:
        assert commit["branch"] == "main" and commit["author"] == "admin"
        assert commit["message"] and commit["merged_commit_id"] is None
        assert commit["operation_count"] == len(commit["operations"])
    assert filled.head() == found[0]["id"]


def test_an_operation_tells_what_was_and_what_is(filled):
    made = filled.ask("GET", filled.path(space="a") + "/tables/t").json()
    changed = filled.set("t", "1")
    update, create, _ = commits(filled)
    assert update["operations"] == [{
        "operation": "update", "kind": "table", "namespace": ["a"],
        "name": "t", "id": made["metadata"]["table-uuid"],
        "old_metadata_location": made["metadata-location"],
        "new_metadata_location": changed["metadata-location"],
        "Put": {"asset": {
            "id": made["metadata"]["table-uuid"], "name": "t",
            "kind": "ICEBERG_TABLE", "location": "", "properties": {
                "metadata_location": changed["metadata-location"]}}}}]
    assert create["operations"][0]["old_metadata_location"] is None
    filled.drop("t")
    drop, = commits(filled, limit=1)
    assert drop["operations"][0]["Delete"] == {"name": "a.t"}
    assert drop["operations"][0]["new_metadata_location"] is None
    assert drop["operations"][0]["old_metadata_location"] == \
        changed["metadata-location"]


def test_several_tables_are_one_commit(filled):
    filled.make_table("u")
    filled.ask("POST", f"/v1/{filled.name}/transactions/commit", {
        "table-changes": [{
            "identifier": {"namespace": ["a"], "name": name},
            "requirements": [], "updates": set_property("value", "1")}
            for name in ("t", "u")]}, want=204)
    assert sorted(touched(commits(filled)[0])) == [
        ("update", "table", "a.t"), ("update", "table", "a.u")]


def test_a_message_and_the_author(server, filled):
    filled.set("t", "1", headers={MESSAGE: "why: because"})
    filled.ask("POST", filled.path(), {"namespace": ["b"]}, 200,
               {MESSAGE: "x" * 4096})
    first, second = commits(filled)[:2]
    assert first["message"] == "x" * 4096
    assert second["message"] == "why: because"
    for bad in ("", "x" * 4097, "a\x07b"):
        reply = filled.ask("POST", filled.path(), {"namespace": ["c"]},
                           headers={MESSAGE: bad})
        assert reply.status in (400, 431), reply
    robot = server.call("POST", f"{API}/service-users", {
        "name": f"robot-{filled.name}", "role": "tenant-admin"}).json()
    reply = server.request(
        "POST", f"{filled.path(space='a')}/tables",
        {"name": "r", "schema": SCHEMA},
        {"X-API-Key": robot["api_key"], "X-Author": "me"})
    assert reply.status == 200, reply
    assert commits(filled)[0]["author"] == f"robot-{filled.name}"


def test_history_goes_on_through_forks(filled):
    shared = [c["id"] for c in commits(filled)]
    filled.fork("dev")
    filled.set("t", "1", branch="dev")
    filled.fork("exp", "dev")
    filled.set("t", "2")
    filled.set("t", "3", branch="exp")
    dev, exp = commits(filled, "dev"), commits(filled, "exp")
    assert [c["branch"] for c in exp] == ["exp", "dev", "main", "main"]
    assert [c["sequence"] for c in exp] == [1, 1, 2, 1]
    assert [c["id"] for c in exp[1:]] == [c["id"] for c in dev]
    assert [c["id"] for c in dev[1:]] == shared
    assert [c["parent_id"] for c in exp] == \
        [c["id"] for c in exp[1:]] + [None]
    old = exp[0]["operations"][0]["old_metadata_location"]
    assert old == dev[0]["operations"][0]["new_metadata_location"]
    filled.delete("dev")
    assert commits(filled, "exp") == exp


def test_history_of_any_address(filled):
    first = filled.head()
    filled.tag("v1", first)
    filled.set("t", "1")
    want = commits(filled)[1:]
    for address in ("v1", f"main~{first}", f"~{first}"):
        assert commits(filled, address) == want
    filled.ask("GET", filled.refs("branches", "none/commits"), want=404)
    assert commits(Catalog(filled.server)) == []


def test_pages_of_a_history(filled):
    for branch in ("b1", "b2"):
        filled.fork(branch, "b1" if branch == "b2" else "main")
        for n in range(5):
            filled.set("t", str(n), branch=branch)
    whole = commits(filled, "b2")
    assert len(whole) == 12
    for size in (1, 2, 5, 6, 12, 100):
        found = list(pages(filled, "b2", limit=size))
        assert [c for page in found for c in page] == whole
        assert all(len(page) <= size for page in found)
    for offset in range(14):
        assert commits(filled, "b2", limit=3, offset=offset) == \
            whole[offset:offset + 3]
        assert commits(filled, "b2", limit=3, offset=offset,
                       author="admin") == whole[offset:offset + 3]
    # pages stand still while the branch moves
    walk = pages(filled, "b2", limit=4)
    first = next(walk)
    filled.set("t", "new", branch="b2")
    assert first + [c for page in walk for c in page] == whole


def test_a_token_is_of_its_catalog(server, filled):
    filled.set("t", "1")
    link = log(filled, limit=1).headers["Link"]
    token = re.search("page_token=([^&>]*)", link)[1]
    assert commits(filled, page_token=token)
    other = Catalog(server)
    for catalog, text in ((other, token), (filled, token[:-2]),
                          (filled, "x")):
        path = catalog.refs("branches", "main/commits", page_token=text)
        assert "page_token" in \
            catalog.ask("GET", path, want=400).json()["error"]


def test_commits_are_looked_for(filled):
    filled.make_table("u")
    filled.fork("dev")
    filled.set("t", "1", branch="dev")
    filled.set("u", "1", branch="dev")
    filled.set("t", "2", branch="dev")
    found = commits(filled, "dev", table="a.t")
    assert [(c["branch"], c["sequence"]) for c in found] == [
        ("dev", 3), ("dev", 1), ("main", 2)]
    assert [c for page in pages(filled, "dev", table="a.t", limit=1)
            for c in page] == found
    assert commits(filled, "dev", table="a.t", offset=1) == found[1:]
    assert commits(filled, "dev", table="a.none") == []
    assert commits(filled, "dev", author="nobody") == []
    assert len(commits(filled, "dev", author="admin")) == 6
    assert commits(filled, since="2999-01-01T00:00:00Z") == []
    assert commits(filled, until="2001-01-01T00:00:00Z") == []
    assert len(commits(filled, since="2001-01-01T00:00:00Z",
                       until="2999-01-01T00:00:00Z")) == 3
    now = filled.fork("now")["created_at"]
    assert len(commits(filled, "dev", until=now)) == 6
    assert commits(filled, "dev", since=now) == []
    for name, value in (("table", "x"), ("since", "now"), ("limit", "0"),
                        ("until", "x"), ("offset", "-1")):
        path = filled.refs("branches", "main/commits", **{name: value})
        assert name in filled.ask("GET", path, want=400).json()["error"]


def test_a_partial_branch_continues_its_fork(filled):
    filled.make_table("u")
    head = filled.head()
    filled.fork("part", assets=["a.t"])
    filled.set("t", "1", branch="part")
    found = commits(filled, "part")
    assert found[0]["parent_id"] == found[1]["id"] == head
    assert found[0]["operations"][0]["old_metadata_location"] == \
        found[2]["operations"][0]["new_metadata_location"]


def test_a_commit_is_of_its_tenant(server, filled):
    tenant = server.as_root("POST", f"{API}/tenants", {
        "name": f"other-{filled.name}"}).json()["id"]
    path = filled.refs("branches", "main/commits")
    assert server.as_root("GET", path, tenant=tenant).status == 404
    filled.ask("GET", filled.refs("branches", f"~{uuid.uuid4()}/commits"),
               want=404)
