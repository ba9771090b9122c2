"""pangolin admin: commands against a server, its tasks, and hostile answers."""

import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import urllib.parse

import pytest
from harness.lease import Lease
from harness.wait import until


class Admin:
    """The program with a home of its own."""

    def __init__(self, server, home):
        self.server, self.home = server, pathlib.Path(home)
        self.environment = {"HOME": str(home), "PATH": os.environ["PATH"],
                            "PANGOLIN_URL": server.url}
        self.profile = self.home / ".config/pangolin/default.json"

    def spawn(self, *words, name="admin", **others):
        return subprocess.Popen(
            [self.server.program, name, *words], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True,
            env={**self.environment, **others})

    def run(self, *words, status=0, typed="", **others):
        process = self.spawn(*words, **others)
        out, err = process.communicate(typed, timeout=60)
        assert "Sanitizer" not in err, err
        assert process.returncode == status, (words, out, err)
        return out if status == 0 else err

    def json(self, *words, **others):
        return json.loads(self.run(*words, "--json", **others))

    def sign_in(self, user="admin", *words):
        return self.run("login", user, "--password-file", "-", *words,
                        typed=self.server.first_password + "\n")


@pytest.fixture(name="real", scope="module")
def fixture_real(start_kind):
    with start_kind(("sqlite", 1)) as server:
        yield server


@pytest.fixture(name="admin")
def fixture_admin(real, tmp_path):
    admin = Admin(real, tmp_path)
    admin.sign_in()
    return admin


# ---- signing in

def test_a_token_is_in_a_file_of_its_owner(admin):
    assert admin.profile.stat().st_mode & 0o777 == 0o600
    assert admin.profile.parent.stat().st_mode & 0o777 == 0o700
    assert admin.json("whoami")["username"] == "admin"
    admin.profile.chmod(0o640)
    assert "chmod 600" in admin.run("whoami", status=1)
    admin.profile.chmod(0o600)
    admin.run("logout")
    assert "token" not in json.loads(admin.profile.read_text())
    assert "sign in" in admin.run("whoami", status=1)


def test_profiles_are_apart(admin):
    admin.sign_in("root", "--profile", "system", "--tenant", "default")
    assert admin.json("whoami", "--profile", "system")["username"] == "root"
    assert admin.json("whoami")["username"] == "admin"
    catalogs = admin.json("catalog", "list", "--profile", "system")
    assert "default" in [c["name"] for c in catalogs]
    assert "has no other" in admin.run(
        "catalog", "list", "--profile", "system", status=1,
        PANGOLIN_TENANT="other")
    assert "letters" in admin.run("whoami", "--profile", "../x", status=1)


def test_a_rotated_token_is_kept(admin):
    admin.run("token", "rotate")
    assert admin.json("whoami")["username"] == "admin"


def test_a_password_is_not_on_the_command_line(admin):
    said = admin.run("login", "admin", "--password=secret", status=2)
    assert "--password" in said and "secret" not in said.split("takes")[0]
    said = admin.run("login", "admin", status=1)
    assert "--password-file" in said
    said = admin.run("warehouse", "create", "w", "--storage-config",
                     "s3.secret-access-key=geheim", status=2)
    assert "=@FILE" in said and "geheim" not in said


def test_certificates_are_checked(servers, tmp_path):
    server = servers.start(settings={"tls": {"mode": "self-signed"}})
    admin = Admin(server, tmp_path)
    assert "certificate" in admin.run("app-config", status=3)
    admin.sign_in("admin", "--ca-file", str(server.authority))
    assert admin.json("whoami")["username"] == "admin"


# ---- commands

def test_things_are_made_found_by_name_and_deleted(admin, tmp_path):
    place = f"location=file://{tmp_path}/lake"
    admin.run("warehouse", "create", "lake", "--storage-config", place)
    made = admin.json("catalog", "create", "sales", "--warehouse", "lake",
                      "--properties", "owner=eu", "--properties", "a=b=c")
    assert made["warehouse_name"] == "lake"
    assert made["properties"] == {"owner": "eu", "a": "b=c"}
    admin.run("create-user", "bob", "--email", "bob@example.com", "--role",
              "tenant-user", "--password-file", "-", typed="bobs-password\n")
    granted = admin.json(
        "permission", "create", "--user", "bob", "--actions", "read,list",
        "--scope-type", "catalog", "--scope-catalog", "sales")
    assert granted["scope"]["catalog_id"] == made["id"]
    assert granted["actions"] == ["read", "list"]
    body = tmp_path / "body"
    body.write_text('{"name": "reader", "permissions": []}')
    admin.run("role", "create", "--body", body)
    admin.run("assign-role", "--user-id", "bob", "--role-id", "reader")
    assert [r["name"] for r in admin.json("user", "role", "list", "bob")] \
        == ["reader"]
    admin.run("user", "role", "delete", "bob", "reader")
    admin.run("delete-user", "bob")
    assert "has no bob" in admin.run("user", "get", "bob", status=1)
    assert admin.run("catalog", "get", "sales").startswith("id:")


