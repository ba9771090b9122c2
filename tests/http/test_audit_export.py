"""The audit log as a file: whole, in parts, for programs and spreadsheets."""

import csv
import io
import json

import pytest

from harness.tenants import Tenant
from harness.wait import until
from harness.wire import raw

API = "/api/v1"
DEEDS = 600  # more than one part


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2, {})) as server:
        yield server


@pytest.fixture(scope="module", name="tenant")
def fixture_tenant(server):
    tenant = Tenant(server)
    role = tenant.must(201, "POST", f"{API}/roles", {"name": "r"}).json()
    connection = server.connection()
    for number in range(DEEDS):
        connection.request(
            "PUT", f"{API}/roles/{role['id']}",
            json.dumps({**role, "name": f"r{number}"}),
            {**server.bearer(tenant.admin),
             "Content-Type": "application/json"})
        reply = connection.getresponse()
        assert (reply.status, reply.read()) == (200, b"")
    connection.close()
    until(lambda: tenant.call("GET", f"{API}/audit?action=create_table").json(),
          "the commits of the tenant")
    return tenant


def listed(tenant, query=""):
    rows, offset = [], 0
    while page := tenant.must(
            200, "GET", f"{API}/audit?limit=1000&offset={offset}{query}"
            ).json():
        rows, offset = rows + page, offset + 1000
    return rows


def lines(reply):
    assert reply.status == 200, reply
    return [json.loads(line) for line in reply.body.splitlines()]


def test_an_export_has_every_entry_in_parts(tenant):
    reply = tenant.call("GET", f"{API}/audit/export?format=jsonl")
    assert reply.headers["Transfer-Encoding"] == "chunked"
    assert reply.headers["Content-Length"] is None
    assert reply.headers["Content-Type"] == "application/jsonl"
    assert "audit.jsonl" in reply.headers["Content-Disposition"]
    rows = lines(reply)
    assert len(rows) > DEEDS
    assert rows == listed(tenant)


def test_filters_of_the_list_are_those_of_the_export(tenant):
    for query in ("action=update_role", "resource_type=user",
                  "result=failure", f"user_id={tenant.admin_id}"):
        reply = tenant.call("GET", f"{API}/audit/export?{query}")
        assert lines(reply) == listed(tenant, "&" + query), query
    for query in ("action=fly", "start_time=yesterday", "format=xml"):
        reply = tenant.must(400, "GET", f"{API}/audit/export?{query}")
        assert query.split("=")[0] in reply.json()["error"]


def test_a_tenant_exports_its_own_entries_and_root_all(tenant):
    other = Tenant(tenant.server)
    mine = lines(tenant.call("GET", f"{API}/audit/export"))
    assert {one["tenant_id"] for one in mine} == {tenant.id}
    every = lines(tenant.server.as_root("GET", f"{API}/audit/export"))
    assert {tenant.id, other.id} <= {one["tenant_id"] for one in every}
    assert {one["id"] for one in mine} < {one["id"] for one in every}


def test_csv_has_the_same_rows(tenant):
    reply = tenant.call("GET", f"{API}/audit/export?format=csv")
    assert reply.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(reply.body.decode(), newline="")))
    wanted = listed(tenant)
    assert list(rows[0]) == list(wanted[0])
    for got, entry in zip(rows, wanted, strict=True):
        metadata = got.pop("metadata")
        assert (json.loads(metadata) if metadata else None) == \
            entry.pop("metadata")
        assert got == {name: value or "" for name, value in entry.items()}


@pytest.mark.parametrize("name, cell", [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"),
    ('a"b,c', 'a"b,c'), ("a=1", "a=1")])
def test_a_cell_is_a_text_to_spreadsheets(tenant, name, cell):
    role = tenant.must(201, "POST", f"{API}/roles", {"name": name}).json()
    reply = tenant.call(
        "GET", f"{API}/audit/export?format=csv&resource_id={role['id']}")
    row, = csv.DictReader(io.StringIO(reply.body.decode(), newline=""))
    assert row["resource_name"] == cell
    assert reply.body.count(b'"') % 2 == 0


def test_http_1_0_gets_it_until_the_connection_ends(tenant):
    token = tenant.server.bearer(tenant.admin)["Authorization"]
    wire = raw(tenant.server)
    wire.sendall(f"GET {API}/audit/export HTTP/1.0\r\n"
                 f"Authorization: {token}\r\n\r\n".encode())
    got = b"".join(iter(lambda: wire.recv(65536), b""))
    wire.close()
    head, body = got.split(b"\r\n\r\n", 1)
    assert b"chunked" not in head and b"Content-Length" not in head
    assert [json.loads(line) for line in body.splitlines()] == listed(tenant)


def test_a_client_that_leaves_harms_nobody(tenant):
    connection = tenant.server.connection()
    connection.request("GET", f"{API}/audit/export", headers=tenant.server
                       .bearer(tenant.admin))
    assert connection.getresponse().read(100)
    connection.close()
    assert len(lines(tenant.call("GET", f"{API}/audit/export"))) > DEEDS
