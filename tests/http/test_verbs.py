"""The verbs beside serve: init, reset-password, and what is made from tables."""

import json
import os
import subprocess

import pytest


def pangolin(server, *arguments):
    """A verb that ends by itself, with the settings of a server."""
    config = server.write_config()
    made = subprocess.run(
        [server.program, arguments[0], "-c", config, *arguments[1:]],
        capture_output=True, text=True, check=False, timeout=60)
    assert "Sanitizer" not in made.stderr, made.stderr
    return made


def plain(server, *arguments):
    """A verb without settings."""
    return subprocess.run([server.program, *arguments], capture_output=True,
                          text=True, check=False, timeout=60)


def may_sign_in(server, name, password):
    return server.sign_in(name, password).status == 200


# ---- init

def test_init_makes_what_the_first_start_makes(servers):
    server = servers.new()
    made = pangolin(server, "init")
    assert made.returncode == 0, made.stderr
    password = server.password_file.read_text().strip()
    assert str(server.password_file) in made.stdout
    assert password not in made.stdout
    server.start()
    assert "first start" not in server.log_text()
    assert may_sign_in(server, "admin", password)
    assert may_sign_in(server, "root", password)


def test_init_takes_the_password_from_a_file(servers):
    server = servers.new()
    given = server.folder / "given"
    given.write_text("correct horse\n")
    made = pangolin(server, "init", "--admin-password-file", given)
    assert made.returncode == 0, made.stderr
    server.start()
    assert not server.password_file.exists()
    assert may_sign_in(server, "admin", "correct horse")
    assert may_sign_in(server, "root", "correct horse")


def test_init_refuses_to_make_it_again(servers):
    server = servers.new()
    assert pangolin(server, "init").returncode == 0
    before = server.password_file.read_text()
    again = pangolin(server, "init")
    assert again.returncode == 1 and "made already" in again.stderr
    assert server.password_file.read_text() == before


@pytest.mark.parametrize("text,says", (("short\n", "password"), ("", "password"),
                                       (None, "No such file")))
def test_init_refuses_a_bad_password_before_it_makes_anything(
        servers, text, says):
    server = servers.new()
    given = server.folder / "given"
    if text is not None:
        given.write_text(text)
    made = pangolin(server, "init", "--admin-password-file", given)
    assert made.returncode == 1
    assert str(given) in made.stderr and says in made.stderr
    assert not server.state_dir.exists()


# ---- reset-password

def test_reset_password_prints_a_new_one_once(servers):
    server = servers.new()
    assert pangolin(server, "init").returncode == 0
    first = server.password_file.read_text().strip()
    made = pangolin(server, "reset-password", "admin")
    assert made.returncode == 0, made.stderr
    server.start()
    assert may_sign_in(server, "admin", made.stdout.strip())
    assert not may_sign_in(server, "admin", first)
    assert may_sign_in(server, "root", first)


def test_the_first_password_file_goes_with_the_last_first_password(servers):
    server = servers.new()
    assert pangolin(server, "init").returncode == 0
    assert pangolin(server, "reset-password", "admin").returncode == 0
    assert server.password_file.exists()
    given = server.folder / "given"
    given.write_text("battery staple")
    made = pangolin(server, "reset-password", "root", "--password-file", given)
    assert made.returncode == 0 and made.stdout == ""
    assert not server.password_file.exists()
    server.start()
    assert may_sign_in(server, "root", "battery staple")


@pytest.mark.parametrize("verb", (("init",), ("reset-password", "admin")))
def test_offline_verbs_refuse_while_a_server_runs(servers, verb):
    server = servers.start()
    made = pangolin(server, *verb)
    assert made.returncode == 1 and "already uses" in made.stderr
    assert may_sign_in(server, "admin", server.first_password)


def test_reset_password_names_an_unknown_user(servers):
    server = servers.new()
    assert pangolin(server, "init").returncode == 0
    made = pangolin(server, "reset-password", "nobody")
    assert made.returncode == 1 and made.stdout == ""
    assert made.stderr == "pangolin: There is no user nobody\n"


def test_reset_password_makes_no_state_directory(servers):
    server = servers.new()
    made = pangolin(server, "reset-password", "admin")
    assert made.returncode == 1 and str(server.state_dir) in made.stderr
    assert not server.state_dir.exists()


