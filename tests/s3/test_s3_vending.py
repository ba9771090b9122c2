"""Credentials for engines: of a session that may do with one table's files
what its principal may, and no more; the server that says so is the real one."""

import concurrent.futures
import json
import os
import urllib.parse

import pyarrow as pa
import pyarrow.fs
import pytest
from clients.conftest import connect
from harness.s3 import S3, Faults
from harness.server import Server
from harness.wait import until

SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "id", "type": "long", "required": False}]}
VENDED = {"X-Iceberg-Access-Delegation": "vended-credentials"}
# Else the AWS SDK sends bodies in chunks of unknown length, which Ceph 16 and
# many other servers refuse.
os.environ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required"
os.environ["AWS_RESPONSE_CHECKSUM_VALIDATION"] = "when_required"


@pytest.fixture(scope="module", name="s3")
def fixture_s3():
    s3 = S3()
    yield s3
    s3.end()


@pytest.fixture(scope="module", name="proxy")
def fixture_proxy(s3):
    with Faults(s3.port) as proxy:
        yield proxy


@pytest.fixture(scope="module", name="server")
def fixture_server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("vending"), settings={
        "warehouse": {"allowed_endpoints": ["127.0.0.1"]}})
    server.start()
    yield server
    server.kill()


class Lake:
    """A catalog in a bucket, with two tables."""

    def __init__(self, server, s3, proxy, name, config=None, **more):
        self.server, self.s3, self.name = server, s3, name
        self.tables = f"/v1/{name}/namespaces/n/tables"
        made = server.call("POST", "/api/v1/warehouses", {
            "name": name, "storage_config": {
                "s3.bucket": s3.bucket, "s3.prefix": name,
                "s3.endpoint": f"http://127.0.0.1:{s3.port}",
                "s3.sts-endpoint": proxy.url,
                "s3.access-key-id": s3.access_key,
                "s3.secret-access-key": s3.secret_key, **(config or {})},
            **more})
        assert made.status == 201, made
        for path, body in ((
                "/api/v1/catalogs", {"name": name, "warehouse_name": name}), (
                f"/v1/{name}/namespaces", {"namespace": ["n"]})):
            assert server.call("POST", path, body).status < 300
        self.made = {table: self.create(table) for table in ("t", "u")}

    def create(self, table, **more):
        made = self.server.call("POST", self.tables, {
            "name": table, "schema": SCHEMA, **more}, headers=VENDED)
        assert made.status == 200, made
        return made.json()

    def path(self, table):
        return self.made[table]["metadata"]["location"].removeprefix("s3://")

    def load(self, table="t", **headers):
        return self.server.call("GET", f"{self.tables}/{table}",
                                headers={**VENDED, **headers})


@pytest.fixture(name="lake")
def fixture_lake(server, s3, proxy, request):
    return Lake(server, s3, proxy,
                request.node.name.replace("[", "-").replace("]", "")[5:60],
                vending_strategy={"AwsSts": {"role_arn": s3.role}})


def files_of(config):
    """What an engine makes of it."""
    return pyarrow.fs.S3FileSystem(
        access_key=config["s3.access-key-id"],
        secret_key=config["s3.secret-access-key"],
        session_token=config.get("s3.session-token"),
        endpoint_override=config["s3.endpoint"], region=config["s3.region"])


def write(files, path):
    with files.open_output_stream(path) as out:
        out.write(b"x")


def read(files, path):
    with files.open_input_stream(path) as file:
        return file.read()


def names(files, path):
    return files.get_file_info(pyarrow.fs.FileSelector(path, recursive=True))


def refused(action, *arguments):
    with pytest.raises((OSError, PermissionError)) as caught:
        action(*arguments)
    assert "ACCESS_DENIED" in str(caught.value) or "403" in str(
        caught.value), caught.value


def credential_of(answer):
    one, = answer["storage-credentials"]
    return one


