"""Ways round the grants that were tried: what belongs to others is neither
read nor written through places, tokens, other refs and other catalogs."""

import json

import pytest

from harness.tenants import TABLE, Wide

API = "/api/v1"


@pytest.fixture(scope="module", name="wide")
def fixture_wide(server):
    made = Wide(server)
    made.secret = made.must(200, "GET", f"{made.base}/ab/tables/t").json()
    return made


def refused(reply, *statuses):
    assert reply.status in (statuses or (400, 403, 404, 409)), reply
    return reply


def test_a_place_of_another_table_is_not_taken_by_who_may_create(wide):
    eve = wide.user(wide.on_namespace("a", "all"))
    location = wide.secret["metadata"]["location"]
    tables = f"{wide.base}/a/tables"
    for place in (location, location + "/data", location.rsplit("/", 1)[0]):
        refused(wide.ask(eve, "POST", tables, {
            **TABLE, "name": "mine", "location": place}))
        refused(wide.ask(eve, "POST", f"{tables}/t", {
            "requirements": [], "updates": [
                {"action": "set-location", "location": place}]}))


def test_metadata_of_another_table_is_not_registered(wide):
    eve = wide.user(wide.on_namespace("a", "all"))
    reply = refused(wide.ask(eve, "POST", f"{wide.base}/a/register", {
        "name": "stolen",
        "metadata-location": wide.secret["metadata-location"]}))
    assert wide.secret["metadata"]["table-uuid"] not in str(reply.body)
    assert wide.ask(eve, "GET", f"{wide.base}/a/tables/stolen").status in (
        403, 404)


@pytest.mark.parametrize("name", [
    "write.metadata.path", "write.data.path", "write.object-storage.path"])
def test_files_are_not_put_into_the_place_of_another_table(wide, name):
    eve = wide.user(wide.on_namespace("a", "all"))
    location = wide.secret["metadata"]["location"]
    for place in (location, location + "/metadata"):
        named = {name: place}
        reply = refused(wide.ask(eve, "POST", f"{wide.base}/a/tables/u", {
            "requirements": [], "updates": [{
                "action": "set-properties", "updates": named}]}), 400)
        assert name in reply.json()["error"]["message"]
        refused(wide.ask(eve, "POST", f"{wide.base}/a/tables", {
            **TABLE, "name": "x", "properties": named}), 400)
    own = wide.must(200, "GET", f"{wide.base}/a/tables/u").json()[
        "metadata"]["location"]
    for place in (own + "/elsewhere", own.rsplit("/", 2)[0] + "/shared"):
        reply = wide.ask(eve, "POST", f"{wide.base}/a/tables/u", {
            "requirements": [], "updates": [{
                "action": "set-properties", "updates": {name: place}}]})
        assert reply.status == 200, reply


def test_a_plan_of_one_table_is_not_asked_through_another(wide):
    reader = wide.user(wide.on_namespace("ab", "read"))
    eve = wide.user(wide.on_namespace("a", "read"))
    plan = wide.ask(reader, "POST", f"{wide.base}/ab/tables/t/plan",
                    {}).json()
    if "plan-id" in plan:
        refused(wide.ask(
            eve, "GET", f"{wide.base}/a/tables/t/plan/{plan['plan-id']}"))
    for token in plan.get("plan-tasks", []):
        refused(wide.ask(eve, "POST", f"{wide.base}/a/tables/t/tasks",
                         {"plan-task": token}))


def test_a_page_token_of_an_administrator_shows_no_more(wide):
    eve = wide.user(wide.on_namespace("a", "list"))
    token = wide.must(200, "GET", f"{wide.base}?pageSize=1&pageToken="
                      ).json()["next-page-token"]
    reply = wide.ask(eve, "GET", f"{wide.base}?pageSize=9&pageToken={token}")
    if reply.status == 200:
        assert all(one[0] == "a" for one in reply.json()["namespaces"])


def test_an_etag_does_not_say_that_a_table_is_there(wide):
    eve = wide.user(wide.on_namespace("a", "all"))
    etag = wide.must(200, "GET", f"{wide.base}/ab/tables/t").headers["ETag"]
    reply = wide.server.call("GET", f"{wide.base}/ab/tables/t", None, eve,
                             {"If-None-Match": etag})
    assert reply.status == 403


def test_what_was_dropped_elsewhere_does_not_come_back_here(wide):
    other = Wide(wide.server)
    other.must(204, "DELETE", f"{other.base}/ab/tables/t")
    dropped, = other.must(
        200, "GET", f"{API}/dropped?catalog={other.catalog}").json()
    eve = wide.user(wide.on_catalog("all"))
    refused(wide.ask(eve, "POST", f"{API}/undrop", {
        "catalog": wide.catalog, "id": dropped["id"]}), 404)
    refused(wide.ask(eve, "POST", f"{API}/undrop", {
        "catalog": other.catalog, "id": dropped["id"]}), 403, 404)


