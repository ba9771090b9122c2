"""Catalogs with many tables: a backup that is continued, and restored.

Each table has its own commit, entry and claim, as if a client had made it; all
have the metadata file of one table, so that any of them can be loaded.
"""

import hashlib
import json
import subprocess

from servers import TOP

IN_A_SPACE = 100
TABLE, CLAIM = 2, 64  # kinds of entries


def place_of(number):
    """The namespace and the name of a table."""
    return f"s{number // IN_A_SPACE}", f"t{number % IN_A_SPACE}"


class Log:
    """The branch that is continued, and where it has come to."""

    def __init__(self, last, versions):
        self.last, self.branch = last, last["branch"]
        mine = [v for v in versions if v["branch"] == self.branch]
        self.space = next(v for v in mine if v["space"] == 0)
        self.table = next(v for v in mine if v["kind"] == TABLE)
        self.claim = next(v for v in mine if v["kind"] == CLAIM)
        self.commits, self.versions = [], []

    def commit(self, message, *versions):
        before = self.last
        self.last = before | {
            "seq": before["seq"] + 1, "id": beside(before["id"], 1),
            "parent_id": before["id"], "at_us": before["at_us"] + 1,
            "message": message}
        self.commits.append(self.last)
        at = {"seq": self.last["seq"], "origin_seq": self.last["seq"]}
        self.versions += (version | at for version in versions)

    def add_tables(self, count):
        for number in range(count):
            space, name = place_of(number)
            if name == "t0":
                self.commit(f"create namespace {space}", self.space | {
                    "name": space, "object": beside(
                        self.space["object"], number + 1)})
            place = f"{self.table['body']}-{number}"
            object_id = beside(self.table["object"], number + 1)
            self.commit(
                f"create table {space}.{name}",
                self.claim | {"name": hashlib.md5(
                    place.encode(), usedforsecurity=False).hexdigest(),
                    "object": object_id, "location": place,
                    "body": f"{space}\x1f{name}"},
                self.table | {"ns": space, "name": name, "object": object_id,
                              "body": place})

    def add_changes(self, count):
        for _ in range(count):
            self.commit("change table real.t0", self.table)


def beside(uuid, distance):
    """Another one, in the same order as the distances."""
    low = int(uuid[24:], 16) + distance
    return f"{uuid[:24]}{low % (1 << 48):012x}"


def sections(file):
    """The lines of a backup, by section; its first line."""
    with open(file, encoding="utf-8") as lines:
        first, found = next(lines), {}
        for line in lines:
            row = json.loads(line)
            if row.get("pangolin") == "section":
                rows = found[row["name"]] = []
            elif "pangolin" not in row:
                rows.append(row)
    return first, found


def write(file, first, found):
    whole, count = hashlib.sha256(first.encode()), 0
    with open(file, "w", encoding="utf-8") as out:
        def put(row, *sums):
            line = json.dumps(row, separators=(",", ":")) + "\n"
            out.write(line)
            for one in sums:
                one.update(line.encode())

        out.write(first)
        for name, rows in found.items():
            part = hashlib.sha256()
            put({"pangolin": "section", "name": name}, whole)
            for row in rows:
                put(row, part, whole)
            put({"pangolin": "end", "name": name, "rows": len(rows),
                 "sha256": part.hexdigest()}, whole)
            count += len(rows)
        put({"pangolin": "complete", "rows": count,
             "sha256": whole.hexdigest()})


def run(server, verb, file):
    config = server.write_config()
    subprocess.run([server.program, verb, "-c", config, file], check=True,
                   cwd=TOP, stdout=subprocess.DEVNULL)


def continued(rows, logs, kind):
    """The rows, each log's new ones behind those it had."""
    found, open_log = [], None
    for row in [*rows, {"branch": None}]:
        if row["branch"] != open_log and open_log in logs:
            found += getattr(logs[open_log], kind)
        open_log = row["branch"]
        found.append(row)
    return found[:-1]


def multiply(server, target, wanted):
    """Copies the server's store to `target`, which has never run; `wanted`:
    what is to be done with the log of main of each catalog's name."""
    file = target.folder / "backup"
    run(server, "backup", file)
    first, found = sections(file)
    mains = {c["name"]: c["main_branch"] for c in found["catalogs"]}
    last = {c["branch"]: c for c in found["commits"]}
    logs = {}
    for catalog, add in wanted.items():
        log = Log(last[mains[catalog]], found["versions"])
        add(log)
        logs[log.branch] = log
    for kind in ("commits", "versions"):
        found[kind] = continued(found[kind], logs, kind)
    write(file, first, found)
    run(target, "restore", file)
    file.unlink()
