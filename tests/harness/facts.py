"""tests/data/iceberg-operations.txt: what answers of the REST spec look like."""

import functools
import re

from harness.server import ROOT

FACTS = ROOT / "tests/data/iceberg-operations.txt"


class Operation:
    """A row: `statuses` as text, as "5XX" is one of them."""

    def __init__(self, method, path, statuses, schema):
        self.method, self.path = method, path
        self.statuses, self.schema = statuses, schema
        self.pattern = re.compile(re.sub(r"\{[a-z-]+\}", "[^/]+", path))

    @property
    def endpoint(self):
        return f"{self.method} {self.path}"

    def may_answer(self, status):
        return (str(status) in self.statuses or
                f"{status // 100}XX" in self.statuses)


class Member:
    """Of a schema: whether it must be there, and what it holds."""

    def __init__(self, text):
        name, _, held = text.partition(":")
        self.name, self.needed = name.rstrip("*"), name.endswith("*")
        self.each = held.startswith("{")  # of its members
        self.held = held.strip("{}")


def read_operation(words, common):
    method, path, *rest = words
    statuses = set(common) | {word for word in rest if word[0].isdigit()}
    statuses -= {word[1:] for word in rest if word[0] == "!"}
    schema = rest[-1] if rest[-1].isalpha() else None
    return Operation(method, path, statuses, schema)


@functools.cache
def facts():
    """All operations, and the members of each schema."""
    common, operations, schemas = (), [], {}
    text = re.sub(r"^#.*\n", "", FACTS.read_text(), flags=re.M)
    for line in text.replace("\n    ", " ").splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "common":
            common = words[1:]
        elif words[1] == "=":
            schemas[words[0]] = [Member(word) for word in words[2:]]
        else:
            operations.append(read_operation(words, common))
    return operations, schemas


def operation_of(method, path):
    """The row of a request; literals go before parameters."""
    fitting = [row for row in facts()[0]
               if row.method == method and row.pattern.fullmatch(path)]
    return min(fitting, key=lambda row: row.path.count("{"))


def misfits(schema, value, where=""):
    """What `value` has that the schema does not know, and what it lacks."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from misfits(schema, one, f"{where}/{index}")
        return
    members = {member.name: member for member in facts()[1][schema]}
    for name in value:
        if name not in members:
            yield f"{where}/{name}: unknown to {schema}"
    for name, member in members.items():
        if member.needed and value.get(name) is None:
            yield f"{where}/{name}: missing in {schema}"
        if member.held and value.get(name) is not None:
            held = value[name]
            yield from misfits(
                member.held, list(held.values()) if member.each else held,
                f"{where}/{name}")


def check_answer(method, path, reply):
    """The status is listed for this operation, and the body is known."""
    operation = operation_of(method, path.split("?")[0])
    asked = f"{method} {path}"
    assert operation.may_answer(reply.status), (asked, reply)
    if reply.status == 200:
        assert operation.schema, (asked, reply)
        wrong = list(misfits(operation.schema, reply.json()))
        assert not wrong, (asked, wrong)
    elif reply.status < 400:
        assert reply.body == b"", (asked, reply)
    return operation
