#!/usr/bin/env python3
"""Compare our TOML reader with Python's tomllib on random documents.

usage: differential.py [-n COUNT] [-s SEED] [path of toml_json]

Half of the documents follow a grammar that likes to go wrong, half are files
of the official suite with random damage.  Both readers must give the same
tree, or both refuse.  Where tomllib is known to leave the standard, the
difference is explained by one of DIFFERENCES and counted; any other fails.
"""

import argparse
import datetime
import json
import math
import random
import re
import sys
import tempfile
import tomllib

import reader

BATCH = 2000


# ---- what tomllib says

def tagged(value):
    """tomllib's tree in the suite's form; floats and moments stay values."""
    if isinstance(value, dict):
        return {key: tagged(item) for key, item in value.items()}
    if isinstance(value, list):
        return [tagged(item) for item in value]
    if isinstance(value, bool):
        return ("bool", "true" if value else "false")
    if isinstance(value, int):
        return ("integer", str(value))
    if isinstance(value, float):
        return ("float", "nan" if math.isnan(value) else value.hex())
    if isinstance(value, datetime.datetime):
        return (moment_type(value), value.isoformat())
    if isinstance(value, datetime.date):
        return ("date-local", value.isoformat())
    if isinstance(value, datetime.time):
        return ("time-local", value.isoformat())
    return ("string", value)


def moment_type(value):
    return "datetime-local" if value.tzinfo is None else "datetime"


def untagged(node):
    """Our tree in the form that tagged() gives."""
    if isinstance(node, list):
        return [untagged(item) for item in node]
    if not (node.keys() == {"type", "value"}
            and isinstance(node["type"], str)):
        return {key: untagged(item) for key, item in node.items()}
    kind, text = node["type"], node["value"]
    if kind == "float":
        number = float(text)
        return (kind, "nan" if math.isnan(number) else number.hex())
    if kind in ("datetime", "datetime-local"):
        moment = datetime.datetime.fromisoformat(micro(text))
        return (kind, moment.isoformat())
    if kind == "time-local":
        return (kind, datetime.time.fromisoformat(micro(text)).isoformat())
    return (kind, text)


def micro(text):
    """tomllib cuts fractions of a second after six digits."""
    return re.sub(r"\.(\d{1,6})\d*", lambda m: "." + m[1].ljust(6, "0"), text)


def theirs(document):
    try:
        return tagged(tomllib.loads(document.decode("utf-8")))
    except (ValueError, RecursionError) as problem:
        return "refused: %s" % problem


# ---- where tomllib leaves the standard, and why we do not follow

def moments(node):
    """The texts of all dates and times in our tree."""
    if isinstance(node, list):
        for item in node:
            yield from moments(item)
    elif node.keys() == {"type", "value"} and isinstance(node["type"], str):
        if node["type"] in ("datetime", "datetime-local", "date-local",
                            "time-local"):
            yield node["value"]
    else:
        for item in node.values():
            yield from moments(item)


def is_beyond_python(text):
    return re.match(r"0000-|.*:60([.Z+-]|$)", text) is not None


def has_moment_beyond_python(ours, them):
    return (isinstance(ours, dict) and isinstance(them, str)
            and any(map(is_beyond_python, moments(ours))))


def is_integer_refused(ours, them):
    return (isinstance(ours, str) and isinstance(them, dict)
            and "does not fit 64 bits" in ours)


def is_nesting_refused(ours, them):
    return isinstance(ours, str) and "nested deeper than" in ours


DIFFERENCES = [
    ("year 0000 and second 60 are in RFC 3339's grammar, which TOML refers "
     "to; Python's datetime has neither", has_moment_beyond_python),
    ("an integer that does not fit 64 bits must be an error (TOML, "
     "\"Integer\"); Python has no such bound", is_integer_refused),
    ("nesting is bounded, by design", is_nesting_refused),
]


# ---- documents by grammar