def test_reset_password_makes_no_store(servers):
    server = servers.new()
    server.state_dir.mkdir()
    made = pangolin(server, "reset-password", "admin")
    assert made.returncode == 1 and made.stderr
    assert not (server.state_dir / "pangolin.db").exists()


@pytest.mark.parametrize("verb", (("init",), ("reset-password", "admin")))
def test_offline_verbs_refuse_a_store_that_keeps_nothing(servers, verb):
    server = servers.new(store="memory")
    made = pangolin(server, *verb)
    assert made.returncode == 1 and "store memory keeps nothing" in made.stderr
    assert not server.state_dir.exists()


# ---- check-config

def test_check_config_ends_with_ok(servers):
    server = servers.new()
    made = pangolin(server, "check-config")
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.endswith("\n# OK\n")
    assert not server.state_dir.exists()
    server.start()  # nothing that it says hinders a server that runs
    assert pangolin(server, "check-config").returncode == 0


@pytest.mark.parametrize("settings,says", (
    ({"store": {"plugin": "oracle"}}, 'no store plugin "oracle"'),
    ({"store": {"plugin": "postgres"}}, "url"),
    ({"store": {"plugin": "sqlite", "options": {"pth": "x"}}}, "pth"),
    ({"cache": {"levels": ["memory", "memcached"]}},
     'no cache plugin "memcached"'),
    ({"server": {"cors_origins": ["lake.example"]}},
     'server.cors_origins: "lake.example" is not an origin'),
    ({"auth": {"token_secret": "x" * 32 + ",short"}},
     "auth.token_secret: each of several keys"),
    ({"warehouse": {"root": "file://{folder}/file"}},
     "warehouse.root: {folder}/file is not a directory"),
    ({"warehouse": {"root": "file://{folder}/file/below/it"}},
     "warehouse.root: {folder}/file is not a directory"),
    ({"warehouse": {"root": "s3:bucket/prefix"}}, "warehouse.root must"),
    ({"warehouse": {"root": "s3://bucket/prefix", "s3_access_key_id": "k"}},
     "warehouse.s3_secret_access_key must be given"),
    ({"warehouse": {"allowed_roots": ["file://{folder}", "file://{folder}/file"]}},
     "warehouse.allowed_roots: {folder}/file is not a directory"),
    ({"server": {"state_dir": "{folder}/file/state"}},
     "server.state_dir: {folder}/file is not a directory"),
    ({"server": {"user": "nobody-of-that-name"}}, "nobody-of-that-name"),
))
def test_check_config_says_what_is_wrong(servers, settings, says):
    server = servers.new()
    (server.folder / "file").write_text("")
    folder = str(server.folder)
    settings = json.loads(json.dumps(settings).replace("{folder}", folder))
    if "user" in settings.get("server", {}) and os.geteuid() != 0:
        return  # only root becomes somebody else
    for key, value in settings.items():
        server.settings.setdefault(key, {}).update(value)
    made = pangolin(server, "check-config")
    assert made.returncode == 2 and not made.stdout.endswith("OK\n")
    assert says.replace("{folder}", folder) in made.stderr, made.stderr


def test_check_config_says_all_that_is_wrong(servers):
    server = servers.new(store="oracle")
    server.settings["cache"] = {"levels": ["memcached"]}
    made = pangolin(server, "check-config")
    assert len(made.stderr.splitlines()) == 2


