"""A strict reader of Prometheus' text format 0.0.4."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
HEAD = re.compile(rf"# (HELP|TYPE) ({NAME}) (.+)$")
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
NUMBER = re.compile(r"(-?\d+(\.\d+)?(e[+-]?\d+)?|[+-]Inf|NaN)$")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}


def labels_of(text):
    """Names and values, as sorted pairs; nothing may be left over."""
    found, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"bad labels: {text}"
        assert match[1] not in found, f"{match[1]} twice: {text}"
        found[match[1]] = match[2]
        at = match.end()
        assert match[3] or at == len(text), text
    return tuple(sorted(found.items()))


class Family:
    """A metric: its type, and samples by (suffix, labels)."""

    def __init__(self, help_text):
        self.help, self.type, self.samples = help_text, None, {}

    def value(self, suffix="", **labels):
        return self.samples[suffix, tuple(sorted(labels.items()))]


def parse(text):
    """Families by name; an AssertionError names the line that is wrong."""
    assert text.endswith("\n"), "the last line has no end"
    families, name = {}, None
    for line in text[:-1].split("\n"):
        if match := HEAD.match(line):
            kind, of, value = match.groups()
            if kind == "HELP":
                assert of not in families, f"{of} comes twice"
                families[of], name = Family(value), of
            else:
                assert of == name and not families[of].samples, line
                assert value in ("counter", "gauge", "histogram"), line
                families[of].type = value
            continue
        match = SAMPLE.match(line)
        assert match and NUMBER.match(match[3]), f"bad sample: {line}"
        family = families[name]
        suffix = match[1].removeprefix(name)
        assert match[1].startswith(name), f"{line}: not of {name}"
        assert suffix in SUFFIXES.get(family.type, ("",)), line
        key = suffix, labels_of(match[2] or "")
        assert key not in family.samples, f"twice: {line}"
        family.samples[key] = float(match[3])
    for name, family in families.items():
        check(name, family)
    return families


def check(name, family):
    """What holds for every family of its type."""
    assert family.type and family.samples, f"{name} is empty"
    assert (family.type == "counter") == name.endswith("_total"), name
    if family.type != "gauge":
        assert all(v >= 0 for v in family.samples.values()), name
    if family.type == "histogram":
        check_histogram(name, family)


def check_histogram(name, family):
    """Buckets grow up to +Inf, which is the count."""
    series = {}
    for (suffix, labels), value in family.samples.items():
        rest = tuple(pair for pair in labels if pair[0] != "le")
        entry = series.setdefault(rest, {"buckets": []})
        if suffix == "_bucket":
            entry["buckets"].append((float(dict(labels)["le"]), value))
        else:
            entry[suffix] = value
    for labels, entry in series.items():
        ends = [end for end, _ in entry["buckets"]]
        values = [value for _, value in entry["buckets"]]
        where = f"{name}{labels}"
        assert ends == sorted(set(ends)) and ends[-1] == float("inf"), where
        assert values == sorted(values), where
        assert values[-1] == entry["_count"] and entry["_sum"] >= 0, where
