"""How much one list answers, and where it says that it goes on."""

import contextlib
import json
import sqlite3
import urllib.parse
import uuid

import pytest

MOST = 1000


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 1)) as server:
        yield server


def insert(server, table, rows):
    """Rows of a store's table: dictionaries."""
    [file] = server.state_dir.glob("*.db")
    columns = list(rows[0])
    with contextlib.closing(sqlite3.connect(file, timeout=20)) as store:
        store.executemany(
            f"INSERT INTO {table} ({','.join(columns)}) "
            f"VALUES ({','.join('?' for _ in columns)})",
            [tuple(row.values()) for row in rows])
        store.commit()


def next_of(reply, path):
    """The address of the next page; None: there is none."""
    link = reply.headers.get("Link")
    if link is None:
        return None
    target, _, relation = link.partition(";")
    assert relation.strip() == 'rel="next"'
    return urllib.parse.urljoin(path, target.strip("<>"))


def pages(server, path):
    found = []
    while path:
        reply = server.as_root("GET", path)
        assert reply.status == 200, reply
        found.append([row["name"] for row in reply.json()])
        path = next_of(reply, path)
    return found


def test_a_list_answers_a_thousand_things(server):
    names = [f"many{n:05}" for n in range(MOST + 1)]
    insert(server, "tenants", [
        {"id": uuid.uuid4().bytes, "name": name, "created_us": 1}
        for name in names])
    for query in ("", "?limit=5000", "?offset=0", "?limit=1000&x=%3E"):
        found = pages(server, f"/api/v1/tenants{query}")
        assert [len(page) for page in found] == [MOST, 2]
        assert sum(found, []) == ["default"] + names
    assert [len(page) for page in pages(
        server, "/api/v1/tenants?limit=400&offset=1")] == [400, 400, 201]


def names_of(server, query):
    return [row["name"] for row in
            server.as_root("GET", f"/api/v1/tenants?{query}").json()]


def test_pages_have_numbers_too(server):
    every = names_of(server, "limit=1000")
    assert names_of(server, "page_size=7") == every[:7]
    assert names_of(server, "page=3&page_size=7") == every[14:21]
    assert names_of(server, "page=2") == every[100:200]
    assert names_of(server, "page=2&page_size=5000") == names_of(
        server, "limit=1000&offset=1000")
    assert names_of(server, "page=1000&page_size=7") == []
    found = pages(server, "/api/v1/tenants?page=2&page_size=400")
    assert sum(found, []) == names_of(server, "offset=400")


@pytest.mark.parametrize("query", [
    "page=0", "page=x", "page_size=0", "page=2&limit=5",
    "page_size=5&offset=2", "page=2147483647&page_size=1000"])
def test_a_page_that_cannot_be_is_refused(server, query):
    reply = server.as_root("GET", f"/api/v1/tenants?{query}")
    assert reply.status == 400 and "page" in reply.json()["error"]


def test_a_link_keeps_what_else_was_asked_for(server):
    path = "/api/v1/tenants?offset=3&limit=2&y=%22%3C&x=1"
    link = next_of(server.as_root("GET", path), path)
    assert link == "/api/v1/tenants?offset=5&limit=2&y=%22%3C&x=1"


def test_a_short_list_has_no_link(server):
    for path in ("catalogs", "warehouses", "users", "users/me/tokens",
                 "service-users", "tasks"):
        reply = server.call("GET", f"/api/v1/{path}")
        assert reply.status == 200 and "Link" not in reply.headers


def test_a_list_does_not_look_at_a_body(server):
    for coding in ("gzip", "br"):
        reply = server.call("GET", "/api/v1/users", b"no gzip",
                            headers={"Content-Encoding": coding})
        assert reply.status == 200, reply


def test_open_tasks_of_a_tenant_have_a_limit(server):
    [tenant] = server.as_root("GET", "/api/v1/tenants?limit=1").json()
    ids = [uuid.uuid4() for _ in range(100)]
    insert(server, "tasks", [
        {"id": i.bytes, "tenant": uuid.UUID(tenant["id"]).bytes, "state": 3,
         "kind": "verify_catalog", "catalog": "default", "created_us": 1,
         "done": 0, "results": 0, "worked_us": 0} for i in ids])
    new = {"kind": "verify_catalog", "catalog": "default"}
    refused = server.call("POST", "/api/v1/tasks", new)
    assert refused.status == 429 and "Retry-After" in refused.headers
    assert "tasks.open" in refused.json()["error"]
    assert server.call("POST", f"/api/v1/tasks/{ids[0]}/cancel").status == 200
    assert server.call("POST", "/api/v1/tasks", new).status == 202


def test_a_page_of_iceberg_has_a_thousand_names(servers):
    server = servers.start(store="memory")
    bearer = server.bearer()
    path = "/v1/default/namespaces"
    with contextlib.closing(server.connection()) as connection:
        for n in range(MOST + 1):
            connection.request("POST", path, json.dumps(
                {"namespace": [f"n{n:05}"]}), bearer)
            assert connection.getresponse().read()
    for query, want in (("pageSize=5000&pageToken=", [MOST, 1]),
                        ("pageToken=", [MOST, 1]),
                        ("pageSize=5000", [MOST + 1]), ("", [MOST + 1]),
                        ("pageToken=", [MOST + 1])):  # it is kept by now
        found, token = [], ""
        while token is not None:
            reply = server.call(
                "GET", f"{path}?{query}{token}").json()
            found.append(len(reply["namespaces"]))
            token = reply.get("next-page-token")
        assert found == want
