"""Is a history one that a catalog may have? A pure function over a record.

Positions are places in a table's chain of metadata files.  A write or a read
that was over before another began must not be behind it.
"""

import bisect
from collections import Counter
from typing import NamedTuple

from faults.history.record import LOG_LENGTH, OK, REFUSED


class Wrong(NamedTuple):
    kind: str
    about: str


def check(history):
    """All that is wrong with it."""
    wrong = []
    for table, last in history.last.items():
        writes = [w for w in history.writes if w.table == table]
        reads = [r for r in history.reads if r.table == table]
        chain = list(chain_of(history.files[table], last, wrong))
        Table(history.files[table], chain, wrong).check(writes, reads)
    return wrong


def chain_of(files, last, wrong):
    """The names, oldest first."""
    names, at = [], last
    while at in files and at not in names:
        names.append(at)
        at = files[at].log[-1] if files[at].log else None
    if at is not None:
        wrong.append(Wrong("broken", f"{names[-1:]} follows {at}"))
    return reversed(names)


class Table:
    """One table's chain, against what was done and seen."""

    def __init__(self, files, chain, wrong):
        self.files, self.chain, self.wrong = files, chain, wrong
        self.place = {name: n for n, name in enumerate(chain)}
        self.made = {files[name].key: n for n, name in enumerate(chain)}

    def say(self, kind, about):
        self.wrong.append(Wrong(kind, str(about)))

    def check(self, writes, reads):
        self.check_logs()
        self.check_keys(writes)
        for write in writes:
            self.check_write(write)
        for read in reads:
            if read.file not in self.place:
                self.say("forked", read)
        self.check_order(writes, reads)

    def check_logs(self):
        for n, name in enumerate(self.chain):
            log = self.files[name].log
            earlier = self.chain[max(0, n - LOG_LENGTH):n]
            if list(log) != earlier:
                self.say("broken", f"the log of {name}: {log}")

    def check_keys(self, writes):
        known = {w.key for w in writes} | {""}
        counts = Counter(self.files[name].key for name in self.chain)
        for key, count in counts.items():
            if count > 1:
                self.say("doubled", f"{key}: {count} times")
            if key not in known:
                self.say("alien", key)

    def check_write(self, write):
        place = self.made.get(write.key)
        if write.outcome == OK and place is None:
            self.say("lost", write)
        elif write.outcome == OK and self.chain[place] != write.file:
            self.say("forked", write)
        elif write.outcome == REFUSED and place is not None:
            self.say("resurrected", write)
        if place is not None and write.base:
            found = self.files[self.chain[place]].base
            if found != write.base:
                self.say("another base", f"{write}: {found}")

    def check_order(self, writes, reads):
        """Places never fall behind what was over before."""
        done = [(w.start, w.end, self.made[w.key], w) for w in writes
                if w.outcome == OK and w.key in self.made]
        seen = [(r.start, r.end, self.place[r.file], r) for r in reads
                if r.file in self.place]
        over = sorted((done + seen), key=lambda event: event[1])
        ends = [event[1] for event in over]
        highest = []  # of the first n that were over
        for event in over:
            best = highest[-1] if highest else event
            highest.append(event if event[2] > best[2] else best)
        for start, _, place, what in done + seen:
            before = bisect.bisect_left(ends, start)
            if not before or highest[before - 1][2] <= place:
                continue
            newer = highest[before - 1][3]
            where = "own" if newer.node == what.node else "other"
            kind = "reordered" if hasattr(what, "key") else f"stale, {where}"
            self.say(kind, f"{what} behind {newer}")
        begun = {w.key: w.start for w in writes}
        for _, end, place, read in seen:
            if begun.get(self.files[self.chain[place]].key, 0) > end:
                self.say("foreseen", read)
