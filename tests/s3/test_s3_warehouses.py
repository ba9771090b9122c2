"""Warehouses in S3: what they are made of, and that nobody reads a secret."""

import pathlib
import sqlite3
import subprocess

import pytest
from harness.s3 import S3, Faults, says
from harness.server import Server

SSE = "x-amz-server-side-encryption"
SECRETS = ("hunter-in-config", "hunter-in-vending")


@pytest.fixture(scope="module", name="s3")
def fixture_s3():
    s3 = S3()
    yield s3
    s3.end()


@pytest.fixture(scope="module", name="server")
def fixture_server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("s3"), settings={
        "warehouse": {"allowed_endpoints": ["127.0.0.1"]}})
    server.start()
    yield server
    server.kill()


@pytest.fixture(name="name")
def fixture_name(request):
    return request.node.name.replace("[", "-").replace("]", "")[-60:]


def dotted(s3, name, **more):
    return {"s3.bucket": s3.bucket, "s3.prefix": name,
            "s3.endpoint": f"http://127.0.0.1:{s3.port}",
            "s3.access-key-id": s3.access_key,
            "s3.secret-access-key": s3.secret_key, **more}


def plain(s3, name, **more):
    return {"type": "s3", "bucket": s3.bucket, "prefix": name,
            "endpoint": f"http://127.0.0.1:{s3.port}",
            "access_key_id": s3.access_key,
            "secret_access_key": s3.secret_key, **more}


def make(server, name, config, **more):
    return server.call("POST", "/api/v1/warehouses", {
        "name": name, "storage_config": config, **more})


def masked(config):
    return {key: "********" if "secret" in key else value
            for key, value in config.items()}


@pytest.mark.parametrize("spelling", (dotted, plain))
def test_each_spelling_comes_back_with_its_secrets_masked(
        server, s3, name, spelling):
    config = spelling(s3, name)
    vending = {"AwsStatic": {"access_key_id": "AK",
                             "secret_access_key": "hunter"}}
    shown = {"AwsStatic": {"access_key_id": "AK",
                           "secret_access_key": "********"}}
    made = make(server, name, config, vending_strategy=vending)
    assert made.status == 201, made
    path = f"/api/v1/warehouses/{name}"
    for answer in (made, server.call("GET", path),
                   server.call("PUT", path, {
                       "storage_config": masked(config),
                       "vending_strategy": shown})):
        assert answer.json()["storage_config"] == masked(config)
        assert answer.json()["vending_strategy"] == shown
    assert server.call("PUT", path, {"vending_strategy": "None"}).json()[
        "vending_strategy"] == "None"


@pytest.mark.parametrize("spoilt, word", (
    ({"s3.bucket": ""}, "storage_config/s3.bucket"),
    ({"s3.secret-access-key": ""}, "storage_config/s3.secret-access-key"),
    ({"s3.endpoint": "127.0.0.1"}, "endpoint: "),
    ({"s3.region": "eu west"}, "region: "),
    ({"s3.endpiont": "x"}, "did you mean s3.endpoint?"),
    ({"bucket": "two"}, "is given twice"),
), ids=("bucket", "key", "endpoint", "region", "typo", "twice"))
def test_a_refusal_names_the_field(server, s3, name, spoilt, word):
    reply = make(server, name, dotted(s3, name, **spoilt))
    assert reply.status == 400 and word in reply.json()["error"], reply


def test_one_place_has_one_tenant(server, s3, name):
    assert make(server, name, dotted(s3, name)).status == 201
    tenant = server.as_root("POST", "/api/v1/tenants",
                            {"name": name}).json()["id"]
    for inside in (name, f"{name}/a"):
        reply = server.as_root("POST", "/api/v1/warehouses", {
            "name": name, "storage_config": plain(s3, inside)}, tenant)
        assert reply.status == 400, reply
        assert "the place is taken" in reply.json()["error"]


DENIED = says(403, b"<Error><Code>AccessDenied</Code>"
              b"<Message>what only the far side knows</Message></Error>")


@pytest.mark.parametrize("step, right", (
    (0, "put (s3:PutObject)"), (1, "get (s3:GetObject)"),
    (7, "list (s3:ListBucket)"), (8, "delete (s3:DeleteObject)")),
    ids=("put", "get", "list", "delete"))
def test_a_warehouse_is_made_only_where_all_rights_are(
        server, s3, name, step, right):
    """Requests 2 and 3 are of a put that must not overwrite, 4 to 6 of a copy
    that nobody signed."""
    with Faults(s3.port) as proxy:
        proxy.arm(*[None] * step, DENIED)
        reply = make(server, name, plain(s3, name, endpoint=proxy.url))
    error = reply.json()["error"]
    assert reply.status == 400 and f"{right} fails" in error, error
    assert "AccessDenied" in error and "far side" not in error
    path = f"/api/v1/warehouses/{name}"
    assert server.call("GET", path).status == 404


