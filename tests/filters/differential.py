#!/usr/bin/env python3
"""Compare what our filters skip with PyIceberg, and with the rows themselves.

usage: differential.py [-n COUNT] [-s SEED] [path of judge]

Each round makes rows that share a partition, the metrics a writer would give
their file, and a filter.  What we skip may match no row, what we say all rows
match must match all, and the residual must match the same rows as the filter.
Where we and PyIceberg differ in what is skipped, the difference is explained
by one of DIFFERENCES and counted; any other fails.
"""

import argparse
import datetime
import json
import math
import pathlib
import random
import subprocess
import sys
import uuid
from decimal import Decimal

from pyiceberg import expressions as px
from pyiceberg.conversions import to_bytes
from pyiceberg.expressions import visitors
from pyiceberg.manifest import DataFile
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import parse_transform
from pyiceberg.typedef import Record
from pyiceberg.types import NestedField

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EPOCH = datetime.datetime(1970, 1, 1)
TIMES = ("year", "month", "day")
BATCH = 2000

# ---- columns: what values they have, and which transforms take them

COLUMNS = {
    "int": ["identity", "bucket[4]", "truncate[5]", "void"],
    "long": ["identity", "bucket[3]", "truncate[10]"],
    "float": ["identity"],
    "double": ["identity"],
    "decimal(9, 2)": ["identity", "bucket[4]", "truncate[50]"],
    "date": ["identity", "bucket[4]", *TIMES],
    "time": ["identity", "bucket[4]"],
    "timestamp": ["identity", "bucket[4]", *TIMES, "hour"],
    "timestamptz": ["identity", "bucket[4]", *TIMES, "hour"],
    "string": ["identity", "bucket[4]", "truncate[1]", "truncate[2]"],
    "binary": ["identity", "bucket[4]", "truncate[1]"],
    "fixed[2]": ["identity", "bucket[4]"],
    "uuid": ["identity", "bucket[4]"],
    "boolean": ["identity"],
}
NAMES = ["c%d" % (i + 1) for i in range(len(COLUMNS))]
TYPES = dict(zip(NAMES, COLUMNS))
IDS = {name: i + 1 for i, name in enumerate(NAMES)}
SCHEMA = {"type": "struct", "fields": [
    {"id": IDS[name], "name": name, "required": False, "type": TYPES[name]}
    for name in NAMES]}
THEIR_SCHEMA = Schema(*[NestedField.model_validate(f)
                        for f in SCHEMA["fields"]])
THEIR_TYPES = {f.name: f.field_type for f in THEIR_SCHEMA.fields}


def a_value(r, type_text):
    """A value as PyIceberg keeps it: few, so that they meet."""
    if type_text in ("int", "long"):
        return r.randint(-12, 12)
    if type_text in ("float", "double"):
        return r.choice([-1.5, -0.0, 0.0, 0.5, 1.5, 2.0, -math.inf, math.inf,
                         math.nan])
    if type_text.startswith("decimal"):
        return Decimal(r.randint(-120, 120)).scaleb(-2)
    if type_text == "date":
        return r.randint(-800, 800)
    if type_text == "time":
        return r.randrange(24) * 3_600_000_000 + r.randrange(3)
    if type_text.startswith("timestamp"):
        return (r.randint(-60, 60) * 86_400_000_000
                + r.randint(-1, 1) * 3_600_000_000 + r.randint(-1, 1))
    if type_text == "string":
        return "".join(r.choices("ab\u00e9\U0001f600", k=r.randrange(5)))
    if type_text == "binary":
        return bytes(r.choices(b"\x00\x7f\x80\xff", k=r.randrange(4)))
    if type_text == "fixed[2]":
        return bytes(r.choices(b"\x00\x7f\x80\xff", k=2))
    if type_text == "uuid":
        return bytes(15) + bytes(r.choices(b"\x00\x01\x80\xff"))
    return r.random() < 0.5


