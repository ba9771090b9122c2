"""Tables whose files are in a bucket: their whole life, what it costs the
bucket, and what is left of it when answers get lost."""

import concurrent.futures
import json
import os
import random
import subprocess
import urllib.parse

import pyarrow as pa
import pytest
from clients.conftest import connect
from harness.changes import SCHEMA, VIEW_VERSION, set_property
from harness.plans import paths, planned
from harness.s3 import (
    PROGRAM,
    ROOT,
    S3,
    Client,
    Faults,
    cut_after,
    cut_before,
    failed_after,
    failed_before,
    says,
    slow_down,
)
from harness.upkeep import TASKS, Kept
from harness.versions import API, Catalog
from harness.wait import until

SETTINGS = {"warehouse": {"allowed_roots": ["file:///"],
                          "allowed_endpoints": ["127.0.0.1"]},
            "history": {"retention": "0s", "grace": "1s",
                        "upkeep_interval": "0s"}}
# Else the AWS SDK sends bodies in chunks of unknown length, which Ceph 16 and
# many other servers refuse.
os.environ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required"
os.environ["AWS_RESPONSE_CHECKSUM_VALIDATION"] = "when_required"
ROWS = pa.table({"id": pa.array(range(100), pa.int64())})


@pytest.fixture(scope="module", name="s3")
def fixture_s3():
    subprocess.run(["make", "-s", PROGRAM.relative_to(ROOT)], cwd=ROOT,
                   check=True)
    s3 = S3()
    yield s3
    s3.end()


@pytest.fixture(scope="module", name="proxy")
def fixture_proxy(s3):
    with Faults(s3.port) as proxy:
        proxy.s3 = s3
        yield proxy


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    """One worker, so that one process has all connections."""
    with start_kind(("sqlite", 1, SETTINGS)) as server:
        yield server


@pytest.fixture(name="bucket")
def fixture_bucket(s3):
    """A client of the bucket that is not the server's."""
    with Client(s3, f"http://127.0.0.1:{s3.port}") as client:
        yield client


class Sea(Kept):
    """A catalog on a warehouse in S3, behind the proxy."""

    def __init__(self, server, proxy):
        self.proxy = proxy
        super().__init__(server)

    @property
    def root(self):
        """Of the catalog; the warehouse's is above it."""
        return f"s3://{self.proxy.s3.bucket}/{self.name}/{self.name}"

    def storage(self):
        s3 = self.proxy.s3
        return {"type": "s3", "s3.bucket": s3.bucket, "s3.prefix": self.name,
                "s3.endpoint": self.proxy.url, "s3.region": "us-east-1",
                "s3.path-style-access": "true",
                "s3.access-key-id": s3.access_key,
                "s3.secret-access-key": s3.secret_key}

    def client(self, branch=None):
        """PyIceberg, with keys of its own."""
        s3 = self.proxy.s3
        name = self.name + (f"@{branch}" if branch else "")
        return connect(self.server, name, **{
            "s3.endpoint": f"http://127.0.0.1:{s3.port}",
            "s3.region": "us-east-1", "s3.access-key-id": s3.access_key,
            "s3.secret-access-key": s3.secret_key})

    def load(self, table, branch=None):
        return self.ask("GET", f"{self.path(branch, 'a')}/tables/{table}",
                        want=200).json()

    def key(self, table, branch=None):
        return key_of(self.load(table, branch)["metadata-location"])

    def create(self, name, want=200, **more):
        return self.ask("POST", self.path(space="a") + "/tables", {
            "name": name, "schema": SCHEMA, **more}, want).json()

    def costs(self, call, *arguments, **others):
        """The requests that the bucket saw meanwhile."""
        before = len(self.proxy.seen)
        call(*arguments, **others)
        return self.proxy.methods()[before:]


def key_of(location):
    return urllib.parse.urlparse(location).path.lstrip("/")


@pytest.fixture(name="sea")
def fixture_sea(server, proxy):
    sea = Sea(server, proxy)
    sea.make_space()
    return sea