def test_new_keys_are_tried_before_they_are_stored(server, s3, name):
    assert make(server, name, plain(s3, name)).status == 201
    path = f"/api/v1/warehouses/{name}"
    reply = server.call("PUT", path, {
        "storage_config": plain(s3, name, secret_access_key="wrong")})
    assert reply.status == 400 and "put (s3:PutObject)" in reply.json()["error"]
    assert server.call("POST", f"{path}/probe", {}).json()["ok"] is True


@pytest.mark.parametrize("host", (
    "169.254.169.254", "[::1]:9000", "10.0.0.1"))
def test_an_endpoint_inside_the_network_is_refused_by_the_setting(
        server, s3, host):
    reply = make(server, "inside",
                 plain(s3, "inside", endpoint=f"http://{host}"))
    assert reply.status == 400, reply
    assert "warehouse.allowed_endpoints" in reply.json()["error"]


def test_a_form_is_tested_before_it_is_saved(server, s3, name):
    path = f"/api/v1/warehouses/{name}"
    config = dotted(s3, name)
    found = server.call("POST", f"{path}/probe", {"storage_config": config})
    assert found.json() == {
        "ok": True, "conditional_put": True, "signed_headers_only": False,
        "steps": [
            {"name": step, "ok": True, "error": None}
            for step in ("put", "get", "list", "delete")]}, found
    assert server.call("GET", path).status == 404
    assert server.call("POST", f"{path}/probe", {}).status == 404
    wrong = {**config, "s3.secret-access-key": "wrong"}
    found = server.call("POST", f"{path}/probe",
                        {"storage_config": wrong}).json()
    assert not found["ok"] and "403" in found["steps"][0]["error"]
    assert [step["ok"] for step in found["steps"]] == [False] + [None] * 3


def test_the_probe_says_where_puts_overwrite(server, s3, name):
    with Faults(s3.port) as proxy:
        proxy.arm(None, None, says(200, b"", ("ETag", '"x"')))
        found = server.call("POST", f"/api/v1/warehouses/{name}/probe", {
            "storage_config": plain(s3, name, endpoint=proxy.url)}).json()
    assert found["ok"] and not found["conditional_put"]


@pytest.mark.parametrize("fault, safe", (
    (DENIED, True),  # as AWS says to headers that are not signed
    (None, False),   # Ceph 16 copies
    (says(500, b""), False)), ids=("refused", "copied", "unknown"))
def test_the_probe_says_where_a_signed_put_can_be_made_a_copy(
        server, s3, name, fault, safe):
    with Faults(s3.port) as proxy:
        proxy.arm(*[None] * 4, fault)
        found = server.call("POST", f"/api/v1/warehouses/{name}/probe", {
            "storage_config": plain(s3, name, endpoint=proxy.url)}).json()
    assert proxy.methods()[4] == "PUT"
    assert found["ok"] and found["signed_headers_only"] is safe


@pytest.mark.parametrize("config, sent", (
    ({"sse_type": "s3"}, ("AES256", None)),
    ({"sse_type": "kms"}, ("aws:kms", None)),
    ({"sse_type": "kms", "kms_key_id": "k"}, ("aws:kms", "k")),
    ({}, (None, None))), ids=("s3", "kms", "key", "none"))
def test_puts_name_the_encryption_of_the_warehouse(
        server, s3, name, config, sent):
    """The server that answers says no more than what it was asked."""
    seen = []

    def note(handler, _body):
        seen.append((handler.headers.get(SSE),
                     handler.headers.get(SSE + "-aws-kms-key-id")))
        handler.answer(403, b"<Error><Code>AccessDenied</Code></Error>")

    with Faults(s3.port) as proxy:
        proxy.arm(note)
        make(server, name, plain(s3, name, endpoint=proxy.url, **config))
    assert seen == [sent]


def files_below(folder):
    return [path for path in pathlib.Path(folder).rglob("*")
            if path.is_file()]


