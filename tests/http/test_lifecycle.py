"""Starting, stopping, and everything that keeps a server from starting."""

import json
import os
import pathlib
import pty
import re
import signal
import socket
import stat
import subprocess
import threading

import pytest
from harness.server import ROOT, Server
from harness.wait import until
from harness.wire import Wire


def run_to_end(server, *arguments):
    """A start that cannot succeed: its exit code and what it said."""
    process = server.spawn(*arguments)
    try:
        code = process.wait(30)
    finally:
        server.kill()
    text = server.log_text()
    assert "Traceback" not in text
    return code, text


def last_line(text):
    return text.strip().splitlines()[-1]


# ---- stopping

@pytest.mark.parametrize("store,workers", (("sqlite", 1), ("sqlite", 4),
                                           ("memory", 1)))
def test_sigterm_ends_it_cleanly(servers, store, workers):
    server = servers.start(store=store, workers=workers)
    assert server.stop() == 0
    last = json.loads(last_line(server.log_text()))
    assert (last["level"], last["message"]) == ("info", "stopped")


def test_a_drain_answers_what_is_in_progress(servers):
    server = servers.start(workers=2)
    token = server.bearer()
    with Wire(server) as begun, Wire(server) as idle:
        idle.send(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.reply().status == 200
        body = b'{"namespace": ["drained"]}'
        begun.ask("POST", "/v1/default/namespaces",
                  {**token, "Content-Type": "application/json",
                   "Content-Length": str(len(body))})
        begun.send(body[:5])
        server.process.send_signal(signal.SIGTERM)
        assert idle.is_closed()
        begun.send(body[5:])
        reply = begun.reply()
        assert reply.status == 200
        assert reply.headers["Connection"] == "close"
    assert server.process.wait(30) == 0
    until(lambda: not server.group(), "all gone")


def test_a_draining_server_takes_nobody_new(servers):
    server = servers.start()
    with Wire(server) as begun:
        begun.send(b"GET /health/live HTTP/1.1\r\n")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: refused(server), "no new connection")
    server.process.wait(30)


def refused(server):
    try:
        with Wire(server, timeout=1) as wire:
            wire.send(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            reply = wire.reply()
            return reply is None or reply.status == 503
    except OSError:
        return True


# ---- two of one kind

@pytest.mark.parametrize("workers", (1, 2, 4))
def test_workers_die_with_their_parent(servers, workers):
    server = servers.start(workers=workers)
    until(lambda: len(server.workers()) >= workers, "workers")
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    until(lambda: not server.group(), "orphans gone")
    server.restart()


def test_nothing_outlives_a_kill_in_shared_memory(servers):
    """Segments without a process would add up, until nothing can start."""
    server = servers.start()
    pids = {str(pid) for pid in server.group()}
    server.kill()
    lines = pathlib.Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    assert not pids & {line.split()[4] for line in lines}


def test_a_killed_worker_is_replaced(servers):
    server = servers.start(workers=2)
    before = set(server.workers())
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(set(server.workers()) - {victim}) >= len(before),
          "another worker")
    until(lambda: server.get("/health/ready").status == 200, "ready")


def test_a_second_start_names_the_first(servers):
    first = servers.start()
    second = servers.new()
    second.settings["server"]["state_dir"] = str(first.state_dir)
    code, text = run_to_end(second)
    assert code == 1
    assert str(first.process.pid) in text and str(first.state_dir) in text
    assert first.get("/health/ready").status == 200


def test_a_taken_port_is_named(servers):
    first = servers.start()
    second = servers.new()
    second.settings["server"]["listen"] = first.host
    code, text = run_to_end(second)
    assert code == 1 and first.host in text
    assert first.get("/health/ready").status == 200


def test_a_port_that_another_program_listens_on_is_named(servers):
    server = servers.new()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", server.port))
        other.listen()
        code, text = run_to_end(server)
    assert code == 1 and server.host in text


# ---- configuration

