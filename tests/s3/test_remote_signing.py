"""Clients without credentials have their requests signed, for one table."""

import calendar
import email.utils
import http.client
import time
import urllib.parse

import pytest
from harness.changes import SCHEMA
from harness.facts import check_answer
from harness.s3 import S3, Faults, says
from harness.server import Server
from harness.wait import until

TABLES = "/v1/remote/namespaces/ns/tables"


@pytest.fixture(scope="module", name="s3")
def fixture_s3():
    s3 = S3()
    yield s3
    s3.end()


def make_catalog(server, s3, port, name, **more):
    for path, body in (
            ("/api/v1/warehouses", {"name": "lake", "storage_config": {
                "s3.bucket": s3.bucket, "s3.prefix": name,
                "s3.endpoint": f"http://127.0.0.1:{port}",
                "s3.path-style-access": "true",
                "s3.access-key-id": s3.access_key,
                "s3.secret-access-key": s3.secret_key, **more}}),
            ("/api/v1/catalogs", {"name": name, "warehouse_name": "lake",
                                  "catalog_type": "Local"}),
            (f"/v1/{name}/namespaces", {"namespace": ["ns"]})):
        made = server.call("POST", path, body)
        assert made.status in (200, 201), made


@pytest.fixture(scope="module", name="server")
def fixture_server(tmp_path_factory, s3):
    server = Server(tmp_path_factory.mktemp("signing"), settings={
        "warehouse": {"allowed_endpoints": ["127.0.0.1"],
                      "allowed_roots": ["file:///"]}})
    server.start()
    make_catalog(server, s3, s3.port, "remote")
    yield server
    server.kill()


class Table:
    def __init__(self, server, s3, name, tables=TABLES):
        made = server.call("POST", tables, {"name": name, "schema": SCHEMA})
        assert made.status == 200, made
        self.server, self.s3 = server, s3
        self.path = f"{tables}/{name}"
        self.metadata_file = made.json()["metadata-location"]
        self.location = made.json()["metadata"]["location"]

    def url(self, location, query=""):
        path = urllib.parse.quote(location.removeprefix("s3://"))
        return f"http://127.0.0.1:{self.s3.port}/{path}{query}"

    def sign(self, method, uri, headers=None, **more):
        return self.server.call("POST", self.path + "/sign", {
            "method": method, "uri": uri, "region": "us-east-1",
            "headers": headers or {}, **more})

    def send(self, method, uri, body=None, headers=None, **more):
        """As a client does it, which has what it sends signed before."""
        signed = self.sign(method, uri, headers, **more)
        assert signed.status == 200, signed
        check_answer("POST", self.path + "/sign", signed)
        assert signed.json()["uri"] == uri
        every = signed.json()["headers"] | (headers or {})
        to = http.client.HTTPConnection("127.0.0.1", self.s3.port)
        to.request(method, uri.split(str(self.s3.port), 1)[1], body,
                   {name: ",".join(values) for name, values in every.items()})
        answer = to.getresponse()
        said = answer.read()
        to.close()
        return answer.status, said


def refused(reply, status, word=""):
    assert reply.status == status, reply
    assert word in reply.json()["error"]["message"], reply


@pytest.fixture(scope="module", name="table")
def fixture_table(server, s3):
    return Table(server, s3, "orders")


def test_a_client_reads_writes_and_lists_what_is_its_tables(table):
    status, said = table.send("GET", table.url(table.metadata_file))
    assert status == 200 and b"format-version" in said
    data = table.url(f"{table.location}/data/day=a b+é/1.parquet")
    for _ in range(2):
        assert table.send("PUT", data, b"rows", {
            "x-amz-meta-writer": ["me"], "content-type": ["a/b"]})[0] == 200
    assert table.send("GET", data, headers={"range": ["bytes=1-2"]}) == (
        206, b"ow")
    assert table.send("HEAD", data)[0] == 200
    bucket, _, key = table.location.removeprefix("s3://").partition("/")
    prefix = urllib.parse.quote(key + "/data/", safe="")
    status, said = table.send("GET", table.url(
        bucket, f"?list-type=2&prefix={prefix}&delimiter=%2F"))
    assert status == 200 and b"day=a b" in said


def test_a_file_in_parts_is_written(table):
    place = f"{table.location}/data/parts.parquet"
    status, said = table.send("POST", table.url(place, "?uploads"))
    assert status == 200
    upload = said.split(b"<UploadId>")[1].split(b"<")[0].decode()
    query = f"?partNumber=1&uploadId={urllib.parse.quote(upload, safe='')}"
    assert table.send("PUT", table.url(place, query), b"part")[0] == 200
    query = query.replace("partNumber=1&", "")
    assert table.send("GET", table.url(place, query))[0] == 200
    assert table.send("DELETE", table.url(place, query))[0] == 204


