"""plan_table.py HOST TOKEN PATH: gives the table at PATH, whose column is a
long, a snapshot of a thousand manifests, each of ten files of which one holds
numbers below 1,000.  For the Python of build/venv."""

import http.client
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))

from harness.manifests import ByHand  # noqa: E402
from harness.server import Reply  # noqa: E402
from pyiceberg.partitioning import PartitionSpec  # noqa: E402
from pyiceberg.schema import Schema  # noqa: E402
from pyiceberg.types import LongType, NestedField  # noqa: E402

MANIFESTS, FILES = 1000, 10


class Catalog:
    def __init__(self, host, token):
        self.connection = http.client.HTTPConnection(host)
        self.headers = {"Authorization": "Bearer " + token,
                        "Content-Type": "application/json"}

    def call(self, method, path, body=None):
        self.connection.request(
            method, path, json.dumps(body) if body else None, self.headers)
        answer = self.connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())


class Table:
    """As far as manifests are about it."""

    def schema(self):
        return Schema(NestedField(1, "column_1", LongType(), required=False))

    def spec(self):
        return PartitionSpec(spec_id=0)


def main(host, token, path):
    hand = ByHand(Catalog(host, token), path)
    place, manifests = hand.metadata()["location"], []

    def bound(value):
        return {1: value.to_bytes(8, "little")}

    for number in range(MANIFESTS):
        hand.place = lambda name, n=number: f"{place}/metadata/{n}-{name}.avro"
        manifests.append(hand.manifest(Table(), [
            hand.file(f"{place}/data/{number:04}-{n}.parquet", rows=1000,
                      value_counts={1: 1000}, null_value_counts={1: 0},
                      column_sizes={1: 4000}, lower_bounds=bound(n * 1000),
                      upper_bounds=bound(n * 1000 + 999))
            for n in range(FILES)], 1))
    hand.snapshot(1, manifests)


if __name__ == "__main__":
    main(*sys.argv[1:])
