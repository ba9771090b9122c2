"""Writers, merges and new branches at once: every merge is the three-way merge
of the two states that it names.

Each table is written on one branch only, with numbers that rise.  So whatever
crossed whatever, a merge shows of each table the larger of the numbers that
its two parents show, and all tables that either has.
"""

import concurrent.futures
import random

import pytest
from harness.versions import API, Catalog

BRANCHES = ("main", "b1", "b2", "b3")
WRITERS = 2  # per branch
MERGERS = 3


class Board:
    def __init__(self, server, writes, merges):
        self.writes = writes  # of each writer
        self.merges = merges  # per merging thread, at least
        self.catalog = Catalog(server)
        self.catalog.make_space()
        for branch in BRANCHES:
            for writer in range(WRITERS):
                self.catalog.make_table(f"{branch}_{writer}")
        for branch in BRANCHES[1:]:
            self.catalog.fork(branch)

    def write(self, branch, writer):
        for number in range(1, self.writes + 1):
            name = f"{branch}_{writer}"
            self.catalog.set(
                name, str(number), branch=branch,
                headers={"X-Pangolin-Commit-Message": f"{name} {number}"})
            if number % 3 == 0:
                self.catalog.make_table(f"{name}_{number}", branch=branch)

    def merge(self, seed, writers):
        """As long as somebody writes, and a few times more."""
        rng = random.Random(seed)
        done = []
        while len(done) < self.merges or not all(one.done() for one in writers):
            source, target = rng.sample(BRANCHES, 2)
            reply = self.catalog.ask("POST", f"{API}/branches/merge", {
                "source_branch": source, "target_branch": target,
                "catalog": self.catalog.name})
            # 409: the target moved until the deadline; that is no conflict
            assert reply.status == 200, reply
            done.append(reply.json())
        return done

    def fork(self):
        for number in range(3):
            self.catalog.fork(f"fork{number}", BRANCHES[number])

    def state(self, address):
        """Table -> number."""
        found = {}
        for name in self.catalog.tables(branch=address):
            value = self.catalog.value(name, branch=address)
            assert value is not None, (address, name)
            found[name] = int(value or 0)
        return found

    def commits(self, branch):
        return self.catalog.ask("GET", self.catalog.refs(
            name=branch).replace("?", "/commits?") + "&limit=1000",
            want=200).json()


def union(one, other):
    return {name: max(one.get(name, 0), other.get(name, 0))
            for name in {*one, *other}}


def test_every_merge_is_that_of_the_states_it_names(server):
    race(Board(server, writes=6, merges=5))


@pytest.mark.left_out_of_quick
def test_so_it_is_on_mongodb(servers, long):
    """Fewer of each: the stand-in takes its time."""
    board = Board(servers.start(store="mongo", workers=2),
                  writes=6 if long else 2, merges=5 if long else 1)
    race(board)


def race(board):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        work = [pool.submit(board.write, branch, writer)
                for branch in BRANCHES for writer in range(WRITERS)]
        writers = list(work)
        work += [pool.submit(board.merge, seed, writers)
                 for seed in range(MERGERS)]
        work.append(pool.submit(board.fork))
        for one in work:
            one.result()
    merges = 0
    for branch in BRANCHES:
        commits = board.commits(branch)
        own = [one for one in commits if one["branch"] == branch]
        # linear, dense, each acknowledged write once
        assert [one["sequence"] for one in own] == \
            list(range(len(own), 0, -1))
        for child, parent in zip(commits, commits[1:]):
            assert child["parent_id"] == parent["id"]
        messages = [one["message"] for one in own]
        for writer in range(WRITERS):
            for number in range(1, board.writes + 1):
                assert messages.count(f"{branch}_{writer} {number}") == 1
        for one in own:
            if one["merged_commit_id"] is None:
                continue
            merges += 1
            assert board.state(f"{branch}~{one['id']}") == union(
                board.state(f"{branch}~{one['parent_id']}"),
                board.state(f"~{one['merged_commit_id']}")), one
    assert merges >= board.merges
    # and all of it comes together
    for branch in BRANCHES[1:]:
        board.catalog.merge(branch)
    assert all(number == board.writes for name, number in
               board.state("main").items() if name.count("_") == 1)
