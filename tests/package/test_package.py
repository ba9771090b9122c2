"""The Debian package: installed, run, upgraded and removed on a fresh root."""

import os
import pathlib
import re
import subprocess

import pytest
from harness.server import ROOT
from package.machine import CONFIG, Machine

STATE = "/var/lib/pangolin"
SOCKET = "lib/systemd/system/pangolin.socket"


def package(folder, version):
    """The package of this release, as any version."""
    subprocess.run([ROOT / "packaging/build", ROOT / "build/pangolin", version,
                    folder], check=True, stdout=subprocess.DEVNULL)
    found = list(pathlib.Path(folder).glob(f"pangolin_{version}_*.deb"))
    assert len(found) == 1
    return found[0]


@pytest.fixture(name="packages", scope="module")
def fixture_packages(tmp_path_factory):
    """This version and the next."""
    folder = tmp_path_factory.mktemp("deb")
    text = subprocess.run([ROOT / "build/pangolin", "version"], check=True,
                          capture_output=True, text=True).stdout
    major, minor, patch = re.search(r"(\d+)\.(\d+)\.(\d+)", text).groups()
    return (package(folder, f"{major}.{minor}.{patch}"),
            package(folder, f"{major}.{minor}.{int(patch) + 1}"))


@pytest.fixture(name="machine")
def fixture_machine(tmp_path, packages):
    """A fresh root with the package in it."""
    if os.geteuid() != 0:
        pytest.fail("only root can make a Debian root and enter it")
    machine = Machine(tmp_path / "root")
    try:
        machine.install(packages[0])
        machine.listen_here()
        yield machine
    finally:
        machine.remove()


def namespaces(machine, token):
    status, reply = machine.ask("GET", "/v1/default/namespaces", None, token)
    assert status == 200, reply
    return reply["namespaces"]


def test_it_installs_what_an_operator_looks_for(machine):
    assert machine.owner(STATE) == "pangolin:pangolin 710"
    assert machine.owner("/usr/bin/pangolin") == "root:root 755"
    assert machine.owner(f"/{CONFIG}") == "root:pangolin 640"
    assert "sqlite" in machine.run("pangolin", "version", "--libraries")
    in_force = machine.run("pangolin", "check-config", "-c", f"/{CONFIG}")
    assert f'state_dir = "{STATE}"' in in_force
    for path in ("man/man8/pangolin.8.gz", "man/man5/pangolin.toml.5.gz",
                 "bash-completion/completions/pangolin",
                 "zsh/vendor-completions/_pangolin", "doc/pangolin/copyright",
                 "pangolin/alerts.yml", "pangolin/dashboards/overview.json"):
        assert (machine.root / "usr/share" / path).stat().st_size > 100
    machine.run("bash", "-n", "/usr/share/bash-completion/completions/pangolin")
    for name in ("pangolin-admin", "pangolin-user"):
        assert "catalog list" in machine.run(name, "help")
        for path in (f"man/man1/{name}.1.gz",
                     f"bash-completion/completions/{name}",
                     f"zsh/vendor-completions/_{name}"):
            assert (machine.root / "usr/share" / path).stat().st_size > 100
    assert machine.dpkg("--verify", "pangolin").split() == [
        "??5??????", "c", f"/{CONFIG}"]


def test_the_documents_name_only_what_is_there(machine):
    folder = machine.root / "usr/share/doc/pangolin"
    for document in ("install.md", "operations.md", "CHANGELOG.md"):
        text = (folder / document).read_text()
        named = re.findall(r"\]\((?!https?:)([^)#]+)", text)
        named += re.findall(r"`(?:docs/)?([\w/.-]+\.md)`", text)
        missing = [name for name in named
                   if not (folder / name.removeprefix("docs/")).exists()]
        assert not missing, document
    assert (folder / "operations.md").exists()


def test_systemd_accepts_the_unit(machine):
    assert machine.run("systemd-analyze", "verify", "--man=no",
                       "pangolin.service", "pangolin.socket") == ""
    exposure = machine.run("systemd-analyze", "security", "--offline=true",
                           "pangolin.service")
    level = re.search(r"exposure level for \S+: ([0-9.]+)", exposure)
    assert float(level[1]) < 3


def test_the_unit_bounds_what_a_server_may_take(machine):
    assert machine.unit("LimitCORE") == "0"
    assert machine.unit("MemoryMax").endswith("%")
    assert machine.unit("ProtectProc") == "invisible"
    assert machine.unit("StateDirectoryMode") == "0710"


def test_the_socket_is_handed_to_the_service(machine):
    machine.start(activated=True)
    assert f"127.0.0.1:{machine.port} (inherited)" in machine.log()
    assert machine.stop() == 0


def test_socket_and_configuration_name_one_address(machine):
    unit = (machine.root / SOCKET).read_text()
    listens = re.findall("^ListenStream=(.*)$", unit, re.M)
    sample = machine.run("pangolin", "sample-config")
    assert listens == re.findall('^#listen = "(.*)"$', sample, re.M)


def test_init_as_root_makes_files_of_the_server(machine):
    said = machine.run("pangolin", "init", "-c", f"/{CONFIG}")
    assert f"{STATE}/initial-admin-password" in said
    assert machine.owner(f"{STATE}/pangolin.db") == "pangolin:pangolin 600"
    assert machine.owner(f"{STATE}/warehouse") == "pangolin:pangolin 2770"
    assert machine.owner(f"{STATE}/initial-admin-password") == \
        "pangolin:pangolin 600"
    password = machine.run("pangolin", "reset-password", "-c", f"/{CONFIG}",
                           "admin").strip()
    machine.start()
    assert namespaces(machine, machine.token("admin", password)) == []
    assert machine.stop() == 0


def test_data_survives_upgrade_removal_and_purge(machine, packages):
    machine.start()
    secret = machine.root / STATE[1:] / "initial-admin-password"
    token = machine.token("admin", secret.read_text().strip())
    status, reply = machine.ask("POST", "/v1/default/namespaces",
                                b'{"namespace": ["kept"]}', token)
    assert status == 200, reply
    assert machine.stop() == 0

    machine.run("chmod", "644", f"/{CONFIG}")
    machine.run("chown", "root:root", f"/{CONFIG}")
    machine.run("chmod", "750", STATE)
    machine.install(packages[1])
    assert str(machine.port) in (machine.root / CONFIG).read_text()
    assert machine.owner(f"/{CONFIG}") == "root:pangolin 640"
    assert machine.owner(STATE) == "pangolin:pangolin 710"
    machine.start()
    assert namespaces(machine, token) == [["kept"]]
    assert machine.stop() == 0

    machine.dpkg("--remove", "pangolin")
    assert not (machine.root / "usr/bin/pangolin").exists()
    assert (machine.root / CONFIG).exists() and secret.exists()

    said = machine.dpkg("--purge", "pangolin")
    assert f"{STATE} and the user pangolin are kept" in said
    assert not (machine.root / CONFIG).exists() and secret.exists()

    machine.install(packages[0])
    machine.listen_here()
    machine.start()
    assert namespaces(machine, token) == [["kept"]]
    assert machine.stop() == 0
