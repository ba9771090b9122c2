"""The checker finds what it is there for, each in a history of a few lines."""

import pytest
from faults.history.check import check
from faults.history.record import OK, REFUSED, UNKNOWN, File, History
from faults.history.record import Read as R
from faults.history.record import Write as W

FILES = {"f0": File(""),
         "f1": File("a", ("f0",)),
         "f2": File("b", ("f0", "f1"), base=7)}
A = W("a", "t", 0, 1, 2, OK, "f1")
B = W("b", "t", 1, 3, 4, OK, "f2", base=7)
OWN, OTHER = R("t", 1, 5, 6, "f2"), R("t", 0, 5, 6, "f2")


def kinds(writes, reads=(), files=None, last="f2"):
    history = History(writes, reads, {"t": files or FILES}, {"t": last})
    return {wrong.kind for wrong in check(history)}


@pytest.mark.parametrize("writes,reads", (
    ([A, B], [OWN, OTHER]),
    ([A, B], [R("t", 0, 0, 1.5, "f1")]),  # acknowledged while it was read
    ([A, B], [R("t", 0, 3, 3.5, "f1"), R("t", 1, 3, 3.5, "f2")]),
    ([A, B._replace(outcome=UNKNOWN, file="")], [OWN]),
    ([A, B, W("c", "t", 0, 3, 9, UNKNOWN)], []),  # it never happened
    ([A, B, W("c", "t", 0, 3, 9, REFUSED)], []),
    ([A._replace(start=3, end=5), B], []),  # both at once, in any order
))
def test_a_good_history_passes(writes, reads):
    assert kinds(writes, reads) == set()


def test_a_file_of_a_lost_race_may_lie_about():
    files = {**FILES, "g2": File("c", ("f0", "f1"))}
    assert kinds([A, B, W("c", "t", 0, 3, 9, UNKNOWN)], [], files) == set()


@pytest.mark.parametrize("kind,writes,reads", (
    ("lost", [A, B, W("c", "t", 0, 3, 4, OK, "f3")], []),
    ("resurrected", [A, B._replace(outcome=REFUSED, file="")], []),
    ("stale, own", [A, B], [R("t", 1, 5, 6, "f1")]),
    ("stale, other", [A, B], [R("t", 0, 5, 6, "f1")]),
    ("stale, own", [A, B],  # backwards from what another read has seen
     [R("t", 0, 3, 3.2, "f2"), R("t", 0, 3.3, 3.5, "f1")]),
    ("foreseen", [A, B], [R("t", 0, 1, 2.5, "f2")]),
    ("reordered", [A._replace(start=5, end=6), B], []),
    ("forked", [A, B], [R("t", 0, 5, 6, "g2")]),
    ("forked", [A, B._replace(file="g2")], []),
    ("another base", [A, B._replace(base=6)], []),
    ("alien", [A], []),
))
def test_a_bad_history_is_told_by_its_kind(kind, writes, reads):
    assert kinds(writes, reads) == {kind}


@pytest.mark.parametrize("kind,files", (
    ("doubled", {**FILES, "f3": File("a", ("f0", "f1", "f2"))}),
    ("broken", {**FILES, "f3": File("c", ("f0", "f2"))}),
    ("broken", {**FILES, "f3": File("c", ("f0", "f1", "f2", "none"))}),
    ("broken", {**FILES, "f3": File("c", ("f0", "f1", "f2", "f3"))}),
))
def test_a_bad_chain_is_told_by_its_kind(kind, files):
    c = W("c", "t", 0, 3, 9, UNKNOWN)
    a = A._replace(outcome=UNKNOWN, file="")
    b = B._replace(outcome=UNKNOWN, file="")
    assert kinds([a, b, c], [], files, "f3") == {kind}


def test_a_table_whose_file_is_gone_is_broken():
    assert kinds([W("c", "t", 0, 3, 9, UNKNOWN)], [], FILES,
                 "none") == {"broken"}
