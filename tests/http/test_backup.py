"""backup and restore: from every store into every store, nothing changed."""

import contextlib
import hashlib
import itertools
import json
import os
import pathlib
import pty
import re
import sqlite3
import stat
import subprocess
import threading
import urllib.parse
import uuid

import pytest
from harness.server import Server
from harness.wait import until

DATABASES = ("postgres", "mongo")
STORES = ("sqlite", "postgres", "mongo")
NAMESPACES = "/v1/default/namespaces"
FIELD = {"id": 1, "name": "x", "type": "long", "required": False}
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [FIELD]}
ODD_NAMES = ("with space", "UPPER", "ünï", "🐾🦔", "a.b", "q'\"\\", "n" * 200)
LONG = ("n" * 200,) * 3  # with a name behind it 803 bytes
PASSWORD = "correct horse battery"


def pangolin(server, verb, *arguments, **others):
    """A verb that ends by itself, with the settings of a server."""
    config = server.write_config()
    made = subprocess.run(
        [server.program, verb, "-c", config, *arguments],
        capture_output=True, check=False, timeout=120, **others)
    made.stderr = made.stderr.decode()
    assert "Sanitizer" not in made.stderr, made.stderr
    return made


def backup(server, file):
    made = pangolin(server, "backup", file)
    assert made.returncode == 0, made.stderr
    return file


def restore(server, file, *flags):
    made = pangolin(server, "restore", file, *flags)
    assert made.returncode == 0, made.stderr
    return made


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def rows_of(found):
    return {line["name"]: line["rows"] for line in found
            if line.get("pangolin") == "end"}


def data_of(file):
    """The lines between the first and the last, as bytes."""
    return file.read_bytes().splitlines()[1:-1]


def quoted(*levels):
    return urllib.parse.quote("\x1f".join(levels), safe="")


# ---- a store that has something of everything

class Shop:
    """What was made, and what the API said of it."""

    def __init__(self, server):
        self.server = server
        self.paths = []
        self.fill_identity()
        self.fill_catalog()
        self.fill_tasks()
        self.answers = answers(server, self.paths)

    def location(self):
        """The metadata file of the first table."""
        return self.answers[self.paths[0]][1]["metadata-location"]

    def must(self, status, method, path, body=None, user="admin"):
        reply = self.server.call(method, path, body, user)
        assert reply.status == status, reply
        return reply.json() if reply.body else None

    def fill_identity(self):
        server = self.server
        server.token("root")
        tenants = [self.must(201, "POST", "/api/v1/tenants", {"name": name},
                             "root") for name in ("Zoë & co", "gone")]
        self.must(204, "DELETE", f"/api/v1/tenants/{tenants[1]['id']}",
                  user="root")
        for name in ("reader 🐾", "leaver"):
            user = self.must(201, "POST", "/api/v1/users", {
                "username": name, "email": f"{name[:6].strip()}@x.example",
                "password": PASSWORD, "role": "tenant-user"})
        self.must(204, "DELETE", f"/api/v1/users/{user['id']}")
        self.key = self.must(201, "POST", "/api/v1/service-users", {
            "name": "robot", "description": "", "role": "tenant-admin"})
        self.must(201, "POST", "/api/v1/warehouses", {
            "name": "other", "storage_config": {
                "root": f"file://{server.folder}/other place"}})
        for name in ("second", "dropped"):
            self.must(201, "POST", "/api/v1/catalogs", {
                "name": name, "warehouse_name": "other",
                "properties": {"größe": "1"}})
        self.must(204, "DELETE", "/api/v1/catalogs/dropped")

    def fill_catalog(self):
        for name in ODD_NAMES:
            self.must(200, "POST", NAMESPACES, {
                "namespace": [name], "properties": {"note": name * 3}})
        self.must(200, "POST", NAMESPACES, {"namespace": ["deep"]})
        self.must(200, "POST", NAMESPACES, {"namespace": ["deep", "er"]})
        self.must(200, "POST", NAMESPACES, {"namespace": ["empty"]})
        self.must(204, "DELETE", f"{NAMESPACES}/empty")
        for path in (LONG[:2], LONG):
            self.must(200, "POST", NAMESPACES, {"namespace": path})
        for ns, name in ((("deep", "er"), "t"), (LONG, "n" * 200),
                         *((("deep",), name) for name in ODD_NAMES)):
            self.make_table(ns, name)
        self.must(204, "POST", "/v1/default/tables/rename", {
            "source": {"namespace": ["deep"], "name": "UPPER"},
            "destination": {"namespace": ["deep", "er"], "name": "moved"}})
        self.must(204, "DELETE", f"{NAMESPACES}/deep/tables/a.b")
        self.must(200, "POST", f"{NAMESPACES}/deep/views", {
            "name": "seen", "schema": SCHEMA, "properties": {},
            "view-version": {
                "version-id": 1, "timestamp-ms": 1760000000000,
                "schema-id": 0, "summary": {},
                "representations": [{"type": "sql", "sql": "select 1",
                                     "dialect": "spark"}],
                "default-namespace": ["deep"]}})
        self.paths += [f"{NAMESPACES}/deep/views/seen"]

    def make_table(self, ns, name):
        path = f"{NAMESPACES}/{quoted(*ns)}/tables"
        self.must(200, "POST", path, {"name": name, "schema": SCHEMA})
        path += "/" + quoted(name)
        for number in range(3):
            self.must(200, "POST", path, {"requirements": [], "updates": [
                {"action": "set-properties",
                 "updates": {"n": str((1 << 63) - number)}}]})
        self.paths.append(path)

        self.once = {"Idempotency-Key": str(uuid.uuid4())}
        refused = self.server.call("DELETE", f"{NAMESPACES}/deep/tables/ghost",
                                   headers=self.once)
        assert refused.status == 404

    def fill_tasks(self):
        task = self.must(202, "POST", "/api/v1/tasks", {
            "kind": "verify_catalog", "catalog": "default"})["task_id"]
        path = f"/api/v1/tasks/{task}"
        until(lambda: self.must(200, "GET", path)["finished_at"], "the task")
        self.paths += [path, f"{path}/results"]


