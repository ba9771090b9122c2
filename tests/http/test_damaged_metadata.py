"""Metadata files that somebody has damaged make no answer that is not JSON."""

import gzip
import json

import pytest

PATH = "/v1/default/namespaces/damaged/tables"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "id", "type": "long", "required": False}]}


def with_a_hole(data):
    middle = len(data) // 2
    return data[:middle] + bytes(8) + data[middle + 8:]


DAMAGES = {
    "cut": lambda text: text[:-20],
    "empty": lambda text: b"",
    "behind": lambda text: text + b"}",
    "list": lambda text: b"[" + text + b"]",
    "bytes": lambda text: text.replace(b"format", b"\xff\xfeormat", 1),
    "gzip": lambda text: with_a_hole(gzip.compress(text)),
}


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    """With a table for each damage, and one that is whole."""
    with start_kind(("sqlite", 2)) as server:
        assert server.call("POST", "/v1/default/namespaces",
                           {"namespace": ["damaged"]}).status == 200
        files = {}
        for name in (*DAMAGES, "whole"):
            reply = server.call("POST", PATH, {"name": name, "schema": SCHEMA})
            location = reply.json()["metadata-location"]
            files[name] = server.state_dir / location.split("/state/")[1]
        server.kill()  # and nothing of them is kept in memory
        for name, damage in DAMAGES.items():
            files[name].write_bytes(damage(files[name].read_bytes()))
        server.files = files
        yield server.start()


@pytest.mark.parametrize("name", DAMAGES)
def test_a_load_names_the_table_and_the_file(server, name):
    # planned first: what that keeps of the file must not reach a load
    assert server.call("POST", f"{PATH}/{name}/plan", {}).status >= 400
    for query in ("", "?snapshots=refs", ""):
        reply = server.call("GET", f"{PATH}/{name}{query}")
        error = json.loads(reply.body)["error"]
        assert reply.status == 500 and error["type"] == "InternalServerError"
        assert f"damaged.{name} cannot be read." in error["message"]
        assert server.files[name].name in error["message"]


def test_other_tables_are_loaded(server):
    reply = server.call("GET", f"{PATH}/whole")
    assert reply.status == 200 and reply.json()["metadata"]["schemas"]