def test_lists_are_walked_to_their_end(admin):
    for number in range(5):
        admin.run("role", "create", f"walked{number}")
    names = [r["name"] for r in admin.json("role", "list")]
    assert len(names) >= 5
    paged = admin.json("role", "list", "--page-size", "2")
    assert [r["name"] for r in paged] == names
    assert len(admin.json("role", "list", "--limit", "3")) == 3
    assert len(admin.json("role", "list", "--page", "1",
                          "--page-size", "2")) == 2
    head, *rows = admin.run("role", "list", "--page-size", "2").splitlines()
    assert head.split()[:2] == ["ID", "NAME"] and len(rows) == len(names)


@pytest.mark.parametrize("words,says", (
    (("task", "lst"), "did you mean task list?"),
    (("list-tenant",), "did you mean list-tenants?"),
    (("task", "list", "--sttae", "x"), "did you mean --state?"),
    (("task", "get"), "missing: ID"),
    (("branch", "create", "dev"), "missing: --catalog"),
    (("task", "get", "a", "b"), "too much"),
    (("task", "list", "--limit", "many"), "is a number"),
    (("catalog", "list", "--timeout", "0"), "--timeout"),
    (("user", "create", "x", "--email", "x", "--role", "king"),
     "is one of root tenant-admin tenant-user"),
    (("task", "list", "--body", "x"), "takes no --body"),
    (("task", "list", "--kind"), "no value behind"),
    (("conflict", "resolve", "x", "--content", "{"), "--content"),
    (("catalog", "create", "x", "--properties", "y"), "NAME=VALUE"),
    ((), "usage:")))
def test_a_bad_command_line_names_what_is_right(admin, words, says):
    assert says in admin.run(*words, status=2)


def test_a_server_that_is_not_there_is_no_refusal(admin):
    nowhere = ("--url", "http://127.0.0.1:9")
    assert "does not answer" in admin.run("whoami", *nowhere, status=3)
    assert "may not" in admin.run("tenant", "list", status=1)


def test_users_have_no_commands_of_administrators(admin):
    assert "no command" in admin.run("tenant", "create", "x", name="user",
                                     status=2)
    assert "default" in admin.run("list-catalogs", name="user")


def test_help_manual_and_completions_have_every_command(admin):
    names = re.findall(r"^  ([a-z][a-z -]*[a-z])", admin.run("help"), re.M)
    manual, bash = admin.run("manual"), admin.run("completion", "bash")
    zsh = admin.run("completion", "zsh")
    assert len(names) > 80
    for name in names[:-4]:
        assert f".Ss {name}\n" in manual, name
        assert f"['{name}']='" in bash and f"'{name}' '" in zsh, name
    assert "--warehouse-name" in admin.run("help", "catalog", "create")
    words = "COMP_WORDS=(pangolin-admin task li); COMP_CWORD=2"
    found = subprocess.run(
        ["bash", "-c", f"{bash}\n{words}; _pangolin_admin; "
         "echo ${COMPREPLY[@]}"], capture_output=True, text=True, check=True)
    assert found.stdout == "list\n", found


# ---- tasks

@pytest.fixture(name="stuck")
def fixture_stuck(real, admin, tmp_path):
    """Submits a task that stays in the middle of a table, and waits for it;
    the lease that lets it pass, and the program that waits."""
    made = []

    def stick():
        name = f"stuck{len(admin.json('catalog', 'list'))}"
        admin.run("warehouse", "create", name, "--storage-config",
                  f"location=file://{tmp_path}/{name}")
        admin.run("create-catalog", name, "--warehouse", name)
        for path, body in (("", {"namespace": ["n"]}),
                           ("/n/tables", {"name": "t", "schema": {
                               "type": "struct", "fields": []}})):
            reply = real.call("POST", f"/v1/{name}/namespaces{path}", body)
            assert reply.status == 200, reply
        file = urllib.parse.urlparse(reply.json()["metadata-location"]).path
        lease = Lease(file)
        made.append(lease)
        waiting = admin.spawn("task", "create", "--kind", "verify_catalog",
                              "--catalog", name, "--wait", "--json")
        until(lease.is_wanted, "the task at the table")
        task = next(t["id"] for t in admin.json("task", "list")
                    if t["catalog"] == name)
        return lease, waiting, task

    yield stick
    for lease in made:
        lease.release()


