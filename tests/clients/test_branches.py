"""Branches as PyIceberg sees them: a warehouse that names one."""

import pyarrow as pa
import pytest
from pyiceberg.exceptions import (BadRequestError, ForbiddenError,
                                  NoSuchTableError)

from conftest import connect

API = "/api/v1"


def rows(*numbers):
    return pa.table({"n": pa.array(numbers, pa.int64())})


def numbers(table):
    return sorted(table.scan().to_arrow()["n"].to_pylist())


@pytest.fixture(name="fork")
def fixture_fork(server, space):
    """Makes a branch of the default catalog and gives a client on it."""
    def fork(name, **more):
        name = f"{name}-{space}"
        made = server.call("POST", f"{API}/branches", {
            "name": name, "catalog": "default", **more})
        assert made.status == 201, made
        return connect(server, f"default@{name}")

    return fork


def head(server, branch="main"):
    reply = server.call("GET", f"{API}/branches/{branch}?catalog=default")
    return reply.json()["head_commit_id"]


def test_a_branch_goes_its_own_way(catalog, space, fork):
    name = (space, "t")
    made = catalog.create_table(name, rows().schema)
    made.append(rows(1))
    dev = fork("dev")
    assert numbers(dev.load_table(name)) == [1]
    dev.load_table(name).append(rows(2))
    catalog.load_table(name).append(rows(3))
    assert numbers(dev.load_table(name)) == [1, 2]
    assert numbers(catalog.load_table(name)) == [1, 3]
    assert dev.load_table(name).metadata.table_uuid == made.metadata.table_uuid
    dev.create_table((space, "more"), rows().schema).append(rows(7))
    assert sorted(dev.list_tables(space)) == [(space, "more"), name]
    assert catalog.list_tables(space) == [name]
    dev.rename_table(name, (space, "u"))
    dev.drop_table((space, "more"))
    assert dev.list_tables(space) == [(space, "u")]
    assert numbers(dev.load_table((space, "u"))) == [1, 2]
    assert not catalog.table_exists((space, "u"))


def test_namespaces_and_views_of_a_branch(catalog, space, fork):
    dev = fork("dev")
    dev.update_namespace_properties(space, updates={"owner": "dev"})
    assert dev.load_namespace_properties(space)["owner"] == "dev"
    assert "owner" not in catalog.load_namespace_properties(space)
    dev.create_namespace((space, "inner"))
    assert dev.list_namespaces(space) == [(space, "inner")]
    assert catalog.list_namespaces(space) == []
    dev.drop_namespace((space, "inner"))
    dev.drop_namespace(space)
    assert catalog.namespace_exists(space)
    assert not dev.namespace_exists(space)


def test_the_past_is_read_and_not_written(server, catalog, space):
    name = (space, "t")
    table = catalog.create_table(name, rows().schema)
    table.append(rows(1))
    first = head(server)
    table.append(rows(2))
    at = server.call("POST", f"{API}/branches", {
        "name": f"now-{space}", "catalog": "default"}).json()["created_at"]
    catalog.drop_table(name)
    then = connect(server, f"default@main~{first}")
    assert numbers(then.load_table(name)) == [1]
    assert then.list_tables(space) == [name]
    with pytest.raises(BadRequestError, match="historic view"):
        then.load_table(name).append(rows(9))
    with pytest.raises(BadRequestError, match="historic view"):
        then.create_table((space, "u"), rows().schema)
    assert numbers(connect(
        server, f"default@main~{at}").load_table(name)) == [1, 2]
    with pytest.raises(NoSuchTableError):
        catalog.load_table(name)


def test_a_protected_branch_is_read(server, space, fork):
    branch = fork("prod", protected=True)
    with pytest.raises(ForbiddenError, match="protected"):
        branch.create_table((space, "t"), rows().schema)
    assert branch.list_tables(space) == []


def test_a_branch_in_a_tables_name(catalog, space, fork):
    name = (space, "t")
    catalog.create_table(name, rows().schema)
    dev = fork("dev")
    addressed = catalog.load_table((space, f"t@dev-{space}"))
    addressed.append(rows(5))
    assert numbers(dev.load_table(name)) == [5]
    assert numbers(catalog.load_table(name)) == []