@pytest.mark.parametrize("how", ("load", "create", "credentials"))
def test_a_session_writes_its_table_and_nothing_else(lake, how):
    answer = {"load": lambda: lake.load().json(),
              "create": lambda: lake.made["t"],
              "credentials": lambda: lake.server.call(
                  "GET", f"{lake.tables}/t/credentials").json()}[how]()
    one = credential_of(answer)
    assert one["prefix"] == f"s3://{lake.path('t')}/"
    assert one["config"]["s3.session-token"]
    files, mine, other = files_of(one["config"]), lake.path("t"), lake.path("u")
    write(files, f"{mine}/data/x.parquet")
    assert read(files, f"{mine}/data/x.parquet") == b"x"
    assert f"{mine}/data/x.parquet" in [
        info.path for info in names(files, mine)]
    refused(write, files, f"{other}/data/x.parquet")
    refused(write, files, f"{mine}-2/x")
    refused(read, files, lake.made["u"]["metadata-location"][5:])
    refused(names, files, other)
    refused(names, files, f"{lake.s3.bucket}/{lake.name}")
    refused(files.delete_file, f"{mine}/data/x.parquet")


@pytest.mark.parametrize("kind, more", (
    ("tags", {"from": "main"}),
    ("branches", {"from_branch": "main", "protected": True})),
    ids=("tag", "protected"))
def test_who_may_only_read_cannot_write(lake, kind, more):
    """A tag is the past; a protected branch changes by merges."""
    made = lake.server.call("POST", f"/api/v1/{kind}", {
        "name": "v1", "catalog": lake.name, **more})
    assert made.status < 300, made
    answer = lake.server.call(
        "GET", f"/v1/{lake.name}@v1/namespaces/n/tables/t", headers=VENDED)
    files = files_of(credential_of(answer.json())["config"])
    assert read(files, lake.made["t"]["metadata-location"][5:])
    refused(write, files, f"{lake.path('t')}/data/x.parquet")


def test_a_session_is_handed_out_again_and_only_to_who_asks(lake, proxy):
    first = credential_of(lake.load().json())["config"]
    before = len(proxy.seen)
    for _ in range(3):
        assert credential_of(lake.load().json())["config"] == first
    assert len(proxy.seen) == before
    etag = lake.load().headers["ETag"]
    again = lake.load(**{"If-None-Match": etag})
    assert again.status == 200 and credential_of(again.json())
    assert again.headers["Cache-Control"] == "no-store"
    plain = lake.server.call("GET", f"{lake.tables}/t",
                             headers={"Accept-Encoding": "gzip"})
    assert plain.headers["ETag"] != etag
    for _ in range(2):
        plain = lake.server.call("GET", f"{lake.tables}/t")
        assert plain.json()["config"] == {}
        assert "storage-credentials" not in plain.json()


@pytest.mark.parametrize("sign", ("*", "${s3:prefix}"))
def test_a_place_that_a_policy_would_read_as_others_gets_none(lake, sign):
    made = lake.create("w", location=f"s3://{lake.path('t')[:-10]}{sign}")
    assert "storage-credentials" not in made
    answer = lake.server.call("GET", f"{lake.tables}/w/credentials")
    assert answer.status == 400 and "wildcard" in answer.json()["error"][
        "message"]


def test_static_keys_are_given_where_the_warehouse_says_so(
        server, s3, proxy, request):
    name = request.node.name[5:40]
    lake = Lake(server, s3, proxy, name, vending_strategy={
        "AwsStatic": {"access_key_id": s3.access_key,
                      "secret_access_key": s3.secret_key}})
    config = credential_of(lake.load().json())["config"]
    assert config["s3.secret-access-key"] == s3.secret_key
    assert "s3.session-token" not in config
    assert server.call("PUT", f"/api/v1/warehouses/{name}", {
        "vending_strategy": "None"}).status == 200
    assert lake.load().json()["config"] == {}
    answer = server.call("GET", f"{lake.tables}/t/credentials")
    assert answer.json() == {"storage-credentials": []}