def ended(waiting, status):
    out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == status, (out, err)
    return out, err


def test_a_task_that_completes_is_waited_for(stuck):
    lease, waiting, _ = stuck()
    assert waiting.poll() is None
    lease.let_pass()
    assert json.loads(ended(waiting, 0)[0])["state"] == "completed"


def test_a_task_that_is_cancelled_is_no_success(admin, stuck):
    lease, waiting, task = stuck()
    admin.run("task", "cancel", task)
    lease.let_pass()
    assert "was cancelled" in ended(waiting, 1)[1]


def test_ctrl_c_leaves_the_task_running(admin, stuck):
    lease, waiting, task = stuck()
    os.kill(waiting.pid, signal.SIGINT)
    assert f"task get {task} --wait" in ended(waiting, 130)[1]
    assert admin.json("task", "status", task)["state"] == "running"
    lease.let_pass()
    done = admin.json("task", "get", task, "--wait")
    assert done["state"] == "completed"


def test_a_server_that_restarts_is_waited_for(real, stuck):
    lease, waiting, _ = stuck()
    real.kill()
    lease.release()
    real.restart()
    assert json.loads(ended(waiting, 0)[0])["state"] == "completed"


# ---- a server that means harm

class Hostile:
    """Answers each path as it is told, and keeps the headers of requests."""

    def __init__(self, answers):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                seen.append((self.path, dict(self.headers)))
                status, headers, body = answers(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        threading.Thread(
            target=self.server.serve_forever, args=[0.01]).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def end(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(name="hostile")
def fixture_hostile():
    made = []

    def start(answers):
        made.append(Hostile(answers))
        return made[-1]

    yield start
    for server in made:
        server.end()


def test_text_of_a_server_commands_no_terminal(admin, hostile):
    bad = "\x1b]0;x\x07\u202e\x9b31m"

    def answers(path):
        rows = [{"id": bad, "name": bad}]
        if "tenants" in path:
            return 403, {}, json.dumps({"error": bad}).encode()
        return 200, {}, json.dumps(
            rows[0] if "me" in path else rows).encode()

    url = ("--url", hostile(answers).url)
    for words, status in ((("role", "list"), 0), (("user", "me"), 0),
                          (("tenant", "list"), 1)):
        said = admin.run(*words, *url, status=status)
        assert "\\x1b" in said, said
        assert not set(said) & {"\x1b", "\x07", "\u202e", "\x9b"}, said


def test_a_token_goes_to_no_other_server(admin, hostile):
    other = hostile(lambda path: (200, {}, b"[]"))
    moved = hostile(lambda path: (
        200, {"Link": f'<{other.url}/x?offset=1>; rel="next"'},
        b'[{"id": "1", "name": "a"}]'))
    assert len(admin.json("role", "list", "--url", moved.url)) == 1
    assert "Authorization" not in moved.seen[0][1]
    assert not other.seen


def test_pages_without_an_end_and_large_answers_end(admin, hostile):
    again = hostile(lambda path: (
        200, {"Link": '<?offset=1>; rel="next"'}, b'[{"name": "a"}]'))
    assert len(admin.json("role", "list", "--url", again.url)) == 2
    large = hostile(lambda path: (200, {}, b" " * (65 << 20)))
    assert "64 MiB" in admin.run("whoami", "--url", large.url, status=3)
    deep = hostile(lambda path: (200, {}, b"[" * 100000))
    admin.run("whoami", "--url", deep.url, status=1)


def test_a_task_that_fails_says_why(admin, hostile):
    states = iter(["pending", "running"])

    def answers(_):
        task = {"id": "1", "state": next(states, "failed"), "error": "no disk",
                "progress": {"done": 1, "total": 2}}
        return 200, {}, json.dumps(task).encode()

    server = hostile(answers)
    said = admin.run("task", "get", "1", "--wait", "--url", server.url,
                     status=1)
    assert "the task failed: no disk" in said
    assert len(server.seen) == 3
