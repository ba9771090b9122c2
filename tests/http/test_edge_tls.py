"""The edge over TLS: what holds for plain bytes holds for records."""

import inspect

import pytest
import test_edge
from test_edge import fixture_wire  # noqa: F401

TLS = {"tls": {"mode": "self-signed"}}

# They look at the socket below TLS; test_tls.py has its own.
BELOW = {"test_a_greedy_pipeliner_is_paused"}

pytestmark = pytest.mark.parametrize(
    "server", [("sqlite", 1, TLS), ("sqlite", 2, TLS)], indirect=True,
    scope="module", ids=("tls-1", "tls-2"))


def takes_the_server(test):
    arguments = inspect.signature(test).parameters
    return "servers" not in arguments and not \
        {"server", "wire"}.isdisjoint(arguments)


globals().update({
    name: test for name, test in vars(test_edge).items()
    if name.startswith("test_") and name not in BELOW
    and takes_the_server(test)})
