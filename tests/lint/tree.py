"""The files that lints look at, and the exceptions that docs/STYLE.md lists."""

import pathlib
import re
import subprocess

TEXT = {".c", ".h", ".def", ".S", ".py", ".sh", ".md", ".toml", ".conf",
        ".mk", ".syms", ".yml", ".ts", ".tsx", ".js", ".css", ".html", ""}


class Tree:
    """A checkout: its own files (not what git ignores), read once each."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"],
            cwd=self.root, check=True, capture_output=True).stdout
        self.paths = sorted(
            p for p in listed.decode().split("\0")
            if p and (self.root / p).is_file())
        self.texts = {}
        self.exceptions = self.read_exceptions()

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = (self.root / path).read_text("utf-8", "replace")
        return self.texts[path]

    def lines(self, path):
        return self.text(path).splitlines()

    def matching(self, *patterns):
        return [p for p in self.paths
                if any(pathlib.PurePath(p).match(x) for x in patterns)]

    def written(self):
        """Text that people of this project wrote."""
        return [p for p in self.paths
                if pathlib.PurePath(p).suffix in TEXT
                and not p.startswith(("assets/", "tests/data/"))]

    def read_exceptions(self):
        """Lines "- `what`, rule: reason" of docs/STYLE.md."""
        try:
            text = self.text("docs/STYLE.md")
        except FileNotFoundError:
            return set()
        return set(re.findall(r"^- `([^`]+)`, ([a-z ]+): \S", text, re.M))

    def excepted(self, what, rule):
        return (what, rule) in self.exceptions
