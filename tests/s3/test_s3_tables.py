"""Tables whose files are in a bucket: their whole life, what it costs the
bucket, and who finds the bucket."""

import json
import shutil
import subprocess

import pyarrow as pa
import pytest
from clients.conftest import connect
from harness.changes import SCHEMA, VIEW_VERSION, set_property
from harness.plans import paths, planned
from harness.s3 import Faults
from harness.sea import SETTINGS, Sea, key_of
from harness.upkeep import TASKS
from harness.versions import API, Catalog
from harness.wait import until

SERVERS = ["ceph", "versity"]
ROWS = pa.table({"id": pa.array(range(100), pa.int64())})


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


def test_bytes_of_a_warehouse_are_counted(servers, proxy, bucket):
    """By all workers, since the server started."""
    server = servers.start(workers=2, settings={
        **SETTINGS, "cache": {"levels": []}})
    sea = Sea(server, proxy)

    def counted():
        found = sea.ask("GET", f"{API}/warehouses/{sea.name}", want=200).json()
        return found["bytes_written"], found["bytes_read"]
    assert counted() == (0, 0)  # what the probe sends is nobody's
    sea.make_space()
    sea.make_table("t")
    size = bucket.ok("get", key=sea.key("t"))["size"]
    written, read = counted()
    assert written == size and read % size == 0
    for _ in range(10):
        sea.load("t")
    assert counted() == (size, read + 10 * size)
    assert sea.ask("GET", f"{API}/warehouses", want=200).json()[0][
        "bytes_written"] == 0  # the first is of files


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


@pytest.mark.ceph_only  # keys of the other one cannot be made at once
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


def test_a_restore_looks_for_files_in_the_bucket(servers, proxy, bucket):
    server = servers.start(settings=SETTINGS)
    sea = Sea(server, proxy)
    sea.make_space()
    for name in ("t", "gone"):
        sea.make_table(name)
    lost = sea.load("gone")["metadata-location"]
    server.stop()

    def run(on, *verb):
        return subprocess.run(
            [on.program, verb[0], "-c", on.write_config(), *verb[1:]],
            capture_output=True, check=False, text=True, timeout=60)

    def restored(with_key=True):
        copy = servers.new(settings=SETTINGS)
        if with_key:
            copy.state_dir.mkdir(mode=0o700)
            shutil.copy(server.state_dir / "sealing-key", copy.state_dir)
        made = run(copy, "restore", server.folder / "file", "--verify")
        assert (copy.state_dir / "sealing-key").exists() == with_key
        return made
    assert run(server, "backup", server.folder / "file").returncode == 0
    made = restored()
    assert "the metadata files of all 2" in made.stdout, made
    bucket.ok("delete", key=key_of(lost))
    made = restored()
    assert made.returncode != 0 and f"missing {lost}" in made.stdout, made
    made = restored(with_key=False)
    assert f"unreadable {lost}" in made.stdout, made


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


def test_a_purge_deletes_nothing_that_is_listed_from_elsewhere(sea, bucket):
    """By a server that does not look at the prefix."""
    sea.make_table("kept")
    kept = sea.key("kept")
    place = key_of(sea.create("t")["metadata"]["location"])
    bucket.ok("put", key=f"{place}/data/1", body="x")
    listed = (f"<Contents><Key>{kept}</Key><Size>1</Size><LastModified>"
              "2026-01-01T00:00:00.000Z</LastModified></Contents>")
    said = (f"<ListBucketResult><IsTruncated>false</IsTruncated>{listed}"
            "</ListBucketResult>").encode()
    sweeps = []

    def wrong(handler, body):
        if handler.command == "GET" and "list-type" in handler.path:
            handler.answer(200, said)
        else:
            handler.pass_on(body)

    def refused():
        """Each sweep looks once; the one that deletes waits for better."""
        if not sweeps or sea.ask(
                "GET", f"{TASKS}/{sweeps[-1]}").json()["finished_at"]:
            sweeps.append(sea.submit("sweep"))
        return "The object store lists " + kept in sea.server.log_text()
    sea.ask("DELETE", f"{sea.path(space='a')}/tables/t?purgeRequested=true",
            want=204)
    sea.run("prune")
    sea.proxy.choose = lambda _method: wrong
    try:
        until(refused, "refused")
        assert bucket.ok("head", key=kept)
    finally:
        del sea.proxy.choose

    def gone():
        sea.run("sweep")
        return bucket.ok("list", prefix=f"{place}/")["keys"] == []
    until(gone, "purged")
    assert bucket.ok("head", key=kept)