@pytest.fixture(scope="module", name="limited")
def fixture_limited(wide):
    """A user who has everything on the branches dev-*, and nothing else."""
    catalog = wide.catalog
    wide.must(201, "POST", f"{API}/branches",
              {"name": "dev-x", "catalog": catalog})
    wide.must(200, "POST", f"{wide.base}/ab/tables/t", {
        "requirements": [], "updates": [{
            "action": "set-properties", "updates": {"secret": "main"}}]})
    wide.head = wide.must(
        200, "GET", f"{API}/branches/main/commits?catalog={catalog}"
    ).json()[0]["id"]
    wide.must(200, "POST", f"{API}/tags", {
        "name": "v1", "catalog": catalog, "commit_id": wide.head})
    return wide.user(wide.on_catalog("all", refs=["dev-*"]))


@pytest.mark.parametrize("address", [
    "{c}", "{c}@main", "{c}@v1", "{c}@dev-x~{head}", "{c}@main~{head}",
    "{c}@v1~{head}", "{c}~{head}"])
def test_a_branch_that_no_pattern_names_is_read_by_no_address(
        wide, limited, address):
    prefix = address.format(c=wide.catalog, head=wide.head)
    reply = wide.ask(limited, "GET",
                     f"/v1/{prefix}/namespaces/ab/tables/t")
    assert b'"secret"' not in reply.body
    refused(reply)
    path = f"/v1/{wide.catalog}@dev-x/namespaces/ab/tables"
    assert wide.ask(limited, "GET", f"{path}/t").status == 200
    for name in ("t@main", "t@v1", f"t~{wide.head}"):
        assert b'"secret"' not in wide.ask(
            limited, "GET", f"{path}/{name}").body


def test_a_branch_that_no_pattern_names_is_not_forked_or_merged(
        wide, limited):
    c = wide.catalog
    for more in ({"from_branch": "main"}, {}, {"commit_id": wide.head},
                 {"from_branch": "v1"}):
        reply = wide.ask(limited, "POST", f"{API}/branches", {
            "name": "dev-stolen", "catalog": c, **more})
        assert reply.status != 201, (more, reply)
    for source, target in (("main", "dev-x"), ("dev-x", "main"),
                           ("v1", "dev-x")):
        refused(wide.ask(limited, "POST", f"{API}/branches/merge", {
            "catalog": c, "source_branch": source,
            "target_branch": target}))
    for verb in ("cherry-pick", "reset"):
        refused(wide.ask(limited, "POST", f"{API}/branches/dev-x/{verb}", {
            "catalog": c, "commit_id": wide.head}))
    refused(wide.ask(limited, "GET", f"{API}/diff?catalog={c}"
                     "&from=dev-x&to=main"))
    refused(wide.ask(limited, "GET",
                     f"{API}/branches/main/commits?catalog={c}"))
    refused(wide.ask(limited, "POST", f"{API}/tags", {
        "name": "dev-t", "catalog": c, "commit_id": wide.head}))


def test_the_history_of_a_fork_does_not_show_later_commits(wide, limited):
    found = wide.ask(limited, "GET", f"{API}/branches/dev-x/commits"
                     f"?catalog={wide.catalog}&limit=1000")
    assert found.status == 200
    assert wide.head not in [one["id"] for one in found.json()]


def test_the_rights_of_a_deleted_user_are_not_those_of_the_next(wide):
    bob = wide.user(wide.on_catalog("read"))
    headers = wide.server.bearer(bob)
    path = f"{wide.base}/a/tables/t"
    assert wide.server.request("GET", path, None, headers).status == 200
    wide.must(204, "DELETE", f"{API}/users/{wide.user_id}")
    assert wide.server.request("GET", path, None, headers).status == 401
    wide.add_user(bob, "tenant-user")
    again = wide.server.request("POST", f"{API}/users/login", {
        "username": bob, "password": "a-long-password"}, {}).json()
    assert wide.server.request("GET", path, None, {
        "Authorization": f"Bearer {again['token']}"}).status == 403


def test_refusals_do_not_say_what_is_there(wide):
    eve = wide.user(wide.on_namespace("a", "all"))

    def same(method, there, gone, body=None):
        first = wide.ask(eve, method, there, body)
        second = wide.ask(eve, method, gone, body)
        assert first.status == second.status, (method, there)
        if first.body and first.body[:1] == b"{":
            assert json.loads(first.body) == json.loads(second.body)
    for method in ("GET", "HEAD", "DELETE"):
        same(method, f"{wide.base}/ab/tables/t", f"{wide.base}/ab/tables/no")
        same(method, f"{wide.base}/ab/tables/t", f"{wide.base}/no/tables/t")
        same(method, f"{wide.base}/ab", f"{wide.base}/no")
        same(method, f"{wide.base}/ab/views/t", f"{wide.base}/ab/views/no")
    for verb, body in (("plan", {}), ("metrics", {}),
                       ("tasks", {"plan-task": "x"})):
        same("POST", f"{wide.base}/ab/tables/t/{verb}",
             f"{wide.base}/ab/tables/no/{verb}", body)
