"""Views as PyIceberg makes, registers and drops them."""

import pytest
from pyiceberg.exceptions import NoSuchViewError, ViewAlreadyExistsError
from pyiceberg.schema import Schema
from pyiceberg.types import LongType, NestedField
from pyiceberg.view.metadata import SQLViewRepresentation, ViewVersion

SCHEMA = Schema(NestedField(1, "n", LongType(), required=False))


def version(space, *queries):
    return ViewVersion(
        version_id=1, schema_id=0, default_namespace=[space],
        representations=[
            SQLViewRepresentation(type="sql", sql=sql, dialect=dialect)
            for dialect, sql in queries])


def test_a_round_with_a_view(catalog, space):
    queries = (("spark", "select 1"), ("trino", "SELECT 1"))
    # PyIceberg 0.12 sends other names encoded twice when it makes a view
    name = (space, "report_2026")
    made = catalog.create_view(name, SCHEMA, version(space, *queries),
                               properties={"comment": "one"})
    loaded = catalog.load_view(name)
    assert loaded.metadata == made.metadata
    assert loaded.schema().as_struct() == SCHEMA.as_struct()
    assert loaded.properties == {"comment": "one"}
    assert [r.root.sql for r in loaded.current_version().representations] == [
        sql for _, sql in queries]
    assert catalog.list_views(space) == [name]
    assert catalog.list_tables(space) == []
    assert catalog.view_exists(name)
    with pytest.raises(ViewAlreadyExistsError):
        catalog.create_view(name, SCHEMA, version(space, *queries))
    catalog.drop_view(name)
    assert not catalog.view_exists(name)
    with pytest.raises(NoSuchViewError):
        catalog.load_view(name)


def test_a_view_is_registered(catalog, server, space):
    made = catalog.create_view(
        (space, "v"), SCHEMA, version(space, ("spark", "select 1")))
    file = server.call(
        "GET", f"/v1/default/namespaces/{space}/views/v").json()[
            "metadata-location"]
    catalog.drop_view((space, "v"))
    assert catalog.register_view((space, "w"), file).metadata == made.metadata
