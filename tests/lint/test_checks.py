"""Each lint can fail: a small tree with one fault, and one without."""

import subprocess

import checks
import pytest
from tree import Tree

GOOD_HEADER = """/* good.h - a header. */
#ifndef PANGOLIN_GOOD_H
#define PANGOLIN_GOOD_H

#endif
"""
LONG_BODY = ("/* long.c - a long function. */\nstatic int\nlong_one(void)\n{\n"
             + "\treturn 0;\n" * 60 + "}\n")

# check, path, content, words of the message; None: nothing is wrong.
CASES = (
    (checks.sizes, "src/base/long.c", "/* long.c */\n" * 501, "at most 500"),
    (checks.sizes, "src/base/wide.h", "/* wide.h */\n" * 121, "at most 120"),
    (checks.sizes, "src/base/long.c", LONG_BODY, "long_one has 62 lines"),
    (checks.basenames, "src/catalog/base.c", "", "src/base/base.c"),
    (checks.arrows, "src/base/up.c", '#include "http/request.h"\n',
     "base may not include http/"),
    (checks.arrows, "src/identity/up.c", '#include "http/request.h"\n',
     "identity may not include http/"),
    (checks.arrows, "src/http/side.c", '#include "identity/token.h"\n',
     "http may not include identity/"),
    (checks.arrows, "plugins/store-x/x.c", '#include "record/entities.h"\n',
     "may not include record/"),
    (checks.arrows, "src/http/down.c", '#include "base/str.h"\n', None),
    (checks.doors, "src/api/a.c", "#include <kore/kore.h>\n", "kore"),
    (checks.doors, "src/http/a.c", "#include <kore/kore.h>\n", None),
    (checks.doors, "src/http/b.c", "#include <yyjson.h>\n", "yyjson"),
    (checks.doors, "src/catalog/s.c", '\tq = "SELECT a FROM b";\n', "SQL"),
    (checks.doors, "plugins/sql/s.c", '\tq = "SELECT a FROM b";\n', None),
    (checks.guards, "src/base/bad.h", "#ifndef BAD_H\n", "PANGOLIN_BAD_H"),
    (checks.guards, "src/base/good.h", GOOD_HEADER, None),
    (checks.openings, "src/base/mute.c", "int x;\n", "no comment"),
    (checks.subjects, "src/base/s.c", "/* s.c */\n/* What is left. */\n",
     's.c:2: begins with "What"'),
    (checks.words, "src/base/w.c", "/* TODO: more */\n", '"TODO"'),
    (checks.words, "docs/w.md", "see /home/bob/notes\n", '"/home/b"'),
    (checks.words, "deps/w", "https://mirror.corp.internal/x\n", "mirror"),
    (checks.headers_alone, "src/base/lone.h", "size_t f(void);\n",
     "does not compile alone"),
    (checks.headers_alone, "src/base/good.h", GOOD_HEADER, None),
    (checks.formatting, "src/base/ugly.c", "int   f( void ){return 1;}\n",
     "./dev fmt"),
    (checks.shell, "deps/sh", "#!/bin/sh\nif [ $x = ]\n", "deps/sh"),
    (checks.commits, "src/base/x.c", "", "no area"),
)


def git(root, *args):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *args],
        cwd=root, check=True, capture_output=True)


@pytest.fixture(name="root")
def fixture_root(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "src/base").mkdir(parents=True)
    (tmp_path / "src/base/base.c").write_text("/* base.c */\n")
    return tmp_path


@pytest.mark.parametrize("check,path,content,message", CASES)
def test_a_fault_is_found(root, check, path, content, message):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "a subject without its folder")
    wrong = list(check(Tree(root)))
    if message is None:
        assert wrong == []
    else:
        assert wrong and message in wrong[0]


@pytest.mark.parametrize("subject,message", (
    ("base: what changed", None),
    ("base: " + "long " * 12, "subject over 60"),
    ("catalog: what changed", "there is no catalog"),
))
def test_a_subject_names_a_part_of_the_tree(root, subject, message):
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", subject)
    wrong = list(checks.commits(Tree(root)))
    assert [message in w for w in wrong] == ([True] if message else [])


def test_an_exception_is_a_line_with_a_reason(root):
    (root / "src/base/long.c").write_text("/* long.c */\n" * 501)
    (root / "docs").mkdir()
    (root / "docs/STYLE.md").write_text("- `src/base/long.c`, size: a table\n")
    assert list(checks.sizes(Tree(root))) == []