def as_json(type_text, value):
    if type_text.startswith("decimal"):
        return str(value)
    if type_text == "date":
        return str((EPOCH + datetime.timedelta(days=value)).date())
    if type_text == "time":
        return str((EPOCH + datetime.timedelta(microseconds=value)).time())
    if type_text.startswith("timestamp"):
        text = (EPOCH + datetime.timedelta(microseconds=value)).isoformat()
        return text + "+00:00" if type_text == "timestamptz" else text
    if type_text == "uuid":
        return str(uuid.UUID(bytes=value))
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value.hex() if isinstance(value, bytes) else value


def as_theirs(type_text, value):
    """What PyIceberg's expressions take for a literal."""
    if type_text == "uuid":
        return uuid.UUID(bytes=value)
    if type_text in ("date", "timestamp", "timestamptz", "time"):
        return as_json(type_text, value)
    return value


def is_nan(value):
    return isinstance(value, float) and math.isnan(value)


# ---- filters: trees that become JSON, PyIceberg's expressions, and verdicts

ORDERS = {"lt": "gt-eq", "gt-eq": "lt", "gt": "lt-eq", "lt-eq": "gt"}
CLASSES = {
    "lt": px.LessThan, "lt-eq": px.LessThanOrEqual, "gt": px.GreaterThan,
    "gt-eq": px.GreaterThanOrEqual, "eq": px.EqualTo,
    "not-eq": px.NotEqualTo, "starts-with": px.StartsWith,
    "not-starts-with": px.NotStartsWith, "in": px.In, "not-in": px.NotIn,
    "is-null": px.IsNull, "not-null": px.NotNull, "is-nan": px.IsNaN,
    "not-nan": px.NotNaN,
}


def a_constant(r, type_text):
    value = a_value(r, type_text)
    return a_constant(r, type_text) if is_nan(value) else value


def a_filter(r, names, depth=0):
    if depth < 3 and r.random() < 0.45:
        kind = r.choice(["and", "or", "not"])
        count = 1 if kind == "not" else 2
        return (kind, *[a_filter(r, names, depth + 1) for _ in range(count)])
    name = r.choice(names)
    of = TYPES[name]
    kinds = ["lt", "lt-eq", "gt", "gt-eq", "eq", "not-eq", "in", "not-in",
             "is-null", "not-null"]
    if of == "string":
        kinds += ["starts-with", "not-starts-with"] * 3
    if of in ("float", "double"):
        kinds += ["is-nan", "not-nan"]
    kind = r.choice(kinds)
    if kind in ("in", "not-in"):
        return (kind, name, [a_constant(r, of) for _ in range(r.randint(1, 4))])
    if kind.endswith(("null", "nan")):
        return (kind, name, None)
    return (kind, name, a_constant(r, of))


def to_json(tree, old):
    """In the deprecated form, or the other."""
    kind = tree[0]
    if kind == "not":
        return {"type": kind, "child": to_json(tree[1], old)}
    if kind in ("and", "or"):
        return {"type": kind, "left": to_json(tree[1], old),
                "right": to_json(tree[2], old)}
    _, name, value = tree
    term = name if old else {"type": "reference", "name": name}
    if kind in ("in", "not-in"):
        return {"type": kind, "term" if old else "child": term,
                "values": [as_json(TYPES[name], v) for v in value]}
    if value is None:
        return {"type": kind, "term" if old else "child": term}
    return {"type": kind, "term" if old else "left": term,
            "value" if old else "right": as_json(TYPES[name], value)}


def to_theirs(tree):
    kind = tree[0]
    if kind == "not":
        return px.Not(to_theirs(tree[1]))
    if kind in ("and", "or"):
        joined = px.And if kind == "and" else px.Or
        return joined(to_theirs(tree[1]), to_theirs(tree[2]))
    _, name, value = tree
    if kind in ("in", "not-in"):
        return CLASSES[kind](name, {as_theirs(TYPES[name], v) for v in value})
    if value is None:
        return CLASSES[kind](name)
    return CLASSES[kind](name, as_theirs(TYPES[name], value))


