"""Names of namespaces, tables and views: whatever JSON and a URL can carry."""

import itertools
from urllib.parse import quote

import pytest
from harness.good import SCHEMA, SPACES, VERSION
from harness.server import kind_id

KINDS = (("sqlite", 2), ("memory", 1), ("postgres", 2), ("mongo", 2))
_numbers = itertools.count(1)


def characters(first, last):
    return "".join(map(chr, range(first, last + 1)))


NAMES = (
    # ASCII: all of it but NUL and the separator of levels
    characters(0x01, 0x1E), characters(0x20, 0x2F), characters(0x30, 0x7F),
    # what some part of a path, a query or a form is made of
    "a/b", "/", "//", "a//b", "../x", "%", "%25", "%2F", "%1F", "a%20b", "+",
    "a+b", "a b", "?", "#", "&a=b", "a;b", "a:b", "@", "~", "\\", '"', "'",
    "*", "<b>", "${a}", "{prefix}", "\n", "\t", "\r\n", "\x7f", "\x01",
    # dots and spaces at either end
    " ", "  ", " a", "a ", ".a", "a.", "...", "a..b", "-", "_",
    # words of routes
    "tables", "views", "properties", "register", "rename", "null", "0",
    # beyond ASCII, each length of UTF-8 at both ends, and what is invisible
    "\x80", "é", "\u07ff", "\u0800", "日本", "\ud7ff", "\ue000", "\uffff",
    "\U00010000", "🦔", "\U0010ffff", "\ufeff", "\u200b", "\u202e", "a\u0301",
    # as long as a name may be
    "x" * 255, "é" * 127, "🦔" * 63,
)
# On the other stores, which the names reach by one way.
SAMPLE = (NAMES[0], NAMES[1], NAMES[2], "a/b", "%2F", " a ", "..a", "é",
          "🦔" * 63, "\U0010ffff\ufeff")


@pytest.fixture(scope="module", name="server", params=KINDS, ids=kind_id)
def fixture_server(request, start_kind):
    with start_kind(request.param) as server:
        server.names = NAMES if request.param[0] == "sqlite" else SAMPLE
        yield server


@pytest.fixture(name="call")
def fixture_call(server):
    """Requests that must have a status; gives the JSON of their answers."""
    def call(want, method, path, body=None):
        reply = server.call(method, path, body)
        assert reply.status == want, (method, path, reply)
        return reply.json() if reply.body else None

    return call


@pytest.fixture(name="space")
def fixture_space(call):
    space = f"names{next(_numbers)}"
    call(200, "POST", SPACES, {"namespace": [space]})
    return space


def path_of(*levels):
    return f"{SPACES}/{'%1F'.join(quote(level, safe='') for level in levels)}"


def test_namespaces_of_every_name(server, call, space):
    for name in server.names:
        made = call(200, "POST", SPACES, {"namespace": [space, name]})
        assert made["namespace"] == [space, name]
    query = f"{SPACES}?parent={space}"
    listed = call(200, "GET", query)["namespaces"]
    assert sorted(listed) == sorted([space, name] for name in server.names)
    for name in server.names:
        path = path_of(space, name)
        call(204, "HEAD", path)
        assert call(200, "GET", path)["namespace"] == [space, name]
        call(200, "POST", f"{path}/properties", {"updates": {name: name}})
        assert call(200, "GET", path)["properties"] == {name: name}
        call(409, "POST", SPACES, {"namespace": [space, name]})
        call(200, "POST", SPACES, {"namespace": [space, name, name]})
        below = f"{SPACES}?parent={space}%1F{quote(name, safe='')}"
        assert call(200, "GET", below)["namespaces"] == [[space, name, name]]
        call(409, "DELETE", path)
        call(204, "DELETE", path_of(space, name, name))
        call(204, "DELETE", path)
        call(404, "HEAD", path)
    assert call(200, "GET", query)["namespaces"] == []


BODIES = {
    "tables": {"schema": SCHEMA},
    "views": {"schema": SCHEMA, "view-version": VERSION, "properties": {}},
}


@pytest.mark.parametrize("kind", BODIES)
def test_tables_and_views_of_every_name(server, call, space, kind):
    below = path_of(space, kind)
    call(200, "POST", SPACES, {"namespace": [space, kind]})
    for name in server.names:
        call(200, "POST", f"{below}/{kind}", {"name": name, **BODIES[kind]})
    listed = call(200, "GET", f"{below}/{kind}")["identifiers"]
    assert sorted(row["name"] for row in listed) == sorted(server.names)
    assert all(row["namespace"] == [space, kind] for row in listed)
    for name in server.names:
        path = f"{below}/{kind}/{quote(name, safe='')}"
        uuid = uuid_of(call(200, "GET", path))
        call(204, "HEAD", path)
        call(200, "POST", path, {"updates": [
            {"action": "set-properties", "updates": {name: name}}]})
        loaded = call(200, "GET", path)
        assert loaded["metadata"]["properties"][name] == name
        assert uuid_of(loaded) == uuid
        rename(call, kind, [space, kind, name], [space, "moved"])
        call(404, "GET", path)
        rename(call, kind, [space, "moved"], [space, kind, name])
        assert uuid_of(call(200, "GET", path)) == uuid
        call(204, "DELETE", path)
        call(404, "HEAD", path)
    assert call(200, "GET", f"{below}/{kind}")["identifiers"] == []


def uuid_of(loaded):
    metadata = loaded["metadata"]
    return metadata.get("table-uuid") or metadata["view-uuid"]


def rename(call, kind, source, destination):
    call(204, "POST", f"/v1/default/{kind}/rename", {
        "source": {"namespace": source[:-1], "name": source[-1]},
        "destination": {"namespace": destination[:-1],
                        "name": destination[-1]}})


