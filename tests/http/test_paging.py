"""Pages of lists: whole, stable, and with tokens that nobody else can make."""

import itertools

import pytest

NAMESPACES = "/v1/default/namespaces"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}
VIEW = {"schema": SCHEMA, "properties": {}, "view-version": {
    "version-id": 1, "timestamp-ms": 1, "schema-id": 0, "summary": {},
    "default-namespace": ["x"], "representations": [
        {"type": "sql", "sql": "select 1", "dialect": "spark"}]}}
_numbers = itertools.count(1)


@pytest.fixture(scope="module", name="server",
                params=(("sqlite", 2), ("memory", 1)), ids=lambda p: p[0])
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        yield server


class Space:
    """A namespace, and pages of what it holds."""

    def __init__(self, server):
        self.server, self.name = server, f"pages{next(_numbers)}"
        self.make(self.name)
        self.path = f"{NAMESPACES}/{self.name}"

    def make(self, *levels):
        reply = self.server.call("POST", NAMESPACES,
                                 {"namespace": list(levels)})
        assert reply.status == 200, reply

    def add(self, name, what="tables", **more):
        body = {"name": name, "schema": SCHEMA, **more}
        reply = self.server.call("POST", f"{self.path}/{what}", body)
        assert reply.status == 200, reply

    def drop(self, name):
        reply = self.server.call("DELETE", f"{self.path}/tables/{name}")
        assert reply.status == 204, reply

    def page(self, token="", size=3, what="tables"):
        return self.server.call(
            "GET", f"{self.path}/{what}?pageSize={size}&pageToken={token}")

    def names(self, token="", size=3, what="tables"):
        """Of this page and all that follow."""
        found = []
        while token is not None:
            answer = self.page(token, size, what).json()
            assert len(answer["identifiers"]) <= size
            found += [i["name"] for i in answer["identifiers"]]
            token = answer.get("next-page-token")
        return found

    def token(self, what="tables"):
        return self.page(what=what).json()["next-page-token"]


@pytest.fixture(name="space")
def fixture_space(server):
    space = Space(server)
    for n in range(8):
        space.add(f"t{n}")
    return space


def check_refused(reply):
    assert reply.status == 400, reply
    error = reply.json()["error"]
    assert error["type"] == "BadRequestException"
    assert "pageToken" in error["message"]


@pytest.mark.parametrize("size", (1, 3, 4, 7, 8, 9, 1000, 2 ** 62))
def test_pages_hold_everything_once(space, size):
    assert space.names(size=size) == [f"t{n}" for n in range(8)]


def test_pages_show_the_list_as_it_was(space):
    first = space.page().json()
    assert [i["name"] for i in first["identifiers"]] == ["t0", "t1", "t2"]
    for name in ("t1", "t3", "t7"):
        space.drop(name)
    for name in ("a", "t2a", "t9"):
        space.add(name)
    rest = space.names(first["next-page-token"])
    assert rest == ["t3", "t4", "t5", "t6", "t7"]
    assert space.names() == ["a", "t0", "t2", "t2a", "t4", "t5", "t6", "t9"]


def test_no_token_and_an_empty_one(server, space):
    # who sends none knows of no pages: a cut list would lose the rest
    for query in ("", "?pageSize=3", "?pageToken="):
        answer = server.call("GET", f"{space.path}/tables{query}").json()
        assert len(answer["identifiers"]) == 8
        assert "next-page-token" not in answer
    assert len(space.page("").json()["identifiers"]) == 3


def test_a_changed_token_is_refused(space):
    token = space.token()
    for at in range(0, len(token), 5):
        other = "B" if token[at] == "A" else "A"
        check_refused(space.page(token[:at] + other + token[at + 1:]))
    for bad in (token[:-1], token + "A", "x", "00", "a%20b", "%F0%9F%A6"
                "%86", "A" * 2000, f"{token}%3D"):
        check_refused(space.page(bad))
    assert space.page(token).status == 200


def test_a_token_is_of_one_list(server, space):
    token = space.token()
    for n in range(4):
        space.add(f"v{n}", "views", **VIEW)
        space.make(space.name, f"n{n}")
    other = Space(server)
    check_refused(space.page(token, what="views"))
    check_refused(space.page(space.token("views")))
    check_refused(other.page(token))
    for parent in ("", f"&parent={space.name}"):
        check_refused(server.call(
            "GET", f"{NAMESPACES}?pageSize=3&pageToken={token}{parent}"))
    below = f"{NAMESPACES}?pageSize=3&parent="
    token = server.call("GET", f"{below}{space.name}&pageToken="
                        ).json()["next-page-token"]
    check_refused(server.call("GET", f"{below}{other.name}"
                              f"&pageToken={token}"))
    check_refused(server.call("GET", f"{below}&pageToken={token}"))
    rest = server.call("GET", f"{below}{space.name}&pageToken={token}").json()
    assert rest["namespaces"] == [[space.name, "n3"]]


def test_a_token_is_of_one_catalog(server, space):
    name = f"other{space.name}"
    made = server.call("POST", "/api/v1/catalogs", {
        "name": name, "warehouse_name": server.call(
            "GET", "/api/v1/catalogs/default").json()["warehouse_name"]})
    assert made.status == 201, made
    path = f"/v1/{name}/namespaces"
    server.call("POST", path, {"namespace": [space.name]})
    check_refused(server.call("GET", f"{path}/{space.name}/tables?pageSize=3"
                              f"&pageToken={space.token()}"))


def test_a_token_outlives_the_server(servers):
    space = Space(servers.start(workers=2))
    for n in range(5):
        space.add(f"t{n}")
    token = space.token()
    space.server.kill()
    space.server.restart()
    assert space.names(token) == ["t3", "t4"]
