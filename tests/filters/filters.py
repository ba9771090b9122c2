"""Random filters: as JSON, as PyIceberg's expressions, and as the truth of a
row by the expressions specification."""

import datetime
import math
import uuid
from decimal import Decimal

from pyiceberg import expressions as px
from pyiceberg.schema import Schema
from pyiceberg.transforms import parse_transform
from pyiceberg.types import NestedField

EPOCH = datetime.datetime(1970, 1, 1)
TIMES = ("year", "month", "day")

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


def result_of(type_text, transform):
    """The type of a term's values."""
    if transform is None or transform.startswith("truncate"):
        return type_text
    return "date" if transform == "day" else "int"


def a_filter(r, names, depth=0):
    """A tree; a predicate is kind, column, value, and transform or None."""
    if depth < 3 and r.random() < 0.45:
        kind = r.choice(["and", "or", "not"])
        count = 1 if kind == "not" else 2
        return (kind, *[a_filter(r, names, depth + 1) for _ in range(count)])
    name = r.choice(names)
    transform = None
    if r.random() < 0.1:
        transform = r.choice([t for t in COLUMNS[TYPES[name]]
                              if t not in ("identity", "void")] or [None])
    return (*a_predicate(r, name, result_of(TYPES[name], transform)),
            transform)


def a_predicate(r, name, of):
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


def has_transform(tree):
    if tree[0] in ("and", "or", "not"):
        return any(map(has_transform, tree[1:]))
    return tree[3] is not None


def apply_transform(transform, name, value):
    if transform is None:
        return value
    return parse_transform(transform).transform(THEIR_TYPES[name])(value)


def term_json(name, transform, old):
    if old and transform is not None:
        return {"type": "transform", "transform": transform, "term": name}
    if old:
        return name
    reference = {"type": "reference", "name": name}
    if transform is None:
        return reference
    function, _, width = transform.rstrip("]").partition("[")
    return {"type": "apply", "function": function,
            "arguments": [*([int(width)] if width else []), reference]}


def to_json(tree, old):
    """In the deprecated form, or the other."""
    kind = tree[0]
    if kind == "not":
        return {"type": kind, "child": to_json(tree[1], old)}
    if kind in ("and", "or"):
        return {"type": kind, "left": to_json(tree[1], old),
                "right": to_json(tree[2], old)}
    _, name, value, transform = tree
    of = result_of(TYPES[name], transform)
    term = term_json(name, transform, old)
    if kind in ("in", "not-in"):
        return {"type": kind, "term" if old else "child": term,
                "values": [as_json(of, v) for v in value]}
    if value is None:
        return {"type": kind, "term" if old else "child": term}
    return {"type": kind, "term" if old else "left": term,
            "value" if old else "right": as_json(of, value)}


def to_theirs(tree):
    kind = tree[0]
    if kind == "not":
        return px.Not(to_theirs(tree[1]))
    if kind in ("and", "or"):
        joined = px.And if kind == "and" else px.Or
        return joined(to_theirs(tree[1]), to_theirs(tree[2]))
    _, name, value, _ = tree
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
    _, name, value, transform = tree
    x = apply_transform(transform, name, row[name])
    if negate and old and kind in ORDERS:
        return holds(ORDERS[kind], x, value)
    return holds(kind, x, value) != negate


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


def term_of(node):
    """The column and the transform of a predicate in JSON."""
    term = node.get("term") or node.get("child") or node.get("left")
    if isinstance(term, str):
        return term, None
    if term["type"] == "transform":
        return term["term"], term["transform"]
    if term["type"] == "reference":
        return term["name"], None
    *width, reference = term["arguments"]
    return reference["name"], term["function"] + "".join(
        "[%d]" % n for n in width)


def row_matches(node, row):
    """What our JSON says of a row: for residuals."""
    if isinstance(node, bool):
        return node
    kind = node["type"]
    if kind in ("and", "or"):
        left, right = (row_matches(node[k], row) for k in ("left", "right"))
        return left and right if kind == "and" else left or right
    name, transform = term_of(node)
    of = result_of(TYPES[name], transform)
    x = apply_transform(transform, name, row[name])
    if x is not None and not is_nan(x):
        x = comparable(of, x)
    values = node.get("values", node.get("value", node.get("right")))
    if isinstance(values, list):
        values = [comparable(of, v, True) for v in values]
    elif values is not None:
        values = comparable(of, values, True)
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