@pytest.mark.parametrize("names", (
    ("é", "e\u0301"), ("A", "a"), ("a", "a "), ("a b", "a+b"),
    ("a/b", "a%2Fb"), ("ß", "ss"), ("\ufeffa", "a")), ids=repr)
def test_names_that_look_alike_are_two(call, space, names):
    for name in names:
        call(200, "POST", f"{path_of(space)}/tables",
             {"name": name, "schema": SCHEMA})
    first, second = (call(
        200, "GET", f"{path_of(space)}/tables/{quote(name, safe='')}")
        for name in names)
    assert uuid_of(first) != uuid_of(second)


@pytest.mark.parametrize("encoded", ("a%20b%2fc", "a+b%2Fc", "%61+b%2Fc"))
def test_a_path_may_be_encoded_in_several_ways(call, space, encoded):
    call(200, "POST", f"{path_of(space)}/tables",
         {"name": "a b/c", "schema": SCHEMA})
    call(200, "GET", f"{path_of(space)}/tables/{encoded}")


# ---- what cannot be; no store hears of it

@pytest.fixture(scope="module", name="one")
def fixture_one(start_kind):
    with start_kind(KINDS[0]) as server:
        server.call("POST", SPACES, {"namespace": ["there"]})
        server.call("POST", f"{SPACES}/there/tables",
                    {"name": "t", "schema": SCHEMA})
        yield server


# Levels, and what a message about them must say.
BAD_LEVELS = (
    ([], "/namespace: must not be empty"), ([""], "level 1 is empty"),
    (["a", ""], "level 2 is empty"), (["a", "", "b"], "level 2 is empty"),
    (["a", "b\0"], "/namespace/1: U+0000"), (["\0"], "/namespace/0: U+0000"),
    (["a", "b\x1fc"], "level 2 has the control character U+001F"),
    (["."], 'level 1 may not be "."'), (["a", ".."], 'level 2 may not be ".."'),
    (["x" * 250] * 5, "longer than 1024 bytes"),
    (["a", "x" * 5000], "level 2 is longer than 1024 bytes"),
)


@pytest.mark.parametrize("levels,message", BAD_LEVELS,
                         ids=[message for _, message in BAD_LEVELS])
def test_levels_that_cannot_be_are_named(one, levels, message):
    there = {"namespace": ["there"], "name": "t"}
    bad = {"namespace": levels, "name": "t"}
    for path, body in (
            (SPACES, {"namespace": levels}),
            ("/v1/default/tables/rename",
             {"source": bad, "destination": there}),
            ("/v1/default/views/rename",
             {"source": there, "destination": bad}),
            ("/v1/default/transactions/commit", {"table-changes": [
                {"identifier": bad, "requirements": [], "updates": []}]})):
        reply = one.call("POST", path, body)
        assert reply.status == 400, (path, reply)
        assert message in reply.json()["error"]["message"], path


@pytest.mark.parametrize("level", ("x" * 256, "é" * 128))
def test_a_new_level_has_a_length(one, level):
    for levels in ([level], ["there", level]):
        reply = one.call("POST", SPACES, {"namespace": levels})
        assert reply.status == 400, reply
        assert "longer than 255 bytes" in reply.json()["error"]["message"]


BAD_NAMES = (
    ("", "empty"), ("\0", "U+0000"), ("a\x1fb", "U+001F"), (".", '"."'),
    ("..", '".."'), ("x" * 256, "255 bytes"), ("x" * 5000, "bytes"))


@pytest.mark.parametrize("name,message", BAD_NAMES,
                         ids=[message for _, message in BAD_NAMES])
def test_names_that_cannot_be_are_refused_everywhere(one, name, message):
    path = f"{SPACES}/there"
    there = {"namespace": ["there"], "name": "t"}
    bad = {"namespace": ["there"], "name": name}
    for where, body in (
            (f"{path}/tables", {"name": name, "schema": SCHEMA}),
            (f"{path}/views", {"name": name, **BODIES["views"]}),
            (f"{path}/register", {"name": name, "metadata-location": "x"}),
            (f"{path}/register-view", {"name": name, "metadata-location": "x"}),
            ("/v1/default/tables/rename",
             {"source": there, "destination": bad}),
            ("/v1/default/views/rename",
             {"source": there, "destination": bad}),
            ("/v1/default/transactions/commit", {"table-changes": [
                {"identifier": bad, "requirements": [
                    {"type": "assert-create"}], "updates": []}]})):
        reply = one.call("POST", where, body)
        assert reply.status == 400, (where, reply)
        assert message in reply.json()["error"]["message"], where


def test_lengths_are_settings(servers):
    server = servers.start(settings={
        "limits": {"name_bytes": 1024, "path_bytes": 600}})
    server.call("POST", SPACES, {"namespace": ["n"]})
    tables = f"{SPACES}/n/tables"
    for length, status in ((598, 200), (599, 400)):
        name = "x" * length
        for kind, body in BODIES.items():
            made = server.call("POST", f"{SPACES}/n/{kind}",
                               {"name": f"{kind[0]}{name[1:]}", **body})
            assert made.status == status, (length, made)
    assert "limits.path_bytes" in made.json()["error"]["message"]
    name = "t" + "x" * 597
    assert server.call("GET", f"{tables}/{name}").status == 200
    server.settings["limits"] = {"name_bytes": 10}
    server.kill()
    server.restart()
    reply = server.call("POST", tables, {"name": "y" * 11, "schema": SCHEMA})
    assert reply.status == 400
    assert "limits.name_bytes" in reply.json()["error"]["message"]
    # what was made before stays within reach
    assert server.call("GET", f"{tables}/{name}").status == 200
    assert server.call("DELETE", f"{tables}/{name}").status == 204
