"""kill -9 between the claim of a place and the commit of its table: the place
is nobody's, and the sweep finds that out."""

import pytest
from harness.changes import SCHEMA, new_key
from harness.killed import Killed
from harness.upkeep import Kept
from harness.wait import until


@pytest.mark.parametrize("point", ("location_inserted", "location_claimed"))
def test_a_claim_without_a_table_goes(servers, point):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    killed = Killed(servers.new(workers=1, settings={
        "history": {"retention": "0s", "grace": "1s"}}))
    catalog = Kept(killed.server)
    catalog.make_space()
    place = f"file://{killed.server.folder}/{catalog.name}/{catalog.name}/t"
    path = f"{catalog.path(space='a')}/tables"
    body = {"name": "t", "schema": SCHEMA, "location": place}
    killed.send_until(point, "POST", path, body, new_key())

    def create():
        return killed.server.call("POST", path, body)
    refused = create()
    assert refused.status == 409
    assert "Location is in, at or around" in refused.json()["error"]["message"]

    def is_free():
        catalog.run("sweep")
        return create().status == 200
    until(is_free, "the place is free")


def test_a_directory_that_was_not_confirmed_is_opened_again(servers):
    if servers.form == "release":
        servers.form = "dev"
    killed = Killed(servers.new(workers=1))
    catalog = Kept(killed.server)
    catalog.make_space()
    path = f"{catalog.path(space='a')}/tables"
    body = {"name": "t", "schema": SCHEMA}
    killed.send_until("directory_inserted", "POST", path, body, new_key())
    place = catalog.make_table("t")["metadata"]["location"]
    reply = killed.server.call("POST", path, {
        **body, "name": "u", "location": place.rpartition("/")[0]})
    assert reply.status == 409, reply
