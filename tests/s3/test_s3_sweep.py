"""Sweeps of a bucket: many files by one request, and what is refused."""

import contextlib
import json
import re
import sqlite3

from harness.purged import Places
from harness.sea import SETTINGS, Sea, key_of
from harness.wait import until

SERVERS = ["ceph", "versity"]
FILES = 30


class SeaOfPurges(Sea, Places):
    """A catalog in a bucket, whose tables are purged."""


def garbage(sea):
    """Files of two tables that nothing needs any more."""
    keys = []
    for table in ("t", "u"):
        sea.make_table(table)
        for number in range(FILES // 2):
            keys.append(sea.key(table))
            sea.set(table, str(number))
    assert sea.run("prune") == FILES
    return keys


def listed(sea, bucket):
    return set(bucket.ok("list", prefix=f"{sea.name}/")["keys"])


def test_many_files_are_deleted_by_few_requests(sea, bucket):
    old = set(garbage(sea))

    def gone():
        sea.run("sweep")
        return not old & listed(sea, bucket)
    costs = sea.costs(until, gone, "swept")
    deletes = [method for method in costs if method in ("POST", "DELETE")]
    assert len(deletes) <= 5, costs
    assert sea.value("t") == sea.value("u") == str(FILES // 2 - 1)


def refuse(key):
    """A server that has a lock on an object."""
    def fault(handler, body):
        if handler.command != "POST" or key.encode() not in body:
            handler.pass_on(body)
            return
        kept = re.sub(rb"<Object><Key>" + re.escape(key.encode())
                      + rb"</Key></Object>", b"", body)
        refused = (f"<Error><Key>{key}</Key><Code>AccessDenied</Code></Error>")
        assert kept != body
        for name in re.findall(rb"<Key>([^<]*)</Key>", kept):
            handler.server.bucket.ok("delete", key=name.decode())
        handler.answer(200, f"<DeleteResult>{refused}</DeleteResult>".encode())
    return fault


def test_an_object_that_is_refused_is_told_and_tried_again(sea, bucket):
    """The others go, and the task ends."""
    old = garbage(sea)
    told = []
    sea.proxy.bucket = bucket
    sea.proxy.choose = lambda _method: refuse(old[3])

    def others_gone():
        task = sea.submit("sweep")
        sea.wait(task, "sweep")
        told.extend(sea.ask("GET", f"/api/v1/tasks/{task}/results",
                            want=200).json())
        return set(old) & listed(sea, bucket) == {old[3]}
    try:
        until(others_gone, "the others are swept")
    finally:
        del sea.proxy.choose
    assert told and all(row["problem"] == "file-not-deleted"
                        and key_of(row["location"]) == old[3]
                        for row in told), json.dumps(told)

    def gone():
        sea.run("sweep")
        return old[3] not in listed(sea, bucket)
    until(gone, "it is swept, too")


def age(server, minutes):
    """As if it had happened so long before."""
    file, = (server.folder / "state").glob("*.db")
    with contextlib.closing(sqlite3.connect(file, timeout=20)) as store, store:
        for table, column in (("purges", "since_us"),
                              ("locations", "doomed_us")):
            store.execute(f"UPDATE {table} SET {column} = {column} - ?",
                          (minutes * 60 * 1000000,))


def test_a_purged_place_waits_for_sessions_that_may_write_there(
        start_kind, proxy, bucket):
    """Requests have ended after ten minutes, sessions after an hour."""
    settings = {**SETTINGS, "history": {**SETTINGS["history"], "grace": "24h"}}
    with start_kind(("sqlite", 1, settings)) as server:
        sea = SeaOfPurges(server, proxy)
        sea.make_space()
        sea.make_table("t")
        key = sea.key("t")
        sea.purge("t")
        sea.run("sweep")
        age(server, 30)
        sea.run("sweep")
        assert key in listed(sea, bucket)
        age(server, 31)
        sea.run("sweep")
        assert key not in listed(sea, bucket)