BAD = (
    ("[server]\nlisen = '127.0.0.1:1'\n", ":2:1", "server.listen"),
    ("[server]\nworkers = 'two'\n", ":2:11", "workers"),
    ("[server]\nworkers = 1000\n", ":2:11", "64"),
    ("[server]\nworkers = 1\nworkers = 2\n", ":3:1", "workers"),
    ("[server\n", ":1:", ""),
    ("x = \n", ":1:", ""),
    ("[limits]\nbody_bytes = '1 kilo'\n", ":2:14", "body_bytes"),
    ("[store]\nplugin = 7\n", ":2:10", "plugin"),
    ("[stor]\nplugin = 'sqlite'\n", ":2:1", "store.plugin"),
    ("[server]\nlisten = 'localhost'\n", ":2:10", "listen"),
    ("[log]\nlevel = 'loud'\n", ":2:9", "level"),
    ("[store.options]\nnonsense = 1\n", ":2:", "nonsense"),
)


@pytest.mark.parametrize("text,place,word", BAD)
def test_a_bad_file_starts_nothing(servers, tmp_path, text, place, word):
    server = servers.new()
    file = tmp_path / "bad.toml"
    file.write_text(text)
    made = serve(server, "-c", file, "--state-dir", server.state_dir,
                 "--listen", server.host)
    assert made.returncode == 2, made.stdout
    line = last_line(made.stdout)
    assert f"{file}{place}" in line and word in line


def serve(server, *arguments):
    environment = {**os.environ, "PANGOLIN_PLUGIN_DIR":
                   server.settings.get("plugin_dir", ""),
                   "PANGOLIN_SERVER_USER": server.settings["server"]["user"]}
    return subprocess.run(
        [server.program, "serve", *arguments], text=True, timeout=60,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        env=environment, stdin=subprocess.DEVNULL)


def test_root_stays_root_only_if_asked_to(servers):
    if os.geteuid() != 0:
        pytest.fail("only root is asked whom to become")
    server = servers.new(settings={"server": {"user": "no-such-user"}})
    made = serve(server, "-c", server.write_config())
    assert made.returncode == 2, made.stdout
    line = last_line(made.stdout)
    assert "no-such-user" in line and "--user root" in line
    assert not server.state_dir.exists()
    server.spawn("--user", "root")
    until(server.is_ready, "root serves")


def test_a_missing_file_is_named(servers, tmp_path):
    made = serve(servers.new(), "-c", tmp_path / "absent.toml")
    assert made.returncode == 2 and "absent.toml" in made.stdout


@pytest.mark.parametrize("arguments", (
    ("--nonsense", "1"), ("--listen",), ("--listen", "nonsense"),
    ("--listen", "127.0.0.1:99999"), ("--listen", "127.0.0.1:0")))
def test_a_bad_command_line_is_2(servers, arguments):
    made = serve(servers.new(), *arguments)
    assert made.returncode == 2 and arguments[0] in made.stdout \
        or "command line" in made.stdout


def test_flags_beat_environment_and_that_beats_the_file(servers):
    server = servers.new()
    listen = server.settings["server"].pop("listen")
    config = server.folder / "listen.toml"
    config.write_text("[server]\nlisten = '127.0.0.1:1'\n")

    def in_force(*arguments, **environment):
        return subprocess.run(
            [server.program, "check-config", *arguments],
            capture_output=True, text=True, check=False,
            env={**os.environ, **environment}).stdout

    assert "127.0.0.1:1\"" in in_force("-c", config)
    assert "127.0.0.1:2\"" in in_force(
        "-c", config, PANGOLIN_SERVER_LISTEN="127.0.0.1:2")
    assert listen in in_force("-c", config, "--listen", listen,
                              PANGOLIN_SERVER_LISTEN="127.0.0.1:2")


def test_any_address_needs_a_word_about_tls(servers):
    server = servers.new(settings={
        "server": {"listen": f"0.0.0.0:{servers.new().port}"}})
    code, text = run_to_end(server)
    assert code == 2 and "tls" in text


def test_with_that_word_it_listens_everywhere(servers):
    server = servers.new()
    server.settings["server"]["listen"] = f"0.0.0.0:{server.port}"
    server.settings["tls"] = {"mode": "off"}
    server.start()


