"""What ./dev lint looks at; each check yields "file:line: what is wrong".

docs/STYLE.md has the rules in words, and the exceptions with their reasons.
"""

import os
import re
import subprocess
import tempfile

FILE_LINES = 500
HEADER_LINES = 120
FUNCTION_LINES = 60
SUBJECT_LENGTH = 60

# Folders of src/ from the ground up; a folder may include those below it.
LAYERS = (
    {"base"},
    {"config", "shm"},
    {"plugin", "tls"},
    {"calls"},
    {"iceberg", "object", "record"},
    {"cache"},
    {"http", "catalog", "identity", "backup"},
    {"versions", "oidc"},
    {"tasks"},
    {"app"},
    {"api", "cli", "ops"},
    {"client"},
)
LEVEL = {name: n for n, layer in enumerate(LAYERS) for name in layer}

# Folders of one layer that may include each other's headers nevertheless.
BESIDE = {("identity", "catalog"), ("api", "ops")}

KORE_USERS = re.compile(r"src/(main\.c|http/)")
YYJSON_USERS = re.compile(r"(src/(base|iceberg|api)/|tests/|deps/)")

SQL = re.compile(
    r'"\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s.+\sSET|DELETE\s+FROM'
    r'|CREATE\s+(TABLE|INDEX|UNIQUE)|ALTER\s+TABLE|DROP\s+TABLE|PRAGMA)\b')

NO_SUBJECT = re.compile(r"/\*\s?(What|Who|Whoever)\b")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|for now)\b")
MACHINE_PATH = re.compile(r"(/work/|/tmp/bash_jobs|/root/|/home/(?!ann\b)[a-z])")
URL = re.compile(r"\b(?:https?|ftp)://([A-Za-z0-9.-]+)")
HOSTS = re.compile(
    r"([A-Za-z0-9-]+|127(\.\d+){3}|0\.0\.0\.0|([a-z0-9-]+\.)*example"
    r"(\.(com|org|net))?|(www\.)?apache\.org|iceberg\.apache\.org|kore\.io"
    r"|keepachangelog\.com|semver\.org|toml\.io|github\.com|json-schema\.org"
    r"|www\.w3\.org|www\.debian\.org|spdx\.org|accounts\.google\.com"
    r"|login\.microsoftonline\.com)$")


def sizes(tree):
    """Files, headers and functions have a hard number of lines."""
    for path in tree.matching("*.c", "*.h", "*.py", "*.ts", "*.tsx", "dev"):
        contract = path.endswith(".h") and not path.startswith("tests/")
        limit = HEADER_LINES if contract else FILE_LINES
        count = len(tree.lines(path))
        if count > limit and not tree.excepted(path, "size"):
            yield f"{path}:{count}: {count} lines, at most {limit}"
    for path in tree.matching("*.c", "*.h"):
        for name, at, count in functions(tree.lines(path)):
            if count > FUNCTION_LINES and not tree.excepted(name, "size"):
                yield (f"{path}:{at}: {name} has {count} lines, "
                       f"at most {FUNCTION_LINES}")


def functions(lines):
    """Name, line and length of each: a body is between { and } in column 0."""
    name = start = None
    for number, line in enumerate(lines, 1):
        named = re.match(r"(?:.*[ *])?(\w+)\(", line)
        if named and not line[0].isspace():
            name = named[1]
        elif line == "{":
            start = number
        elif line.startswith("}") and start:
            yield name, start, number - start + 1
            start = None


def basenames(tree):
    """No two files under src/ have one name."""
    seen = {}
    for path in tree.matching("src/**/*", "src/*"):
        other = seen.setdefault(os.path.basename(path), path)
        if other != path:
            yield f"{path}:1: {other} has the same name"


def arrows(tree):
    """Dependencies between the folders of src/ point one way."""
    for path in tree.matching("src/*/*.c", "src/*/*.h", "plugins/**/*.[ch]"):
        top, folder = path.split("/")[:2]
        for number, line in enumerate(tree.lines(path), 1):
            to = re.match(r'\s*#\s*include "(\w+)/', line)
            if not to or to[1] not in LEVEL:
                continue
            if top == "plugins":
                allowed = to[1] in ("base", "plugin")
            else:
                allowed = may_include(folder, to[1])
            if not allowed:
                yield f"{path}:{number}: {folder} may not include {to[1]}/"


def may_include(folder, other):
    if folder not in LEVEL:
        return False
    return (folder == other or LEVEL[other] < LEVEL[folder]
            or (folder, other) in BESIDE)


def doors(tree):
    """kore, yyjson and SQL each live behind one door."""
    for path in tree.matching("*.c", "*.h"):
        for number, line in enumerate(tree.lines(path), 1):
            where = f"{path}:{number}:"
            included = re.match(r'\s*#\s*include [<"]([\w./-]+)', line)
            header = included[1] if included else ""
            if header.startswith("kore/") and not KORE_USERS.match(path):
                yield f"{where} only main.c and http/ may include kore"
            if header == "yyjson.h" and not YYJSON_USERS.match(path):
                yield f"{where} base/json.h is the door to yyjson"
            if path.startswith("src/") and SQL.search(line):
                yield f"{where} SQL belongs under plugins/"


