"""Branches as the management API makes, lists, changes and deletes them."""

import uuid

import pytest
from harness.changes import new_key, same
from harness.versions import API, Catalog


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    return Catalog(server)


@pytest.fixture(name="filled")
def fixture_filled(catalog):
    catalog.make_space()
    catalog.make_table("t")
    return catalog


def refused(reply, word):
    error = reply["error"] if isinstance(reply, dict) else \
        reply.json()["error"]
    assert word in error, error


def test_a_catalog_begins_with_its_default_branch(catalog):
    main, = catalog.branches()
    assert main == catalog.branch()
    assert {k: v for k, v in main.items() if k != "created_at"} == {
        "name": "main", "catalog": catalog.name, "head_commit_id": None,
        "branch_type": "ingest", "assets": [], "protected": False,
        "default": True, "partial": False, "sequence": 0,
        "fork_commit_id": None, "created_by": None}


def test_a_branch_begins_at_the_head_of_another(filled):
    head = filled.head()
    assert head
    made = filled.fork("dev", branch_type="ingest")
    assert made["head_commit_id"] == made["fork_commit_id"] == head
    assert made["branch_type"] == "ingest" and not made["partial"]
    assert made["created_at"] and made["created_by"]
    assert filled.branch("dev") == made
    assert filled.fork("try")["branch_type"] == "experimental"
    filled.make_table("u")
    assert filled.head("dev") == head != filled.head()
    assert [b["name"] for b in filled.branches()] == ["dev", "main", "try"]


def test_a_branch_begins_anywhere(filled):
    first = filled.head()
    filled.tag("v1", first)
    filled.make_table("u")
    second = filled.head()
    now = filled.fork("now")["created_at"]
    for name, origin, head in (
            ("a", "main", second), ("b", "v1", first),
            ("c", f"main~{first}", first), ("d", f"~{second}", second),
            ("e", f"main~{now}", second), ("f", "b", first)):
        assert filled.fork(name, origin)["head_commit_id"] == head, origin


def test_what_is_not_there_is_no_beginning(filled):
    for origin, status in (
            ("none", 404), (f"main~{uuid.uuid4()}", 404),
            ("main~yesterday", 400), ("a b", 400)):
        refused(filled.fork("dev", origin, want=status), origin.split("~")[-1]
                if status == 404 else "/from_branch")
    reply = filled.ask("POST", f"{API}/branches",
                       {"name": "dev", "catalog": "none"}, want=404)
    refused(reply, "none")


def test_names_of_refs_are_of_one_space(filled):
    """C1: `sales@v1` means one thing."""
    filled.fork("dev")
    filled.tag("v1", filled.head())
    for name in ("dev", "v1", "main"):
        refused(filled.fork(name, want=409), name)
        refused(filled.tag(name, filled.head(), want=409), name)
    refused(filled.change("dev", name="v1", want=409), "v1")
    for name in ("", "a/b", "a b", "-a", ".a", "a~b", "a@b", "x" * 129,
                 str(uuid.uuid4()), "2026-11-01", "2026-11-01T00:00:00Z",
                 "é"):
        filled.fork(name, want=400)
        filled.tag(name, filled.head(), want=400)
    assert filled.fork("A.b_c-1")["name"] == "A.b_c-1"
    filled.fork("x" * 128)


def test_created_if_absent(filled):
    made = filled.fork("dev", if_absent=True)
    assert filled.fork("dev", if_absent=True, want=200) == made
    filled.tag("v1", filled.head())
    filled.fork("v1", if_absent=True, want=404)


def test_the_one_catalog_that_can_be_meant(server, filled):
    name = f"only-{filled.name}"
    filled.fork(name)
    found = server.call("GET", f"{API}/branches/{name}")
    assert found.status == 200 and found.json()["catalog"] == filled.name
    other = Catalog(server)
    other.fork(name)
    refused(server.call("GET", f"{API}/branches/{name}"), "name one")
    other.delete(name)
    assert server.call("DELETE", f"{API}/branches/{name}").status == 204
    assert server.call("GET", f"{API}/branches/{name}").status == 404
    assert server.call("GET", f"{API}/branches").status == 400


def test_branches_are_renamed_and_protected(filled):
    made = filled.fork("dev")
    changed = filled.change("dev", name="new", protected=True)
    assert changed == {**made, "name": "new", "protected": True}
    assert filled.branch("new") == changed
    filled.ask("GET", filled.refs(name="dev"), want=404)
    assert not filled.change("new", protected=False)["protected"]
    assert filled.change("main", protected=True)["protected"]
    refused(filled.change("main", name="other", want=400), "/name")
    filled.change("main", name="main")
    refused(filled.change("none", protected=True, want=404), "none")
    refused(filled.change("main", colour="red", want=422), "colour")
    filled.fork("dev")


def test_a_deleted_branch_frees_its_name(filled):
    filled.fork("dev")
    filled.delete("dev")
    filled.delete("dev", want=404)
    filled.ask("GET", filled.refs(name="dev"), want=404)
    assert [b["name"] for b in filled.branches()] == ["main"]
    filled.fork("dev", branch_type="ingest")
    assert filled.branch("dev")["branch_type"] == "ingest"


