"""A core file of the server, whenever one is made, has no key in it."""

import contextlib
import pathlib
import re
import signal

import pytest
from harness.changes import SCHEMA
from harness.sea import SETTINGS
from harness.server import Server
from harness.wait import until

SEALING_KEY = "the-sealing-key-of-this-test-0123456789"
STATIC = "the-static-secret-that-clients-get"
VENDED = {"X-Iceberg-Access-Delegation": "vended-credentials"}


def processes(server):
    """The server and all below it."""
    parents = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            parent = re.search(r"^PPid:\t(\d+)", status.read_text(), re.M)
            parents[int(status.parent.name)] = int(parent[1])
    found = {server.process.pid}
    while more := {one for one, of in parents.items() if of in found} - found:
        found |= more
    return found


def dumped(process):
    """The memory that the kernel would write: readable, and not left out."""
    start = end = None
    with open(f"/proc/{process}/smaps", encoding="utf-8") as lines, \
            open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in lines:
            if at := re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line):
                start, end = (int(one, 16) for one in at.groups())
            elif re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                start = None
            elif line.startswith("VmFlags:") and start is not None \
                    and "dd" not in line.split():
                with contextlib.suppress(OSError):  # the kernel's own
                    memory.seek(start)
                    yield memory.read(end - start)


def assert_no_core_has(server, keys):
    """When the last request has ended."""
    def clean():
        looked = 0
        for process in processes(server):
            for memory in dumped(process):
                looked += len(memory)
                if any(key.encode() in memory for key in keys):
                    return False
        return looked > 1 << 20
    until(clean, "no key is in memory that a core would have")


@pytest.fixture(name="server")
def fixture_server(tmp_path):
    servers = []

    def start(**warehouse):
        server = Server(tmp_path, settings={"warehouse": {
            **SETTINGS["warehouse"], **warehouse}})
        servers.append(server)
        return server.start()
    yield start
    for server in servers:
        server.kill()


def use(server, catalog):
    """Creates, commits, loads, with sessions for the client."""
    spaces = f"/v1/{catalog}/namespaces"
    assert server.call("POST", spaces, {"namespace": ["n"]}).status == 200
    made = server.call("POST", f"{spaces}/n/tables", {
        "name": "t", "schema": SCHEMA}, headers=VENDED).json()
    assert made["storage-credentials"]
    for number in range(8):
        assert server.call("POST", f"{spaces}/n/tables/t", {
            "requirements": [], "updates": [{
                "action": "set-properties",
                "updates": {"n": str(number)}}]}).status == 200
        assert server.call("GET", f"{spaces}/n/tables/t",
                           headers=VENDED).status == 200
    return [one["config"]["s3.secret-access-key"]
            for one in made["storage-credentials"]]


@pytest.mark.plain_build
def test_keys_that_are_sent_are_in_no_core(server, s3):
    secret = f"{s3.secret_key}"
    server = server(sealing_key=SEALING_KEY)
    config = {"type": "s3", "s3.bucket": s3.bucket, "s3.prefix": "secrets",
              "s3.endpoint": f"http://127.0.0.1:{s3.port}",
              "s3.region": "us-east-1", "s3.path-style-access": "true",
              "s3.access-key-id": s3.access_key,
              "s3.secret-access-key": secret, "role_arn": s3.role}
    wanted = {"name": "w", "storage_config": config, "use_sts": True}
    warehouses = "/api/v1/warehouses"
    assert server.call("POST", warehouses, wanted).status == 201
    assert server.call("POST", warehouses, wanted).status == 409
    assert server.call("POST", f"{warehouses}/w/probe", {
        "storage_config": config}).status == 200
    padded = {"storage_config": {**config, "note": "x" * 50000}}
    server.call("PUT", f"{warehouses}/w", padded)
    assert server.call("POST", warehouses, {
        "name": "static", "storage_config": {**config, "s3.prefix": "other"},
        "vending_strategy": {"AwsStatic": {
            "access_key_id": "AK", "secret_access_key": STATIC}},
        }).status == 201
    given = []
    for name in ("w", "static"):
        assert server.call("POST", "/api/v1/catalogs", {
            "name": name, "warehouse_name": name}).status == 201
        given += use(server, name)
    assert given[1] == STATIC
    assert_no_core_has(server, [secret, SEALING_KEY, *given])
    assert server.stop() == 0
    server.restart()
    assert server.call("GET", "/v1/w/namespaces/n/tables/t",
                       headers=VENDED).status == 200
    assert_no_core_has(server, [secret, SEALING_KEY, *given])


@pytest.mark.plain_build
def test_keys_of_the_settings_are_in_no_core(server, s3):
    server = server(
        root=f"s3://{s3.bucket}/first-secrets",
        s3_endpoint=f"http://127.0.0.1:{s3.port}",
        s3_access_key_id=s3.access_key, s3_secret_access_key=s3.secret_key,
        s3_role_arn=s3.role, sealing_key=SEALING_KEY)
    given = use(server, "default")
    server.process.send_signal(signal.SIGHUP)
    until(lambda: "the settings have been read again" in server.log_text(),
          "read again")
    assert_no_core_has(server, [s3.secret_key, SEALING_KEY, *given])


def test_no_process_writes_a_core(server):
    """One byte: with none the kernel still pipes it into a program."""
    for process in processes(server()):
        limits = pathlib.Path(f"/proc/{process}/limits").read_text()
        assert re.search(r"^Max core file size +[01] ", limits, re.M), limits