def test_a_catalog_in_s3_and_one_of_files_are_side_by_side(server, sea):
    land = Catalog(server)
    for catalog in (sea.client(), connect(server, land.name)):
        catalog.create_namespace_if_not_exists("both")
        table = catalog.create_table("both.t", ROWS.schema)
        for _ in range(3):
            table.append(ROWS)
        table.delete("id < 50")
        rows = catalog.load_table("both.t").scan().to_arrow()
        assert rows.num_rows == 150
        with table.transaction() as change:
            change.set_properties(kind="both")
        catalog.rename_table("both.t", "both.u")
        assert catalog.load_table("both.u").properties["kind"] == "both"
    assert sea.client().load_table("both.u").location().startswith(sea.root)


def test_a_commit_is_one_put_and_the_first_load_elsewhere_one_get(sea):
    create = sea.costs(sea.make_table, "t")
    assert create == ["PUT"]
    assert sea.costs(sea.set, "t", "1") == ["PUT"]
    assert sea.costs(sea.set, "t", "2") == ["PUT"]
    assert sea.costs(sea.load, "t") == []
    sea.server.stop()
    sea.server.restart()
    # what was asked for most is read into the caches at the start
    until(lambda: sea.ask("GET", f"{API}/cache/stats").status == 200, "up")
    assert sea.costs(sea.load, "t") in (["GET"], [])
    assert sea.costs(sea.load, "t") == []
    assert sea.costs(sea.set, "t", "3") == ["PUT"]
    assert sea.value("t") == "3"


def test_connections_are_kept_and_counted(servers, s3):
    server = servers.start(settings=SETTINGS)
    with Faults(s3.port) as proxy:
        proxy.s3 = s3
        sea = Sea(server, proxy)
        probe = len(proxy.seen)  # of a client that is closed again
        sea.make_space()
        sea.make_table("t")
        for number in range(10):
            sea.set("t", str(number))

        def counts():
            found = sea.ask("GET", f"{API}/cache/stats",
                            want=200).json()["object_clients"]
            return found["requests"] == len(proxy.seen) - probe and found
        found = until(counts, "counted")
        assert found["clients"] == 1 and found["requests"] >= 11
        assert found["connections_made"] == 1
        assert found["connections_reused"] == found["requests"] - 1
        metrics = server.as_root("GET", "/metrics").body.decode()
        assert "\npangolin_s3_connections_total 1\n" in metrics


def test_a_compressed_metadata_file_is_read_back(sea, bucket):
    made = sea.create("t", properties={
        "write.metadata.compression-codec": "gzip"})
    assert made["metadata-location"].endswith(".gz.metadata.json")
    sea.set("t", "1")
    assert sea.value("t") == "1"
    size = bucket.ok("head", key=sea.key("t"))["size"]
    assert size < len(json.dumps(sea.load("t")["metadata"]))


def test_tables_are_staged_changed_together_registered_and_dropped(sea):
    tables = sea.path(space="a") + "/tables"
    staged = sea.create("staged", **{"stage-create": True})
    sea.ask("POST", f"{tables}/staged", {
        "requirements": [{"type": "assert-create"}], "updates": [
            {"action": "assign-uuid",
             "uuid": staged["metadata"]["table-uuid"]},
            {"action": "upgrade-format-version", "format-version": 2},
            {"action": "add-schema", "schema": SCHEMA, "last-column-id": 1},
            {"action": "set-current-schema", "schema-id": -1},
            {"action": "add-spec", "spec": {"spec-id": 0, "fields": []}},
            {"action": "set-default-spec", "spec-id": -1},
            {"action": "add-sort-order",
             "sort-order": {"order-id": 0, "fields": []}},
            {"action": "set-default-sort-order", "sort-order-id": -1},
            {"action": "set-location",
             "location": staged["metadata"]["location"]}]}, 200)
    sea.make_table("other")
    sea.ask("POST", f"/v1/{sea.name}/transactions/commit", {"table-changes": [
        {"identifier": {"namespace": ["a"], "name": name},
         "requirements": [], "updates": set_property("value", "both")}
        for name in ("staged", "other")]}, 204)
    assert sea.value("staged") == sea.value("other") == "both"
    location = sea.load("other")["metadata-location"]
    sea.drop("other")
    sea.ask("POST", sea.path(space="a") + "/register", {
        "name": "again", "metadata-location": location}, 200)
    assert sea.value("again") == "both"
    sea.ask("POST", sea.path(space="a") + "/views", {
        "name": "v", "schema": SCHEMA, "view-version": VIEW_VERSION,
        "properties": {}}, 200)
    view = sea.ask("GET", sea.path(space="a") + "/views/v", want=200).json()
    assert view["metadata-location"].startswith(sea.root)


