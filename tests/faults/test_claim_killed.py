"""kill -9 between the claim of a place and the commit of its table: the place
is nobody's, and the sweep finds that out."""

import pytest
from harness.changes import SCHEMA, new_key
from harness.killed import Killed
from harness.upkeep import Kept
from harness.wait import until


@pytest.mark.parametrize("store", ("sqlite",))
def test_a_claim_without_a_table_goes(servers, store):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    killed = Killed(servers.new(store=store, workers=1, settings={
        "history": {"retention": "0s", "grace": "1s"}}))
    catalog = Kept(killed.server)
    catalog.make_space()
    place = f"file://{killed.server.folder}/{catalog.name}/{catalog.name}/t"
    path = f"{catalog.path(space='a')}/tables"
    body = {"name": "t", "schema": SCHEMA, "location": place}
    killed.send_until("location_claimed", "POST", path, body, new_key())

    def create():
        return killed.server.call("POST", path, body)
    refused = create()
    assert refused.status == 409
    assert "Location is in, at or around" in refused.json()["error"]["message"]

    def is_free():
        catalog.run("sweep")
        return create().status == 200
    # the file that no table points to is an orphan's
    for file in (killed.server.folder / catalog.name).rglob("*.json"):
        file.unlink()
    until(is_free, "the place is free")
