"""Routes, statuses and members of answers against the REST spec's document."""

import pytest
from harness.facts import Member, check_answer, facts, misfits
from harness.good import SPACES, Things
from harness.plans import large

KIND = ("sqlite", 2)
TABLE = "/v1/{prefix}/namespaces/{namespace}/tables/{table}"
FUNCTIONS = "/v1/{prefix}/namespaces/{namespace}/functions"

# Only files in S3 have requests to be signed: tests/s3/test_remote_signing.py.
SIGN = f"POST {TABLE}/sign"
# As the management API's ancestor has it, which Iceberg does not know.
PRESIGN = f"GET {TABLE}/presign"
# The two that /v1/config does not list (REST spec, getConfig).
UNLISTED = {"GET /v1/config", "POST /v1/oauth/tokens"}


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(KIND) as server:
        yield server


@pytest.fixture(scope="module", name="asked")
def fixture_asked(server):
    """Asks everything once, and wrongly once; gives what was asked."""
    ask = Asked(server)
    things = Things(server)
    ask_rightly(ask, things)
    ask_plans(ask, large(server))
    ask_wrongly(ask, things)
    return ask


class Asked:
    """Requests whose answers are held against the specification."""

    def __init__(self, server):
        self.server, self.statuses = server, {}

    def __call__(self, method, path, body=None, headers=None):
        reply = self.server.call(method, path, body, headers=headers)
        operation = check_answer(method, path, reply)
        self.statuses.setdefault(operation.endpoint, set()).add(reply.status)
        return reply


def ask_rightly(ask, things):
    ask("GET", "/v1/config?warehouse=default")
    for operation in things.iceberg():
        ask(operation.method, operation.path, operation.body)
    for path in (SPACES, things.path, f"{things.path}/tables",
                 f"{things.path}/functions",
                 f"{things.path}/tables/t/credentials",
                 f"{things.path}/views", f"{things.path}/tables/t",
                 f"{things.path}/tables/t?snapshots=refs",
                 f"{things.path}/views/v"):
        ask("GET", path)
    ask("GET", f"{SPACES}?pageToken=&pageSize=1")
    for kind, name in (("tables", "t"), ("views", "v")):
        ask("HEAD", f"{things.path}/{kind}/{name}")
    ask("HEAD", things.path)
    ask("POST", f"{things.path}/tables", {
        "name": "staged", "stage-create": True,
        "schema": {"type": "struct", "fields": []}})
    ask("POST", f"{things.path}/tables/registered/unregister", {})
    ask("DELETE", f"{things.path}/tables/made")
    ask("DELETE", f"{things.path}/views/made_view")
    ask("DELETE", f"{SPACES}/{things.space}_new")


def ask_plans(ask, path):
    answer = ask("POST", f"{path}/plan", {}).json()
    task = {"plan-task": answer["plan-tasks"][0]}
    assert ask("POST", f"{path}/tasks", task).json()["file-scan-tasks"]
    for method in ("GET", "DELETE", "GET"):
        ask(method, f"{path}/plan/{answer['plan-id']}")
        ask(method, f"{path}/plan/none")
    ask("POST", f"{path}/tasks", task)


def ask_wrongly(ask, things):
    """Things that are not there, or are; bodies that are none."""
    for operation in things.iceberg():
        missing = operation.path.replace(things.space, "missing")
        ask(operation.method, missing, operation.body)
        ask(operation.method, operation.path, b"{")
    for method in ("GET", "HEAD", "DELETE"):
        for kind in ("tables", "views"):
            ask(method, f"{things.path}/{kind}/missing")
        ask(method, f"{SPACES}/missing")
    for kind in ("tables", "views", "functions", "functions/f"):
        ask("GET", f"{SPACES}/missing/{kind}")
    ask("GET", f"{things.path}/functions/missing")
    ask("GET", f"{things.path}/tables/missing/credentials")
    ask("POST", f"{things.path}/tables/missing/unregister", {})
    ask("POST", f"{things.path}/tables/missing/sign", {})
    ask("GET", f"{SPACES}?parent=missing")
    ask("GET", f"{SPACES}?pageSize=x")
    ask("GET", "/v1/config?warehouse=missing")
    ask("DELETE", things.path)


def endpoints_of(server):
    document = server.get("/openapi.json").json()
    return {f"{method.upper()} {path}"
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if "iceberg" in operation["tags"] or path.startswith("/v1/")}


def test_the_routes_are_those_of_the_specification(server):
    listed = {operation.endpoint for operation in facts()[0]}
    assert len(listed) == 35
    served = endpoints_of(server)
    assert served == listed | {PRESIGN}


def test_the_configuration_lists_what_is_served(server):
    config = server.call("GET", "/v1/config").json()
    assert set(config["endpoints"]) == endpoints_of(server) - UNLISTED - {PRESIGN}
    assert len(config["endpoints"]) == len(set(config["endpoints"]))


def test_every_route_is_asked_for_its_success(server, asked):
    good = {endpoint for endpoint, statuses in asked.statuses.items()
            if statuses & {200, 204}}
    # no function is stored, so none can be loaded
    assert endpoints_of(server) - good == {
        "POST /v1/oauth/tokens", f"GET {FUNCTIONS}/{{function}}", SIGN, PRESIGN}


def test_every_route_is_asked_for_an_error(server, asked):
    bad = {endpoint for endpoint, statuses in asked.statuses.items()
           if max(statuses) >= 400}
    assert endpoints_of(server) - bad == {"POST /v1/oauth/tokens", PRESIGN}


@pytest.mark.parametrize("secret", ("right", "wrong"))
def test_tokens_are_as_the_specification_has_them(server, secret):
    reply = server.sign_in("admin", server.first_password
                           if secret == "right" else secret)
    check_answer("POST", "/v1/oauth/tokens", reply)


def test_a_request_of_nobody_is_401_everywhere(server):
    for endpoint in endpoints_of(server) - {"POST /v1/oauth/tokens"}:
        method, path = endpoint.split(" ")
        reply = server.request(method, path.replace("{prefix}", "default"))
        assert reply.status == 401, endpoint
        if endpoint != PRESIGN:
            check_answer(method, path, reply)


def test_a_member_too_many_or_too_few_is_seen():
    assert Member("refs:{SnapshotReference}").each
    identifier = {"namespace": ["a"], "name": "t"}
    answer = {"identifiers": [identifier]}
    assert not list(misfits("ListTablesResponse", answer))
    answer["identifiers"].append({**identifier, "odd": 1})
    del identifier["name"]
    assert list(misfits("ListTablesResponse", answer)) == [
        "/identifiers/0/name: missing in TableIdentifier",
        "/identifiers/1/odd: unknown to TableIdentifier"]