def matches(tree, row, old, negate=False):
    """The row's truth (expressions spec, "Comparisons").  In the deprecated
    form the complement of an order comparison is another one."""
    kind = tree[0]
    if kind == "not":
        return matches(tree[1], row, old, not negate)
    if kind in ("and", "or"):
        left = matches(tree[1], row, old, negate)
        right = matches(tree[2], row, old, negate)
        both = (kind == "and") != negate
        return left and right if both else left or right
    if negate and old and kind in ORDERS:
        return holds(ORDERS[kind], row[tree[1]], tree[2])
    return holds(kind, row[tree[1]], tree[2]) != negate


def holds(kind, x, value):
    if kind in ("not-null", "not-nan", "not-eq", "not-in", "not-starts-with"):
        other = {"not-null": "is-null", "not-nan": "is-nan"}
        return not holds(other.get(kind, kind[4:]), x, value)
    if kind == "is-null":
        return x is None
    if kind == "is-nan":
        return is_nan(x)
    if x is None or is_nan(x):
        return False
    if kind == "in":
        return x in value
    if kind == "starts-with":
        return x.startswith(value)
    return {"lt": x < value, "lt-eq": x <= value, "gt": x > value,
            "gt-eq": x >= value, "eq": x == value}[kind]


def row_matches(node, row):
    """What our JSON says of a row: for residuals."""
    if isinstance(node, bool):
        return node
    kind = node["type"]
    if kind in ("and", "or"):
        left, right = (row_matches(node[k], row) for k in ("left", "right"))
        return left and right if kind == "and" else left or right
    name = node.get("term") or (node.get("child") or node.get("left"))["name"]
    x = row[name]
    if x is not None and not is_nan(x):
        x = comparable(TYPES[name], x)
    values = node.get("values", node.get("value", node.get("right")))
    if isinstance(values, list):
        values = [comparable(TYPES[name], v, True) for v in values]
    elif values is not None:
        values = comparable(TYPES[name], values, True)
    return holds(kind, x, values)


def comparable(type_text, value, from_json=False):
    """A value of a row, or one of JSON, so that both compare."""
    if type_text.startswith("decimal"):
        return Decimal(value)
    if type_text in ("float", "double"):
        return float(value)
    if type_text in ("binary", "fixed[2]"):
        return bytes.fromhex(value) if from_json else value
    if type_text == "uuid":
        return uuid.UUID(value).bytes if from_json else value
    if not from_json:
        return value
    if type_text == "date":
        return (datetime.date.fromisoformat(value) - EPOCH.date()).days
    if type_text == "time":
        value = "1970-01-01T" + value
    if type_text in ("time", "timestamp", "timestamptz"):
        moment = datetime.datetime.fromisoformat(value).replace(tzinfo=None)
        return (moment - EPOCH) // datetime.timedelta(microseconds=1)
    return value


# ---- files

def in_order(type_text, values):
    if type_text in ("float", "double"):
        return sorted(values, key=lambda v: (v, math.copysign(1, v)))
    return sorted(values)


def text_bounds(lower, upper):
    """As writers cut them: the upper one counted up behind the cut."""
    if len(upper) > 2:
        upper = upper[:1] + chr(ord(upper[1]) + 1)
    return lower[:2], upper


def metrics_of(r, name, values):
    """A column's metrics; some are left out."""
    of = TYPES[name]
    known = [v for v in values if v is not None and not is_nan(v)]
    metrics = {"id": IDS[name], "values": len(values),
               "nulls": values.count(None),
               "nans": sum(map(is_nan, values))
               if of in ("float", "double") else -1,
               "lower": None, "upper": None}
    if known:
        ordered = in_order(of, known)
        bounds = ordered[0], ordered[-1]
        if of == "string":
            bounds = text_bounds(*bounds)
        metrics["lower"], metrics["upper"] = (
            to_bytes(THEIR_TYPES[name], v).hex() for v in bounds)
    if r.random() < 0.2:
        gone = r.choice(["values", "nulls", "nans", "lower", "upper"])
        metrics[gone] = None if gone in ("lower", "upper") else -1
    return metrics


