"""How the TOML tests find the official suite and run our reader."""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SUITE = "github.com/toml-lang/toml-test/v2@v2.2.0"
SOURCES = [
    "tests/toml/toml_json.c",
    "src/config/toml.c",
    "src/config/toml_scalar.c",
    "src/config/toml_string.c",
    "src/config/toml_text.c",
    "src/base/arena.c",
    "src/base/budget.c",
    "src/base/buf.c",
    "src/base/error.c",
    "src/base/str.c",
]
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-Isrc",
         "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def build(folder):
    """Compile toml_json with sanitizers into `folder`; return its path."""
    program = str(pathlib.Path(folder) / "toml_json")
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, *FLAGS, *SOURCES, "-lm", "-o", program],
                   cwd=ROOT, check=True)
    return program


def suite_folder():
    """The suite's tests/, brought into Go's module cache if need be."""
    go = pathlib.Path(sys.executable).with_name("go")
    out = subprocess.run([go, "mod", "download", "-json", SUITE],
                         cwd="/", check=True, capture_output=True)
    return pathlib.Path(json.loads(out.stdout)["Dir"]) / "tests"


def suite_files(folder):
    """The .toml files of TOML 1.0.0, as the suite lists them."""
    names = (folder / "files-toml-1.0.0").read_text().split()
    return [name for name in names if name.endswith(".toml")]


def ask(program, documents):
    """Our answer to each document: a tree, or the text of the refusal."""
    sent = b"".join(b"%d\n%s" % (len(d), d) for d in documents)
    ran = subprocess.run([program, "--batch"], input=sent,
                         capture_output=True, check=False)
    lines = ran.stdout.decode().split("\n")[:-1]
    if ran.returncode != 0 or len(lines) != len(documents):
        raise SystemExit("toml_json ended with %d after %d of %d documents\n%s"
                         % (ran.returncode, len(lines), len(documents),
                            ran.stderr.decode(errors="replace")))
    return [line if line.startswith("refused: ") else json.loads(line)
            for line in lines]