def test_branches_are_merged_and_drops_undone(sea):
    sea.make_table("t")
    sea.fork("dev")
    sea.set("t", "dev", branch="dev")
    sea.make_table("new", branch="dev")
    sea.merge("dev")
    assert sea.value("t") == "dev"
    assert sorted(sea.tables()) == ["new", "t"]
    sea.drop("t")
    dropped, = sea.ask("GET", f"{API}/dropped?catalog={sea.name}",
                       want=200).json()
    sea.ask("POST", f"{API}/undrop", {
        "catalog": sea.name, "id": dropped["id"]}, 200)
    assert sea.value("t") == "dev"


def test_rows_of_two_branches_are_merged_and_planned(server, sea):
    """The server reads manifests, and writes new ones."""
    sea.client().create_table("a.t", ROWS.schema).append(ROWS)
    sea.fork("dev")
    for branch in (None, "dev"):
        sea.client(branch).load_table("a.t").append(ROWS)
    sea.merge("dev")
    assert sea.client().load_table("a.t").scan().to_arrow().num_rows == 300
    path = f"{sea.path(space='a')}/tables/t"
    files = paths(planned(server, path))
    assert len(files) == 3 and all(f.startswith(sea.root) for f in files)
    task = sea.submit("verify_catalog")
    assert sea.wait(task, "verify_catalog") >= 1
    problems = sea.ask("GET", f"{TASKS}/{task}/results", want=200).json()
    assert problems == []


def test_workers_that_only_read_find_the_bucket_and_its_new_keys(
        servers, s3, proxy):
    """They have not seen the warehouse; without caches each load asks it."""
    server = servers.start(workers=2, settings={
        **SETTINGS, "cache": {"levels": []}})
    sea = Sea(server, proxy)
    sea.make_space()
    sea.make_table("t")
    server.stop()
    server.restart()
    assert [sea.value("t") for _ in range(20)] == [""] * 20
    one = ("--uid=testbed", "--access-key=another")
    s3.admin("key", "create", *one, "--secret=another+secret")
    try:
        sea.ask("PUT", f"{API}/warehouses/{sea.name}", {"storage_config": {
            **sea.storage(), "s3.access-key-id": "another",
            "s3.secret-access-key": "another+secret"}}, 200)
        assert [sea.value("t") for _ in range(20)] == [""] * 20
        sea.ask("PUT", f"{API}/warehouses/{sea.name}", {
            "storage_config": sea.storage()}, 200)
    finally:
        s3.admin("key", "rm", *one)
    path = f"{sea.path(space='a')}/tables/t"
    until(lambda: all(sea.ask("GET", path).status == 200 for _ in range(20)),
          "all workers know the keys")


