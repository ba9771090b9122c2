"""A table of 200 manifests under four partition specs, and filters of it.

Its rows are made, then told of: partitions and metrics are what they say, so
a plan can be held against the rows as well as against another planner.
"""

import datetime
import itertools
import math
import random

from harness.manifests import ByHand
from pyiceberg.conversions import to_bytes
from pyiceberg.expressions import (
    And,
    EqualTo,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNaN,
    IsNull,
    LessThan,
    LessThanOrEqual,
    Not,
    NotEqualTo,
    NotIn,
    NotNaN,
    NotNull,
    NotStartsWith,
    Or,
    StartsWith,
)
from pyiceberg.typedef import Record

MANIFESTS, FILES = 200, 2
DAY_US = 86_400_000_000

FIELDS = [
    {"id": 1, "name": "id", "type": "long", "required": False},
    {"id": 2, "name": "name", "type": "string", "required": False},
    {"id": 3, "name": "price", "type": "double", "required": False},
    {"id": 4, "name": "at", "type": "timestamp", "required": False},
    {"id": 5, "name": "day", "type": "date", "required": False},
    {"id": 6, "name": "kind", "type": "string", "required": False},
]
SPECS = [
    [("id", "bucket[4]")],
    [("id", "bucket[4]"), ("kind", "identity")],
    [("at", "day"), ("name", "truncate[2]"), ("price", "identity")],
    [("at", "hour"), ("day", "month"), ("id", "truncate[10]")],
    [("day", "year"), ("kind", "void")],
]
IDS = {field["name"]: field["id"] for field in FIELDS}


def spec_json(number):
    # the parts of one spec differ from those of all others
    return {"spec-id": number, "fields": [
        {"source-id": IDS[column], "transform": transform,
         "name": f"{column}_{number}{i}" if transform != "identity"
         else column, "field-id": 1000 + 10 * number + i}
        for i, (column, transform) in enumerate(SPECS[number])]}


def make_table(server, path, name):
    reply = server.call("POST", f"{path}/tables", {
        "name": name, "schema": {"type": "struct", "fields": FIELDS},
        "partition-spec": spec_json(0)})
    assert reply.status == 200, reply
    updates = [{"action": "add-spec", "spec": spec_json(n)}
               for n in range(1, len(SPECS))]
    reply = server.call("POST", f"{path}/tables/{name}",
                        {"requirements": [], "updates": updates})
    assert reply.status == 200, reply
    return f"{path}/tables/{name}"


