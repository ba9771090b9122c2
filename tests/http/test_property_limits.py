"""What the properties of one thing may be together, and what a change of them
writes."""

import itertools
import sqlite3

import pytest

BYTES = 256 << 10
_numbers = itertools.count(1)


@pytest.fixture(scope="module", name="server")
def fixture_server(start_kind):
    with start_kind(("sqlite", 2)) as server:
        yield server


@pytest.fixture(name="name")
def fixture_name():
    return f"sum{next(_numbers)}"


class Namespace:
    field = "properties"

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.path = f"/v1/default/namespaces/{name}"

    def make(self, properties):
        return self.server.call("POST", "/v1/default/namespaces", {
            "namespace": [self.name], "properties": properties})

    def change(self, properties):
        return self.server.call("POST", f"{self.path}/properties",
                                {"updates": properties})

    def properties(self):
        return self.server.call("GET", self.path).json()["properties"]


class Managed:
    kind, field = "catalogs", "properties"

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.call = server.call
        self.path = f"/api/v1/{self.kind}/{name}"

    def body(self, properties):
        return {self.field: properties}

    def make(self, properties):
        reply = self.call("POST", f"/api/v1/{self.kind}",
                          {"name": self.name, **self.body(properties)})
        if self.kind == "tenants" and reply.status == 201:
            self.path = f"/api/v1/tenants/{reply.json()['id']}"
        return reply

    def change(self, properties):
        return self.call("PUT", self.path, self.body(properties))

    def properties(self):
        return self.call("GET", self.path).json()[self.field]


class Catalog(Managed):
    pass


class Tenant(Managed):
    kind = "tenants"

    def __init__(self, server, name):
        super().__init__(server, name)
        self.call = server.as_root


class Warehouse(Managed):
    kind, field = "warehouses", "storage_config"

    def body(self, properties):
        place = f"file://{self.server.folder}/{self.name}"
        return {self.field: {"root": place, **properties}}


@pytest.fixture(name="thing", params=(Namespace, Catalog, Tenant, Warehouse))
def fixture_thing(server, name, request):
    return request.param(server, name)


def check_refused(reply, field, limit):
    error = reply.json()["error"]
    message = error if isinstance(error, str) else error["message"]
    assert reply.status == 400, reply
    assert field in message and f"at most {limit}" in message


def test_the_sum_of_properties_has_a_limit(thing):
    check_refused(thing.make({"k": "v" * BYTES}), thing.field, BYTES)
    many = {f"k{i}": "" for i in range(1001)}
    check_refused(thing.make(many), thing.field, 1000)
    assert thing.make({"k": "v"}).status in (200, 201)
    field = "updates" if isinstance(thing, Namespace) else thing.field
    check_refused(thing.change({"k": "v" * BYTES}), field, BYTES)
    check_refused(thing.change(many), field, 1000)
    assert "k" in thing.properties() and "k1" not in thing.properties()


def test_what_a_change_leads_to_has_the_limit(server, name):
    """40 requests of 16 MiB made 10 GB, each a version of all before it."""
    thing = Namespace(server, name)
    assert thing.make({"a": "v" * (BYTES // 2)}).status == 200
    check_refused(thing.change({"b": "v" * (BYTES // 2)}), "properties", BYTES)
    most = {f"k{i}": "" for i in range(999)}
    assert thing.change(most).status == 200
    check_refused(thing.change({"b": ""}), "properties", 1000)
    assert thing.change({"a": "w"}).status == 200
    assert len(thing.properties()) == 1000


def written(server):
    """Rows of logs, and the size of what they hold."""
    [file] = server.state_dir.glob("*.db")
    store = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        commits = store.execute("SELECT count(*) FROM commits").fetchone()[0]
        bodies = store.execute(
            "SELECT sum(length(body)) FROM versions").fetchone()[0]
        return commits, bodies
    finally:
        store.close()


def test_a_change_that_changes_nothing_writes_nothing(server, thing):
    assert thing.make({"k": "v" * 1000}).status in (200, 201)
    before = written(server)
    assert thing.change({"k": "v" * 1000}).status == 200
    assert written(server) == before


def test_dropping_a_namespace_writes_none_of_its_properties(server, name):
    thing = Namespace(server, name)
    assert thing.make({"k": "v" * 100000}).status == 200
    before = written(server)
    assert server.call("DELETE", thing.path).status == 204
    assert written(server)[1] - before[1] < 100
