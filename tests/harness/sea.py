"""A catalog whose warehouse is a bucket."""

import os
import urllib.parse

from clients.conftest import connect
from harness.changes import SCHEMA
from harness.upkeep import Kept

SETTINGS = {"warehouse": {"allowed_roots": ["file:///"],
                          "allowed_endpoints": ["127.0.0.1"]},
            "history": {"retention": "0s", "grace": "1s",
                        "upkeep_interval": "0s"}}
# Else the AWS SDK sends bodies in chunks of unknown length, which Ceph 16 and
# many other servers refuse.
os.environ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required"
os.environ["AWS_RESPONSE_CHECKSUM_VALIDATION"] = "when_required"


class Sea(Kept):
    """A catalog on a warehouse in S3, behind the proxy."""

    def __init__(self, server, proxy):
        self.proxy = proxy
        super().__init__(server)

    @property
    def root(self):
        """Of the catalog; the warehouse's is above it."""
        return f"s3://{self.proxy.s3.bucket}/{self.name}/{self.name}"

    def storage(self):
        s3 = self.proxy.s3
        return {"type": "s3", "s3.bucket": s3.bucket, "s3.prefix": self.name,
                "s3.endpoint": self.proxy.url, "s3.region": "us-east-1",
                "s3.path-style-access": "true",
                "s3.access-key-id": s3.access_key,
                "s3.secret-access-key": s3.secret_key}

    def client(self, branch=None):
        """PyIceberg, with keys of its own."""
        s3 = self.proxy.s3
        name = self.name + (f"@{branch}" if branch else "")
        return connect(self.server, name, **{
            "s3.endpoint": f"http://127.0.0.1:{s3.port}",
            "s3.region": "us-east-1", "s3.access-key-id": s3.access_key,
            "s3.secret-access-key": s3.secret_key})

    def load(self, table, branch=None):
        return self.ask("GET", f"{self.path(branch, 'a')}/tables/{table}",
                        want=200).json()

    def key(self, table, branch=None):
        return key_of(self.load(table, branch)["metadata-location"])

    def create(self, name, want=200, **more):
        return self.ask("POST", self.path(space="a") + "/tables", {
            "name": name, "schema": SCHEMA, **more}, want).json()

    def costs(self, call, *arguments, **others):
        """The requests that the bucket saw meanwhile."""
        before = len(self.proxy.seen)
        call(*arguments, **others)
        return self.proxy.methods()[before:]


def key_of(location):
    return urllib.parse.urlparse(location).path.lstrip("/")