def answers(server, paths):
    """What the API says of everything, but for what signing in changes."""
    lists = [f"/api/v1/{name}" for name in (
        "users", "service-users", "warehouses", "catalogs",
        "tasks")] + [NAMESPACES, "/v1/second/namespaces", f"{NAMESPACES}?parent=deep"]
    lists += [f"{NAMESPACES}/{quoted(*ns)}/{kind}" for ns in (
        ("deep",), ("deep", "er"), ("🐾🦔",)) for kind in ("tables", "views")]
    lists += [f"{NAMESPACES}/{quoted(name)}" for name in ODD_NAMES]
    found = {}
    for path in lists + paths:
        reply = server.call("GET", path)
        found[path] = (reply.status, without_times(json.loads(reply.body)))
    found["tenants"] = server.as_root("GET", "/api/v1/tenants").json()
    return found


def without_times(value):
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items()
                if k not in ("last_login", "last_used")}
    if isinstance(value, list):
        return [without_times(v) for v in value]
    return value


class Place:
    """Where servers of a module are made, each with a store of its own."""

    def __init__(self, folder, form, databases):
        self.folder, self.form, self.databases = folder, form, databases
        self.numbers = itertools.count()

    def new(self, store, **settings):
        folder = self.folder / f"server{next(self.numbers)}"
        folder.mkdir()
        if store in DATABASES:
            settings.update(self.databases(store).new_store())
        return Server(folder, self.form, store=store, settings=settings)


@contextlib.contextmanager
def running(server):
    try:
        yield server.start()
    finally:
        server.kill()
        text = server.log_text()
        assert "Sanitizer" not in text and "runtime error" not in text, text


@pytest.fixture(scope="module", name="place")
def fixture_place(tmp_path_factory, form, databases):
    return Place(tmp_path_factory.mktemp("backup"), form or "dev", databases)


@pytest.fixture(scope="module", name="shop")
def fixture_shop(place):
    server = place.new("sqlite")
    with running(server):
        shop = Shop(server)
        shop.passwords = dict(server.tokens)
        # while it serves, from another process
        shop.file = backup(server, place.folder / "shop.jsonl")
    return shop


@pytest.fixture(scope="module", name="copies", params=STORES)
def fixture_copies(request, place, shop):
    """A store of each kind that holds the shop, and a backup made of it."""
    server = place.new(request.param)
    made = restore(server, shop.file, "--verify")
    assert b"as the file has them" in made.stdout
    assert b"the metadata files of all" in made.stdout
    return server, backup(server, server.folder / "again.jsonl")


def test_a_backup_is_for_its_owner_and_says_what_it_is(shop):
    assert stat.S_IMODE(shop.file.stat().st_mode) == 0o600
    assert not list(shop.file.parent.glob("*.tmp"))
    found = lines(shop.file)
    assert found[0]["pangolin"] == "backup" and found[0]["format"] == 1
    assert found[-1]["pangolin"] == "complete"
    rows = rows_of(found)
    assert rows["users"] == 3 and rows["service_users"] == 1
    assert rows["catalogs"] == 2 and rows["tasks"] == 1
    assert rows["commits"] > 40 and rows["versions"] >= rows["commits"]


def test_a_backup_of_a_copy_has_the_same_data(copies, shop):
    assert data_of(copies[1]) == data_of(shop.file)


