"""Clients of others over TLS, as docs/operations.md tells to set them up."""

import subprocess

import pyarrow as pa
import pytest
import requests
from clients.conftest import connect


@pytest.fixture(name="server")
def fixture_server(servers, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    return servers.start(workers=2, settings={"tls": {"mode": "self-signed"}})


def test_pyiceberg_trusts_the_file(server):
    catalog = connect(server, ssl={"cabundle": str(server.authority)})
    catalog.create_namespace("secure")
    rows = pa.table({"id": pa.array(range(1000), pa.int64())})
    table = catalog.create_table("secure.numbers", rows.schema)
    for _ in range(3):
        table.append(rows)
    assert catalog.load_table("secure.numbers").scan().to_arrow().num_rows \
        == 3000


def test_pyiceberg_without_it_does_not_talk(server):
    with pytest.raises(requests.exceptions.SSLError):
        connect(server)


@pytest.mark.parametrize("arguments", (
    ["--cacert", "FILE"], ["--cacert", "FILE", "--tls-max", "1.2"],
    ["--cacert", "FILE", "--http2"], ["-k", "--pinnedpubkey", "PIN"]))
def test_curl_trusts_the_file_or_the_key(server, arguments):
    pin = server.log_text().partition("public key ")[2].partition('"')[0]
    given = {"FILE": str(server.authority), "PIN": pin}
    said = subprocess.run(
        ["curl", "-sS", *(given.get(a, a) for a in arguments),
         f"{server.url}/health/ready"], capture_output=True, check=True)
    assert b"ready" in said.stdout
