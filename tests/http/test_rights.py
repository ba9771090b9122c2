"""What tenant-users may do by their grants, through the routes themselves."""

import json

import pytest

from harness.tenants import TABLE, Tenant, Wide
from harness.wait import until

COMMIT = {"requirements": [], "updates": [
    {"action": "set-properties", "updates": {"by": "grant"}}]}


@pytest.fixture(scope="module", name="wide")
def fixture_wide(server):
    return Wide(server)


def test_without_grants_there_is_no_catalog(wide):
    bob = wide.user()
    assert wide.ask(bob, "GET", "/api/v1/catalogs").json() == []
    for method, path, body in (
            ("GET", f"/v1/config?warehouse={wide.catalog}", None),
            ("GET", wide.base, None),
            ("POST", wide.base, {"namespace": ["mine"]}),
            ("GET", f"{wide.base}/a", None),
            ("GET", f"{wide.base}/a/tables", None),
            ("GET", f"{wide.base}/a/tables/t", None),
            ("POST", f"{wide.base}/a/tables/t", COMMIT),
            ("GET", f"/api/v1/catalogs/{wide.catalog}", None),
            ("GET", f"/api/v1/branches?catalog={wide.catalog}", None),
            ("GET", f"/api/v1/tags?catalog={wide.catalog}", None)):
        there = wide.ask(bob, method, path, body)
        gone = wide.ask(bob, method, path.replace(wide.catalog, "nowhere"),
                        body)
        assert there.status == 403, (method, path, there)
        assert (gone.status, gone.body) == (there.status, there.body), path


@pytest.mark.parametrize("action, allowed", [
    ("list", {"list"}),
    ("read", {"list", "read"}),
    ("create", {"create"}),
    ("delete", {"delete"}),
    ("write", {"list", "read", "commit", "create", "delete"}),
    ("all", {"list", "read", "commit", "create", "delete"}),
    ("update", set()),
])
def test_each_action_lets_do_what_it_says(wide, action, allowed):
    bob = wide.user(wide.on_namespace("a", action))
    tables = f"{wide.base}/a/tables"
    wide.must(200, "POST", tables, {**TABLE, "name": f"old-{action}"})
    done = {
        "list": wide.ask(bob, "GET", tables).status,
        "read": wide.ask(bob, "GET", f"{tables}/t").status,
        "commit": wide.ask(bob, "POST", f"{tables}/u", COMMIT).status,
        "create": wide.ask(bob, "POST", tables,
                           {**TABLE, "name": f"new-{action}"}).status,
        "delete": wide.ask(bob, "DELETE", f"{tables}/old-{action}").status}
    assert {name for name, status in done.items() if status < 300} == allowed
    assert {status for status in done.values() if status >= 300} <= {403}


def test_a_namespace_has_all_below_it_and_nothing_beside(wide):
    bob = wide.user(wide.on_namespace("a", "read"))
    for path, status in (("a", 200), ("a%1Fb", 200), ("ab", 403),
                         ("gone", 403)):
        assert wide.ask(bob, "GET", f"{wide.base}/{path}/tables/t"
                        ).status == status, path
        assert wide.ask(bob, "GET", f"{wide.base}/{path}").status == status


def test_a_level_with_a_dot_is_not_two(wide):
    wide.must(200, "POST", wide.base, {"namespace": ["a.b"]})
    bob = wide.user(wide.on_namespace("a.b", "read"))
    assert wide.ask(bob, "GET", f"{wide.base}/a.b").status == 403
    assert wide.ask(bob, "GET", f"{wide.base}/a%1Fb").status == 200


def test_what_one_may_not_see_is_as_if_it_was_not_there(wide):
    bob = wide.user(wide.on_namespace("a", "read"))
    there = wide.ask(bob, "GET", f"{wide.base}/ab/tables/t")
    gone = wide.ask(bob, "GET", f"{wide.base}/ab/tables/gone")
    assert there.status == 403 and there.body == gone.body
    for name in ("t", "gone"):
        assert wide.ask(
            bob, "HEAD", f"{wide.base}/ab/tables/{name}").status == 404


def test_a_place_that_is_taken_does_not_say_by_which_table(wide):
    bob = wide.user(wide.on_namespace("a", "write"))
    taken = wide.must(200, "GET", f"{wide.base}/ab/tables/t").json()[
        "metadata"]["location"]
    for place in (taken, taken.rpartition("/")[0], f"{taken}/data"):
        body = {**TABLE, "name": "there", "location": place}
        reply = wide.ask(bob, "POST", f"{wide.base}/a/tables", body)
        assert reply.status == 409 and b"table ab.t" not in reply.body, reply
    told = wide.call("POST", f"{wide.base}/a/tables",
                     {**TABLE, "name": "there", "location": taken})
    assert b"table ab.t" in told.body


