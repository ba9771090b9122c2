"""Hostile requests: each is refused by name, and nothing has changed."""

import json

import pytest
from harness import spoiled
from harness.good import API, SPACES, Things

KIND = ("sqlite", 2)
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    """Bodies are read before any store hears of them: one is enough."""
    with start_kind(KIND) as server:
        yield server


@pytest.fixture(scope="module", name="things")
def fixture_things(server):
    return Things(server)


class Caller:
    """Requests on one connection, as long as it lasts."""

    def __init__(self, server):
        self.server, self.connection = server, server.connection()

    def __call__(self, method, path, body=None, headers=None, user="admin"):
        self.connection.request(method, path, body, {
            **self.server.bearer(user), **JSON, **(headers or {})})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def dump(server):
    """Everything the lists tell, and where each table and view points."""
    found = {}

    def keep(path, user="admin"):
        reply = server.call("GET", path, user=user)
        assert reply.status == 200, (path, reply)
        found[path] = reply.json()
        return found[path]

    def below(parent):
        query = "?parent=" + "%1F".join(parent) if parent else ""
        for levels in keep(SPACES + query)["namespaces"]:
            path = f"{SPACES}/{'%1F'.join(levels)}"
            keep(path)
            for kind in ("tables", "views"):
                for row in keep(f"{path}/{kind}")["identifiers"]:
                    keep(f"{path}/{kind}/{row['name']}")
            below(levels)

    below([])
    for kind in ("users", "service-users", "warehouses", "catalogs", "tasks"):
        keep(f"{API}/{kind}")
    for kind in ("branches", "tags"):
        keep(f"{API}/{kind}?catalog=default")
    keep(f"{API}/tenants", "root")
    for user in found[f"{API}/users"]:
        user.pop("last-login", None)
    return found


def message_of(path, status, body):
    """The message of an error in the form that its path has."""
    error = json.loads(body)
    assert 400 <= status < 500, body[:500]
    if path.startswith(API):
        assert list(error) == ["error"] and isinstance(error["error"], str)
        return error["error"]
    assert list(error) == ["error"]
    error = error["error"]
    assert set(error) == {"message", "type", "code"}
    assert error["code"] == status and error["type"] and error["message"]
    return error["message"]


def wrong_answers(call, operation, cases):
    """What was not refused as it should be."""
    for case in cases:
        status, body = call(operation.method, operation.path, case.body,
                            user=operation.user)
        try:
            message = message_of(operation.path, status, body)
        except (AssertionError, ValueError):
            yield f"{case}: {status} {body[:200]!r}"
            return  # what comes next would meet what this one did
        if case.word and case.word not in message:
            yield f"{case}: {message}"


def check_refused(server, operation):
    before = dump(server)
    cases = [case for case in spoiled.all_of(operation.body, operation.needed)
             if repr(case) not in operation.fine]
    if operation.strict:
        cases.append(spoiled.Spoiled("unknown", spoiled.text(
            {**operation.body, "odd": 1}), ("odd",)))
    wrong = list(wrong_answers(Caller(server), operation, cases))
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong)
    assert dump(server) == before
    return len(cases)


def check_good(server, operation):
    """Otherwise all that was refused proves nothing."""
    reply = server.call(operation.method, operation.path, operation.body,
                        operation.user)
    assert reply.status in (200, 201, 202, 204), (operation, reply)


def check_all(server, operations):
    count, wrong = 0, []
    for operation in operations:
        try:
            count += check_refused(server, operation)
            check_good(server, operation)
        except AssertionError as error:
            wrong.append(f"{operation}: {error}")
    assert not wrong, "\n".join(wrong)
    return count


