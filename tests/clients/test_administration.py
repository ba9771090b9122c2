"""docs/administration.md, as an administrator would paste it."""

import subprocess
import sys

from harness.manual import blocks_of

PYTHON = """
import os
URL, ID, KEY = (os.environ[name] for name in ("URL", "ID", "KEY"))
"""


def as_shell(language, block):
    if language == "sh":
        return block
    return (f"URL=$URL ID=$ID KEY=$KEY {sys.executable} - <<'END'\n"
            f"{PYTHON}{block}END\n")


def test_every_block_of_the_manual_runs(servers, tmp_path):
    server = servers.start(settings={"warehouse": {
        "allowed_roots": [f"file://{tmp_path}"]}})
    blocks = [block for block in blocks_of("administration.md")
              if block[0] in ("sh", "python")]
    assert {language for language, _ in blocks} == {"sh", "python"}
    script = "set -eu\n" + "".join(
        f"echo; echo '# block {number}'\n{as_shell(*block)}"
        for number, block in enumerate(blocks, 1))
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "pangolin-admin").symlink_to(server.program)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=120,
        cwd=tmp_path,
        env={"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(tmp_path),
             "URL": server.url,
             "STATE_DIR": str(server.state_dir),
             "WAREHOUSE": str(tmp_path / "lake")})
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
    for answer in ('"allowed":true', '"role-name":"reader"',
                   '{"namespaces":[["eu"]]}', "[('eu',)]",
                   "signed in as sally", "state:       completed"):
        assert answer in done.stdout
    assert "grant_permission" in (tmp_path / "audit.csv").read_text("utf-8")
