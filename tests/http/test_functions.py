"""Functions, of which there are none, and credentials, which none needs."""

import pytest

NAMESPACES = "/v1/default/namespaces"
SCHEMA = {"type": "struct", "fields": []}


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2)) as server:
        yield server


@pytest.fixture(scope="module", name="space")
def fixture_space(server):
    server.call("POST", NAMESPACES, {"namespace": ["functions"]})
    server.call("POST", NAMESPACES, {"namespace": ["functions", "a"]})
    path = f"{NAMESPACES}/functions%1Fa"
    made = server.call("POST", f"{path}/tables", {"name": "t",
                                                  "schema": SCHEMA})
    assert made.status == 200, made
    return path


def check_error(reply, status, kind, message):
    assert reply.status == status, reply
    assert reply.json() == {"error": {
        "message": message, "type": kind, "code": status}}


@pytest.mark.parametrize("query", ("", "?pageToken=", "?pageSize=1",
                                   "?pageToken=&pageSize=7"))
def test_a_namespace_has_no_functions(server, space, query):
    reply = server.call("GET", f"{space}/functions{query}")
    assert reply.status == 200 and reply.json() == {"identifiers": []}


def test_what_is_asked_for_wrongly(server, space):
    check_error(server.call("GET", f"{space}/functions/t"), 404,
                "NoSuchFunctionException",
                "Function does not exist: functions.a.t")
    for path in ("functions", "functions/f"):
        check_error(server.call("GET", f"{NAMESPACES}/missing/{path}"), 404,
                    "NoSuchNamespaceException",
                    "Namespace does not exist: missing")
    assert server.call("GET", f"{space}/functions?pageSize=0").status == 400
    assert server.call("GET", f"{space}/functions?pageToken=x").status == 400
    assert server.call("POST", f"{space}/functions", {}).status == 405


def test_local_files_need_no_credentials(server, space):
    reply = server.call("GET", f"{space}/tables/t/credentials?planId=x")
    assert reply.status == 200
    assert reply.json() == {"storage-credentials": []}
    check_error(server.call("GET", f"{space}/tables/u/credentials"), 404,
                "NoSuchTableException",
                "Table does not exist: functions.a.u")