# from SQLite into the others goes what `copies` is made of
PAIRS = [pair for pair in itertools.product(STORES, STORES)
         if pair[0] != "sqlite" or pair[1] == "sqlite"]


@pytest.mark.parametrize("copies,to", PAIRS, indirect=["copies"],
                         ids=["-".join(pair) for pair in PAIRS])
def test_from_every_store_into_every_store(copies, place, shop, to):
    server = place.new(to)
    restore(server, copies[1])
    again = backup(server, server.folder / "third.jsonl")
    assert data_of(again) == data_of(shop.file)


def test_a_copy_answers_as_the_first_did(copies, shop):
    server = copies[0]
    # what was issued before is good here, too: the keys came along
    server.tokens = dict(shop.passwords)
    with running(server):
        assert "first start" not in server.log_text()
        assert not server.password_file.exists()
        assert answers(server, shop.paths) == shop.answers
        assert server.sign_in("reader 🐾", PASSWORD).status == 200
        assert server.sign_in("leaver", PASSWORD).status == 401
        assert server.sign_in("admin",
                              shop.server.first_password).status == 200
        assert server.get(NAMESPACES, {
            "X-API-Key": shop.key["api_key"]}).status == 200
        # what was answered without a commit is answered so again
        assert server.call("POST", f"{NAMESPACES}/deep/tables", {
            "name": "ghost", "schema": SCHEMA}).status == 200
        ghost = f"{NAMESPACES}/deep/tables/ghost"
        assert server.call("DELETE", ghost, headers=shop.once).status == 404
        assert server.call("HEAD", ghost).status == 204
        # and it goes on from there
        assert server.call("POST", shop.paths[0], {
            "requirements": [], "updates": [
                {"action": "set-properties", "updates": {"n": "1"}}],
        }).status == 200
        assert server.call("POST", "/api/v1/catalogs", {
            "name": "third", "warehouse_name": "other"}).status == 201


# ---- while others write

@pytest.mark.parametrize("store", STORES)
def test_what_is_copied_beside_writers_fits_together(place, store, tmp_path):
    source = place.new(store)
    with running(source):
        source.token()
        source.call("POST", NAMESPACES, {"namespace": ["busy"]})
        stop = threading.Event()
        made = [0] * 8

        def write(number):
            while not stop.is_set():
                name = f"t{number}-{made[number]}"
                reply = source.call("POST", f"{NAMESPACES}/busy/tables",
                                    {"name": name, "schema": SCHEMA})
                assert reply.status == 200, reply
                made[number] += 1
                if made[number] % 5 == 0:
                    source.call("POST", "/api/v1/catalogs", {
                        "name": name, "warehouse_name": "default"})

        writers = [threading.Thread(target=write, args=(n,))
                   for n in range(len(made))]
        for writer in writers:
            writer.start()
        try:
            until(lambda: all(made), "everybody writes", 60)
            before = sum(made)
            files = [backup(source, tmp_path / f"{n}.jsonl") for n in range(3)]
            after = sum(made)
        finally:
            stop.set()
            for writer in writers:
                writer.join()
    target = place.new("sqlite")
    restore(target, files[-1], "--verify")
    target.first_password = source.first_password
    with running(target):
        tables = target.call("GET", f"{NAMESPACES}/busy/tables").json()
        assert before <= len(tables["identifiers"]) <= after + len(made)
        task = target.call("POST", "/api/v1/tasks", {
            "kind": "verify_catalog", "catalog": "default"}).json()["task_id"]
        path = f"/api/v1/tasks/{task}"
        until(lambda: target.call("GET", path).json()["finished_at"], "the task")
        assert target.call("GET", path).json()["state"] == "completed"
        assert target.call("GET", f"{path}/results").json() == []


# ---- what goes wrong

def compose(file, rows, log=1 << 40):
    """A backup of one long log, as the program would write it."""
    whole = hashlib.sha256()
    with open(file, "wb") as out:
        def put(line):
            text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
            whole.update(text)
            out.write(text)
            return text

        put({"pangolin": "backup", "format": 1, "schema": 1, "version": "0",
             "id": str(uuid.uuid4())})
        for name, made in (
                ("commits", [{"branch": log, "seq": n, "id": str(uuid.UUID(int=n)),
                              "at_us": n} for n in range(1, rows + 1)]),
                ("refs", [{"id": log, "kind": 1, "state": 1}])):
            part = hashlib.sha256()
            put({"pangolin": "section", "name": name})
            for row in made:
                part.update(put(row))
            put({"pangolin": "end", "name": name, "rows": len(made),
                 "sha256": part.hexdigest()})
        put({"pangolin": "complete", "rows": rows + 1,
             "sha256": whole.hexdigest()})
    return file