# ---- one table

def test_a_grant_on_a_table_is_for_this_table(wide):
    bob = wide.user(wide.on_table("a.t", "read"))
    tables = f"{wide.base}/a/tables"
    assert wide.ask(bob, "GET", f"{tables}/t").status == 200
    assert wide.ask(bob, "GET", f"{tables}/u").status == 403
    assert wide.ask(bob, "POST", f"{tables}/t", COMMIT).status == 403
    assert wide.ask(bob, "HEAD", f"{wide.base}/a").status == 204
    assert wide.ask(bob, "GET", f"{wide.base}/a").status == 403
    assert wide.names(bob, tables) == ["t"]
    assert wide.names(bob, wide.base) == ["a"]


def test_a_grant_on_a_table_goes_with_it(wide):
    wide.must(200, "POST", f"{wide.base}/a/tables", {**TABLE, "name": "goes"})
    wide.uuid["a.goes"] = wide.must(
        200, "GET", f"{wide.base}/a/tables/goes").json()["metadata"][
            "table-uuid"]
    bob = wide.user(wide.on_table("a.goes", "read"))
    wide.must(204, "POST", f"/v1/{wide.catalog}/tables/rename", {
        "source": {"namespace": ["a"], "name": "goes"},
        "destination": {"namespace": ["ab"], "name": "gone"}})
    wide.must(200, "POST", f"{wide.base}/a/tables", {**TABLE, "name": "goes"})
    assert wide.ask(bob, "GET", f"{wide.base}/ab/tables/gone").status == 200
    assert wide.ask(bob, "GET", f"{wide.base}/a/tables/goes").status == 403


# ---- roles

def test_a_role_gives_until_it_is_taken_or_changed(wide):
    bob = wide.user()
    role = wide.must(201, "POST", "/api/v1/roles", {
        "name": "readers", "permissions": [wide.on_catalog("read")]}).json()
    path = f"/api/v1/users/{wide.user_id}/roles"
    table = f"{wide.base}/ab/tables/t"
    assert wide.ask(bob, "GET", table).status == 403
    wide.must(201, "POST", path, {"role-id": role["id"]})
    assert wide.ask(bob, "GET", table).status == 200
    wide.must(200, "PUT", f"/api/v1/roles/{role['id']}",
              {**role, "permissions": [wide.on_namespace("a", "read")]})
    assert wide.ask(bob, "GET", table).status == 403
    wide.must(200, "PUT", f"/api/v1/roles/{role['id']}", role)
    assert wide.ask(bob, "GET", table).status == 200
    wide.must(204, "DELETE", f"{path}/{role['id']}")
    assert wide.ask(bob, "GET", table).status == 403


def test_a_revoked_permission_ends_at_once(wide):
    bob = wide.user()
    table = f"{wide.base}/a/tables/t"
    for _ in range(50):
        made = wide.grant(wide.user_id, wide.on_catalog("read"))
        assert wide.ask(bob, "GET", table).status == 200
        wide.must(204, "DELETE", f"/api/v1/permissions/{made}")
        assert wide.ask(bob, "GET", table).status == 403


def test_service_users_have_rights_too(wide):
    made = wide.must(201, "POST", "/api/v1/service-users", {
        "name": "reader", "role": "tenant-user"}).json()
    headers = {"X-API-Key": made["api_key"]}
    table = f"{wide.base}/a/tables/t"
    assert wide.server.request(
        "GET", table, headers=headers).status == 403
    wide.grant(made["id"], wide.on_namespace("a", "read"))
    assert wide.server.request(
        "GET", table, headers=headers).status == 200


# ---- lists

def test_lists_show_what_one_may_see(wide):
    bob = wide.user(wide.on_namespace("a.b", "read"),
                    wide.on_table("a.u", "list"))
    assert wide.names(bob, wide.base) == ["a"]
    assert wide.names(bob, f"{wide.base}?parent=a") == ["a.b"]
    assert wide.names(bob, f"{wide.base}/a/tables") == ["u"]
    assert wide.names(bob, f"{wide.base}/a%1Fb/tables") == ["t", "u"]
    assert wide.ask(bob, "GET", f"{wide.base}/ab/tables").status == 403
    assert wide.ask(bob, "GET", f"{wide.base}?parent=ab").status == 403
    shown = wide.ask(bob, "GET", "/api/v1/catalogs").json()
    assert [one["name"] for one in shown] == [wide.catalog]