def test_nothing_of_another_table_is_signed(server, s3, table):
    other = Table(server, s3, "others")
    outside = other.location + "/data/1.parquet"
    bucket = table.location.removeprefix("s3://").partition("/")[0]
    for method, uri in (
            ("GET", table.url(outside)), ("PUT", table.url(outside)),
            ("GET", table.url(f"{table.location}/../others/1")),
            ("GET", table.url(table.location + "2/data/1")),
            ("GET", table.url(bucket, "?list-type=2")),
            ("GET", table.url(bucket, "?list-type=2&prefix=remote%2F")),
            ("GET", table.url(table.metadata_file).replace(
                "127.0.0.1", "localhost")),
            ("PUT", table.url(table.metadata_file, "?acl"))):
        refused(table.sign(method, uri), 403)


def test_nobody_deletes_by_a_signature(table):
    refused(table.sign("DELETE", table.url(table.metadata_file)), 403,
         "delete objects")
    key = table.metadata_file.removeprefix("s3://").partition("/")[2]
    bucket = table.location.removeprefix("s3://").partition("/")[0]
    body = f"<Delete><Object><Key>{key}</Key></Object></Delete>"
    refused(table.sign("POST", table.url(bucket, "?delete"), body=body), 403,
         "delete objects")
    assert table.send("GET", table.url(table.metadata_file))[0] == 200


SIGNED = {"X-Iceberg-Access-Delegation": "remote-signing"}


def test_a_delete_is_signed_where_the_warehouse_lets_engines(tmp_path, s3):
    server = Server(tmp_path, settings={
        "warehouse": {"allowed_endpoints": ["127.0.0.1"]}})
    server.start()
    try:
        make_catalog(server, s3, s3.port, "gc", **{"engine-gc": "true"})
        tables = "/v1/gc/namespaces/ns/tables"
        table = Table(server, s3, "t", tables)
        other = Table(server, s3, "u", tables)
        data = table.url(f"{table.location}/data/x")
        assert table.send("PUT", data, b"rows")[0] == 200
        assert table.send("DELETE", data)[0] == 204
        assert table.send("GET", data)[0] == 404
        refused(other.sign("DELETE", data), 403, "below the table")
        made = server.call("POST", "/api/v1/tags", {
            "name": "v1", "catalog": "gc", "from": "main"})
        assert made.status == 200, made
        until(lambda: table.sign("DELETE", data).status == 403,
              "the catalog is shared")
    finally:
        server.kill()


def test_a_table_that_is_only_staged_has_its_requests_signed(server, s3):
    made = server.call("POST", TABLES, {
        "name": "later", "schema": SCHEMA, "stage-create": True},
        headers=SIGNED).json()
    table = Table.__new__(Table)
    table.server, table.s3 = server, s3
    table.location = made["metadata"]["location"]
    path, _, staged = made["config"]["s3.signer.endpoint"].partition("?")

    def sign(location, at=f"/{path}?{staged}", **more):
        return server.call("POST", at, {
            "method": "PUT", "uri": table.url(location), "region": "a",
            "headers": {}, **more})

    file = table.location + "/metadata/1.avro"
    assert sign(file).status == 200
    # a client that takes the usual address
    config = made["remote-signing-config"]
    assert sign(file, "/" + path, **config).status == 200
    refused(sign(file, "/" + path, properties={"staged": "x"}), 404)
    refused(sign(table.location + "2/metadata/1.avro"), 403)
    refused(sign(file, "/" + path), 404)
    refused(sign(file, f"/{path}?{staged[:-2]}"), 404)
    refused(sign(file, f"/{path}?{staged}".replace("/later/", "/others/")), 403)
    taken = server.call("POST", TABLES, {
        "name": "neighbour", "schema": SCHEMA, "location": table.location})
    assert taken.status == 200, taken
    refused(sign(file), 404)


def test_a_staged_place_that_another_branch_took_is_not_signed_for(
        server, s3, table):
    place = table.location.rsplit("/", 1)[0] + "/taken-elsewhere"
    made = server.call("POST", TABLES, {
        "name": "slow", "schema": SCHEMA, "stage-create": True,
        "location": place}, headers=SIGNED).json()
    path, _, staged = made["config"]["s3.signer.endpoint"].partition("?")

    def sign():
        return server.call("POST", f"/{path}?{staged}", {
            "method": "PUT", "uri": table.url(place + "/data/1"),
            "region": "a", "headers": {}})

    assert sign().status == 200
    for to, body in (
            ("/api/v1/branches", {"catalog": "remote", "name": "faster",
                                  "from_branch": "main"}),
            (TABLES.replace("/remote/", "/remote@faster/"), {
                "name": "fast", "schema": SCHEMA, "location": place})):
        made = server.call("POST", to, body)
        assert made.status in (200, 201), made
    refused(sign(), 404)


