"""Two nodes on one database and one bucket: what each asks the bucket."""

import copy

from harness.sea import SETTINGS, Sea

SEALING_KEY = "the-key-that-both-nodes-have-0123456789"


def test_the_first_load_on_another_node_is_one_get(servers, databases, proxy):
    settings = {**SETTINGS, **databases("postgres").new_store(), "warehouse": {
        **SETTINGS["warehouse"], "sealing_key": SEALING_KEY}}
    nodes = [servers.new(settings=settings, workers=1) for _ in range(2)]
    nodes[0].start()
    nodes[1].first_password = nodes[0].first_password
    nodes[1].start()
    here = Sea(nodes[0], proxy)
    there = copy.copy(here)
    there.server = nodes[1]
    here.make_space()
    here.make_table("t")
    assert there.costs(there.load, "t") == ["GET"]
    assert there.costs(there.load, "t") == []
    assert here.costs(here.set, "t", "1") == ["PUT"]
    assert there.costs(there.load, "t") == ["GET"]
    # a node that has seen the base needs nothing but its own file
    assert there.costs(there.set, "t", "2") == ["PUT"]
    assert here.costs(here.load, "t") == ["GET"]
    assert here.costs(here.load, "t") == []
    assert here.value("t") == there.value("t") == "2"