FAULTS = {"cut before": cut_before, "cut after": cut_after,
          "failed before": failed_before, "failed after": failed_after,
          "slow down": slow_down, "refused": says(403, b""),
          "gone": says(404, b"<Error><Code>NoSuchBucket</Code></Error>")}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_pointer_leads_to_a_missing_file(sea, bucket, fault):
    """One of the next requests of each commit breaks; the reads back, too."""
    sea.make_table("t")
    path = f"{sea.path(space='a')}/tables/t"
    done = "0"
    for number in range(1, 7):
        at = number % 3
        sea.proxy.arm(*[None] * at, FAULTS[fault], *[
            FAULTS[fault]] * (number // 3))
        reply = sea.ask("POST", path, {
            "requirements": [], "updates": set_property("value", str(number))})
        with sea.proxy.lock:
            sea.proxy.armed.clear()
        assert reply.status in (200, 429, 500, 502, 503), reply
        if reply.status == 200:
            done = str(number)
        file = json.loads(bucket.ok("get", key=sea.key("t"))["body"])
        assert file["properties"].get("value", "0") == done
        assert file == sea.load("t")["metadata"]


def test_no_commit_of_many_is_lost_while_requests_break(sea, bucket):
    """What was acknowledged is there, whatever became of its put."""
    path = f"{sea.path(space='a')}/tables/t"
    sea.make_table("t")
    dice = random.Random(7)
    faults = [cut_before, cut_after, failed_before, failed_after, slow_down]

    def commit(name):
        with sea.proxy.lock:
            sea.proxy.armed.append(dice.choice([None, None, *faults]))
        return sea.ask("POST", path, {"requirements": [],
                                      "updates": set_property(name, "1")})

    names = [f"n{number}" for number in range(60)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = dict(zip(names, pool.map(commit, names)))
    with sea.proxy.lock:
        sea.proxy.armed.clear()
    done = {name for name, reply in replies.items() if reply.status == 200}
    assert len(done) > 30, replies
    file = sea.load("t")["metadata"]
    assert done == {n for n in file["properties"] if n.startswith("n")}, [
        reply for reply in replies.values() if reply.status != 200]
    # each state of the log is there, too
    log = [one["metadata-file"] for one in file["metadata-log"]]
    assert len(log) == len(done)
    for key in [sea.key("t"), *map(key_of, log)]:
        bucket.ok("head", key=key)


def test_places_in_s3_are_guarded(sea):
    sea.create("t", location=f"{sea.root}/place/t")
    bucket = sea.proxy.s3.bucket
    for location in (f"{sea.root}/place/t", f"{sea.root}/place",
                     sea.root.replace("s3:", "s3a:") + "/place/t/inside"):
        reply = sea.create("x", want=409, location=location)
        assert "Location is in, at or around" in reply["error"]["message"]
    outside = [f"{sea.root}/../other/t", f"{sea.root}/a/%2e%2e/%2E%2e/t",
               f"{sea.root}/a/..%2f..%2ft", f"{sea.root}x/t", sea.root,
               "s3://another-bucket/t", f"s3://{bucket}/t",
               sea.root.replace(bucket, f"{bucket}.example") + "/t",
               sea.root.replace(bucket, f"user@{bucket}") + "/t",
               sea.root.replace("s3://", "s3:/") + "/t",
               sea.root.replace(bucket, f"{bucket}/") + "/t",
               f"{sea.root}/t?versionId=1", f"{sea.root}/a//t",
               sea.root.replace("s3://", "file:///") + "/t",
               f"file://{sea.server.folder}/t", f"gs://{bucket}/t"]
    for location in outside:
        sea.create("x", want=400, location=location)
    for name in ("write.metadata.path", "write.data.path",
                 "write.object-storage.path"):
        for location in outside:
            if location != sea.root:
                sea.create("x", want=400, properties={name: location})
    # Hadoop's spelling of a place inside is a place inside
    made = sea.create("y", location=sea.root.replace("s3", "s3a", 1) + "/place/y")
    assert made["metadata-location"].startswith("s3a://")
    sea.set("y", "1")
    assert sea.value("y") == "1"


def test_a_place_in_s3_and_one_of_files_never_meet(server, sea):
    """The path of one is that of the other, but for the scheme."""
    sea.create("t", location=f"{sea.root}/t")
    land = Catalog(server)
    place = sea.root.replace("s3://", f"file://{server.folder}/")
    land.ask("PUT", f"{API}/warehouses/{land.name}", {"storage_config": {
        **land.storage(), "allowed-locations": place}}, 200)
    land.make_space()
    land.ask("POST", land.path(space="a") + "/tables", {
        "name": "t", "schema": SCHEMA, "location": f"{place}/t"}, 200)


def test_two_buckets_of_one_name_are_told_apart_or_refused(server, s3, sea):
    """A location names no endpoint."""
    def make(name, endpoint, **more):
        return server.call("POST", f"{API}/warehouses", {
            "name": name, "storage_config": {
                **sea.storage(), "s3.endpoint": endpoint, **more}})
    direct = f"http://127.0.0.1:{s3.port}"
    for more in ({}, {"s3.prefix": f"{sea.name}/inside"},
                 {"s3.prefix": "twin",
                  "allowed-locations": f"s3a://{s3.bucket}/{sea.name}/x"}):
        reply = make("twin", direct, **more)
        assert reply.status == 400, reply
        assert f"'{sea.name}'" in reply.json()["error"], reply
    assert make("twin", direct, **{"s3.prefix": "twin"}).status == 201
    assert make("same", sea.proxy.url).status == 201
    files = server.call("POST", f"{API}/warehouses", {
        "name": "files", "storage_config": {
            "root": f"file://{server.folder}/files",
            "allowed-locations": f"s3://{s3.bucket}/{sea.name}"}})
    assert files.status == 400 and "no keys" in files.json()["error"]
    # one after the other they move to another address
    for name in ("same", sea.name):
        sea.ask("PUT", f"{API}/warehouses/{name}", {
            "storage_config": {**sea.storage(), "s3.endpoint": direct}}, 200)
    sea.make_table("t")


def test_a_bucket_that_is_silent_holds_up_no_other(servers, s3, proxy):
    server = servers.start(settings={**SETTINGS, "cache": {"levels": []}})
    other = Sea(server, proxy)
    other.make_space()
    other.make_table("t")
    with Faults(s3.port) as silent, \
            concurrent.futures.ThreadPoolExecutor(8) as pool:
        held, silent.s3 = [], s3
        sea = Sea(server, silent)
        sea.make_space()
        sea.make_table("t")
        path = f"{sea.path(space='a')}/tables/t"

        def hold(handler, _body):
            held.append(handler)
            handler.connection.recv(1)
        silent.choose = lambda _method: hold
        waiting = [pool.submit(sea.ask, "GET", path) for _ in range(8)]
        until(lambda: len(held) == 8, "all wait")
        assert other.value("t") == ""
        # who comes later is told at once
        def refused():
            try:
                reply = server.request("GET", path, headers=server.bearer(),
                                       timeout=1)
            except TimeoutError:
                return None
            assert reply.status == 503, reply
            return reply.json()["error"]["message"]
        assert "does not answer" in until(refused, "refused", 15)
        other.set("t", "1")
        # it comes back
        silent.choose = lambda _method: None
        for handler in held:
            handler.abort()
        assert all(one.result().status == 200 for one in waiting)
        assert sea.value("t") == ""


def test_what_is_garbage_is_swept_out_of_the_bucket(sea, bucket):
    sea.make_table("t")
    old = [sea.key("t")]
    for number in range(5):
        sea.set("t", str(number))
        old.append(sea.key("t"))
    current = old.pop()
    assert sea.run("prune") == 5

    def gone():
        sea.run("sweep")
        listed = bucket.ok("list", prefix=f"{sea.name}/")["keys"]
        return listed == [current]
    until(gone, "swept")
    assert sea.value("t") == "4"


def test_the_place_of_a_purged_table_is_emptied_page_by_page(sea, bucket):
    """More objects than a list or a delete may name at once."""
    sea.make_table("kept")
    place = key_of(sea.create("t")["metadata"]["location"])
    bucket.ok("fill", prefix=f"{place}/data/", count=2300, threads=16)
    bucket.ok("put", key=f"{place}/data/odd \u00fc&<>+%2f=1", body="x")
    bucket.ok("put", key=f"{place}-beside", body="x")
    sea.ask("DELETE", f"{sea.path(space='a')}/tables/t?purgeRequested=true",
            want=204)
    sea.run("prune")

    def gone():
        sea.run("sweep")
        return bucket.ok("list", prefix=f"{place}/")["keys"] == []
    until(gone, "purged")
    assert bucket.ok("get", key=f"{place}-beside")["body"] == "x"
    assert sea.value("kept") == ""