class Rows:
    """Random rows; what decides a partition is the same in all of a file."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def maybe(self, value, chance=0.15):
        return None if self.random.random() < chance else value

    def row(self, base):
        pick = self.random
        return {
            "id": self.maybe(base["id"] * 10 + pick.randrange(10)),
            "name": self.maybe(base["name"] + pick.choice(["", "x", "yé"])),
            "price": self.maybe(pick.choice(
                [math.nan, 0.0, 1.5, base["id"] / 4, -base["id"] / 2])),
            "at": self.maybe(base["at"] + pick.randrange(3_600_000_000)),
            "day": self.maybe(base["day"] + pick.randrange(3)),
            "kind": self.maybe(pick.choice(["a", "b", "c"])),
        }

    def base(self):
        pick = self.random
        return {"id": pick.randrange(-20, 60),
                "name": pick.choice(["al", "be", "ga", "dé"]),
                "at": (20000 + pick.randrange(30)) * DAY_US
                + pick.randrange(24) * 3_600_000_000,
                "day": 20000 + pick.randrange(400)}

    def file_of(self, spec, schema):
        """A partition and rows that are in it."""
        base, partition, rows = self.base(), None, []
        while len(rows) < 4:
            row = self.row(base)
            key = tuple(
                field.transform.transform(
                    schema.find_type(field.source_id))(
                        row[schema.find_column_name(field.source_id)])
                for field in spec.fields)
            if partition is None:
                partition = key
            if repr(key) == repr(partition):
                rows.append(row)
        return partition, rows


def is_nan(value):
    return isinstance(value, float) and math.isnan(value)


def metrics_of(schema, rows):
    found = {name: {} for name in (
        "value_counts", "null_value_counts", "nan_value_counts",
        "lower_bounds", "upper_bounds")}
    for field in schema.fields:
        values = [row[field.name] for row in rows]
        solid = [v for v in values if v is not None and not is_nan(v)]
        found["value_counts"][field.field_id] = len(values)
        found["null_value_counts"][field.field_id] = values.count(None)
        if field.name == "price":
            found["nan_value_counts"][field.field_id] = sum(
                map(is_nan, values))
        if solid:
            found["lower_bounds"][field.field_id] = to_bytes(
                field.field_type, min(solid))
            found["upper_bounds"][field.field_id] = to_bytes(
                field.field_type, max(solid))
    return found


def fill(server, path, table, seed=7):
    """All manifests in one snapshot; the rows of each file."""
    hand, rows, made = ByHand(server, path), Rows(seed), {}
    schema, manifests = table.schema(), []
    for number in range(MANIFESTS):
        spec = table.specs()[number % len(SPECS)]
        files = []
        for _ in range(FILES):
            partition, inside = rows.file_of(spec, schema)
            name = f"file:///data/{len(made):05}.parquet"
            made[name] = inside
            files.append(hand.file(name, partition, rows=len(inside),
                                   **metrics_of(schema, inside)))
        manifests.append(hand.manifest(table, files, 1, spec=spec))
    hand.snapshot(1, manifests)
    return made


# ---- filters

def text_of(days):
    return (datetime.date(1970, 1, 1)
            + datetime.timedelta(days=days)).isoformat()


def value_for(pick, column):
    if column == "id":
        return pick.randrange(-250, 650)
    if column == "price":
        return pick.choice([0.0, 1.5, 7.25, -3.0, 100.0])
    if column == "at":
        return f"{text_of(20000 + pick.randrange(30))}T" \
               f"{pick.randrange(24):02}:30:00"
    if column == "day":
        return text_of(20000 + pick.randrange(400))
    if column == "kind":
        return pick.choice(["a", "b", "c", "d"])
    return pick.choice(["al", "alx", "be", "g", "dé", "déyé", "zz"])


COMPARISONS = [EqualTo, NotEqualTo, LessThan, LessThanOrEqual, GreaterThan,
               GreaterThanOrEqual]


def predicate(pick):
    column = pick.choice(list(IDS))
    sort = pick.randrange(10)
    if sort == 0:
        return pick.choice([IsNull, NotNull])(column)
    if sort == 1:
        return pick.choice([IsNaN, NotNaN])("price")
    if sort == 2:
        return pick.choice([StartsWith, NotStartsWith])(
            "name", pick.choice(["a", "al", "alx", "d", "dé"]))
    if sort == 3:
        values = {value_for(pick, column) for _ in range(4)}
        return pick.choice([In, NotIn])(column, values)
    return pick.choice(COMPARISONS)(column, value_for(pick, column))


def filter_of(pick, depth=0):
    sort = pick.randrange(4) if depth < 3 else 3
    if sort == 0:
        return And(filter_of(pick, depth + 1), filter_of(pick, depth + 1))
    if sort == 1:
        return Or(filter_of(pick, depth + 1), filter_of(pick, depth + 1))
    if sort == 2 and depth:
        return Not(filter_of(pick, depth + 1))
    return predicate(pick)


def filters(count, seed=11):
    pick = random.Random(seed)
    one_of_each = [kind("id", 123) for kind in COMPARISONS]
    return list(itertools.islice(itertools.chain(
        one_of_each, (filter_of(pick) for _ in itertools.count())), count))


def record_of(schema, row):
    return Record(*(row[field.name] for field in schema.fields))
