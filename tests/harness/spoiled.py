"""Bodies spoiled on purpose: each way in which a good one can be wrong."""

import json

# What is put in the place of a value: of each other type, and too large.
OF_TYPE = {
    str: (7, True, [], {}),
    bool: ("true", 1, [], {}),
    type(None): ("7", True, [], {}),
    int: ("7", 1.5, True, [], {}, 2 ** 64, -2 ** 63 - 1, 10 ** 40),
    list: ({}, "x", 7, [7], [None], [[[]]]),
    dict: ([], "x", 7, True),
}
NOT_OBJECTS = ([], [{}], "x", 7, True, None)
DEPTH = 10000


class Spoiled:
    """What is sent, how it came to be, and the member it is about."""

    def __init__(self, how, body, pointer=()):
        self.how, self.body, self.pointer = how, body, pointer

    def __repr__(self):
        return f"{self.how} at /{'/'.join(map(str, self.pointer))}"

    @property
    def word(self):
        """The name that a message must have; None: it has no name."""
        names = [step for step in self.pointer if isinstance(step, str)]
        return names[-1] if names else None


def places(value, pointer=()):
    """Every value below `value`, with its pointer."""
    members = (value.items() if isinstance(value, dict) else
               enumerate(value) if isinstance(value, list) else ())
    for step, member in members:
        yield (*pointer, step), member
        yield from places(member, (*pointer, step))


def put(body, pointer, value):
    """A copy of the body with another value there."""
    copy = json.loads(json.dumps(body))
    at = copy
    for step in pointer[:-1]:
        at = at[step]
    at[pointer[-1]] = value
    return copy


def take(body, pointer):
    """A copy of the body without this member."""
    copy = json.loads(json.dumps(body))
    at = copy
    for step in pointer[:-1]:
        at = at[step]
    del at[pointer[-1]]
    return copy


def text(body):
    return json.dumps(body, ensure_ascii=False).encode()


MARK = "\U0010fffe mark"


def marked(body, pointer, raw):
    """The body's text with these very bytes as the value there."""
    return text(put(body, pointer, MARK)).replace(
        text(MARK), raw, 1)


def of_the_text(body):
    """What is no JSON, or too much of it."""
    whole = text(body)
    for at in sorted({0, 1, len(whole) // 3, len(whole) // 2,
                      len(whole) - 1}):
        yield Spoiled(f"cut after {at} bytes", whole[:at])
    yield Spoiled("twice", whole + whole)
    yield Spoiled("a comma too much", whole[:-1] + b",}")
    yield Spoiled("NUL behind it", whole + b"\0")
    yield Spoiled("UTF-16", json.dumps(body).encode("utf-16"))
    yield Spoiled("a comment", b"/* */" + whole)
    yield Spoiled("deep", b"[" * DEPTH + b"]" * DEPTH)
    yield Spoiled("a deep member", whole[:-1] + b',"odd":' +
                  b'{"a":' * DEPTH + b"1" + b"}" * DEPTH + b"}")


def of_types(body):
    for value in NOT_OBJECTS:
        yield Spoiled(f"{value!r} as the body", text(value))
    for pointer, value in places(body):
        for wrong in OF_TYPE[type(value)]:
            if value and type(wrong) is type(value) is list and (
                    type(wrong[0]) is type(value[0])):
                continue
            yield Spoiled(f"{str(wrong)[:30]!r}", text(put(body, pointer, wrong)),
                          pointer)


def of_names(body, needed):
    """Missing members, and those given twice."""
    for pointer in needed:
        yield Spoiled("missing", text(take(body, pointer)), pointer)
        yield Spoiled("null", text(put(body, pointer, None)), pointer)
    for pointer, value in [((), body), *places(body)]:
        if isinstance(value, dict) and value:
            name, first = next(iter(value.items()))
            again = text({name: first})[:-1] + b"," + text(value)[1:]
            spoiled = marked(body, pointer, again) if pointer else again
            yield Spoiled("given twice", spoiled, (*pointer, name))


# Bytes that are no text in JSON, between quotes.
NO_TEXTS = (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82",
            b"\\ud800", b"\\udc00\\ud800", b"\\x41", b"a\nb", b"\0", b"\\u0000")


def of_texts(body, limit=3):
    """Some strings of the body: what is wrong with bytes is so everywhere."""
    strings = [pointer for pointer, value in places(body)
               if isinstance(value, str)]
    for pointer in strings[:limit]:
        for raw in NO_TEXTS:
            yield Spoiled(f"the bytes {raw!r}",
                          marked(body, pointer, b'"' + raw + b'"'))


def too_long(body):
    """Properties of ten megabytes."""
    for pointer, value in places(body):
        if isinstance(value, str) and pointer[-2:-1] in (
                ("updates",), ("storage_config",)) or (
                    len(pointer) == 2 and pointer[0] == "properties"):
            yield Spoiled("10 MB", text(put(body, pointer, "x" * (10 << 20))),
                          pointer)


def all_of(body, needed):
    """`needed`: pointers to members that must be there."""
    yield from too_long(body)
    yield from of_the_text(body)
    yield from of_types(body)
    yield from of_names(body, needed)
    yield from of_texts(body)
