"""A5: from a catalog's second branch or tag on, tables are served so that no
engine deletes files which another branch needs."""

import gzip
import json

import pytest
from harness.changes import SCHEMA, new_key, set_property
from harness.versions import Catalog

KEPT = {"gc.enabled": "false",
        "write.metadata.delete-after-commit.enabled": "false"}


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    catalog = Catalog(server)
    catalog.make_space()
    catalog.make_table("t")
    return catalog


def load(catalog, query="", **headers):
    return catalog.ask("GET", catalog.path(space="a") + "/tables/t" + query,
                       headers=headers)


def served(answer):
    if not isinstance(answer, dict):
        body = answer.body
        if answer.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        answer = json.loads(body)
    found = answer["metadata"]["properties"]
    return {name: found[name] for name in KEPT if name in found}


def stored(answer):
    location = answer.json()["metadata-location"]
    with open(location.removeprefix("file://"), encoding="utf-8") as file:
        return served({"metadata": json.load(file)})


@pytest.mark.parametrize("kind", ["branch", "tag"])
def test_engines_delete_nothing_in_a_shared_catalog(catalog, kind):
    plain = load(catalog)
    packed = [load(catalog, **{"Accept-Encoding": "gzip"}) for _ in range(3)]
    assert [served(one) for one in [plain, *packed]] == [{}] * 4
    etag = plain.headers["etag"]
    assert load(catalog, **{"If-None-Match": etag}).status == 304
    if kind == "branch":
        catalog.fork("dev")
    else:
        catalog.tag("v1", catalog.head())
    for _ in range(3):
        assert served(load(catalog)) == KEPT
        assert served(load(catalog, "?snapshots=refs")) == KEPT
        assert served(load(catalog, **{"Accept-Encoding": "gzip"})) == KEPT
    again = load(catalog, **{"If-None-Match": etag})
    assert again.status == 200 and stored(again) == {}
    etag = again.headers["etag"]
    assert load(catalog, **{"If-None-Match": etag}).status == 304
    if kind == "branch":
        table = catalog.path("dev", "a") + "/tables/t"
        for _ in range(3):  # later ones have the address at hand
            assert served(catalog.ask("GET", table)) == KEPT
        catalog.delete("dev")
        assert served(load(catalog)) == KEPT


def test_all_answers_with_metadata_say_so(catalog):
    catalog.fork("dev")
    tables = catalog.path(space="a") + "/tables"
    for branch in (None, "dev"):
        assert served(catalog.make_table("u", branch=branch)) == KEPT
        assert served(catalog.set("t", "1", branch=branch)) == KEPT
    key = new_key()
    change = {"requirements": [], "updates": set_property("value", "2")}
    first, again = (catalog.ask("POST", f"{tables}/t", change, 200, key)
                    for _ in range(2))
    assert served(first) == served(again) == KEPT and stored(first) == {}
    location = catalog.make_table("w")["metadata-location"]
    catalog.drop("w")
    made = catalog.ask("POST", catalog.path(space="a") + "/register",
                       {"name": "w", "metadata-location": location}, 200)
    assert served(made) == KEPT and stored(made) == {}


def test_a_staged_table_is_stored_as_its_maker_wants(catalog):
    """What the client sends back would be stored."""
    catalog.fork("dev")
    staged = catalog.ask(
        "POST", catalog.path(space="a") + "/tables",
        {"name": "s", "schema": SCHEMA, "stage-create": True}, 200)
    assert served(staged) == {}


def test_what_the_owner_has_set_stays_in_the_file(catalog):
    catalog.fork("dev")
    answer = catalog.ask(
        "POST", catalog.path(space="a") + "/tables/t", {
            "requirements": [],
            "updates": set_property("gc.enabled", "true")}, 200)
    assert served(answer) == KEPT
    assert stored(answer) == {"gc.enabled": "true"}