def their_file(columns, count):
    def counted(key):
        return {c["id"]: c[key] for c in columns if c[key] != -1}

    def bounded(key):
        return {c["id"]: bytes.fromhex(c[key]) for c in columns
                if c[key] is not None}

    return DataFile.from_args(
        record_count=count, value_counts=counted("values"),
        null_value_counts=counted("nulls"), nan_value_counts=counted("nans"),
        lower_bounds=bounded("lower"), upper_bounds=bounded("upper"))


# ---- rounds

class Round:
    def __init__(self, r):
        self.names = r.sample(NAMES, r.randint(1, 3))
        self.parts = []
        for _ in range(r.randrange(3)):
            name = r.choice(self.names)
            transform = r.choice(COLUMNS[TYPES[name]])
            if (name, transform) not in self.parts:
                self.parts.append((name, transform))
        self.spec = PartitionSpec(*[
            PartitionField(IDS[name], 1000 + i, parse_transform(transform),
                           "p%d" % i)
            for i, (name, transform) in enumerate(self.parts)])
        rows = [self.a_row(r) for _ in range(40)]
        self.partition = self.tuple_of(rows[0])
        self.rows = [row for row in rows
                     if repr(self.tuple_of(row)) == repr(self.partition)]
        self.rows = self.rows[:r.randint(1, 6)]
        self.columns = sorted((metrics_of(r, name, [row[name]
                                                    for row in self.rows])
                               for name in self.names),
                              key=lambda c: c["id"])
        self.tree = a_filter(r, self.names)
        self.old = r.random() < 0.7

    def a_row(self, r):
        return {name: None if r.random() < 0.15 else a_value(r, TYPES[name])
                for name in self.names}

    def tuple_of(self, row):
        return [field.transform.transform(THEIR_TYPES[name])(row[name])
                for field, (name, _) in zip(self.spec.fields, self.parts)]

    def question(self):
        kinds = self.spec.partition_type(THEIR_SCHEMA).fields
        return {
            "schema": SCHEMA,
            "fields": [{"source-id": IDS[name], "field-id": 1000 + i,
                        "name": "p%d" % i, "transform": transform}
                       for i, (name, transform) in enumerate(self.parts)],
            "filter": to_json(self.tree, self.old),
            "sources": [self.hex_of(THEIR_TYPES[name], self.rows[0][name])
                        for name, _ in self.parts],
            "partition": [self.hex_of(kind.field_type, value)
                          for kind, value in zip(kinds, self.partition)],
            "columns": self.columns,
        }

    @staticmethod
    def hex_of(kind, value):
        return None if value is None else to_bytes(kind, value).hex()

    def theirs(self):
        """Whether PyIceberg reads the partition, and the file."""
        tree = to_theirs(self.tree)
        projected = visitors.inclusive_projection(
            THEIR_SCHEMA, self.spec)(tree)
        kinds = Schema(*self.spec.partition_type(THEIR_SCHEMA).fields)
        in_partition = visitors.expression_evaluator(kinds, projected, True)
        in_file = visitors._InclusiveMetricsEvaluator(THEIR_SCHEMA, tree)
        return {"partition": in_partition(Record(*self.partition)),
                "file": in_file.eval(their_file(self.columns,
                                                len(self.rows)))}

    def truth(self):
        return [matches(self.tree, row, self.old) for row in self.rows]

    def has_zero(self):
        return any(isinstance(v, float) and v == 0
                   for row in self.rows for v in row.values())

    def constants(self, tree=None):
        """Column and value of each comparison."""
        kind, *rest = tree or self.tree
        if kind in ("and", "or", "not"):
            for child in rest:
                yield from self.constants(child)
        else:
            name, value = rest
            for one in value if isinstance(value, list) else [value]:
                yield name, one

    def wrong(self, ours):
        """What is wrong with our answer by the rows alone."""
        truth = self.truth()
        for what in ("manifest", "partition", "file"):
            if ours[what] == 0 and any(truth):
                return what + " skips rows that match"
            if ours[what] == 2 and not all(truth):
                return what + " takes all rows for matching"
        if not ours["applied"]:
            return "the transforms differ"
        if [row_matches(ours["residual"], row) for row in self.rows] != truth:
            return "the residual matches other rows"
        return None