# Query arguments and paths, and what a message about them must name.
SPACE = f"{SPACES}/{{space}}"
TARGETS = tuple(
    (f"GET {path}?{query}", word)
    for path in (SPACES, f"{SPACE}/tables", f"{SPACE}/views")
    for query, word in (
        ("pageSize=x", "pageSize"), ("pageSize=0", "pageSize"),
        ("pageSize=-1", "pageSize"), ("pageSize=1e3", "pageSize"),
        ("pageSize=99999999999999999999", "pageSize"),
        ("pageToken=zz", "pageToken"), ("pageToken=00", "pageToken"),
        ("pageToken=%FF", "pageToken"), ("pageToken=%zz", "pageToken"),
        ("pageToken=" + "ab" * 5000, "pageToken"), ("%FF=1", "query"),
    )) + tuple(
    (f"GET {SPACES}?parent={parent}", word) for parent, word in (
        ("%00", "parent"), ("%FF", "parent"), ("%zz", "parent"),
        ("a%1F%1Fb", "level 2"), ("a%1F", "level 2"), ("%1F", "level 1"),
        ("missing", "missing"), ("x" * 5000, "longer"))) + tuple(
    (f"{method} {SPACES}/{levels}{below}", word)
    for method, below in (("GET", ""), ("DELETE", ""), ("GET", "/tables"),
                          ("GET", "/views"), ("GET", "/tables/t"),
                          ("DELETE", "/tables/t"), ("GET", "/views/v"),
                          ("DELETE", "/views/v"))
    for levels, word in (("%00", "%00"), ("%zz", "%zz"), ("%FF", "UTF-8"),
                         ("%C3", "UTF-8"), ("a%1F%1Fb", "level 2"),
                         ("a%1F", "level 2"), ("%1Fa", "level 1"),
                         ("x" * 5000, "longer"))) + tuple(
    (f"{method} {SPACE}/{kind}/{name}", word)
    for method, kind in (("GET", "tables"), ("DELETE", "tables"),
                         ("GET", "views"), ("DELETE", "views"))
    for name, word in (("%00", "%00"), ("%zz", "%zz"), ("%FF", "UTF-8"),
                       ("a%1Fb", "control"), ("x" * 5000, "longer"))) + (
    (f"GET {SPACE}/tables/t?snapshots=some", "snapshots"),
    (f"DELETE {SPACE}/tables/t?purgeRequested=perhaps", "purgeRequested"),
    ("GET /v1/config?warehouse=missing", "missing"),
    ("GET /v1/config?warehouse=%FF", "warehouse"),
    ("GET /v1/%00/namespaces", "%00"),
    ("GET /v1/missing/namespaces", "missing"),
    (f"GET {API}/users?limit=x", "limit"),
    (f"GET {API}/users?offset=-1", "offset"),
    (f"GET {API}/users/not-a-uuid", "not-a-uuid"),
    (f"GET {API}/catalogs/%00", "%00"),
    (f"GET {API}/tasks/%FF", "UTF-8"),
)


def test_no_malformed_target_does_anything(server, things):
    call, before, wrong = Caller(server), dump(server), []
    for target, word in TARGETS:
        method, path = target.format(space=things.space).split(" ")
        status, body = call(method, path)
        try:
            message = message_of(path, status, body)
        except (AssertionError, ValueError):
            message = f"{status} {body[:200]!r}"
        if word not in message or not 400 <= status < 500:
            wrong.append(f"{target[:100]} ({word}): {message[:200]}")
    assert not wrong, f"{len(wrong)} of {len(TARGETS)}:\n" + "\n".join(wrong)
    assert dump(server) == before


HEADERS = (
    {"Content-Encoding": "gzip"},
    {"Content-Encoding": "odd"},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Basic " + "A" * 2000},
    {"Authorization": "\xff\xfe"},
    {"X-API-Key": "wrong", "Authorization": ""},
    {"Expect": "odd"},
    {"X-Odd": "x" * 40000},
    {f"X-Odd-{n}": "" for n in range(200)},
)


@pytest.mark.parametrize("headers", HEADERS, ids=lambda h: next(iter(h)))
def test_no_malformed_header_does_anything(server, headers):
    before = dump(server)
    status, body = Caller(server)(
        "POST", SPACES, b'{"namespace": ["headers"]}', headers)
    message_of(SPACES, status, body)
    assert dump(server) == before


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOKENS = (
    b"", b"grant_type", b"grant_type=", b"grant_type=odd", b"%", b"%zz=1",
    b"grant_type=client_credentials", b"\xff=\xff", b"&&&", b"=",
    b"grant_type=client_credentials&grant_type=client_credentials",
    b"grant_type=client_credentials&client_id=%00&client_secret=x",
    b"grant_type=client_credentials&client_id=%FF&client_secret=x",
    b"grant_type=client_credentials&client_id=admin&client_secret=wrong",
    b"grant_type=client_credentials&client_id=" + b"x" * 60000 +
    b"&client_secret=x",
    b"grant_type=urn:ietf:params:oauth:grant-type:token-exchange",
    b"grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
    b"&subject_token=x&subject_token_type=odd",
    b'{"grant_type": "client_credentials"}',
)


@pytest.mark.parametrize("body", TOKENS, ids=lambda b: repr(b[-30:]))
def test_tokens_are_refused_in_the_form_of_oauth(server, body):
    reply = server.request("POST", "/v1/oauth/tokens", body, FORM)
    assert reply.status in (400, 401), reply
    error = reply.json()
    assert set(error) == {"error", "error_description"}
    assert error["error"] in ("invalid_request", "invalid_client",
                              "invalid_grant", "unsupported_grant_type")


def test_no_spoiled_body_of_iceberg_does_anything(server, things):
    assert check_all(server, things.iceberg()) > 1000


def test_no_spoiled_body_of_the_management_does_anything(server, things):
    assert check_all(server, things.management()) > 300