def test_who_asks_for_signatures_is_told_where_they_are_made(
        server, s3, proxy, request):
    """By all ways to a table, with a path that is right for its name."""
    name = request.node.name[5:40]
    lake = Lake(server, s3, proxy, name)
    asked = {"X-Iceberg-Access-Delegation":
             "vended-credentials,remote-signing"}
    made = server.call("POST", lake.tables, {
        "name": "a b/c", "schema": SCHEMA}, headers=asked).json()
    loaded = server.call("GET", f"{lake.tables}/t", headers=asked).json()
    register = server.call(
        "POST", lake.tables.replace("/tables", "/register"),
        {"name": "r", "metadata-location": made["metadata-location"]},
        headers=asked)
    assert register.status in (200, 409), register
    for answer, path in ((made, "a%20b%2Fc"), (loaded, "t")):
        config = answer["config"]
        assert config["s3.remote-signing-enabled"] == "true"
        assert config["s3.signer.endpoint"] == (
            f"{lake.tables[1:]}/{path}/sign")
        assert config["signer.endpoint"] == config["s3.signer.endpoint"]
        assert config["s3.endpoint"] and config["client.region"]
        assert "s3.secret-access-key" not in config
        assert "storage-credentials" not in answer
    reply = server.call("POST", "/" + made["config"]["signer.endpoint"], {
        "region": "us-east-1", "method": "GET", "headers": {},
        "uri": f"http://127.0.0.1:{s3.port}/"
               + made["metadata-location"].removeprefix("s3://")})
    assert reply.status == 200, reply


def test_a_warehouse_gives_credentials_for_exactly_the_table_there(lake):
    def ask(location, warehouse=lake.name):
        return lake.server.call(
            "GET", f"/api/v1/warehouses/{warehouse}/credentials?location="
            + urllib.parse.quote(location))

    mine = lake.path("t")
    for location in (f"s3://{mine}", lake.made["t"]["metadata-location"]):
        given = ask(location).json()
        assert given["type"] == "Aws" and given["expiration"]
        files = files_of({
            "s3.access-key-id": given["access_key_id"],
            "s3.secret-access-key": given["secret_access_key"],
            "s3.session-token": given["session_token"],
            "s3.endpoint": f"http://127.0.0.1:{lake.s3.port}",
            "s3.region": "us-east-1"})
        write(files, f"{mine}/data/y.parquet")
        refused(read, files, lake.made["u"]["metadata-location"][5:])
    for location, status in (
            (f"s3://{mine[:-1]}", 404), (f"s3://{mine}x", 404),
            (f"s3://{lake.s3.bucket}/{lake.name}", 404),
            ("s3://other/" + mine.partition("/")[2], 404),
            (f"s3://{mine}/../x", 400), ("", 400), (mine, 400)):
        assert ask(location).status == status, location
    assert ask(f"s3://{mine}", "default").status == 404


def test_a_plan_brings_credentials_to_who_asks(lake):
    def plan(**headers):
        reply = lake.server.call("POST", f"{lake.tables}/t/plan", {},
                                 headers=headers)
        assert reply.status == 200, reply
        return reply.json()

    assert "storage-credentials" not in plan()
    one = credential_of(plan(**VENDED))
    assert one["prefix"] == f"s3://{lake.path('t')}/"
    assert read(files_of(one["config"]),
                lake.made["t"]["metadata-location"][5:])


def test_engines_delete_where_the_warehouse_lets_them(
        server, s3, proxy, request):
    """And while nobody else can need what they do not see."""
    name = request.node.name[5:40]
    lake = Lake(server, s3, proxy, name, {"engine-gc": "true"},
                vending_strategy={"AwsSts": {"role_arn": s3.role}})
    mine = lake.path("t")
    files = files_of(credential_of(lake.load().json())["config"])
    write(files, f"{mine}/data/x.parquet")
    files.delete_file(f"{mine}/data/x.parquet")
    assert f"{mine}/data/x.parquet" not in [
        info.path for info in names(files, mine)]
    refused(files.delete_file, lake.made["u"]["metadata-location"][5:])
    write(files, f"{mine}/data/y.parquet")
    assert server.call("POST", "/api/v1/branches", {
        "name": "dev", "catalog": name, "from_branch": "main"}).status == 201
    until(lambda: lake.load().json()["metadata"]["properties"].get(
        "gc.enabled") == "false", "the catalog is shared")
    files = files_of(credential_of(lake.load().json())["config"])
    write(files, f"{mine}/data/z.parquet")
    refused(files.delete_file, f"{mine}/data/y.parquet")