# ---- where we and PyIceberg skip differently, and why

def reads_more_for_zero(it, ours_reads, theirs_reads):
    return ours_reads and it.has_zero()


def reads_more_for_infinity(it, ours_reads, theirs_reads):
    return ours_reads and any(
        isinstance(value, float) and math.isinf(value)
        and TYPES[name] == "float" for name, value in it.constants())


def reads_more_for_unknown_nulls(it, ours_reads, theirs_reads):
    return ours_reads and any(
        column["nulls"] == -1 and TYPES[NAMES[column["id"] - 1]] == "string"
        for column in it.columns)


def skips_more(it, ours_reads, theirs_reads):
    return theirs_reads and not any(it.truth())


DIFFERENCES = [
    ("which zero is less is left open, so that both are read",
     reads_more_for_zero),
    ("PyIceberg takes infinity for more than a float can be",
     reads_more_for_infinity),
    ("PyIceberg takes an unknown count of nulls for none, though null does "
     "not start with anything", reads_more_for_unknown_nulls),
    ("we skip more, and no row of it matches", skips_more),
]


def explain(it, ours_reads, theirs_reads):
    for i, (_, fits) in enumerate(DIFFERENCES):
        if fits(it, ours_reads, theirs_reads):
            return i
    return None


def ask(program, rounds):
    sent = "".join(json.dumps(it.question()) + "\n" for it in rounds)
    ran = subprocess.run([program], input=sent.encode(), capture_output=True,
                         check=False)
    lines = ran.stdout.decode().split("\n")[:-1]
    if ran.returncode != 0 or len(lines) != len(rounds):
        raise SystemExit("judge ended with %d after %d of %d questions\n%s"
                         % (ran.returncode, len(lines), len(rounds),
                            ran.stderr.decode(errors="replace")))
    return lines


def judge(it, line, counts):
    """What is wrong with an answer, or None."""
    if line.startswith("refused: "):
        return line
    ours = json.loads(line)
    problem = it.wrong(ours)
    if problem is not None or not it.old:
        return problem
    theirs = it.theirs()
    for what, they_read in theirs.items():
        we_read = ours[what] != 0
        if we_read == they_read:
            continue
        reason = explain(it, we_read, they_read)
        if reason is None:
            return "%s: we %s it, PyIceberg does not" % (
                what, "read" if we_read else "skip")
        counts[reason] += 1
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=5000)
    parser.add_argument("-s", type=int, default=1)
    parser.add_argument("judge", nargs="?",
                        default=str(ROOT / "build/dev/filters/judge"))
    options = parser.parse_args()
    r = random.Random(options.s)
    counts = [0] * len(DIFFERENCES)
    skipped = 0
    for start in range(0, options.n, BATCH):
        rounds = [Round(r) for _ in range(min(BATCH, options.n - start))]
        for it, line in zip(rounds, ask(options.judge, rounds)):
            problem = judge(it, line, counts)
            if problem is not None:
                print("%s\n  filter %s\n  parts %s = %s\n  rows %s\n"
                      "  columns %s\n  answer %s"
                      % (problem, it.tree, it.parts, it.partition, it.rows,
                         it.columns, line))
                return 1
            skipped += not any(it.truth())
    print("%d filters, %d of them match nothing" % (options.n, skipped))
    for count, (why, _) in zip(counts, DIFFERENCES):
        print("%6d  %s" % (count, why))
    return 0


if __name__ == "__main__":
    sys.exit(main())
