"""Two tenants of one bucket: a place that one of them gives up is the
other's, with all that comes to lie there."""

import json
import urllib.parse

import pytest
from harness.changes import SCHEMA
from harness.sea import key_of
from harness.versions import API


class Lost:
    """A place of the first tenant, with a table in it; then the second's."""

    def __init__(self, sea):
        self.sea, self.other = sea, f"{sea.name}-other"
        self.place = f"s3://{sea.proxy.s3.bucket}/{sea.name}-lost/wh"
        self.allow(self.place)
        self.location = f"{self.place}/{self.other}/t"
        self.made = sea.create("t", location=self.location)

    def allow(self, place):
        self.sea.ask("PUT", f"{API}/warehouses/{self.sea.name}", {
            "storage_config": {**self.sea.storage(),
                               "allowed-locations": place}}, 200)

    def table(self, commit=None):
        return f"{self.sea.path(commit, 'a')}/tables/t"

    def give_up(self):
        """Behind it the other tenant's catalog and table are there."""
        self.allow("")
        server, name = self.sea.server, self.other
        tenant = server.as_root("POST", f"{API}/tenants",
                                {"name": name}).json()["id"]
        self.tenant = tenant
        prefix = self.place.split("/", 3)[3]
        for path, body in (
                (f"{API}/warehouses", {"name": name, "storage_config": {
                    **self.sea.storage(), "s3.prefix": prefix}}),
                (f"{API}/catalogs", {"name": name, "warehouse_name": name}),
                (f"/v1/{name}/namespaces", {"namespace": ["n"]})):
            made = server.as_root("POST", path, body, tenant)
            assert made.status in (200, 201), made
        made = server.as_root("POST", f"/v1/{name}/namespaces/n/tables", {
            "name": "theirs", "schema": SCHEMA}, tenant)
        assert made.status == 200, made
        return made.json()["metadata-location"]

    def presign(self, file, commit=None):
        query = urllib.parse.urlencode({"location": file})
        return self.sea.ask("GET", f"{self.table(commit)}/presign?{query}")

    def sign(self, file, commit=None):
        path = urllib.parse.quote(file.removeprefix("s3://"))
        return self.sea.ask("POST", f"{self.table(commit)}/sign", {
            "method": "GET", "uri": f"{self.sea.proxy.url}/{path}",
            "region": "us-east-1", "headers": {}})


@pytest.fixture(name="lost")
def fixture_lost(sea):
    return Lost(sea)


def test_a_file_of_the_next_tenant_of_a_place_has_no_url(sea, lost):
    """The former table is in the history only, and in nobody's way."""
    commit = sea.head()
    assert lost.presign(lost.made["metadata-location"]).status == 200
    assert lost.sign(lost.made["metadata-location"]).status == 200
    sea.drop("t")
    theirs = lost.give_up()
    for file in (theirs, lost.made["metadata-location"],
                 f"{lost.location}/data/1.parquet"):
        reply = lost.presign(file, f"main~{commit}")
        assert reply.status == 403, reply
        assert lost.sign(file, f"main~{commit}").status in (400, 403)


def test_a_table_whose_place_was_given_up_is_not_signed_for(sea, lost):
    """Nor read: the files may be another tenant's by now."""
    lost.give_up()
    file = lost.made["metadata-location"]
    assert lost.presign(file).status == 403
    reply = lost.sign(file)
    assert reply.status == 400, reply
    assert "outside the catalog's place" in reply.json()["error"]["message"]
    for word in ("vended-credentials", "remote-signing"):
        loaded = sea.ask("GET", lost.table(), headers={
            "X-Iceberg-Access-Delegation": word})
        assert loaded.status != 200 or not loaded.json().get("config"), loaded


def test_a_file_is_not_what_the_former_tenant_of_its_place_had(
        sea, lost, bucket):
    """Nobody reads it out of the caches of the other."""
    file = lost.made["metadata-location"]
    for _ in range(3):
        sea.ask("GET", lost.table(), want=200)
    sea.drop("t")
    lost.give_up()
    bucket.ok("put", key=key_of(file), body=json.dumps({
        **lost.made["metadata"], "properties": {"value": "theirs"}}))
    path = f"/v1/{lost.other}/namespaces/n"
    made = sea.server.as_root("POST", f"{path}/register", {
        "name": "t", "metadata-location": file}, lost.tenant)
    assert made.status == 200, made
    for _ in range(3):
        loaded = sea.server.as_root("GET", f"{path}/tables/t",
                                    tenant=lost.tenant)
        assert loaded.status == 200, loaded
        found = loaded.json()["metadata"]["properties"]
        assert found["value"] == "theirs", found