def test_who_asks_for_nothing_gets_credentials_where_the_warehouse_says_so(
        server, s3, proxy, request):
    name = request.node.name[5:30]
    lake = Lake(server, s3, proxy, name, {"credentials-by-default": "true"},
                vending_strategy={"AwsSts": {"role_arn": s3.role}})
    metadata = lake.made["t"]["metadata-location"]

    def plain(**headers):
        return server.call("GET", f"{lake.tables}/t", headers=headers)

    made = server.call("POST", lake.tables, {"name": "v", "schema": SCHEMA})
    plan = server.call("POST", f"{lake.tables}/t/plan", {})
    for reply in (plain(), plan, plain(**{"If-None-Match":
                                          plain().headers["ETag"]})):
        assert reply.status == 200, reply
        assert reply.headers["Cache-Control"] == "no-store"
        one = credential_of(reply.json())
        assert read(files_of(one["config"]), metadata[5:])
    assert credential_of(made.json())["config"]["s3.session-token"]
    asked = {"X-Iceberg-Access-Delegation": "remote-signing"}
    assert "storage-credentials" not in plain(**asked).json()

    found = server.call("GET", f"/api/v1/warehouses/{name}").json()
    config = found["storage_config"]
    assert config["credentials-by-default"] == "true"
    for value, status in (("perhaps", 400), ("false", 200)):
        reply = server.call("PUT", f"/api/v1/warehouses/{name}", {
            "storage_config": {**config, "credentials-by-default": value}})
        assert reply.status == status, reply
    assert plain().json()["config"] == {}


def test_an_error_of_sts_says_its_word_and_no_more(server, s3, proxy, request):
    name = request.node.name[5:40]
    lake = Lake(server, s3, proxy, name, vending_strategy={
        "AwsSts": {"role_arn": s3.role + "x"}})
    answer = lake.load()
    assert answer.status == 503, answer
    message = answer.json()["error"]["message"]
    assert "STS gives no credentials" in message
    assert s3.secret_key not in json.dumps(answer.json())


def test_an_sts_that_is_silent_holds_up_neither_files_nor_later_loads(
        servers, s3):
    server = servers.start(workers=1, settings={
        "warehouse": {"allowed_endpoints": ["127.0.0.1"]}})
    with Faults(s3.port) as silent:
        lake = Lake(server, s3, silent, "silent-sts", vending_strategy={
            "AwsSts": {"role_arn": s3.role}})
        made = server.call("POST", lake.tables, {
            "name": "fresh", "schema": SCHEMA})
        assert made.status == 200, made
        files = "/v1/default/namespaces"
        assert server.call("POST", files, {"namespace": ["n"]}).status == 200
        held = []

        def hold(handler, _body):
            held.append(handler)
            handler.connection.recv(1)
            handler.close_connection = True
        silent.choose = lambda _method: hold
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            loads = [pool.submit(lake.load, "fresh") for _ in range(20)]
            until(lambda: len(held) >= 4, "STS is waited for")
            for number in range(30):
                made = server.request(
                    "POST", f"{files}/n/tables",
                    json.dumps({"name": f"t{number}", "schema": SCHEMA}),
                    headers={**server.bearer(),
                             "Content-Type": "application/json"}, timeout=5)
                assert made.status == 200, made
            # the four permits are given back after ten seconds, and nobody
            # waits for another ten
            for load in loads:
                assert load.result().status == 503, load.result()
        assert len(held) == 4


def test_pyiceberg_writes_and_reads_with_vended_credentials(lake):
    catalog = connect(lake.server, lake.name, **{
        "header.X-Iceberg-Access-Delegation": "vended-credentials"})
    table = catalog.load_table("n.t")
    rows = pa.table({"id": pa.array(range(10), pa.int64())})
    table.append(rows)
    assert catalog.load_table("n.t").scan().to_arrow().num_rows == 10
    assert table.io.properties["s3.session-token"]