def test_some_branches_are_not_deleted(filled):
    refused(filled.delete("main", want=400), "default branch")
    filled.fork("dev", protected=True)
    refused(filled.delete("dev", want=409), "protected")
    filled.change("dev", protected=False)
    refused(filled.delete("dev", want=409, expected_head=uuid.uuid4()),
            "moved")
    refused(filled.delete("dev", want=400, expected_head="x"),
            "expected_head")
    filled.delete("dev", expected_head=filled.head("dev"))
    filled.tag("v1", filled.head())
    refused(filled.delete("v1", want=404), "tag")


def test_branches_are_listed_by_pages(filled):
    names = sorted([f"b{n:02}" for n in range(7)] + ["main"])
    for name in names:
        if name != "main":
            filled.fork(name)
    assert [b["name"] for b in filled.branches()] == names
    page = filled.ask("GET", filled.refs(limit=3, offset=2), want=200)
    assert [b["name"] for b in page.json()] == names[2:5]
    assert 'rel="next"' in page.headers["Link"]
    assert "offset=5" in page.headers["Link"]


def test_a_key_makes_one_branch(filled):
    key = new_key()
    body = {"name": "dev", "catalog": filled.name, "protected": True}
    first = filled.ask("POST", f"{API}/branches", body, 201, key)
    same(filled.ask("POST", f"{API}/branches", body, 201, key), first)
    refused(filled.ask("POST", f"{API}/branches", {**body, "name": "x"}, 422,
                       key), "Idempotency-Key")
    filled.change("dev", name="moved", protected=False)
    same(filled.ask("POST", f"{API}/branches", body, 201, key), first)
    assert [b["name"] for b in filled.branches()] == ["main", "moved"]

    key = new_key()
    first = filled.ask("PATCH", filled.refs(name="moved"),
                       {"name": "dev", "protected": True}, 200, key)
    filled.change("dev", protected=False)
    same(filled.ask("PATCH", filled.refs(name="moved"),
                    {"name": "dev", "protected": True}, 200, key), first)
    assert not filled.branch("dev")["protected"]

    key = new_key()
    filled.delete("dev", headers=key)
    filled.fork("dev")
    filled.delete("dev", headers=key)
    assert filled.branch("dev")

    key = new_key()
    refused(filled.delete("none", 404, key), "none")
    filled.fork("none")
    refused(filled.delete("none", 404, key), "none")


def test_branches_of_another_tenant_are_not_there(server, filled):
    tenant = server.as_root("POST", f"{API}/tenants", {
        "name": f"other-{filled.name}"}).json()["id"]
    filled.fork("dev")
    for method, path, body in (
            ("GET", filled.refs(), None),
            ("GET", filled.refs(name="dev"), None),
            ("POST", f"{API}/branches",
             {"name": "x", "catalog": filled.name}),
            ("DELETE", filled.refs(name="dev"), None)):
        reply = server.as_root(method, path, body, tenant)
        assert reply.status == 404, (method, reply)
    assert filled.branch("dev")


def test_branches_ahead_and_behind(filled):
    """Whatever forks lie between: commits are counted, not tables."""
    first = filled.ask("GET", filled.refs(name="main/commits"),
                       want=200).json()[-1]["id"]
    filled.fork("dev")
    filled.make_table("u", branch="dev")
    filled.set("t", "1", branch="dev")
    filled.fork("sub", "dev")
    filled.make_table("v", branch="sub")
    filled.make_table("w")
    filled.fork("old", f"~{first}")

    def counts(state):
        return {b["name"]: (b["ahead"], b["behind"])
                for b in filled.branches(compare=state)}

    assert counts("main") == {"main": (0, 0), "dev": (2, 1), "sub": (3, 1),
                              "old": (0, 2)}
    assert counts("") == counts("main")
    assert counts("dev") == {"main": (1, 2), "dev": (0, 0), "sub": (1, 0),
                             "old": (0, 3)}
    filled.merge("dev")
    assert counts("main")["dev"] == (0, 2)
    assert counts("main")["sub"] == (1, 2)
    filled.ask("GET", filled.refs(compare="none"), want=404)
    filled.ask("GET", filled.refs(compare="a%20b"), want=400)
    assert "ahead" not in filled.branch("dev")


def test_a_merge_that_wrote_nothing_is_known_all_the_same(filled):
    """The target has no commit of its own, but the same change."""
    filled.fork("from")
    filled.set("t", "same", branch="from")
    filled.set("t", "same")
    filled.fork("into")
    filled.merge("from", "into")
    counted = {b["name"]: b["ahead"]
               for b in filled.branches(compare="into")}
    assert counted["from"] == 0


def test_a_protected_branch_keeps_its_name(catalog):
    catalog.fork("prod", protected=True)
    reply = catalog.change("prod", want=409, name="other")
    assert "protected" in reply["error"]
    catalog.change("prod", want=409, name="other", protected=True)
    assert catalog.change("prod", name="prod")["name"] == "prod"
    # who takes the protection back may rename, and protect again
    catalog.change("prod", name="old", protected=False)
    done = catalog.change("old", name="prod", protected=True)
    assert done["name"] == "prod" and done["protected"]