def test_no_secret_is_in_the_store_the_log_an_answer_or_the_settings(
        s3, tmp_path):
    """Also not after a restart, and a new sealing key."""
    server = Server(tmp_path, settings={
        "warehouse": {"allowed_endpoints": ["127.0.0.1"]},
        "log": {"level": "debug"}}).start()
    secrets = (s3.secret_key, *SECRETS)
    config = dotted(s3, "secrets", **{"secret_note": SECRETS[0]})
    answers = [make(server, "w", config, vending_strategy={
        "AwsStatic": {"access_key_id": "AK",
                      "secret_access_key": SECRETS[1]}})]
    assert answers[0].status == 201, answers

    def look():
        for path in ("/api/v1/warehouses", "/api/v1/warehouses/w",
                     "/v1/config?warehouse=default", "/metrics"):
            answers.append(server.call("GET", path))
            assert answers[-1].status == 200
        answers.append(make(server, "w", config))
        assert answers[-1].status == 409
        stop = server.stop()
        assert stop == 0
        found = [path for path in files_below(tmp_path)
                 if any(secret.encode() in path.read_bytes()
                        for secret in secrets)]
        assert not found
        assert not [answer for answer in answers
                    if any(secret.encode() in answer.body
                           for secret in secrets)]

    look()
    key = (server.state_dir / "sealing-key").read_text().strip()
    assert (server.state_dir / "sealing-key").stat().st_mode & 0o777 == 0o600

    def sealed():
        with sqlite3.connect(next(server.state_dir.glob("*.db"))) as store:
            (row,) = store.execute(
                "SELECT storage_config FROM warehouses WHERE name = 'w'")
        return row[0]

    before = sealed()
    assert "sealed:1:" in before and key not in before
    server.settings["warehouse"]["sealing_key"] = "x" * 40
    shown = subprocess.run(
        [server.program, "check-config", "-c", server.write_config()],
        check=True, capture_output=True, timeout=60).stdout
    assert b"sealing_key" in shown and b"x" * 40 not in shown
    server.restart()
    assert "sealed the secrets of 1 warehouses" in server.log_text()
    look()
    after = sealed()
    assert after.split("sealed:1:")[1][:8] != before.split("sealed:1:")[1][:8]


def pangolin(server, verb, *arguments):
    return subprocess.run(
        [server.program, verb, "-c", server.write_config(), *arguments],
        check=True, capture_output=True, timeout=120).stdout.decode()


def test_a_backup_has_no_secret_and_needs_the_key(s3, tmp_path):
    """Restored elsewhere all is there but what the key opens."""
    allowed = {"warehouse": {"allowed_endpoints": ["127.0.0.1"]}}
    file, folders = tmp_path / "backup", (tmp_path / "a", tmp_path / "b")
    for folder in folders:
        folder.mkdir()
    first = Server(folders[0], settings=allowed).start()
    config = dotted(s3, "backup")
    assert make(first, "w", config).status == 201
    pangolin(first, "backup", file)
    key = (first.state_dir / "sealing-key").read_text().strip()
    password = first.first_password
    first.stop()
    said = file.read_text()
    assert s3.secret_key not in said and key not in said

    second = Server(folders[1], settings=allowed)
    pangolin(second, "restore", file)
    second.start()
    second.first_password = password
    path = "/api/v1/warehouses/w"
    shown = second.call("GET", path)
    assert shown.json()["storage_config"] == masked(config)
    locked = second.call("POST", f"{path}/probe", {})
    assert locked.status == 503, locked
    assert "name it in warehouse.sealing_key" in locked.json()["error"]
    assert "opens the secrets of 1 warehouses" in second.log_text()
    second.stop()

    second.settings["warehouse"]["sealing_key"] = key
    second.restart()
    second.first_password = password
    assert second.call("POST", f"{path}/probe", {}).json()["ok"]
    second.stop()
    del second.settings["warehouse"]["sealing_key"]
    second.restart()
    second.first_password = password
    changed = second.call("PUT", path, {"storage_config": config})
    assert changed.status == 200, changed
    assert second.call("POST", f"{path}/probe", {}).json()["ok"]
    second.kill()


def test_a_restore_looks_for_metadata_files_in_buckets(s3, tmp_path):
    settings = {"warehouse": {"allowed_endpoints": ["127.0.0.1"],
                              "sealing_key": "the same key on both of the machines"
                              }}
    file, folders = tmp_path / "backup", (tmp_path / "a", tmp_path / "b")
    for folder in folders:
        folder.mkdir()
    first = Server(folders[0], settings=settings).start()
    assert make(first, "w", dotted(s3, "verified")).status == 201
    for path, body in (
            ("/api/v1/catalogs", {"name": "w", "warehouse_name": "w"}),
            ("/v1/w/namespaces", {"namespace": ["n"]}),
            ("/v1/w/namespaces/n/tables", {
                "name": "t", "schema": {"type": "struct", "fields": []}})):
        assert first.call("POST", path, body).status < 300
    pangolin(first, "backup", file)
    first.stop()
    said = pangolin(Server(folders[1], settings=settings), "restore",
                    "--verify", file)
    assert "of all 1 tables and views are there" in said