def kill_in_the_middle(server, file):
    """kill -9 of a restore whose first rows are stored; how many are."""
    server.process = subprocess.Popen(
        [server.program, "restore", "-c", server.write_config(), file],
        start_new_session=True)
    path = server.state_dir / "pangolin.db"

    def stored():
        with contextlib.suppress(sqlite3.OperationalError), \
                contextlib.closing(sqlite3.connect(
                    f"file:{path}?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*) FROM commits").fetchone()[0]
        return 0

    until(stored, "rows go in")
    server.kill()
    return stored()


def test_no_server_works_on_half_of_a_backup(place, shop, tmp_path):
    server = place.new("sqlite")
    file = compose(tmp_path / "long.jsonl", 50000)
    assert 0 < kill_in_the_middle(server, file) < 50000
    process = server.spawn()
    assert process.wait(timeout=60) == 1
    assert "has only a part of a backup" in server.log_text()
    for verb in (("init",), ("reset-password", "admin"),
                 ("backup", tmp_path / "none")):
        made = pangolin(server, *verb)
        assert made.returncode == 1, verb
        assert "has only a part of a backup" in made.stderr
    assert not list(tmp_path.glob("none*"))
    made = pangolin(server, "restore", shop.file)
    assert made.returncode == 1
    assert "has a part of another backup" in made.stderr
    restore(server, file)
    rows = rows_of(lines(backup(server, tmp_path / "again.jsonl")))
    assert rows["commits"] == 50000 and rows["refs"] == 1


def test_a_store_in_use_is_not_restored_into(place, shop):
    server = place.new("sqlite")
    assert pangolin(server, "init").returncode == 0
    made = pangolin(server, "restore", shop.file)
    assert made.returncode == 1 and "it has 2 refs" in made.stderr
    with running(server):
        made = pangolin(server, "restore", shop.file)
        assert made.returncode == 1 and "already uses" in made.stderr
        assert server.sign_in("admin", server.first_password).status == 200


def test_a_damaged_file_leaves_no_trace(place, shop, tmp_path):
    server = place.new("sqlite")
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(shop.file.read_bytes()[:-200])
    made = pangolin(server, "restore", cut)
    assert made.returncode == 1
    assert f"{cut} ends too early, in line" in made.stderr
    made = pangolin(server, "restore", tmp_path / "none")
    assert made.returncode == 1 and "No such file" in made.stderr
    assert not server.state_dir.exists()


def test_missing_metadata_files_are_named(place, shop, tmp_path):
    server, location = place.new("sqlite"), shop.location()
    file = pathlib.Path(urllib.parse.unquote(
        urllib.parse.urlparse(location).path))
    aside = tmp_path / "aside"
    file.rename(aside)
    try:
        made = pangolin(server, "restore", shop.file, "--verify")
    finally:
        aside.rename(file)
    assert made.returncode == 1
    assert f"missing {location} of default.deep.er.t" in made.stdout.decode()
    assert "The store is restored, but of" in made.stderr
    assert "1 have no metadata file" in made.stderr


def test_a_backup_goes_through_a_pipe(place, shop):
    source, target = place.new("sqlite"), place.new("sqlite")
    restore(source, shop.file, "--quiet")
    copied = pangolin(source, "backup", "-")
    assert copied.returncode == 0 and "rows" in copied.stderr
    made = pangolin(target, "restore", "-", "--quiet", input=copied.stdout)
    assert made.returncode == 0 and not made.stdout and not made.stderr
    assert sorted(p.name for p in target.state_dir.iterdir()) == sorted(
        p.name for p in source.state_dir.iterdir())
    again = pangolin(target, "backup", "-", "--quiet")
    assert again.stderr == ""
    assert again.stdout.splitlines()[1:-1] == data_of(shop.file)


def test_the_store_in_memory_is_out_of_reach(place, tmp_path):
    server = place.new("memory")
    for verb in ("backup", "restore"):
        made = pangolin(server, verb, tmp_path / "x")
        assert made.returncode == 1
        assert "only the server sees it" in made.stderr
    assert not server.state_dir.exists() and not list(tmp_path.iterdir())


def test_a_terminal_is_shown_a_bar(place, tmp_path):
    server = place.new("sqlite")
    file = compose(tmp_path / "long.jsonl", 100)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [server.program, "restore", "-c", server.write_config(), file],
        stderr=theirs, stdout=subprocess.DEVNULL)
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # how the other end is closed
        while some := os.read(ours, 65536):
            said += some
    os.close(ours)
    assert process.wait(timeout=60) == 0, said
    assert re.search(rb"\rrestore  +\[#* *\] +\d+ %, \d+ a second, "
                     rb"\d+:\d\d left", said), said
