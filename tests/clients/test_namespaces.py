"""Namespaces as PyIceberg sees them."""

import pyarrow as pa
import pytest
from clients.conftest import connect
from pyiceberg.exceptions import (
    NamespaceAlreadyExistsError,
    NamespaceNotEmptyError,
    NoSuchNamespaceError,
    RESTError,
)

ODD = ("a b", "50%", "a+b", "é", "a.b", "a/b", "日本", "it's", '"q"', "a&b=c",
       "#x", "a@", "~", "%2F", "a%20b")
ONE_COLUMN = pa.schema([("id", pa.int64())])


def test_create_list_exists_drop(catalog):
    catalog.create_namespace("plain")
    assert ("plain",) in catalog.list_namespaces()
    assert catalog.namespace_exists("plain")
    catalog.drop_namespace("plain")
    assert ("plain",) not in catalog.list_namespaces()
    assert not catalog.namespace_exists("plain")


def test_a_second_one_of_the_name_is_refused(catalog, space):
    with pytest.raises(NamespaceAlreadyExistsError):
        catalog.create_namespace(space)
    catalog.create_namespace_if_not_exists(space)


def test_missing_ones_are_told_so(catalog):
    for call in (catalog.load_namespace_properties, catalog.drop_namespace,
                 catalog.list_tables, catalog.list_namespaces,
                 lambda n: catalog.update_namespace_properties(n, {"x"}, {}),
                 lambda n: catalog.create_table((n, "t"), ONE_COLUMN)):
        with pytest.raises(NoSuchNamespaceError):
            call("missing")
    with pytest.raises(RESTError, match="missing"):
        catalog.create_namespace(("missing", "below"))


def test_properties_are_set_changed_and_removed(catalog, space):
    catalog.update_namespace_properties(
        space, updates={"owner": "ann", "colour": "blau, é, \"x\""})
    summary = catalog.update_namespace_properties(
        space, removals={"owner", "absent"}, updates={"size": "3"})
    assert summary.removed == ["owner"]
    assert summary.updated == ["size"]
    assert summary.missing == ["absent"]
    kept = catalog.load_namespace_properties(space)
    assert kept["colour"] == "blau, é, \"x\"" and kept["size"] == "3"
    assert "owner" not in kept


def test_properties_of_creation_are_kept(catalog):
    catalog.create_namespace("with_properties", {"k": "v", "empty": ""})
    kept = catalog.load_namespace_properties("with_properties")
    assert kept["k"] == "v" and kept["empty"] == ""


def test_levels_nest(catalog, space):
    catalog.create_namespace((space, "below"))
    catalog.create_namespace((space, "below", "deeper"))
    assert catalog.list_namespaces(space) == [(space, "below")]
    assert catalog.list_namespaces((space, "below")) == [
        (space, "below", "deeper")]
    assert (space, "below") not in catalog.list_namespaces()
    with pytest.raises(NamespaceNotEmptyError):
        catalog.drop_namespace(space)
    catalog.drop_namespace((space, "below", "deeper"))
    catalog.drop_namespace((space, "below"))
    catalog.drop_namespace(space)


@pytest.mark.parametrize("odd", ODD)
def test_odd_names_go_both_ways(catalog, space, odd):
    catalog.create_namespace((space, odd))
    assert (space, odd) in catalog.list_namespaces(space)
    assert catalog.namespace_exists((space, odd))
    table = catalog.create_table((space, odd, odd), ONE_COLUMN)
    table.append(pa.table({"id": pa.array([1], pa.int64())}))
    assert catalog.list_tables((space, odd)) == [(space, odd, odd)]
    loaded = catalog.load_table((space, odd, odd))
    assert loaded.scan().to_arrow().num_rows == 1
    catalog.create_namespace((space, odd, "below"))
    assert catalog.list_namespaces((space, odd)) == [(space, odd, "below")]
    catalog.drop_namespace((space, odd, "below"))
    catalog.drop_table((space, odd, odd))
    catalog.drop_namespace((space, odd))


def test_a_namespace_with_a_table_is_not_dropped(catalog, space):
    catalog.create_table((space, "t"), ONE_COLUMN)
    with pytest.raises(NamespaceNotEmptyError):
        catalog.drop_namespace(space)
    assert catalog.table_exists((space, "t"))


def test_names_differ_by_case(catalog, space):
    catalog.create_namespace((space, "Name"))
    catalog.create_namespace((space, "name"))
    assert sorted(catalog.list_namespaces(space)) == [
        (space, "Name"), (space, "name")]


def test_long_lists_come_in_pages(server, catalog, space):
    names = [(space, f"n{i:03}") for i in range(25)]
    for name in names:
        catalog.create_namespace(name)
    paged = connect(server, **{"rest-page-size": "10"})
    assert paged.list_namespaces(space) == names
    assert catalog.list_namespaces(space) == names
