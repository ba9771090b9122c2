"""The verbs beside serve: init, reset-password, and what is made from tables."""

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


# ---- the command line

@pytest.mark.parametrize("arguments,says", (
    (("serve", "--libraries"), "unknown option --libraries"),
    (("version", "-c", "x"), "unknown option -c"),
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


@pytest.mark.parametrize("words,expected", (
    (("pangolin", "res"), ["reset-password"]),
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
    for name in ("kore", "llhttp", "yyjson", "OpenSSL", "libsodium",
                 "libdeflate"):
        assert f"\n{name} " in made.stdout
