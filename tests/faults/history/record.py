"""What clients of several nodes did and saw, and what is there in the end.

Each write puts a value of its own into the property `w` of a table, so each
metadata file names the write that made it.
"""

from typing import NamedTuple

OK = "ok"  # acknowledged
REFUSED = "refused"  # told that nothing was done
UNKNOWN = "unknown"  # told that nobody knows, or told nothing


class Write(NamedTuple):
    key: str  # of this write alone
    table: str
    node: int
    start: float
    end: float
    outcome: str
    file: str = ""  # that the answer named
    base: int = 0  # the snapshot that it demanded to follow; 0: any


class Read(NamedTuple):
    table: str
    node: int
    start: float
    end: float
    file: str


class File(NamedTuple):
    """A metadata file."""

    key: str  # of the write that made it; empty: the table's creation
    log: tuple = ()  # earlier files that it names, oldest first
    base: int = 0  # the snapshot that its newest one follows; 0: none


class History(NamedTuple):
    writes: list
    reads: list
    files: dict  # by table, by name: all that exist
    last: dict  # by table: the name of the current one


LOG_LENGTH = 100  # write.metadata.previous-versions-max