def test_check_config_looks_as_the_account(servers):
    """Root may write anywhere; who it becomes may not."""
    if os.geteuid() != 0:
        return
    server = servers.new()
    closed = server.folder / "closed"
    closed.mkdir(mode=0o755)
    for folder in (server.folder, *server.folder.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    server.settings["server"]["user"] = "nobody"
    server.settings["warehouse"]["root"] = f"file://{closed}/below"
    made = pangolin(server, "check-config")
    assert made.returncode == 2
    assert f"cannot write in {closed}: Permission denied" in made.stderr
    closed.chmod(0o777)
    assert pangolin(server, "check-config").returncode == 0


def test_an_unknown_variable_is_told_with_the_one_that_was_meant(
        servers, monkeypatch):
    monkeypatch.setenv("PANGOLIN_LOG_LEVL", "debug")
    server = servers.new()
    made = pangolin(server, "check-config")
    says = ("no setting is named by the variable PANGOLIN_LOG_LEVL; "
            "did you mean PANGOLIN_LOG_LEVEL?")
    assert (made.returncode, made.stderr) == (0, f"pangolin: {says}\n")
    server.environment["PANGOLIN_LOG_LEVL"] = "debug"
    server.start()
    assert says in server.log_text()


# ---- the command line

@pytest.mark.parametrize("arguments,says", (
    (("serve", "--libraries"), "unknown option --libraries"),
    (("version", "-c", "x"), "unknown option -c"),
    (("serve", "--lisen", "x"),
     "unknown option --lisen; did you mean --listen?"),
    (("serve", "-x"), "unknown option -x"),
    (("srve",), "there is no verb srve; did you mean serve?"),
    (("--verison",), "there is no verb --verison; did you mean version?"),
    (("help", "bakup"), "there is no verb bakup; did you mean backup?"),
    (("xyz",), "there is no verb xyz; pangolin help has them"),
    (("serve", "-c"), "-c needs a value"),
    (("reset-password",), "missing: USERNAME"),
    (("reset-password", "ann", "bob"), "too much on the command line: bob"),
    (("manual", "7"), "SECTION is one of: 5 8"),
    (("completion", "fish"), "SHELL is one of: bash zsh"),
))
def test_a_bad_command_line_is_told(servers, arguments, says):
    made = plain(servers.new(), *arguments)
    assert made.returncode == 2 and made.stdout == ""
    assert made.stderr == f"pangolin: {says}\n"


def test_help_the_manual_and_completions_know_every_verb(servers):
    server = servers.new()
    usage = plain(server, "help").stdout
    verbs = [line.split()[0] for line in usage.split("\n\n")[1].splitlines()]
    assert {"serve", "init", "reset-password", "version"} <= set(verbs)
    manual = plain(server, "manual", "8").stdout
    bash = plain(server, "completion", "bash").stdout
    zsh = plain(server, "completion", "zsh").stdout
    for verb in verbs:
        assert f".It Cm {verb}" in manual
        assert f"\t{verb}) words=" in bash
        assert f"'{verb}:" in zsh


@pytest.mark.parametrize("verb", ("serve", "backup", "version", "help"))
def test_a_verb_has_help_of_its_own(servers, verb):
    server = servers.new()
    asked = [plain(server, *words) for words in (
        ("help", verb), (verb, "--help"), (verb, "-h"),
        (verb, "--libraries", "--unknown", "--help"))]
    assert {made.returncode for made in asked} == {0}
    assert len({made.stdout for made in asked}) == 1
    text = asked[0].stdout
    assert text.startswith(f"usage: pangolin {verb}")
    assert ("--listen ADDRESS" in text) == (verb == "serve")


def test_what_people_try_first_is_understood(servers):
    server = servers.new()
    assert plain(server, "--version").stdout == plain(server, "version").stdout
    usage = plain(server, "help")
    for word in ("--help", "-h"):
        made = plain(server, word)
        assert (made.returncode, made.stdout) == (0, usage.stdout)


@pytest.mark.parametrize("words,expected", (
    (("pangolin", "res"), ["reset-password"]),
    (("pangolin", "help", "res"), ["reset-password"]),
    (("pangolin", "manual", ""), ["5", "8"]),
    (("pangolin", "init", "--a"), ["--admin-password-file"]),
    (("pangolin", "init", "-c", "/etc/passw"), ["/etc/passwd"]),
    (("pangolin", "serve", "--state-dir", "/et"), ["/etc"]),
    (("pangolin", "serve", "--listen", ""), []),
))
def test_bash_completes(servers, words, expected):
    script = (plain(servers.new(), "completion", "bash").stdout +
              'COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))\n_pangolin\n'
              'printf "%s\\n" "${COMPREPLY[@]}"\n')
    made = subprocess.run(["bash", "-c", script, "bash", *words],
                          capture_output=True, text=True, check=True)
    found = made.stdout.split()
    assert set(expected) <= set(found) if expected else not found


def test_manual_pages_have_a_head(servers):
    server = servers.new()
    assert ".Dt PANGOLIN.TOML 5\n" in plain(server, "manual").stdout
    assert ".Dt PANGOLIN 8\n" in plain(server, "manual", "8").stdout


def test_version_names_the_libraries(servers):
    made = plain(servers.new(), "version", "--libraries")
    assert made.returncode == 0
    for name in ("kore", "llhttp", "yyjson", "OpenSSL", "curl", "libsodium",
                 "libdeflate"):
        assert f"\n{name} " in made.stdout
