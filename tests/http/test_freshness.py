"""ETag and If-None-Match: who has the newest metadata gets none of it again."""

import itertools
import pathlib
import threading

import pytest
from harness.versions import Catalog

NAMESPACES = "/v1/default/namespaces"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}
DELEGATION = "X-Iceberg-Access-Delegation"
_numbers = itertools.count(1)


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2)) as server:
        yield server


class Table:
    """A table of its own namespace; each call gives the reply."""

    def __init__(self, server):
        self.server = server
        self.space = f"fresh{next(_numbers)}"
        server.call("POST", NAMESPACES, {"namespace": [self.space]})
        self.path = f"{NAMESPACES}/{self.space}/tables/t"
        self.made = self.create("t")
        assert self.made.status == 200, self.made

    def create(self, name, **more):
        return self.server.call(
            "POST", f"{NAMESPACES}/{self.space}/tables",
            {"name": name, "schema": SCHEMA, **more})

    def load(self, known=None, query="", **headers):
        if known is not None:
            headers["If-None-Match"] = known
        return self.server.call("GET", self.path + query, headers=headers)

    def commit(self, value):
        reply = self.server.call("POST", self.path, {"updates": [
            {"action": "set-properties", "updates": {"k": str(value)}}]})
        assert reply.status == 200, reply
        return reply


@pytest.fixture(name="table")
def fixture_table(server):
    return Table(server)


def header_lines(reply, name):
    """Java looks for headers in exactly these letters."""
    return [value for key, value in reply.headers.items() if key == name]


def test_a_table_is_told_once(table):
    first = table.load()
    [etag] = header_lines(first, "ETag")
    assert etag.startswith('W/"') and etag == table.made.headers["ETag"]
    again = table.load(etag)
    assert again.status == 304 and again.body == b""
    assert header_lines(again, "ETag") == [etag]
    assert "Content-Length" not in again.headers
    assert "Content-Type" not in again.headers
    varies = again.headers["Vary"]
    assert "Accept-Encoding" in varies and DELEGATION in varies


def test_a_commit_in_between_is_told(table):
    etag = table.load().headers["ETag"]
    done = table.commit(1)
    assert done.headers["ETag"] != etag
    fresh = table.load(etag)
    assert fresh.status == 200
    assert fresh.json()["metadata"]["properties"]["k"] == "1"
    assert fresh.headers["ETag"] == done.headers["ETag"]
    assert table.load(done.headers["ETag"]).status == 304
    # what changes nothing leaves the tag as it is
    # what changes nothing is told without a position
    same = table.commit(1).headers["ETag"]
    assert same[:-1] == done.headers["ETag"].split(".")[0]
    assert table.load(same).status == 304


def test_each_answer_has_its_own_tag(table):
    tags = {table.load(query=query, **headers).headers["ETag"]
            for query in ("", "?snapshots=refs")
            for headers in ({}, {DELEGATION: "vended-credentials"},
                            {DELEGATION: "remote-signing"})}
    assert len(tags) == 6
    everything = table.load().headers["ETag"]
    assert table.load(query="?snapshots=all").headers["ETag"] == everything
    assert table.load(everything, "?snapshots=refs").status == 200
    assert table.load(everything, **{DELEGATION: "remote-signing"}
                      ).status == 200


def test_gzip_makes_no_other_table(table):
    packed = table.load(**{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"] == table.load().headers["ETag"]
    again = table.load(packed.headers["ETag"], **{"Accept-Encoding": "gzip"})
    assert again.status == 304 and "Content-Encoding" not in again.headers


def test_registered_and_staged_tables(server, table):
    location = table.made.json()["metadata-location"]
    assert server.call("DELETE", table.path).status == 204
    again = server.call("POST", f"{NAMESPACES}/{table.space}/register",
                        {"name": "t", "metadata-location": location})
    # the position behind the dots is that of the newer commit
    tags = [reply.headers["ETag"].split(".")[0] for reply in (again, table.made)]
    assert tags[0] == tags[1]
    # nothing is there yet that could be asked for again
    assert "ETag" not in table.create("u", **{"stage-create": True}).headers


def test_only_a_load_is_spared(server, table):
    known = {"If-None-Match": "*"}
    assert server.call("HEAD", table.path, headers=known).status == 204
    assert server.call("POST", table.path, {"updates": []},
                       headers=known).status == 200
    assert server.call("GET", f"{NAMESPACES}/{table.space}",
                       headers=known).status == 200
    assert table.load("*").status == 304
    assert table.load("*", "?snapshots=none").status == 400
    assert server.call("DELETE", table.path).status == 204
    assert table.load("*").status == 404


def test_a_file_that_is_gone_is_missed(table):
    etag = table.made.headers["ETag"]
    pathlib.Path(table.made.json()["metadata-location"].removeprefix(
        "file://")).unlink()
    assert table.load(etag).status == 404


def test_no_worker_takes_an_older_table_for_the_newest(servers):
    """A 304 is a strong read: after a commit was acknowledged, the tag from
    before it is old for everybody."""
    table = Table(servers.start(workers=2))
    tags, wrong = [table.made.headers["ETag"]], []
    tags.append(table.commit("first").headers["ETag"])
    done = threading.Event()

    def read():
        while not done.is_set():
            old = tags[-2]
            if table.load(old).status != 200:
                wrong.append(old)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(100):
        tags.append(table.commit(n).headers["ETag"])
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert table.load(tags[-1]).status == 304


def test_what_a_client_sees_never_goes_back(servers, databases):
    """Where reads may be old, a tag from another node tells of a commit
    that this one has not heard of."""
    store = databases("postgres").new_store()
    settings = {**store, "cache": {"max_age": "1m"}}
    first = servers.start(settings=settings)
    second = servers.new(settings=settings)
    second.start()
    second.first_password = first.first_password
    here = Catalog(first)
    here.make_space()
    made = here.make_table("t")
    here.fork("dev")
    here.set("t", "1", branch="dev")
    path = here.path("dev", "a") + "/tables/t"
    for _ in range(3):  # the second node has it at hand
        old = second.call("GET", path)
        assert old.json()["metadata"]["properties"]["value"] == "1"
    here.set("t", "2", branch="dev")
    tag = first.call("GET", path).headers["ETag"]
    there = second.call("GET", path, headers={"If-None-Match": tag})
    assert there.status == 304, there
    here.drop("t", branch="dev")
    here.make_table("t", branch="dev")
    tag = first.call("GET", path).headers["ETag"]
    there = second.call("GET", path, headers={"If-None-Match": f'"x", {tag}'})
    assert there.status == 304, there
    # of another branch's log it says nothing
    main = here.path(None, "a") + "/tables/t"
    kept = second.call("GET", main, headers={"If-None-Match": tag})
    assert kept.json()["metadata-location"] == made["metadata-location"]
