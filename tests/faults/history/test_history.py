"""16 clients on two nodes while connections to the database are cut, held and
half closed, answers to COMMIT are lost, the database restarts, and nodes are
killed: acknowledged commits are there once, refused ones are not, and nobody
reads what is old.
"""

import os
import random
import signal

import pytest
from faults.history.load import Load
from faults.test_random_kills import kill_one
from harness.disk import Disk
from harness.relay import Relay

LIMITS = {"request_time": "3s", "thread_wait_time": "2s"}
STORM = ("cut", "tear", "half_close", "delay", "swallow")


@pytest.fixture(name="cluster")
def fixture_cluster(servers, databases, tmp_path):
    """Nodes of one store, each behind a relay of its own."""
    relays = []

    def start(store, count=2, seed=0):
        database = databases(store)
        settings = {
            **database.new_store(connect_timeout="2s"), "limits": LIMITS,
            "warehouse": {"root": f"file://{tmp_path}/warehouse"}}
        nodes = []
        for number in range(count):
            relay = Relay(store, database.port, seed=f"{seed}.{number}")
            relays.append(relay)
            options = {**settings["store"]["options"],
                       "url": relay.url(database.url)}
            nodes.append(servers.start(workers=2, settings={
                **settings, "store": {"plugin": store, "options": options}}))
        for node in nodes:
            node.first_password = nodes[0].first_password
        return database, nodes, relays

    yield start
    for relay in relays:
        relay.close()


def disturb(database, nodes, relays, rate, dice):
    """What happens one after the other, each under load."""
    def storm():
        for relay in relays:
            relay.storm(rate, STORM)

    def calm():
        for relay in relays:
            relay.storm(0, ())

    def kill_worker():
        if pids := dice.choice(nodes).workers():
            os.kill(dice.choice(pids), signal.SIGKILL)

    def kill_node():
        """A start gives up when it loses its connection: it has none to
        lose."""
        number = dice.randrange(len(nodes))
        nodes[number].kill()
        relays[number].storm(0, ())
        nodes[number].start()

    return storm, kill_worker, kill_node, database.crash, calm


@pytest.mark.parametrize("store,rate,commits", (
    ("postgres", 0.001, 15), ("mongo", 0.01, 5)))
@pytest.mark.timeout(1800)
def test_two_nodes_under_faults_keep_one_history(
        cluster, store, rate, commits, long):
    for seed in range(10 if long else 1):
        database, nodes, relays = cluster(store, seed=seed)
        dice = random.Random(seed)
        with Load(nodes, seed) as load:
            for turn in range(4 if long else 1):
                for act in disturb(database, nodes, relays, rate,
                                   dice):
                    load.go_on(commits * (turn + 1))
                    act()
            load.go_on(commits)
        load.check()
        assert any(relay.done for relay in relays)


@pytest.mark.timeout(1800)
def test_one_node_on_a_disk_that_fills_keeps_one_history(
        servers, tmp_path, long):
    """SQLite: full again and again, and killed while it is."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    node = servers.new(workers=2, settings={
        "limits": LIMITS,
        "warehouse": {"root": f"file://{tmp_path}/warehouse"}})
    disk = Disk(node, 16 << 20)
    dice = random.Random(1)
    try:
        node.start()
        with Load([node]) as load:
            for _ in range(20 if long else 2):
                load.go_on(dice.randrange(10, 40))
                disk.fill(dice.randrange(0, 1 << 16))
                load.wait_for_refusals(10)
                kill_one(node, dice)
                disk.empty()
            load.go_on(20)
        load.check()
    finally:
        node.kill()
        disk.close()


@pytest.mark.parametrize("store,kills", (("postgres", 3), ("mongo", 2)))
@pytest.mark.timeout(3600)
def test_random_kills_on_two_nodes_lose_nothing(
        servers, databases, tmp_path, store, kills, long):
    """Of a parent or a worker; --long: 200 on each store, in rounds, so that
    no table grows without end.  On SQLite see test_random_kills.py."""
    dice = random.Random(store)
    for number in range(5 if long else 1):
        settings = {
            **databases(store).new_store(),
            "warehouse": {"root": f"file://{tmp_path}/warehouse{number}"}}
        nodes = [servers.start(store=store, workers=2, settings=settings)
                 for _ in range(2)]
        nodes[1].first_password = nodes[0].first_password
        with Load(nodes) as load:
            for _ in range(40 if long else kills):
                load.go_on(dice.randrange(1, 20), 180)
                kill_one(dice.choice(nodes), dice)
            load.go_on(20, 180)
        load.check()
        for node in nodes:
            node.kill()