def test_no_auth_is_for_loopback_only(servers):
    server = servers.new(settings={"auth": {"enabled": False},
                                   "tls": {"mode": "off"}})
    server.settings["server"]["listen"] = f"0.0.0.0:{server.port}"
    code, text = run_to_end(server)
    assert code == 2 and "auth.enabled" in text


def test_no_auth_needs_no_token(servers):
    server = servers.start(settings={"auth": {"enabled": False}})
    reply = server.get("/v1/config?warehouse=default")
    assert reply.status == 200
    reply = server.request("POST", "/v1/default/namespaces",
                           {"namespace": ["open"]})
    assert reply.status == 200


# ---- plugins

def plugin_error(servers, settings):
    code, text = run_to_end(servers.new(settings=settings))
    assert code == 1, text
    return last_line(text)


def test_a_missing_plugin_is_named(servers):
    line = plugin_error(servers, {"store": {"plugin": "nonsense"}})
    assert "nonsense" in line and "sqlite" in line and "memory" in line


def test_a_missing_cache_plugin_is_named(servers):
    line = plugin_error(servers, {"cache": {"levels": ["nonsense"]}})
    assert "nonsense" in line


def test_a_missing_plugin_dir_is_named(servers, tmp_path):
    line = plugin_error(servers, {"plugin_dir": str(tmp_path / "absent")})
    assert "absent" in line and "sqlite" in line


def test_a_broken_plugin_is_named(servers, tmp_path):
    (tmp_path / "store-sqlite.so").write_bytes(b"\x7fELF nothing else")
    line = plugin_error(servers, {"plugin_dir": str(tmp_path)})
    assert "sqlite" in line


@pytest.mark.parametrize("source,word", (
    ("int nothing;", "store-other"),
    ('#include "plugin/plugin.h"\n'
     "static const struct plugin p = { .abi = PLUGIN_ABI + 1, "
     '.kind = PLUGIN_STORE, .name = "other" };\n'
     "const struct plugin *pangolin_plugin(void) { return &p; }", "ABI"),
    ('#include "plugin/plugin.h"\n'
     "static const struct plugin p = { .abi = PLUGIN_ABI, "
     '.kind = PLUGIN_STORE, .name = "sqlite" };\n'
     "const struct plugin *pangolin_plugin(void) { return &p; }", "other"),
))
def test_an_unfit_plugin_is_refused(servers, tmp_path, source, word):
    (tmp_path / "other.c").write_text(source)
    subprocess.run(
        ["gcc", "-std=gnu11", "-shared", "-fPIC", f"-I{ROOT}/src",
         "-o", tmp_path / "store-other.so", tmp_path / "other.c"], check=True)
    line = plugin_error(servers, {"plugin_dir": str(tmp_path),
                                  "store": {"plugin": "other"}})
    assert word in line and "other" in line


def test_a_plugin_may_be_a_file(servers):
    if not (ROOT / "build/plugins/store-memory.so").exists():
        pytest.fail("build/plugins is not built")
    server = servers.start(
        store=str(ROOT / "build/plugins/store-memory.so"))
    assert server.get("/health/ready").status == 200


def test_memory_takes_one_worker_and_says_so(servers):
    server = servers.start(store="memory", workers=4)
    assert "1 worker instead of 4" in server.log_text()


# ---- the first password

def test_the_password_file_is_private(servers):
    server = servers.start()
    mode = stat.S_IMODE(server.password_file.stat().st_mode)
    assert mode == 0o600
    text = server.password_file.read_text()
    assert text.count("\n") == 1 and len(text.strip()) >= 20
    assert text.strip() not in server.log_text()