def test_what_was_loaded_at_a_tag_is_only_read(server, s3, table):
    made = server.call("POST", "/api/v1/tags", {
        "catalog": "remote", "name": "then", "from": "main"})
    assert made.status in (200, 201), made
    then = Table.__new__(Table)
    then.__dict__ = table.__dict__ | {
        "path": table.path.replace("/remote/", "/remote@then/")}
    assert then.send("GET", table.url(table.metadata_file))[0] == 200
    refused(then.sign("PUT", table.url(table.location + "/data/1")), 403,
         "write objects")


def test_a_protected_branch_is_only_read(server, table):
    """It changes by merges, and these write by the catalog's own key."""
    made = server.call("POST", "/api/v1/branches", {
        "catalog": "remote", "name": "closed",
        "from_branch": "main", "protected": True})
    assert made.status in (200, 201), made
    closed = Table.__new__(Table)
    closed.__dict__ = table.__dict__ | {
        "path": table.path.replace("/remote/", "/remote@closed/")}
    assert closed.send("GET", table.url(table.metadata_file))[0] == 200
    refused(closed.sign("PUT", table.url(table.location + "/data/1")), 403,
         "write objects")


def test_signatures_have_the_time_that_the_server_told(tmp_path, s3):
    """By the catalog's own clock it would refuse each of them, while commits,
    which are signed by the server's, succeed."""
    server = Server(tmp_path, settings={
        "server": {"workers": 1},
        "warehouse": {"allowed_endpoints": ["127.0.0.1"]}})
    later = time.time() + 7200
    refusal = says(403, b"", ("Date", email.utils.formatdate(
        later, usegmt=True)))
    with Faults(s3.port) as proxy:
        try:
            server.start()
            make_catalog(server, s3, proxy.server_address[1], "late")
            table = Table(server, s3, "t", TABLES.replace("remote", "late"))
            proxy.arm(refusal)
            server.call("POST", TABLES.replace("remote", "late"),
                        {"name": "u", "schema": SCHEMA})
            uri = table.url(table.metadata_file).replace(
                str(s3.port), str(proxy.server_address[1]), 1)
            date, = table.sign("GET", uri).json()["headers"]["x-amz-date"]
        finally:
            server.kill()
    said = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
    assert abs(said - later) < 600


def fetched(url):
    to = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)
    to.request("GET", "/" + url.split("/", 3)[3])
    answer = to.getresponse()
    said = answer.read()
    to.close()
    return answer.status, said


def presigned(table, location):
    return table.server.call("GET", table.path + "/presign?" +
                             urllib.parse.urlencode({"location": location}))


def test_an_url_reads_one_file_for_a_while(server, s3, table):
    made = presigned(table, table.metadata_file)
    assert made.status == 200 and made.headers["Cache-Control"] == "no-store"
    url = made.json()["url"]
    assert "X-Amz-Expires=900" in url
    status, said = fetched(url)
    assert status == 200 and b"format-version" in said
    assert fetched(url.replace("metadata.json", "metadata.jsoo"))[0] == 403
    other = Table(server, s3, "elsewhere")
    for outside in (other.metadata_file, table.location + "2",
                    f"s3://other/{table.metadata_file[5:]}",
                    "file:///etc/passwd"):
        refused(presigned(table, outside), 403)
    for none in (f"{table.location}/../elsewhere/a", "x"):
        refused(presigned(table, none), 400)
    refused(server.call("GET", table.path + "/presign"), 400, "location")


def test_only_answers_to_reads_may_be_kept(table):
    uri = table.url(table.metadata_file)
    assert table.sign("GET", uri).headers["Cache-Control"] == "private"
    assert table.sign("PUT", uri).headers["Cache-Control"] == "no-cache"


def test_what_is_wrong_is_told_by_its_name(server, table):
    uri = table.url(table.metadata_file)
    refused(table.sign("GET", uri, {"a": "b"}), 400, "/headers")
    refused(table.sign("GET", uri, {"a": ["b"] * 17}), 400, "/headers")
    refused(table.sign("GET", uri, {f"a{n}": ["b"] for n in range(101)}), 400,
         "/headers")
    refused(table.sign("GET", uri, provider="gcs"), 400, "/provider")
    refused(table.sign("GET", uri, {"x-amz-acl": ["public-read"]}), 403,
         "x-amz-acl")
    refused(server.call("POST", TABLES + "/missing/sign", {
        "method": "GET", "uri": uri, "region": "a", "headers": {}}), 404)


def test_tables_of_local_files_have_nothing_to_sign(
        server, s3, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    folder.chmod(0o777)
    for path, body in (
            ("/api/v1/warehouses", {"name": "files", "storage_config": {
                "root": f"file://{folder}"}}),
            ("/api/v1/catalogs", {"name": "local", "warehouse_name": "files",
                                  "catalog_type": "Local"}),
            ("/v1/local/namespaces", {"namespace": ["ns"]})):
        made = server.call("POST", path, body)
        assert made.status in (200, 201), made
    table = Table(server, s3, "t", "/v1/local/namespaces/ns/tables")
    refused(table.sign("GET", table.url("bucket/key")), 400, "not in S3")
