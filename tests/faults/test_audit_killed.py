"""kill -9 around deeds: each is on record once, and no row is without one."""

import pytest
from harness.changes import OPERATIONS, Space
from harness.killed import Killed
from harness.tenants import PASSWORD
from harness.wait import until

API = "/api/v1"


def make_role(name):
    return "POST", f"{API}/roles", {"name": name}


def make_user(name):
    return "POST", f"{API}/users", {
        "username": name, "email": f"{name}@x.org", "password": PASSWORD,
        "role": "tenant-user"}


def make_branch(name):
    return "POST", f"{API}/branches", {"name": name, "catalog": "default"}


LISTS = {make_role: ("/roles", "name", "create_role"),
         make_user: ("/users", "username", "create_user"),
         make_branch: ("/branches?catalog=default", "name", "create_branch")}


def entries(server, query):
    return server.call("GET", f"{API}/audit?limit=1000&{query}").json()


def check_deed(killed, make, point):
    path, member, action = LISTS[make]
    name = f"{make.__name__}-{point}".replace("_", "-")
    killed.send_until(point, *make(name), {})
    there = [one[member] for one in
             killed.server.call("GET", f"{API}{path}").json()]
    rows = [one for one in entries(killed.server, f"action={action}")
            if one["resource_name"].rpartition("/")[2] == name]
    assert len(rows) == (name in there) == (point == "deed_applied")


def check_commits(server):
    ids = [one["id"] for one in server.call(
        "GET", f"{API}/branches/main/commits?catalog=default&limit=1000"
    ).json()]
    until(lambda: set(ids) <= {one["id"] for one in entries(server, "")},
          "all commits are on record")
    rows = [one["id"] for one in entries(server, "")]
    assert len(rows) == len(set(rows))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("store", ("sqlite", "postgres"))
def test_no_deed_is_without_its_row_behind_a_kill(servers, store):
    if servers.form == "release":
        servers.form = "dev"  # a release has no such points
    killed = Killed(servers.new(store=store, workers=2))
    for make in LISTS:
        for point in ("before_deed", "deed_applied"):
            check_deed(killed, make, point)
    for n, point in enumerate(("unit_answered", "before_reply")):
        method, path, body, *_ = list(OPERATIONS)[n](Space(killed.server))
        killed.send_until(point, method, path, body, {})
        check_commits(killed.server)
