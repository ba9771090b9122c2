"""Branches, tags, commits and instants in raw Iceberg requests: how they are
named, what they show, and what may be changed in them."""

import urllib.parse

import pytest
from harness.changes import SCHEMA, set_property
from harness.server import KINDS, kind_id
from harness.versions import Catalog

VIEW = {"version-id": 1, "timestamp-ms": 1760000000000, "schema-id": 0,
        "summary": {}, "default-namespace": ["a"], "representations": [
            {"type": "sql", "sql": "select 1", "dialect": "spark"}]}


@pytest.fixture(scope="module", name="server",
                params=(*KINDS, ("mongo", 2)), ids=kind_id)
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    """main with a.t, and dev forked from it."""
    catalog = Catalog(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.fork("dev")
    return catalog


def quoted(text):
    return urllib.parse.quote(text, safe="")


def error(reply, status, kind, word):
    assert reply.status == status, reply
    said = reply.json()["error"]
    assert (said["code"], said["type"]) == (status, kind), said
    assert word in said["message"], said


def config(catalog, warehouse):
    return catalog.ask("GET", f"/v1/config?warehouse={quoted(warehouse)}")


def table_of(catalog, path, want=200):
    return catalog.ask("GET", path, want=want)


# ---- the prefix

def test_config_answers_a_prefix_that_carries_the_branch(catalog):
    first = catalog.head()
    catalog.tag("v1", first)
    for ref in ("", "@main", "@dev", "@v1", f"@dev~{first}",
                "@main~" + catalog.branch("dev")["created_at"],
                f"@~{first}"):
        name = catalog.name + ref
        answer = config(catalog, name)
        assert answer.status == 200, answer
        prefix = answer.json()["overrides"]["prefix"]
        assert prefix == name
        # as it is, and from clients that encode what they are given
        for path in (prefix, quoted(prefix)):
            found = catalog.ask("GET", f"/v1/{path}/namespaces/a/tables/t")
            assert found.status == 200, (path, found)


def test_what_is_not_there_is_not_found(catalog):
    name = catalog.name
    error(config(catalog, name + "@none"), 404, "NoSuchReferenceException",
          "'none'")
    error(config(catalog, "none@dev"), 404, "NoSuchWarehouseException", "none")
    error(config(catalog, name + "@"), 400, "BadRequestException", "'@'")
    error(config(catalog, name + "@dev~"), 400, "BadRequestException", "'~'")
    error(config(catalog, name + "@dev~yesterday"), 400,
          "BadRequestException", "yesterday")
    error(config(catalog, name + "@a b"), 400, "BadRequestException", "name")
    error(catalog.ask("GET", catalog.path("none", "a")), 404,
          "NoSuchReferenceException", "'none'")


def test_a_branch_is_a_copy_that_goes_its_own_way(catalog):
    assert catalog.tables(branch="dev") == ["t"]
    catalog.set("t", "main")
    assert catalog.value("t", branch="dev") == ""
    catalog.set("t", "dev", branch="dev")
    catalog.make_table("u", branch="dev")
    assert (catalog.value("t"), catalog.value("t", branch="dev")) == (
        "main", "dev")
    assert catalog.tables() == ["t"]
    assert catalog.tables(branch="dev") == ["t", "u"]
    catalog.drop("t")
    assert catalog.value("t") is None
    assert catalog.value("t", branch="dev") == "dev"
    catalog.fork("sub", "dev")
    assert catalog.value("t", branch="sub") == "dev"
    catalog.drop("t", branch="sub")
    assert catalog.tables(branch="sub") == ["u"]
    assert catalog.tables(branch="dev") == ["t", "u"]


def test_a_table_keeps_its_uuid_on_all_branches(catalog):
    uuid = catalog.ask("GET", catalog.path(None, "a") + "/tables/t",
                       want=200).json()["metadata"]["table-uuid"]
    assert catalog.set("t", "1", branch="dev")["metadata"]["table-uuid"] == uuid
    catalog.ask("POST", f"/v1/{catalog.name}@dev/tables/rename", {
        "source": {"namespace": ["a"], "name": "t"},
        "destination": {"namespace": ["a"], "name": "moved"}}, want=204)
    assert catalog.tables(branch="dev") == ["moved"]
    assert catalog.tables() == ["t"]
    moved = catalog.ask("GET", catalog.path("dev", "a") + "/tables/moved",
                        want=200).json()
    assert moved["metadata"]["table-uuid"] == uuid


def test_a_fork_does_not_see_what_its_parent_wrote_later(catalog):
    """Below the fork of its parent a branch sees what was there."""
    first = catalog.head()
    catalog.set("t", "2")
    catalog.fork("late")
    catalog.set("t", "late", branch="late")
    catalog.fork("exp", f"late~{first}")
    assert catalog.value("t", branch="exp") == ""
    catalog.make_table("u", branch="exp")
    assert catalog.value("t", branch="exp") == ""


# ---- historic views

def test_the_past_is_shown_and_not_changed(catalog):
    path = catalog.name
    first = catalog.head()
    catalog.tag("v1", first)
    catalog.set("t", "1")
    second = catalog.head()
    between = catalog.branch("dev")["created_at"]
    catalog.drop("t")
    for ref, value in ((f"main~{first}", ""), ("v1", ""),
                       (f"main~{between}", ""), (f"main~{second}", "1"),
                       (f"~{second}", "1"), ("main", None)):
        for _ in range(2):  # the second time it is known
            assert catalog.value("t", branch=ref) == value, ref
    assert catalog.tables(branch=f"main~{second}") == ["t"]
    assert catalog.tables() == []
    for ref in ("v1", f"main~{first}", f"main~{between}"):
        prefix = f"/v1/{path}@{ref}"
        for method, where, body in (
                ("POST", "/namespaces", {"namespace": ["b"]}),
                ("DELETE", "/namespaces/a", None),
                ("POST", "/namespaces/a/properties",
                 {"updates": {"x": "y"}}),
                ("POST", "/namespaces/a/tables",
                 {"name": "u", "schema": SCHEMA}),
                ("POST", "/namespaces/a/tables/t",
                 {"requirements": [], "updates": set_property("value", "x")}),
                ("DELETE", "/namespaces/a/tables/t", None),
                ("POST", "/namespaces/a/views",
                 {"name": "v", "schema": SCHEMA, "view-version": VIEW,
                  "properties": {}}),
                ("POST", "/tables/rename", {
                    "source": {"namespace": ["a"], "name": "t"},
                    "destination": {"namespace": ["a"], "name": "u"}}),
                ("POST", "/transactions/commit", {"table-changes": [{
                    "identifier": {"namespace": ["a"], "name": "t"},
                    "requirements": [],
                    "updates": set_property("value", "x")}]})):
            reply = catalog.ask(method, prefix + where, body)
            if (method, where) == ("DELETE", "/namespaces/a"):
                assert reply.status in (400, 409), reply
                continue
            error(reply, 400, "BadRequestException", "historic view")


def test_a_commit_of_another_branch_is_not_in_its_history(catalog):
    catalog.set("t", "dev", branch="dev")
    error(config(catalog, f"{catalog.name}@main~{catalog.head('dev')}"), 404,
          "NoSuchReferenceException", "not in the history of 'main'")
    error(config(catalog, f"{catalog.name}@main~2999-01-01T00:00:00Z"), 400,
          "BadRequestException", "to come")


def test_an_instant_before_the_branch_is_its_parents(catalog):
    """Also where another branch holds what was newest then."""
    catalog.set("t", "2")
    catalog.fork("late")
    catalog.set("t", "late", branch="late")
    early = catalog.branch("dev")["created_at"]
    assert catalog.value("t", branch=f"late~{early}") == ""
    late = catalog.branch("late")["created_at"]
    assert catalog.value("t", branch=f"late~{late}") == "2"


def test_pages_of_the_past_fit_together(catalog):
    for i in range(5):
        catalog.make_table(f"u{i}")
    catalog.tag("v1", catalog.head())
    for i in range(5):
        catalog.drop(f"u{i}")
    path, seen, token = catalog.path("v1", "a") + "/tables", [], ""
    while token is not None:
        page = catalog.ask("GET", f"{path}?pageSize=2&pageToken={token}",
                           want=200).json()
        seen += [one["name"] for one in page["identifiers"]]
        token = page.get("next-page-token")
        # all pages are of what the tag named at the first
        catalog.ask("PUT", catalog.refs("tags", "v1"), {
            "commit_id": catalog.head(),
            "expected_commit_id": catalog.tags()[0]["commit_id"]}, want=200)
    assert seen == ["t"] + [f"u{i}" for i in range(5)]


# ---- protected branches

def test_a_protected_branch_takes_no_commits(catalog):
    catalog.change("dev", protected=True)
    for method, where, body in (
            ("POST", "", {"namespace": ["b"]}),
            ("POST", "/a/tables", {"name": "u", "schema": SCHEMA}),
            ("POST", "/a/tables/t",
             {"requirements": [], "updates": set_property("value", "x")}),
            ("DELETE", "/a/tables/t", None)):
        error(catalog.ask(method, catalog.path("dev") + where, body), 403,
              "ForbiddenException", "'dev'")
    assert catalog.value("t", branch="dev") == ""
    catalog.set("t", "free")
    catalog.change("main", protected=True)
    error(catalog.ask("POST", catalog.path(), {"namespace": ["b"]}), 403,
          "ForbiddenException", "'main'")
    catalog.change("dev", protected=False)
    catalog.set("t", "dev", branch="dev")


# ---- namespaces and views

def test_namespaces_are_of_their_branch(catalog):
    dev = catalog.path("dev")
    catalog.make_space("b", "dev")
    catalog.ask("POST", f"{dev}/a/properties", {"updates": {"x": "dev"}},
                want=200)

    def names(branch=None):
        listed = catalog.ask("GET", catalog.path(branch), want=200).json()
        return [one[0] for one in listed["namespaces"]]

    def properties(branch=None):
        return catalog.ask("GET", catalog.path(branch, "a"),
                           want=200).json()["properties"]

    assert (names(), names("dev")) == (["a"], ["a", "b"])
    assert properties("dev").get("x") == "dev" and "x" not in properties()
    error(catalog.ask("DELETE", f"{dev}/a"), 409,
          "NamespaceNotEmptyException", "t")
    catalog.drop("t", branch="dev")
    catalog.ask("DELETE", f"{dev}/a", want=204)
    assert (names(), names("dev")) == (["a"], ["b"])
    assert catalog.tables() == ["t"]
    error(catalog.ask("GET", f"{dev}/a/tables"), 404,
          "NoSuchNamespaceException", "a")
    catalog.make_space("a", "dev")
    assert catalog.tables(branch="dev") == []
    assert "x" not in properties("dev")


def test_a_change_of_an_inherited_namespace_is_answered_again(catalog):
    path = catalog.path(None, "a") + "/properties"
    catalog.ask("POST", path, {"updates": {"x": "1"}}, want=200)
    catalog.fork("next")
    key = {"Idempotency-Key": "0190163d-8694-739b-aea5-966c26f8ad91"}
    path = catalog.path("next", "a") + "/properties"
    body = {"removals": ["x", "y"]}
    first = catalog.ask("POST", path, body, 200, key).json()
    assert first == {"updated": [], "removed": ["x"], "missing": ["y"]}
    assert catalog.ask("POST", path, body, 200, key).json() == first


def test_views_are_of_their_branch(catalog):
    dev = catalog.path("dev", "a") + "/views"
    catalog.ask("POST", dev, {"name": "v", "schema": SCHEMA,
                              "view-version": VIEW, "properties": {}},
                want=200)
    catalog.ask("HEAD", dev + "/v", want=204)
    main = catalog.path(None, "a") + "/views"
    catalog.ask("HEAD", main + "/v", want=404)
    catalog.fork("sub", "dev")
    catalog.ask("DELETE", dev + "/v", want=204)
    catalog.ask("HEAD", catalog.path("sub", "a") + "/views/v", want=204)


def test_a_member_that_nobody_here_reads_makes_another_version(catalog):
    path = catalog.path(None, "a") + "/views"
    catalog.ask("POST", path, {"name": "v", "schema": SCHEMA,
                               "view-version": VIEW, "properties": {}},
                want=200)

    def add(branch=None, **more):
        made = catalog.ask(
            "POST", catalog.path(branch, "a") + "/views/v", {"updates": [
                {"action": "add-view-version",
                 "view-version": {**VIEW, "version-id": 9, **more}},
                {"action": "set-current-view-version",
                 "view-version-id": -1}]}, want=200).json()["metadata"]
        return made["current-version-id"], len(made["versions"])

    catalog.fork("views")
    stored = {"namespace": ["a"], "name": "stored"}
    assert add() == (1, 1)
    assert add(**{"timestamp-ms": 1770000000000}) == (1, 1)
    assert add("views", **{"storage-table": stored}) == (9, 2)
    assert add("views", **{"storage-table": stored}) == (9, 2)
    assert add("views", **{"storage-table": dict(stored, name="x")}) == (10, 3)
    assert add("views", **{"storage-table": None}) == (1, 3)
    assert add() == (1, 1)


def test_a_transaction_is_of_one_branch(catalog):
    catalog.make_table("u", branch="dev")
    before = catalog.branch("dev")["sequence"]

    def change(*names):
        return catalog.ask(
            "POST", f"/v1/{catalog.name}/transactions/commit",
            {"table-changes": [
                {"identifier": {"namespace": ["a"], "name": name},
                 "requirements": [], "updates": set_property("value", "2")}
                for name in names]})

    assert change("t@dev", "u@dev").status == 204
    assert catalog.branch("dev")["sequence"] == before + 1
    assert catalog.value("t") == ""
    assert catalog.value("u", branch="dev") == "2"
    error(change("t", "u@dev"), 400, "BadRequestException", "one branch")
    error(change("t@dev", "t@main"), 400, "BadRequestException",
          "two branches")


# ---- the other places

def test_a_branch_in_a_tables_name(catalog):
    tables = catalog.path(None, "a") + "/tables"
    catalog.set("t@dev", "dev")
    assert (catalog.value("t"), catalog.value("t", branch="dev")) == (
        "", "dev")
    assert catalog.value("t@dev") == "dev"
    assert catalog.value("t@main") == ""
    made = catalog.make_table("u@dev")
    assert catalog.tables(branch="dev") == ["t", "u"]
    assert catalog.tables() == ["t"]
    catalog.ask("HEAD", f"{tables}/u%40dev", want=204)
    catalog.ask("POST", catalog.path(None, "a") + "/register", {
        "name": "w@dev", "metadata-location": made["metadata-location"]},
        want=409)
    catalog.ask("POST", f"/v1/{catalog.name}/tables/rename", {
        "source": {"namespace": ["a"], "name": "u@dev"},
        "destination": {"namespace": ["a"], "name": "w"}}, want=204)
    assert catalog.tables(branch="dev") == ["t", "w"]
    catalog.drop("w@dev")
    assert catalog.tables(branch="dev") == ["t"]


def test_a_branch_in_a_namespaces_name_and_in_the_query(catalog):
    catalog.make_table("u", branch="dev")
    assert catalog.tables("a@dev") == ["t", "u"]
    assert catalog.tables("a@main") == ["t"]
    path = catalog.path(None, "a") + "/tables"
    listed = catalog.ask("GET", path + "?branch=dev", want=200).json()
    assert len(listed["identifiers"]) == 2
    catalog.ask("POST", path + "?branch=dev",
                {"name": "w", "schema": SCHEMA}, want=200)
    assert catalog.tables() == ["t"]
    assert catalog.tables(branch="dev") == ["t", "u", "w"]
    catalog.ask("GET", path + "?branch=none", want=404)
    below = catalog.ask("GET", catalog.path() + "?parent=a%40dev", want=200)
    assert below.json()["namespaces"] == []


def test_a_namespace_is_made_on_the_branch_of_its_name(catalog):
    def make(*levels, branch=None, want=200, **headers):
        reply = catalog.ask("POST", catalog.path(branch),
                            {"namespace": levels}, want, headers)
        return reply.json() if want == 200 else reply

    def spaces(branch=None, parent=""):
        found = catalog.ask("GET", catalog.path(branch) + parent, want=200)
        return [".".join(one) for one in found.json()["namespaces"]]

    key = {"Idempotency-Key": "0197b1c2-0000-7000-8000-0123456789ab"}
    for _ in range(2):  # the second is answered as the first was
        assert make("n@dev", **key)["namespace"] == ["n"]
    assert make("a", "in@dev")["namespace"] == ["a", "in"]
    assert spaces("dev") == ["a", "n"] and spaces() == ["a"]
    assert spaces("dev", "?parent=a") == ["a.in"]
    error(make("n@dev", want=409), 409, "AlreadyExistsException", "n")
    error(make("n@dev", branch="main", want=400), 400, "BadRequestException",
          "two branches")
    # two signs stand for one, and what is no branch is part of the name
    for name, made in (("m@@dev", "m@dev"), ("mail@example.com",) * 2):
        assert make(name)["namespace"] == [made]
    assert spaces() == ["a", "m@dev", "mail@example.com"]
    error(make("m@dev", want=409), 409, "AlreadyExistsException", "m@dev")
    catalog.tag("v1", catalog.head())
    error(make("late@v1", want=400), 400, "BadRequestException",
          "historic view")


def test_two_branches_in_one_request_are_refused(catalog):
    catalog.fork("exp")
    for path in (catalog.path("dev", "a@exp") + "/tables",
                 catalog.path("dev", "a") + "/tables/t@exp",
                 catalog.path(None, "a@dev") + "/tables/t@exp",
                 catalog.path("dev", "a") + "/tables?branch=exp",
                 catalog.path(None, "a") + "/tables/t@exp?branch=dev"):
        error(catalog.ask("GET", path), 400, "BadRequestException",
              "two branches")
    for path in (catalog.path("dev", "a@dev") + "/tables/t@dev?branch=dev",):
        table_of(catalog, path)


def test_a_name_that_has_an_at_sign_comes_first(catalog):
    tables = catalog.path(None, "a") + "/tables"
    # no branch is called so: it is the table's own name
    catalog.make_table("mail@example.com")
    catalog.make_table("x@y")
    catalog.fork("y")
    catalog.set("x@y", "literal")
    assert catalog.value("x@y") == "literal"
    assert catalog.value("x@@y") == "literal"
    # not made yet, and a branch is called so: two signs stand for one
    catalog.make_table("t@@y")
    assert catalog.tables() == ["mail@example.com", "t", "t@y", "x@y"]
    assert catalog.value("t@y") == ""
    assert catalog.tables(branch="y") == ["mail@example.com", "t", "x@y"]
    catalog.make_table("m@@n@y")
    assert "m@n" in catalog.tables(branch="y")
    assert "m@n" not in catalog.tables()
    catalog.make_space("s@@y")
    catalog.make_table("in", "s@y")
    assert catalog.tables("s@y") == ["in"]
    table_of(catalog, f"{tables}/%40", 404)
    table_of(catalog, f"{tables}/%40dev", 404)
    table_of(catalog, f"{tables}/t%40", 404)


# ---- plans and ETags

def test_a_plan_is_of_the_branch(catalog):
    for branch in ("dev", f"dev~{catalog.head()}"):
        path = catalog.path(branch, "a") + "/tables/t"
        plan = catalog.ask("POST", path + "/plan", {}, want=200).json()
        assert plan["status"] == "completed", plan
        found = catalog.ask("GET", f"{path}/plan/{plan['plan-id']}")
        assert found.status == 200, found
        catalog.ask("DELETE", f"{path}/plan/{plan['plan-id']}", want=204)
        catalog.ask("POST", path + "/metrics", {
            "report-type": "scan-report"}, want=204)


def test_a_deleted_branch_is_gone_at_once(catalog):
    catalog.fork("sub", "dev")
    catalog.set("t", "sub", branch="sub")
    assert catalog.value("t", branch="dev") == ""
    catalog.delete("dev")
    error(catalog.ask("GET", catalog.path("dev", "a")), 404,
          "NoSuchReferenceException", "'dev'")
    error(catalog.ask("POST", catalog.path("dev"), {"namespace": ["b"]}),
          404, "NoSuchReferenceException", "'dev'")
    assert catalog.value("t", branch="sub") == "sub"
    catalog.set("t", "main")
    catalog.fork("dev")
    assert catalog.value("t", branch="dev") == "main"
