"""Engines are in the server's group: what they can open of its files."""

import json
import os
import stat
import subprocess
import sys
import tempfile

import pytest
from harness.server import Server

ENGINE = 65534  # an account that is nobody, in the server's group
NAMESPACES = "/v1/default/namespaces"
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}

# What another account of the group can do in a directory: what it can open of
# the names it is given, whether it can list, and write a file of a table.
TRIES = """
import json, os, sys
group, user, state, table, names = json.loads(sys.argv[1])
os.setgroups([group]); os.setgid(group); os.setuid(user)
def works(call, *arguments):
    try:
        call(*arguments)
    except PermissionError:
        return False
    return True
def write(path):
    with open(path, "x") as file:
        file.write("rows")
print(json.dumps({
    "opened": [n for n in names if works(os.open, f"{state}/{n}", os.O_RDONLY)
               or works(os.open, f"{state}/{n}", os.O_WRONLY)],
    "lists": works(os.listdir, state),
    "makes": works(write, f"{state}/mine"),
    "reads tables": works(os.listdir, f"{table}/metadata"),
    "writes tables": works(write, f"{table}/data/rows")}))
"""


@pytest.fixture(name="server")
def fixture_server(form):
    """In a folder that others may pass through, as /var/lib is."""
    if os.geteuid() != 0:
        pytest.fail("only root becomes another account")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        server = Server(folder, form or "dev", workers=2,
                        settings={"tls": {"mode": "self-signed"}})
        try:
            yield server.start()
        finally:
            server.kill()


def of_engine(server, table):
    names = sorted(os.listdir(server.state_dir))
    group = server.state_dir.stat().st_gid
    said = subprocess.run(
        [sys.executable, "-c", TRIES, json.dumps([
            group, ENGINE, str(server.state_dir), table, names])],
        check=True, capture_output=True, text=True).stdout
    return names, json.loads(said)


def make_table(server):
    assert server.call("POST", NAMESPACES, {
        "namespace": ["a"]}).status == 200
    made = server.call("POST", f"{NAMESPACES}/a/tables", {
        "name": "t", "schema": SCHEMA})
    assert made.status == 200, made
    return made.json()["metadata"]["location"].removeprefix("file://")


def modes(server):
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode))
            for path in server.state_dir.iterdir() if path.is_file()}


def test_an_engine_of_the_group_reaches_tables_and_nothing_else(server):
    table = make_table(server)
    names, can = of_engine(server, table)
    assert {"initial-admin-password", "lock", "pangolin.db", "pangolin.pid",
            "pangolin.db-wal", "self-signed.key"} <= set(names)
    # every client may see the certificate: it is sent to each
    assert can == {"opened": ["self-signed.crt", "warehouse"], "lists": False,
                   "makes": False, "reads tables": True,
                   "writes tables": True}


def test_what_is_there_is_tightened_at_the_start(server):
    make_table(server)
    assert server.stop() == 0
    server.state_dir.chmod(0o775)
    (server.state_dir / "pangolin.db.v1.bak").write_text("a copy")
    for path in server.state_dir.iterdir():
        if path.is_file():
            path.chmod(0o664)
    server.restart()
    assert stat.S_IMODE(server.state_dir.stat().st_mode) == 0o710
    found = modes(server)
    assert found.pop("self-signed.crt") == "0o644"
    assert set(found.values()) == {"0o600"}, found


def test_what_is_kept_of_a_run_is_private(server):
    make_table(server)
    server.call("GET", f"{NAMESPACES}/a/tables/t")
    assert server.stop() == 0
    assert modes(server)["hot-files"] == "0o600"


@pytest.mark.parametrize("mode, told", ((0o644, True), (0o640, False),
                                        (0o600, False)))
@pytest.mark.parametrize("setting", ("token_secret", "token_secret_file"))
def test_a_secret_that_everybody_can_read_is_told_of(
        servers, tmp_path, setting, mode, told):
    secret = tmp_path / "secret"
    secret.write_text("s" * 40)
    server = servers.new(settings={"auth": {setting: (
        str(secret) if "file" in setting else "s" * 40)}})
    config = server.write_config()
    file = secret if "file" in setting else config
    for path in (secret, config):
        path.chmod(0o600)
    file.chmod(mode)
    server.start()
    words = f"{file} holds a secret and everybody can read it"
    assert (words in server.log_text()) == told


def back_up(server, file):
    return subprocess.run(
        [server.program, "backup", "-c", server.write_config(), file],
        capture_output=True, check=False, text=True, timeout=60)


def hard_link(part, other):
    os.link(other, part)


def someone_elses(part, _):
    part.touch()
    os.chown(part, ENGINE, -1)


def pipe_with_a_reader(part, _):
    os.mkfifo(part)
    return os.open(part, os.O_RDONLY | os.O_NONBLOCK)


@pytest.mark.parametrize("plant", (hard_link, someone_elses,
                                   pipe_with_a_reader))
def test_no_backup_goes_into_what_somebody_has_planted(
        server, tmp_path, plant):
    file, other = tmp_path / "backup", tmp_path / "other"
    part = tmp_path / "backup.tmp"
    other.write_text("what it was")
    reader = plant(part, other)
    before = part.lstat()
    made = back_up(server, file)
    if reader is not None:
        os.close(reader)
    assert made.returncode == 1
    assert "is there and no file of yours alone" in made.stderr
    assert part.lstat() == before and other.read_text() == "what it was"
    part.unlink()
    assert back_up(server, file).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
