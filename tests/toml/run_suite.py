#!/usr/bin/env python3
"""Run our TOML reader over every file of the official suite, TOML 1.0.0.

usage: run_suite.py [path of toml_json]

Without a path the program is compiled.  Nothing is skipped: each valid file
must give the suite's tree, each invalid one must be refused.
"""

import json
import math
import re
import sys
import tempfile

import reader

MOMENTS = ("datetime", "datetime-local", "date-local", "time-local")


def same_value(ours, theirs):
    """Compare two tagged values; numbers as numbers, fractions as such."""
    if ours["type"] != theirs["type"]:
        return False
    a, b = ours["value"], theirs["value"]
    if ours["type"] == "float":
        x, y = float(a), float(b)
        return (math.isnan(x) and math.isnan(y)) or x == y
    if ours["type"] in MOMENTS:
        return plain_moment(a) == plain_moment(b)
    return a == b


def plain_moment(text):
    """A fraction of a second without the zeros at its end."""
    return re.sub(r"\.(\d*?)0*(?=\D|$)",
                  lambda m: "." + m[1] if m[1] else "", text)


def same(ours, theirs):
    if isinstance(theirs, list):
        return (isinstance(ours, list) and len(ours) == len(theirs)
                and all(map(same, ours, theirs)))
    if not isinstance(ours, dict):
        return False
    if is_value(theirs):
        return is_value(ours) and same_value(ours, theirs)
    return (ours.keys() == theirs.keys()
            and all(same(ours[k], theirs[k]) for k in theirs))


def is_value(node):
    return (node.keys() == {"type", "value"}
            and isinstance(node["type"], str))


def verdict(folder, name, answer):
    """What is wrong with the answer to a file; None when it is right."""
    refused = isinstance(answer, str)
    if name.startswith("invalid/"):
        return None if refused else "accepted: %s" % json.dumps(answer)
    if refused:
        return answer
    path = (folder / name).with_suffix(".json")
    expected = json.loads(path.read_bytes())
    if same(answer, expected):
        return None
    return "gave %s\n  not %s" % (json.dumps(answer), json.dumps(expected))


def main():
    folder = reader.suite_folder()
    names = reader.suite_files(folder)
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        program = sys.argv[1] if len(sys.argv) > 1 else reader.build(scratch)
        documents = [(folder / name).read_bytes() for name in names]
        answers = reader.ask(program, documents)
    for name, answer in zip(names, answers):
        wrong = verdict(folder, name, answer)
        if wrong is not None:
            failed += 1
            print("%s: %s" % (name, wrong))
    print("%d passed, %d failed" % (len(names) - failed, failed))
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