class Grammar:
    """Mostly right TOML, with few key names, so that keys collide."""

    def __init__(self, rng):
        self.rng = rng

    def one(self, *choices):
        return self.rng.choice(choices)

    def odd(self, usual, *unusual):
        """Seldom one of those that are wrong, or nearly."""
        return self.one(*unusual) if self.rng.random() < 0.02 else usual

    def key_part(self):
        plain = self.one("a", "b", "c", "d", "e", "f", "g", "h")
        return self.odd(
            self.one(plain, plain, '"%s"' % plain, "'%s'" % plain, '""',
                     '"\\u0061"', "1", "1.2", "-", "_", '"x y"', "true",
                     "inf"),
            "é", "", '"""a"""', '"a\n"', "a b", '"a')

    def key(self):
        dots = self.odd(self.one(".", ".", " . ", "\t."), "..", "")
        count = self.one(1, 1, 1, 2, 2, 3)
        return dots.join(self.key_part() for _ in range(count))

    def blank(self):
        return self.one("", "", " ", "\t", "  ")

    def gap(self):
        return self.odd(self.one("", "", " ", "\n", "\r\n", "\n\n \t",
                                 " # note\n", "#é\r\n"), "\r", "\f", "#")

    def digits(self, alphabet="0123456789"):
        text = "".join(self.rng.choices(alphabet, k=self.one(1, 1, 2, 3)))
        return self.odd(self.one(text, text, text + "_" + text),
                        text + "__1", text + "_", "_" + text, "")

    def whole(self):
        sign = self.one("", "", "", "-", "+")
        return sign + self.odd(self.one("", "1", "2_0") + self.digits(),
                               "00", "-1", "9223372036854775808")

    def number(self):
        power = (self.one("e", "E") + self.one("", "-", "+") + self.digits())
        named = self.odd(self.one("inf", "nan", "+inf", "-inf", "-nan"),
                         "Inf", ".5", "5.", "1.e2", "+", "in", "nan_")
        based = self.one(
            self.odd("", "-", "+") + "0x" +
            self.digits("0123456789abcdefABCDEF"),
            "0o" + self.digits("01234567"), "0b" + self.digits("01"),
            self.odd("0b11", "0b12", "0o8", "0XF", "0x"))
        edge = self.one("9223372036854775807", "-9223372036854775808",
                        "9223372036854775808", "-9223372036854775809",
                        "0x7fffffffffffffff", "0x8000000000000000",
                        "1e400", "1e-400", "0", "-0", "0.0", "-0.0", "0e0")
        return self.one(self.whole(), self.whole() + "." + self.digits(),
                        self.whole() + power, named, based, edge,
                        self.whole() + "." + self.digits() + power)

    def moment(self):
        date = "%s-%s-%s" % (
            self.odd(self.one("1979", "2000", "2024", "9999"), "1900", "0000",
                     "197", "19790"),
            self.odd(self.one("01", "02", "12"), "13", "00", "1"),
            self.odd(self.one("01", "28"), "29", "30", "31", "32", "0"))
        time = "%s:%s:%s%s" % (
            self.odd(self.one("00", "07", "23"), "24", "7"),
            self.odd(self.one("00", "59"), "60", "5"),
            self.odd(self.one("00", "59"), "60", "61", "", "5"),
            self.odd(self.one("", "", ".5", ".123456", ".1234567"), ".", ","))
        zone = self.odd(self.one("Z", "z", "+00:00", "-07:30", "+23:59"),
                        "+24:00", "+1", "-00:60", " Z", "+0100")
        join = self.odd(self.one("T", "t", " "), "  ", "_", "")
        return self.odd(self.one(date, time, date + join + time,
                                 date + join + time + zone),
                        time + zone, date + join)

    def character(self, quote):
        plain = self.one("a", "é", "\U0001F600", " ", "\t", "#", "=", "]")
        other = "'" if quote[0] == '"' else '"'
        escape = self.odd(
            self.one("\\\\", "\\n", '\\"', "\\u00e9", "\\U0001F600", "\\b"),
            "\\ud800", "\\U00110000", "\\x41", "\\e", "\\u12", "\\ x", "\\",
            "\\/", "\\'")
        wrong = self.odd(plain, "\x7f", "\x01", "\u0085", "\n", "\r", quote[0])
        lines = self.one("\n", "\r\n", "\n", quote[0], quote[0] * 2)
        ending = self.one("\\\n  ", "\\  \r\n\n ", "\\\n\n\t")
        choices = [plain, wrong, other]
        if quote[0] == '"':
            choices.append(escape)
        if len(quote) == 3:
            choices.append(lines)
        if quote == '"""':
            choices.append(ending)
        return self.rng.choice(choices)

    def string(self):
        quote = self.one('"', "'", '"""', "'''")
        lead = self.one("", "", "\n", "\r\n") if len(quote) == 3 else ""
        inner = "".join(self.character(quote)
                        for _ in range(self.rng.randrange(5)))
        tail = self.odd("", quote[0], quote[0] * 2, quote[0] * 3)
        return quote + lead + inner + tail + quote

    def array(self, depth):
        items = [self.gap() + self.value(depth - 1) + self.gap()
                 for _ in range(self.rng.randrange(4))]
        tail = self.gap() + ("," if items and self.one(0, 1) else "")
        return ("[" + ",".join(items) + self.odd(tail, ",", ",,", "x") +
                self.odd("]", "", "}"))

    def inline(self, depth):
        pairs = [self.blank() + self.pair(depth - 1) + self.blank()
                 for _ in range(self.rng.randrange(4))]
        return ("{" + ",".join(pairs) + self.odd("", ",", "\n", ",,") +
                self.odd("}", "", "]"))

    def value(self, depth):
        kinds = [self.number, self.moment, self.string, self.string,
                 lambda: self.odd(self.one("true", "false"), "True", "x", "")]
        if depth > 0:
            kinds += [lambda: self.array(depth), lambda: self.inline(depth)]
        return self.rng.choice(kinds)()

    def simple(self):
        return self.one("1", "2", "'x'", "[]", "{}", "[{}]", "{b.c=1}")

    def pair(self, depth):
        value = self.value(depth) if self.one(1, 1, 0) else self.simple()
        return (self.key() + self.blank() + self.odd("=", "", "==", ":")
                + self.blank() + value)

    def plain_key(self):
        """A key that is always right: what matters is which tables it hits."""
        return ".".join(self.one("a", "b", "c", "d")
                        for _ in range(self.one(1, 1, 2, 2, 3)))

    def structure(self):
        """Only tables and keys: the rules of redefinition."""
        lines = []
        for _ in range(self.rng.randrange(2, 7)):
            key = self.plain_key()
            lines.append(self.one("[%s]" % key, "[[%s]]" % key,
                                  "%s = %s" % (key, self.simple())))
        return "\n".join(lines) + "\n"

    def line(self):
        comment = self.odd(self.one("", "", "# note", "# \u0080"), "#\x01")
        end = self.odd(self.one("\n", "\n", "\r\n"), "", "\r")
        header = self.odd(
            self.one("[%s]", "[[%s]]", "[ %s ]", "[[\t%s]]") % self.key(),
            "[ [a]]", "[a]]", "[]", "[a", "[[a]")
        body = self.one(self.pair(3), self.pair(2), header, "")
        return self.blank() + body + self.blank() + comment + end

    def deep(self):
        """As deep as our reader goes, or one level more."""
        depth = self.one(98, 99, 100, 101)
        return self.one("a = " + "[" * depth + "]" * depth,
                        "[" + ".".join("a" * depth) + "]",
                        ".".join("a" * depth) + " = {}",
                        "a = " + "{a=" * depth + "1" + "}" * depth)

    def document(self):
        if self.rng.random() < 0.005:
            return self.deep().encode()
        if self.one(True, False):
            return self.structure().encode()
        text = "".join(self.line() for _ in range(self.rng.randrange(1, 6)))
        return text.encode()


