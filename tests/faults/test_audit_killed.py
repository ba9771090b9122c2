"""kill -9 around deeds: each is on record once, and no row is without one."""

import concurrent.futures

import pytest
from harness.changes import OPERATIONS, Space
from harness.killed import Killed
from harness.tenants import PASSWORD
from harness.wait import until

API = "/api/v1"
SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}


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


def test_two_nodes_write_each_commit_once_and_one_is_killed(servers):
    """Each node follows the logs that both write to."""
    first = servers.start(store="postgres", workers=2)
    second = servers.start(store="postgres", workers=2, settings={
        "store": first.settings["store"],
        "warehouse": first.settings["warehouse"]})
    second.first_password = first.first_password
    nodes = {"first/1": first, "second/1": second}
    base = "/v1/default/namespaces"
    assert first.call("POST", base, {"namespace": ["both"]}).status == 200
    for agent, node in nodes.items():
        reply = node.call("POST", f"{base}/both/tables", {
            "name": agent[0], "schema": SCHEMA})
        assert reply.status == 200, reply

    def commit(agent, number):
        reply = nodes[agent].call("POST", f"{base}/both/tables/{agent[0]}", {
            "requirements": [], "updates": [{
                "action": "set-properties", "updates": {"k": str(number)}}]},
            headers={"User-Agent": agent})
        assert reply.status == 200, reply

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: commit(list(nodes)[n % 2], n), range(60)))
    # address and program come with the notes of the node that has committed
    until(lambda: sorted(
        one["user_agent"] or "" for one in entries(
            first, "action=commit_table")) == sorted(list(nodes) * 30),
        "each commit once, with its program")
    commit("second/1", 60)
    second.kill()
    commit("first/1", 61)
    until(lambda: len(entries(first, "action=commit_table")) == 62,
          "the last commit of the node that was killed")
    rows = entries(first, "action=commit_table")
    assert len({one["id"] for one in rows}) == 62
    check_commits(first)