def test_the_password_stays_until_both_have_another(servers):
    server = servers.start()
    first = server.first_password
    for user in ("admin", "root"):
        assert server.password_file.exists()
        me = server.call("GET", "/api/v1/users/me", user=user).json()
        reply = server.call("PUT", f"/api/v1/users/{me['id']}",
                            {"password": f"another-long-{user}",
                             "current-password": first}, user=user)
        assert reply.status == 200, reply
        assert server.sign_in(user, first).status == 401
        assert server.sign_in(user, f"another-long-{user}").status == 200
        server.kill()
        server.restart()
        server.tokens[user] = server.sign_in(
            user, f"another-long-{user}").json()["access_token"]
    assert not server.password_file.exists()


def test_a_restart_keeps_the_password(servers):
    server = servers.start()
    before = server.first_password
    server.stop()
    server.restart()
    assert server.first_password == before
    assert server.sign_in("admin", before).status == 200


# ---- people at a terminal

TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (debug|info |warn |error) \S")


def pasted(text):
    """The program in the greeting."""
    return text.partition("<<'EOF'\n")[2].partition("\nEOF\n")[0]


def test_a_terminal_reads_text_and_is_greeted(servers):
    server = servers.new()
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [server.program, "serve", "-c", server.write_config()],
            stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
            start_new_session=True)
        server.process = process
        text = ""
        while "listening on" not in text:
            text += os.read(ours, 4096).decode()
    finally:
        server.kill()
        os.close(theirs)
        os.close(ours)
    text = text.replace("\r\n", "\n")
    assert TEXT.match(text) and '{"time"' not in text
    assert f"Pangolin serves {server.url}\n" in text
    assert f" {server.password_file}\n" in text
    compile(pasted(text), "greeting", "exec")
    assert f'uri="{server.url}"' in pasted(text)


@pytest.mark.parametrize("store", ("sqlite", "memory"))
def test_text_is_a_setting_and_greets_while_there_is_a_password_file(
        servers, store):
    server = servers.start(store=store, settings={"log": {"format": "text"}})
    until(lambda: "Pangolin serves" in server.log_text(), "a greeting")
    if store == "memory":
        return
    assert server.stop() == 0
    assert last_line(server.log_text()).endswith("info  stopped")
    server.restart()
    assert server.log_text().count("Pangolin serves") == 2
    server.password_file.unlink()
    server.stop()
    server.restart()
    assert server.log_text().count("Pangolin serves") == 2


@pytest.mark.parametrize("settings,has,lacks", (
    ({"bootstrap": "none"}, "of root, until", "PyIceberg"),
    ({"auth": {"enabled": False}}, "PyIceberg", "password"),
    ({"tls": {"mode": "self-signed"}}, "cabundle", "http://"),
))
def test_the_greeting_says_what_is_so(servers, settings, has, lacks):
    server = servers.start(
        settings={**settings, "log": {"format": "text", "level": "error"}})
    text = server.log_text()
    assert has in text and lacks not in text
    compile(pasted(text), "greeting", "exec")


def test_a_pipe_reads_json_and_no_greeting(servers):
    server = servers.start()
    for line in server.log_text().splitlines():
        assert json.loads(line)["message"]


def test_bootstrap_none_makes_root_only(servers):
    server = servers.start(settings={"bootstrap": "none"})
    assert server.sign_in("admin", server.first_password).status == 401
    assert server.as_root("GET", "/api/v1/tenants").json() == []


def test_an_unwritable_state_dir_is_named(servers):
    server = servers.new()
    server.settings["server"]["state_dir"] = "/proc/nowhere"
    code, text = run_to_end(server)
    assert code == 1 and "/proc/nowhere" in text


def test_starting_is_quick_and_many_start_at_once(servers):
    made = [servers.new() for _ in range(4)]
    threads = [threading.Thread(target=s.start) for s in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(s.get("/health/ready").status == 200 for s in made)


def test_version_and_help_need_no_server():
    program = Server(pathlib.Path("/nonexistent"), "dev").program
    for verb in ("version", "help"):
        made = subprocess.run([program, verb], capture_output=True, text=True,
                              check=True)
        assert "pangolin" in made.stdout and not made.stderr
    made = subprocess.run([program], capture_output=True, text=True,
                          check=False)
    assert made.returncode == 2 and "usage" in made.stderr