def test_offset_and_limit_count_what_is_shown(server):
    wide = Wide(server)
    ids = [wide.must(201, "POST", "/api/v1/catalogs", {
        "name": f"c{n}", "warehouse_name": wide.warehouse}).json()["id"]
           for n in range(6)]
    bob = wide.user(*({"scope": {"type": "catalog", "catalog_id": one},
                       "actions": ["list"]} for one in ids[::2]))

    def page(query):
        reply = wide.ask(bob, "GET", f"/api/v1/catalogs?{query}")
        return [one["name"] for one in reply.json()], \
            "Link" in reply.headers

    assert page("") == (["c0", "c2", "c4"], False)
    assert page("limit=2") == (["c0", "c2"], True)
    assert page("limit=1&offset=1") == (["c2"], True)
    assert page("limit=2&offset=1") == (["c2", "c4"], False)
    assert page("page=2&page_size=2") == (["c4"], False)
    assert page("offset=3") == ([], False)


def test_pages_are_full_while_there_is_more(server):
    wide = Wide(server)
    tables = f"{wide.base}/ab/tables"
    shown = []
    grants = []
    for number in range(30):
        name = f"n{number:02}"
        made = wide.must(200, "POST", tables, {**TABLE, "name": name}).json()
        if number % 5 == 2:
            shown.append(name)
            wide.uuid[f"ab.{name}"] = made["metadata"]["table-uuid"]
            grants.append(wide.on_table(f"ab.{name}", "read"))
    bob = wide.user(*grants)
    for size in (1, 2, 3, 5, 6, 7):
        found, token, pages = [], "", 0
        while token is not None:
            page = wide.ask(
                bob, "GET", f"{tables}?pageSize={size}&pageToken={token}"
            ).json()
            names = [one["name"] for one in page["identifiers"]]
            token = page.get("next-page-token")
            assert len(names) == size or token is None
            assert names
            found += names
            pages += 1
        assert found == shown, size
        assert pages == -(-len(shown) // size)


# ---- branches

def test_a_reader_of_main_writes_branches_of_a_name(server):
    wide = Wide(server)
    bob = wide.user(wide.on_catalog("read", refs=["main"]),
                    wide.on_catalog("write", "ingest-branching",
                                    refs=["dev*"]))
    table = "namespaces/a/tables/t"
    for name, status in (("dev-1", 201), ("prod-1", 403)):
        reply = wide.ask(bob, "POST", "/api/v1/branches", {
            "name": name, "catalog": wide.catalog, "from_branch": "main",
            "branch_type": "ingest"})
        assert reply.status == status, (name, reply)
    at = f"/v1/{wide.catalog}"
    wide.must(201, "POST", "/api/v1/branches", {
        "name": "prod-1", "catalog": wide.catalog, "from_branch": "main"})
    assert wide.ask(bob, "GET", f"{at}/{table}").status == 200
    assert wide.ask(bob, "POST", f"{at}/{table}", COMMIT).status == 403
    assert wide.ask(bob, "POST", f"{at}@dev-1/{table}", COMMIT).status == 200
    assert wide.ask(bob, "POST", f"{at}/{table}@dev-1", COMMIT).status == 200
    assert wide.ask(bob, "POST", f"{at}/{table}?branch=dev-1",
                    COMMIT).status == 200
    listed = wide.ask(bob, "GET", f"/api/v1/branches?catalog={wide.catalog}")
    assert [one["name"] for one in listed.json()] == ["dev-1", "main"]
    secret = wide.ask(bob, "GET", f"{at}@prod-1/{table}")
    gone = wide.ask(bob, "GET", f"{at}@prod-2/{table}")
    assert secret.status == 403 and secret.body == gone.body
    assert wide.ask(bob, "GET", f"{at}/{table}?branch=prod-1").status == 403
    for source, target, status in (("dev-1", "main", 403),
                                   ("main", "dev-1", 200),
                                   ("prod-1", "dev-1", 403)):
        reply = wide.ask(bob, "POST", "/api/v1/branches/merge", {
            "catalog": wide.catalog, "source_branch": source,
            "target_branch": target})
        assert reply.status == status, (source, target, reply)
    # what one may not read cannot be read under another name
    for body in ({"from_branch": "prod-1"}, {"from_branch": "main~prod-1"}):
        assert wide.ask(bob, "POST", "/api/v1/branches", {
            "name": "dev-2", "catalog": wide.catalog,
            "branch_type": "ingest", **body
        }).status in (400, 403)
    assert wide.ask(bob, "DELETE", f"/api/v1/branches/prod-1?catalog="
                    f"{wide.catalog}").status == 403
    assert wide.ask(bob, "DELETE", f"/api/v1/branches/dev-1?catalog="
                    f"{wide.catalog}").status == 204


def test_merges_and_history_need_rights_on_the_catalog(wide):
    reader = wide.user(wide.on_namespace("a", "all"))
    for method, path, body in (
            ("GET", f"/api/v1/branches/main/commits?catalog={wide.catalog}",
             None),
            ("GET", f"/api/v1/diff?catalog={wide.catalog}", None),
            ("GET", f"/api/v1/dropped?catalog={wide.catalog}", None),
            ("GET", f"/api/v1/catalogs/{wide.catalog}/merge-operations", None),
            ("POST", "/api/v1/tags", {"name": "v", "catalog": wide.catalog,
                                      "from": "main"}),
            ("POST", "/api/v1/branches/merge", {
                "catalog": wide.catalog, "source_branch": "main",
                "target_branch": "main"}),
            ("PUT", f"/api/v1/catalogs/{wide.catalog}", {"properties": {}}),
            ("DELETE", f"/api/v1/catalogs/{wide.catalog}", None)):
        reply = wide.ask(reader, method, path, body)
        assert reply.status == 403, (method, path, reply)
    writer = wide.user(wide.on_catalog("write"))
    assert wide.ask(writer, "GET", f"/api/v1/branches/main/commits?catalog="
                    f"{wide.catalog}").status == 200


# ---- targets in bodies

def test_a_rename_needs_rights_on_both_ends(wide):
    bob = wide.user(wide.on_namespace("a", "write"))
    wide.must(200, "POST", f"{wide.base}/a/tables", {**TABLE, "name": "r"})
    rename = f"/v1/{wide.catalog}/tables/rename"
    for source, target, status in ((("a", "r"), ("ab", "r"), 403),
                                   (("ab", "t"), ("a", "stolen"), 403),
                                   (("a", "r"), ("a", "r2"), 204)):
        reply = wide.ask(bob, "POST", rename, {
            "source": {"namespace": [source[0]], "name": source[1]},
            "destination": {"namespace": [target[0]], "name": target[1]}})
        assert reply.status == status, (source, target, reply)


def test_a_transaction_needs_rights_on_each_table(wide):
    bob = wide.user(wide.on_namespace("a", "write"))
    for tables, status in (((("a", "t"), ("ab", "t")), 403),
                           ((("a", "t"), ("a", "u")), 204)):
        reply = wide.ask(
            bob, "POST", f"/v1/{wide.catalog}/transactions/commit", {
                "table-changes": [{
                    "identifier": {"namespace": [ns], "name": name},
                    **COMMIT} for ns, name in tables]})
        assert reply.status == status, (tables, reply)


def test_a_namespace_moves_between_what_one_may_write(wide):
    for levels in (["a", "from"], ["ab", "from"]):
        wide.must(200, "POST", wide.base, {"namespace": levels})
    bob = wide.user(wide.on_namespace("a", "write"))
    for source, target, status in ((["ab", "from"], ["a", "x"], 403),
                                   (["a", "from"], ["ab", "x"], 403),
                                   (["a", "from"], ["a", "to"], 204)):
        reply = wide.ask(bob, "POST", "/api/v1/namespaces/move", {
            "catalog": wide.catalog, "source": source, "destination": target})
        assert reply.status == status, (source, target, reply)


def test_a_creator_without_more_makes_a_table_in_a_transaction(wide):
    """As engines do: staged, then committed when the data is written."""
    bob = wide.user(wide.on_namespace("a", "create"))
    staged = wide.ask(bob, "POST", f"{wide.base}/a/tables",
                      {**TABLE, "name": "ctas", "stage-create": True})
    assert staged.status == 200, staged
    reply = wide.ask(bob, "POST", f"{wide.base}/a/tables/ctas", {
        "requirements": [{"type": "assert-create"}],
        "updates": [{"action": "assign-uuid",
                     "uuid": staged.json()["metadata"]["table-uuid"]},
                    {"action": "upgrade-format-version", "format-version": 2},
                    {"action": "add-schema", "schema": TABLE["schema"]},
                    {"action": "set-current-schema", "schema-id": -1},
                    {"action": "add-spec", "spec": {"fields": []}},
                    {"action": "set-default-spec", "spec-id": -1},
                    {"action": "add-sort-order",
                     "sort-order": {"order-id": 0, "fields": []}},
                    {"action": "set-default-sort-order", "sort-order-id": -1},
                    {"action": "set-location",
                     "location": staged.json()["metadata"]["location"]}]})
    assert reply.status == 200, reply
    assert wide.ask(
        bob, "POST", f"{wide.base}/a/tables/ctas", COMMIT).status == 403


def test_a_repeated_request_passes_the_door_again(wide):
    key = "5f3a1c52-7a4e-4b57-9a55-6c1a3de0b001"
    bob = wide.user()
    made = wide.grant(wide.user_id, wide.on_namespace("a", "write"))
    path = f"{wide.base}/a/tables/t"
    headers = {"Idempotency-Key": key}
    first = wide.server.call("POST", path, COMMIT, bob, headers)
    again = wide.server.call("POST", path, COMMIT, bob, headers)
    assert first.status == again.status == 200
    wide.must(204, "DELETE", f"/api/v1/permissions/{made}")
    assert wide.server.call(
        "POST", path, COMMIT, bob, headers).status == 403


def test_tenant_wide_grants_reach_every_catalog(wide):
    bob = wide.user({"scope": {"type": "tenant"}, "actions": ["read"]})
    assert wide.ask(bob, "GET", f"{wide.base}/ab/tables/t").status == 200
    assert wide.ask(bob, "POST", f"{wide.base}/ab/tables/t",
                    COMMIT).status == 403
    other = Tenant(wide.server)
    assert wide.ask(bob, "GET", f"/v1/{other.catalog}/namespaces/ns/tables/t"
                    ).status == 403
    assert json.dumps(other.catalog) not in json.dumps(
        wide.ask(bob, "GET", "/api/v1/catalogs").json())


# ---- views that lead to a table

VIEW = {"schema": TABLE["schema"], "properties": {}, "view-version": {
    "version-id": 1, "timestamp-ms": 1760000000000, "schema-id": 0,
    "summary": {}, "default-namespace": ["a"], "representations": [
        {"type": "sql", "sql": "select 1", "dialect": "spark"}]}}


def test_views_that_lead_to_a_table_must_be_readable(wide):
    for path in ("a", "ab"):
        wide.must(200, "POST", f"{wide.base}/{path}/views",
                  {**VIEW, "name": "v"})
    bob = wide.user(wide.on_namespace("a", "read"))
    table = f"{wide.base}/a/tables/t"
    view = f"{wide.base}/a/views/v"
    for chain, status in (("a%1Fv", 200), ("ab%1Fv", 403),
                          ("a%1Fv,ab%1Fv", 403), ("gone%1Fv", 403),
                          ("v", 400), (",".join(["a%1Fv"] * 65), 400)):
        for path in (table, f"{table}/credentials", view):
            reply = wide.ask(bob, "GET", f"{path}?referenced-by={chain}")
            assert reply.status == status, (path, chain, reply)
    assert wide.must(200, "GET", f"{table}?referenced-by=ab%1Fv").body


def test_who_begins_a_merge_as_a_task_sees_it_and_nobody_else_does(wide):
    admin_api, catalog = "/api/v1", wide.catalog
    wide.must(201, "POST", f"{admin_api}/branches",
              {"name": "later", "catalog": catalog})
    bob = wide.user(wide.on_catalog("write"))
    eve = wide.user(wide.on_catalog("all"))
    reply = wide.ask(bob, "POST", f"{admin_api}/branches/merge", {
        "catalog": catalog, "source_branch": "later",
        "target_branch": "main", "async": True})
    assert reply.status == 202, reply
    task = f"{admin_api}/tasks/{reply.json()['task_id']}"
    until(lambda: wide.ask(bob, "GET", task).json()["finished_at"],
          "the merge has ended")
    assert wide.ask(bob, "GET", f"{task}/results").status == 200
    assert wide.ask(bob, "POST", f"{task}/cancel").status in (200, 409)
    for method, path in (("GET", task), ("GET", f"{task}/results"),
                         ("POST", f"{task}/cancel")):
        reply = wide.ask(eve, method, path)
        gone = wide.ask(eve, method, path.replace(task[-12:], "0" * 12))
        assert reply.status == gone.status == 404
        assert reply.json()["error"].replace(task[-12:], "0" * 12) == \
            gone.json()["error"]
    assert wide.ask(bob, "POST", f"{task}/pause").status == 403
    assert wide.ask(bob, "GET", f"{admin_api}/tasks").status == 403
    assert wide.call("GET", task).status == 200
