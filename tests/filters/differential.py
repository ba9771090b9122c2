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
import json
import math
import pathlib
import random
import subprocess
import sys

from pyiceberg.conversions import to_bytes
from pyiceberg.expressions import visitors
from pyiceberg.manifest import DataFile
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import parse_transform
from pyiceberg.typedef import Record

from filters import (COLUMNS, IDS, NAMES, SCHEMA, THEIR_SCHEMA, THEIR_TYPES,
                     TYPES, a_filter, a_value, has_transform, is_nan, matches,
                     row_matches, to_json, to_theirs)

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BATCH = 2000


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
            name, value, _ = rest
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
    if problem is not None or not it.old or has_transform(it.tree):
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
