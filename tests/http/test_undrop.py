"""What was dropped comes back, until nothing knows of it any more."""

import concurrent.futures
import re

import pytest
from harness.changes import VIEW_VERSION, new_key
from harness.versions import API, Catalog


class Dropping(Catalog):
    def dropped(self, branch=None, **more):
        query = {"catalog": self.name, **({"branch": branch} if branch else {}),
                 **more}
        text = "&".join(f"{k}={v}" for k, v in query.items())
        return self.ask("GET", f"{API}/dropped?{text}", want=200).json()

    def undrop(self, what, branch=None, name=None, want=200, headers=None):
        body = {"catalog": self.name, "id": what}
        body.update({"branch": branch} if branch else {})
        body.update({"name": name} if name else {})
        return self.ask("POST", f"{API}/undrop", body, want, headers)


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Dropping(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.set("t", "1")
    return catalog


def test_a_dropped_table_comes_back(catalog):
    path = catalog.path(space="a") + "/tables/t"
    before = catalog.ask("GET", path, want=200).json()
    assert catalog.dropped() == []
    catalog.drop("t")
    found, = catalog.dropped()
    assert found == {"id": before["metadata"]["table-uuid"], "kind": "table",
                     "namespace": ["a"], "name": "t",
                     "metadata_location": before["metadata-location"],
                     "purge": False}
    assert catalog.undrop(found["id"]).json() == found
    assert catalog.ask("GET", path, want=200).json() == before
    assert catalog.dropped() == []
    catalog.undrop(found["id"], want=404)
    # its place is its own again
    catalog.ask("POST", catalog.path(space="a") + "/tables", {
        "name": "other", "location": before["metadata"]["location"],
        "schema": {"type": "struct", "fields": []}}, 409)
    catalog.set("t", "2")
    catalog.drop("t")
    assert [one["id"] for one in catalog.dropped()] == [found["id"]]


def test_it_comes_back_under_another_name_once(catalog):
    catalog.drop("t")
    catalog.make_table("t")
    assert catalog.dropped() == []  # its name is another table's
    catalog.drop("t")
    found, = catalog.dropped()
    catalog.make_table("u")
    catalog.undrop(found["id"], name="u", want=409)
    assert catalog.undrop(found["id"], name="v").json()["name"] == "v"
    assert catalog.dropped() == [] and catalog.tables() == ["u", "v"]
    catalog.undrop(found["id"], want=404)


def test_a_rename_is_no_drop(catalog):
    catalog.ask("POST", f"/v1/{catalog.name}/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["a"], "name": "u"}}, 204)
    assert catalog.dropped() == []


def test_what_came_back_under_a_new_name_is_not_dropped(catalog):
    """Picked where the old name was dropped, and renamed behind that."""
    catalog.fork("dev")
    catalog.rename("t", "u", branch="dev")
    catalog.drop("t")
    catalog.restore("cherry-pick", "main", catalog.head("dev"))
    assert catalog.tables() == ["u"] and catalog.dropped() == []
    catalog.merge("dev")
    assert catalog.tables() == ["u"] and catalog.dropped() == []


def test_a_moved_namespace_is_not_dropped(catalog):
    catalog.ask("POST", f"{API}/namespaces/move", {
        "catalog": catalog.name, "source": ["a"], "destination": ["b"]}, 204)
    assert catalog.dropped() == []
    catalog.fork("dev")
    catalog.drop("t", space="b")
    found, = catalog.dropped()
    assert found["namespace"] == ["b"]


def test_branches_have_their_own_drops(catalog):
    catalog.make_table("u")
    catalog.drop("u")
    catalog.fork("dev")
    inherited, = catalog.dropped("dev")
    catalog.drop("t", branch="dev")
    own, other = catalog.dropped("dev")
    assert (own["name"], other) == ("t", inherited)
    assert catalog.dropped() == [inherited]
    for one in (own, inherited):
        catalog.undrop(one["id"], "dev")
    assert catalog.tables(branch="dev") == ["t", "u"]
    assert catalog.tables() == ["t"] and catalog.dropped("dev") == []


def test_namespaces_and_views_come_back(catalog):
    catalog.drop("t")
    views = catalog.path(space="a") + "/views"
    catalog.ask("POST", views, {
        "name": "v", "view-version": VIEW_VERSION,
        "schema": {"type": "struct", "schema-id": 0, "fields": []}}, 200)
    path = catalog.path(space="a")
    catalog.ask("POST", path + "/properties", {"updates": {"x": "1"}}, 200)
    catalog.ask("DELETE", f"{views}/v", want=204)
    catalog.ask("DELETE", path, want=204)
    table, view, space = catalog.dropped()
    assert [one["kind"] for one in (table, view, space)] == [
        "table", "view", "namespace"]
    catalog.undrop(view["id"], want=404)  # first what it lies in
    catalog.ask("POST", f"{API}/undrop", {
        "catalog": catalog.name, "id": space["id"], "empty": True}, 200)
    assert catalog.ask("GET", path, want=200).json()["properties"]["x"] == "1"
    for one in (view, table):
        catalog.undrop(one["id"])
    assert catalog.value("t") == "1" and catalog.dropped() == []
    catalog.ask("GET", f"{views}/v", want=200)


def test_a_request_that_comes_again_brings_it_back_once(catalog):
    catalog.drop("t")
    found, = catalog.dropped()
    key = new_key()
    first = catalog.undrop(found["id"], headers=key)
    assert catalog.undrop(found["id"], headers=key).body == first.body
    catalog.drop("t")
    assert catalog.undrop(found["id"], headers=key).body == first.body
    assert catalog.value("t") is None


def test_only_branches_are_changed_and_pages_end(catalog):
    for name in ("u", "v"):
        catalog.make_table(name)
        catalog.drop(name)
    catalog.tag("v1", catalog.head())
    found = catalog.dropped("v1")
    assert len(found) == 2
    catalog.undrop(found[0]["id"], "v1", want=400)
    assert [one["name"] for one in catalog.dropped(limit=1)][:1] == ["u"]
    catalog.undrop("00000000-0000-4000-8000-000000000000", want=404)


def make_tree(catalog):
    """Namespaces x and x.y with tables, a view and properties."""
    catalog.make_space("x")
    catalog.make_space("x%1Fy")
    catalog.ask("POST", catalog.path(space="x%1Fy") + "/properties",
                {"updates": {"p": "1"}}, 200)
    for name, space in (("t", "x"), ("u", "x"), ("t", "x%1Fy")):
        catalog.make_table(name, space)
        catalog.set(name, f"{space}.{name}", space)
    catalog.ask("POST", catalog.path(space="x") + "/views", {
        "name": "v", "view-version": VIEW_VERSION,
        "schema": {"type": "struct", "schema-id": 0, "fields": []}}, 200)


def drop_tree(catalog, root="x"):
    """All of it; answers the id of the namespace."""
    for name, space in (("t", f"{root}%1Fy"), ("t", root), ("u", root)):
        catalog.drop(name, space)
    catalog.ask("DELETE", catalog.path(space=root) + "/views/v", want=204)
    for space in (f"{root}%1Fy", root):
        catalog.ask("DELETE", catalog.path(space=space), want=204)
    return next(one["id"] for one in catalog.dropped()
                if (one["kind"], one["name"]) == ("namespace", root))


def assert_tree(catalog, root="x"):
    assert catalog.tables(root) == ["t", "u"]
    for name, space in (("t", "x"), ("u", "x"), ("t", "x%1Fy")):
        there = space.replace("x", root)
        assert catalog.value(name, there) == f"{space}.{name}"
    catalog.ask("GET", catalog.path(space=root) + "/views/v", want=200)
    found = catalog.ask("GET", catalog.path(space=f"{root}%1Fy"), want=200)
    assert found.json()["properties"]["p"] == "1"


def sequence(catalog):
    return catalog.ask("GET", f"{API}/branches/main/commits?"
                       f"catalog={catalog.name}&limit=1", want=200).json()[
                           0]["sequence"]


def test_a_namespace_comes_back_with_all_that_lay_in_it(catalog):
    make_tree(catalog)
    space = drop_tree(catalog)
    before, key = sequence(catalog), new_key()
    found = catalog.undrop(space, headers=key)
    assert found.json() == {"id": space, "kind": "namespace", "namespace": [],
                            "name": "x", "metadata_location": None,
                            "purge": False}
    assert sequence(catalog) == before + 1
    assert_tree(catalog)
    assert catalog.dropped() == []
    assert catalog.undrop(space, headers=key).body == found.body
    catalog.undrop(space, want=404)
    # the places are their own again
    place = catalog.ask("GET", catalog.path(space="x") + "/tables/t",
                        want=200).json()["metadata"]["location"]
    catalog.ask("POST", catalog.path(space="a") + "/tables", {
        "name": "other", "location": place,
        "schema": {"type": "struct", "fields": []}}, 409)
    assert drop_tree(catalog) == space


def test_a_namespace_whose_name_is_taken_needs_another(catalog):
    make_tree(catalog)
    space = drop_tree(catalog)
    catalog.make_space("x")
    catalog.make_table("t", "x")
    catalog.make_table("new", "x")
    reply = catalog.undrop(space, want=409)
    assert "another name: x, x.t" in reply.body.decode(), reply
    catalog.undrop(space, name="back")
    assert_tree(catalog, "back")
    assert catalog.tables("x") == ["new", "t"]
    assert catalog.value("t", "x") == ""
    catalog.undrop(space, name="more", want=404)
    assert catalog.dropped() == []


def test_only_what_lay_in_that_namespace_comes_back(catalog):
    catalog.make_space("x")
    catalog.make_table("older", "x")  # in a namespace before it
    catalog.drop("older", "x")
    catalog.ask("DELETE", catalog.path(space="x"), want=204)
    make_tree(catalog)
    catalog.make_space("y")
    catalog.make_table("w", "x")
    catalog.ask("POST", f"/v1/{catalog.name}/tables/rename", {
        "source": {"namespace": ["x"], "name": "w"},
        "destination": {"namespace": ["y"], "name": "w"}}, 204)
    space = drop_tree(catalog)
    # one of its tables has come back elsewhere, under its old name taken anew
    catalog.make_space("x")
    table = next(one["id"] for one in catalog.dropped()
                 if (one["namespace"], one["name"]) == (["x"], "u"))
    catalog.undrop(table)
    catalog.ask("POST", f"/v1/{catalog.name}/tables/rename", {
        "source": {"namespace": ["x"], "name": "u"},
        "destination": {"namespace": ["y"], "name": "u"}}, 204)
    catalog.make_table("u", "x")
    catalog.undrop(space, name="back")
    assert catalog.tables("back") == ["t"]
    assert catalog.tables("back%1Fy") == ["t"]
    assert catalog.tables("y") == ["u", "w"]
    assert [one["name"] for one in catalog.dropped()] == ["older"]


def test_a_namespace_comes_back_empty_when_asked(catalog):
    make_tree(catalog)
    space = drop_tree(catalog)
    catalog.ask("POST", f"{API}/undrop", {
        "catalog": catalog.name, "id": space, "empty": True}, 200)
    assert catalog.tables("x") == []
    assert len(catalog.dropped()) == 5


def test_what_a_merge_dropped_comes_back_in_one_commit(catalog):
    make_tree(catalog)
    catalog.fork("dev")
    for name, space in (("t", "x%1Fy"), ("t", "x"), ("u", "x")):
        catalog.drop(name, space, branch="dev")
    catalog.ask("DELETE", catalog.path("dev", "x") + "/views/v", want=204)
    for space in ("x%1Fy", "x"):
        catalog.ask("DELETE", catalog.path("dev", space), want=204)
    catalog.merge("dev")
    space = next(one["id"] for one in catalog.dropped() if one["name"] == "x")
    catalog.undrop(space)
    assert_tree(catalog)
    # on the branch itself, too
    catalog.undrop(space, "dev")
    assert catalog.tables("x", "dev") == ["t", "u"]


def test_a_page_token_is_good_for_its_own_list(catalog):
    catalog.make_table("u")
    catalog.drop("u")
    catalog.fork("dev")
    catalog.drop("t", branch="dev")

    def page(**query):
        text = "&".join(f"{k}={v}" for k, v in query.items())
        return catalog.ask(
            "GET", f"{API}/dropped?catalog={catalog.name}&limit=1&{text}")

    first = page(branch="dev")
    assert [one["name"] for one in first.json()] == ["t"]
    token = re.search("page_token=([^&>]*)", first.headers["Link"])[1]
    rest = page(branch="dev", page_token=token)
    assert [one["name"] for one in rest.json()] == ["u"]
    damaged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for query in ({"page_token": damaged, "branch": "dev"},
                  {"page_token": "1.5", "branch": "dev"},
                  {"page_token": token}):
        reply = page(**query)
        assert reply.status == 400, (query, reply)
        assert "page_token" in reply.json()["error"]


@pytest.mark.parametrize("taken", (False, True))
def test_of_two_at_once_one_brings_it_back(catalog, taken):
    """Under two names, so nothing but the drop itself is in the way."""
    for number in range(5):
        catalog.make_space("x")
        catalog.make_table("t", "x")
        catalog.drop("t", "x")
        catalog.ask("DELETE", catalog.path(space="x"), want=204)
        space = catalog.dropped(limit=1000)[-1]["id"]
        if taken:
            catalog.make_space("x")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            replies = list(pool.map(
                lambda name, what=space: catalog.undrop(
                    what, name=name, want=None).status,
                [f"back{number}{one}" for one in "abcd"]))
        assert sorted(replies)[0] == 200 and set(replies) <= {200, 404, 409}
        assert replies.count(200) == 1, replies
        if taken:
            catalog.ask("DELETE", catalog.path(space="x"), want=204)