# ---- documents by damage

PIECES = [b"\n", b"\r\n", b"\r", b"\t", b" ", b"=", b".", b",", b"[", b"]",
          b"[[", b"]]", b"{", b"}", b'"', b'"""', b"'", b"'''", b"\\", b"#",
          b"_", b"-", b"+", b"0", b"1", b"9", b"e", b"x", b"Z", b"T", b":",
          b"\x00", b"\x7f", b"\x80", b"\xc3", b"\xc3\xa9", b"\xef\xbb\xbf",
          b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"inf", b"nan", b"true",
          b"a = 1\n", b"[a]\n", b"\\u00e9", b"\\\n"]


def damaged(rng, corpus):
    document = rng.choice(corpus)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(document) + 1)
        to = min(len(document), at + rng.choice((0, 1, 1, 2, 8)))
        other = rng.choice(corpus)
        begin = rng.randrange(len(other) + 1)
        piece = rng.choice((rng.choice(PIECES), rng.choice(PIECES), b"",
                            other[begin:begin + rng.randrange(1, 40)]))
        document = document[:at] + piece + document[to:]
    return document


# ---- the comparison

def explain(ours, them):
    """Index of the difference that explains the answers; None: unexplained."""
    for i, (_, explains) in enumerate(DIFFERENCES):
        if explains(ours, them):
            return i
    return None


def agree(ours, them):
    if isinstance(ours, str) or isinstance(them, str):
        return isinstance(ours, str) and isinstance(them, str)
    if any(map(is_beyond_python, moments(ours))):
        return False
    return untagged(ours) == them


class Tally:
    def __init__(self):
        self.passed = self.failed = self.accepted = 0
        self.explained = [0] * len(DIFFERENCES)

    def judge(self, document, ours, them):
        self.accepted += isinstance(them, dict)
        if agree(ours, them):
            self.passed += 1
            return
        reason = explain(ours, them)
        if reason is not None:
            self.explained[reason] += 1
            self.passed += 1
            return
        self.failed += 1
        print("%r\n  ours:    %s\n  tomllib: %s"
              % (document, json.dumps(ours)[:500], str(them)[:500]))

    def report(self):
        print("%d accepted by tomllib" % self.accepted)
        for count, (reason, _) in zip(self.explained, DIFFERENCES):
            print("%d differ: %s" % (count, reason))
        print("%d passed, %d failed" % (self.passed, self.failed))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", "--count", type=int, default=20000)
    parser.add_argument("-s", "--seed", type=int, default=1)
    parser.add_argument("program", nargs="?")
    return parser.parse_args()


def main():
    args = arguments()
    rng = random.Random(args.seed)
    folder = reader.suite_folder()
    corpus = [(folder / name).read_bytes()
              for name in reader.suite_files(folder)]
    grammar, tally = Grammar(rng), Tally()
    with tempfile.TemporaryDirectory() as scratch:
        program = args.program or reader.build(scratch)
        for begin in range(0, args.count, BATCH):
            count = min(BATCH, args.count - begin)
            batch = [grammar.document() if rng.random() < 0.5
                     else damaged(rng, corpus) for _ in range(count)]
            for document, ours in zip(batch, reader.ask(program, batch)):
                tally.judge(document, ours, theirs(document))
    tally.report()
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
