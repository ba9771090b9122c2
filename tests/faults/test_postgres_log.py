"""What clients repeat is no error of the server: its log stays empty."""

import pathlib

import pytest
from harness.changes import OPERATIONS, Space, new_key, same
from harness.postgres import Postgres

PASSWORD = "correct horse battery"


@pytest.fixture(name="database", scope="module")
def fixture_database():
    database = Postgres("log_min_messages=error")
    yield database
    database.end()


def logged(database):
    log = pathlib.Path(database.facts["POSTGRES_DATA"]).parent / "server.log"
    return [line for line in log.read_text().splitlines() if "ERROR:" in line]


def check_replays(server):
    for operation in OPERATIONS:
        space = Space(server)
        method, path, body, meanwhile = operation(space)
        key = new_key()
        first = server.call(method, path, body, headers=key)
        assert first.status in (200, 204), first
        same(server.call(method, path, body, headers=key), first)
        for request in meanwhile:
            space.add(*request)
        same(server.call(method, path, body, headers=key), first)


def taken(server, method, path, body):
    reply = server.call(method, path, body)
    assert reply.status == 409, reply


def check_names(server):
    place = server.state_dir / "warehouse"
    api = "/api/v1"
    for name in ("one", "two"):
        user = {"username": name, "email": f"{name}@example.org",
                "password": PASSWORD, "role": "tenant-user"}
        for path, body in (
                (f"{api}/users", user),
                (f"{api}/service-users", {"name": name,
                                          "role": "tenant-user"}),
                (f"{api}/catalogs", {"name": name}),
                (f"{api}/warehouses", {"name": name, "storage_config": {
                    "root": f"file://{place}/{name}"}})):
            made = server.call("POST", path, body)
            assert made.status in (200, 201), made
            taken(server, "POST", path, body)
    users = server.call("GET", f"{api}/users").json()
    one = next(u["id"] for u in users if u["username"] == "one")
    taken(server, "PUT", f"{api}/users/{one}", {"email": "two@example.org"})
    taken(server, "PUT", f"{api}/warehouses/one", {"name": "two"})
    services = server.call("GET", f"{api}/service-users").json()
    one = next(u["id"] for u in services if u["name"] == "one")
    taken(server, "PUT", f"{api}/service-users/{one}", {"name": "two"})


def test_what_is_repeated_is_not_in_the_log(servers, database):
    server = servers.start(settings=database.new_store(), workers=2)
    check_replays(server)
    check_names(server)
    assert logged(database) == []
