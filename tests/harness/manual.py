"""Blocks of the manuals in docs/, as somebody would paste them."""

import re

from harness.server import ROOT


def blocks_of(name):
    """Language and text of each block of docs/NAME that says its language."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


def block_of_clients(language):
    """The only block of docs/clients.md in this language."""
    (_, text), = (b for b in blocks_of("clients.md") if b[0] == language)
    return text


def variables(server):
    """What the blocks of docs/clients.md take from the environment."""
    return {"URL": server.url, "CLIENT_ID": "admin",
            "CLIENT_SECRET": server.first_password}


def filled_in(text, server):
    for name, value in variables(server).items():
        text = text.replace(f"${name}", value)
    return text
