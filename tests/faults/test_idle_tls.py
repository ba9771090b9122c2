"""Ten thousand idle TLS connections: what they cost, and who still gets in."""

import pathlib
import subprocess
import sys
import time

from harness.wait import until
from harness.wire import answers, connect

CONNECTIONS, CLIENTS = 10000, 4
MEGABYTES_MAX = 512
KILOBYTES_EACH = 20  # without buffers; with them it would be 34
HOLDER = pathlib.Path(__file__).with_name("hold_connections.py")


def pss_megabytes(server):
    """Of parent and workers; shared pages count once."""
    total = 0
    for pid in server.group():
        rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        total += int(rollup.partition("\nPss:")[2].split()[0])
    return total / 1024


def open_connections(server):
    text = server.get("/metrics").body.decode()
    return int(text.partition("\npangolin_connections ")[2].split()[0])


def hold(server):
    return subprocess.Popen(
        [sys.executable, HOLDER, str(server.port), server.authority,
         str(CONNECTIONS // CLIENTS)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_ten_thousand_idle_connections_fit(servers):
    server = servers.start(workers=2, settings={
        "tls": {"mode": "self-signed"}, "limits": {"idle_time": "30m"}})
    before = pss_megabytes(server)
    holders = [hold(server) for _ in range(CLIENTS)]
    try:
        for holder in holders:
            assert holder.stdout.readline() == b"held\n"
        assert open_connections(server) >= CONNECTIONS
        used = pss_megabytes(server)
        print(f"{before:.0f} MB, with {CONNECTIONS} connections {used:.0f} MB")
        assert used < MEGABYTES_MAX
        assert (used - before) * 1024 / CONNECTIONS < KILOBYTES_EACH
        begun = time.monotonic()
        for _ in range(100):
            with connect(server) as wire:
                assert answers(wire)
        assert time.monotonic() - begun < 10
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()
    until(lambda: open_connections(server) == 1, "the end of all", 60)