def guards(tree):
    """Every header has its own guard."""
    for path in tree.matching("*.h"):
        stem = os.path.basename(path)[:-2].upper()
        guard = "PANGOLIN_" + re.sub(r"\W", "_", stem) + "_H"
        if f"#ifndef {guard}\n#define {guard}\n" not in tree.text(path):
            yield f"{path}:1: no guard {guard}"


def openings(tree):
    """Every C file opens by saying what it is, or its own header does."""
    known = set(tree.paths)
    for path in tree.matching("*.c", "*.h"):
        header = path.removesuffix(".c") + ".h"
        if header in known and header != path:
            continue
        if not tree.text(path).startswith("/*"):
            yield f"{path}:1: no comment that says what this file is"


def subjects(tree):
    """A comment at the margin has a noun for its first subject."""
    for path in tree.matching("*.c", "*.h"):
        if not path.startswith(("src/", "plugins/")):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            if found := NO_SUBJECT.match(line):
                yield f'{path}:{number}: begins with "{found[1]}", no noun'


def words(tree):
    """Nothing unfinished, no path of one machine, no stray host."""
    for path in tree.written():
        if path.startswith("tests/lint/") or path == "LICENSE":
            continue
        for number, line in enumerate(tree.lines(path), 1):
            for pattern in (UNFINISHED, MACHINE_PATH):
                if found := pattern.search(line):
                    yield f'{path}:{number}: "{found[0]}"'
            for host in URL.findall(line):
                if not HOSTS.match(host):
                    yield f"{path}:{number}: host {host} is not in HOSTS"


def headers_alone(tree):
    """Every header compiles without what happens to be before it."""
    deps = ["-Isrc", "-Iplugins", "-I.", "-isystem", "build/deps", "-isystem",
            "/usr/share/kore/include"]
    for folder in tree.root.glob("build/deps/*/include"):
        deps += ["-isystem", str(folder.resolve())]
    with tempfile.TemporaryDirectory() as scratch:
        for path in tree.matching("*.h"):
            source = os.path.join(scratch, "alone.c")
            with open(source, "w", encoding="utf-8") as out:
                out.write(f'#include "{tree.root.resolve() / path}"\n')
            folder = os.path.dirname(path)
            made = subprocess.run(
                ["gcc", "-std=c11", "-D_GNU_SOURCE", "-fsyntax-only",
                 "-DKORE_SINGLE_BINARY", f"-I{folder}", *deps, source],
                cwd=tree.root, capture_output=True, text=True)
            if made.returncode:
                yield f"{path}:1: does not compile alone\n{made.stderr}"


def formatting(tree):
    """clang-format would change nothing."""
    for path in tree.matching("*.c", "*.h"):
        made = subprocess.run(
            ["clang-format-14", "--dry-run", "-Werror", path],
            cwd=tree.root, capture_output=True, text=True)
        if made.returncode:
            first = re.search(r":(\d+):", made.stderr)
            yield f"{path}:{first[1] if first else 1}: run ./dev fmt"


def shell(tree):
    """shellcheck has nothing to say about our scripts."""
    scripts = [p for p in tree.written() if re.match(
        r"#!/(bin/|usr/bin/env )(ba)?sh\b", tree.text(p)[:40])]
    if not scripts:
        return
    made = subprocess.run(
        ["shellcheck", "--severity=warning", "--format=gcc", *scripts],
        cwd=tree.root, capture_output=True, text=True)
    yield from made.stdout.splitlines()


def commits(tree):
    """Subjects are "area: what changed"; areas are folders or files of ours."""
    log = subprocess.run(
        ["git", "log", "--no-merges", "--name-only",
         "--format=%x00%h%x01%s%x01"],
        cwd=tree.root, check=True, capture_output=True, text=True).stdout
    known = names_of(tree.paths) | {"build", "ci"}
    for entry in log.split("\0")[1:]:
        commit, subject, files = entry.split("\x01")
        area = re.match(r"([\w./, -]+): \S", subject)
        if tree.excepted(commit, "subject"):
            continue
        if len(subject) > SUBJECT_LENGTH:
            yield f"{commit}: subject over {SUBJECT_LENGTH}: {subject}"
        elif not area:
            yield f"{commit}: no area before the subject: {subject}"
        else:
            for name in area[1].split(", "):
                if name not in known | names_of(files.split()):
                    yield f"{commit}: there is no {name}: {subject}"


def names_of(paths):
    """What a path may be called: each folder, the file, the file's stem."""
    names = set(paths)
    for path in paths:
        for part in path.split("/"):
            names |= {part, part.split(".")[0]}
    return names


ALL = (sizes, basenames, arrows, doors, guards, openings, subjects,
       words, headers_alone, formatting, shell, commits)
