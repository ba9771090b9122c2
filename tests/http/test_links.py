"""Whoever may write into a warehouse plants links there; none is followed."""

import ctypes
import itertools
import os
import threading

import pytest
from harness.manifests import ByHand
from harness.plans import BY_KIND, make, plan

KIND = (("sqlite", 2),)
FIELD = {"id": 1, "name": "x", "type": "long", "required": False}
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [FIELD]}
EXCHANGE = 2  # RENAME_EXCHANGE
AT_FDCWD = -100
NAMESPACES = "/v1/default/namespaces"
_numbers = itertools.count(1)

pytestmark = pytest.mark.parametrize("server", KIND, ids=["sqlite"],
                                     indirect=True)


class Space:
    """A namespace with a table, and the folder of that table."""

    def __init__(self, server):
        self.server, self.name = server, f"links{next(_numbers)}"
        self.path = f"{NAMESPACES}/{self.name}"
        made = server.call("POST", NAMESPACES, {"namespace": [self.name]})
        assert made.status == 200, made
        reply = self.create("t")
        assert reply.status == 200, reply
        self.metadata = reply.json()["metadata-location"]
        location = reply.json()["metadata"]["location"]
        self.folder = server.state_dir / location.split("/state/")[1]
        # of no table, in the catalog's place
        self.free = self.folder.parent / "free"
        self.free.mkdir()

    def create(self, name, **more):
        return self.server.call("POST", f"{self.path}/tables",
                                {"name": name, "schema": SCHEMA, **more})

    def register(self, location):
        return self.server.call("POST", f"{self.path}/register", {
            "name": f"r{next(_numbers)}", "metadata-location": location})

    def set(self, name, value):
        return self.server.call("POST", f"{self.path}/tables/t", {
            "requirements": [], "updates": [
                {"action": "set-properties", "updates": {name: value}}]})


@pytest.fixture(name="space")
def fixture_space(server):
    return Space(server)


def test_one_sentence_for_every_file_that_cannot_be_read(space, tmp_path):
    metadata = space.free
    (own,) = (space.folder / "metadata").iterdir()
    outside = tmp_path / "outside.metadata.json"
    outside.write_bytes(own.read_bytes().replace(
        str(space.folder).encode(), str(space.folder).encode() + b"2"))
    outside.chmod(0o600)
    (metadata / "file").symlink_to(outside)
    (metadata / "nothing").symlink_to(tmp_path / "nothing")
    (metadata / "folder").symlink_to(tmp_path)
    (metadata / "loop").symlink_to("loop")
    (metadata / "magic").symlink_to("/proc/self/exe")
    (metadata / "inside").symlink_to(own)
    (metadata / "directory").mkdir()
    os.mkfifo(metadata / "pipe")
    said = set()
    for name in ("missing", "file", "nothing", "folder", "folder/x",
                 "folder/outside.metadata.json", "loop", "magic", "inside",
                 "directory", "pipe", "file/x", "x" * 256):
        location = f"file://{metadata}/{name}"
        reply = space.register(location)
        assert location in reply.json()["error"]["message"]
        said.add((reply.status, reply.json()["error"]["type"],
                  reply.json()["error"]["message"].replace(location, "")))
    assert len(said) == 1 and said.pop()[0] == 404


def test_no_manifest_is_read_through_a_link(server, tmp_path):
    table, path = make(server, BY_KIND)
    hand = ByHand(server, path)
    rows = [hand.manifest(table, [hand.file("a1", ("a",))], 1)]
    hand.snapshot(1, rows)
    assert plan(server, path).status == 200
    manifest = server.state_dir / rows[0].manifest_path.split("/state/")[1]
    stolen = tmp_path / "manifest.avro"
    manifest.rename(stolen)
    manifest.with_name("link.avro").symlink_to(stolen)
    rows[0][0] = rows[0].manifest_path.replace(manifest.name, "link.avro")
    hand.snapshot(2, rows)
    reply = plan(server, path)
    assert reply.status == 404, reply
    assert b"Failed to open input stream" in reply.body


def test_no_commit_writes_through_a_link(server, space):
    before = set(os.listdir(server.state_dir))
    (space.folder / "planted").symlink_to(server.state_dir)
    assert space.set("write.metadata.path",
                     f"file://{space.folder}/planted").status == 400
    assert space.set("n", "1").status == 200
    assert set(os.listdir(server.state_dir)) == before


def test_no_table_is_made_below_a_link(server, space, tmp_path):
    (space.free / "middle").symlink_to(tmp_path)
    kept = os.listdir(tmp_path)
    middle = f"file://{space.free}/middle"
    for place in (f"{middle}/t", f"{middle}/a/b/t", middle):
        refused = space.create(f"x{next(_numbers)}", location=place)
        assert refused.status == 400, refused
    space.server.call("POST", NAMESPACES, {
        "namespace": [space.name, "below"],
        "properties": {"location": middle}})
    refused = space.server.call("POST", f"{space.path}%1Fbelow/tables", {
        "name": "y", "schema": SCHEMA})
    assert refused.status == 400, refused
    assert os.listdir(tmp_path) == kept


def test_no_warehouse_is_made_below_a_link(server, space, tmp_path):
    (space.free / "middle").symlink_to(tmp_path)
    refused = server.call("POST", "/api/v1/warehouses", {
        "name": space.name, "storage_config": {
            "root": f"file://{space.free}/middle/wh"}})
    assert refused.status == 400, refused
    assert not (tmp_path / "wh").exists()


class Swapper:
    """Swaps two names for each other until it is told to stop."""

    def __init__(self, one, other):
        self.names = [os.fsencode(one), os.fsencode(other)]
        self.over, self.rounds = False, 0
        self.thread = threading.Thread(target=self.swap)

    def swap(self):
        libc = ctypes.CDLL(None, use_errno=True)
        while not self.over:
            assert libc.renameat2(AT_FDCWD, self.names[0], AT_FDCWD,
                                  self.names[1], EXCHANGE) == 0
            self.rounds += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()


def test_a_directory_that_becomes_a_link_leads_nowhere(space, tmp_path):
    metadata, link = space.folder / "metadata", space.folder / "link"
    decoy = tmp_path / "decoy"
    decoy.mkdir()
    link.symlink_to(decoy)
    with Swapper(metadata, link) as swapper:
        replies = [space.set("n", str(n)) for n in range(40)]
    assert swapper.rounds > 40
    assert {reply.status for reply in replies} <= {200, 400, 404}
    assert os.listdir(decoy) == []
    assert not [n for n in os.listdir(tmp_path) if n.endswith(".json")]
