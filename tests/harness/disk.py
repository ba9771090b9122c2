"""A small disk of one server: it fills up, and nothing else does."""

import errno
import os
import pathlib
import subprocess

from harness.wait import until


class Disk:
    """A tmpfs under the server's state directory, in a mount namespace that a
    process holds while the server comes and goes."""

    def __init__(self, server, size):
        server.state_dir.mkdir()
        there = str(server.state_dir)
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c",
             'mount -t tmpfs -o "size=$1,mode=0755" tmpfs "$2" && echo && '
             'exec sleep infinity', "sh", str(size), there],
            stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == b"\n", "no disk could be made"
        self.path = pathlib.Path(f"/proc/{self.holder.pid}/root{there}")
        server.state_dir = self.path  # as seen from outside
        server.through = ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt"]
        self.ballast = self.path / "ballast"

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()

    def fill(self, leave=0):
        """Not a byte more fits, or only that many."""
        with open(self.ballast, "ab", buffering=0) as file:
            for block in (1 << 16, 1 << 12, 1):
                while True:
                    try:
                        if not file.write(bytes(block)):
                            break
                    except OSError as error:
                        assert error.errno == errno.ENOSPC
                        break
        if leave:
            os.truncate(self.ballast, self.ballast.stat().st_size - leave)

    def empty(self):
        self.ballast.unlink(missing_ok=True)
        until(lambda: os.statvfs(self.path).f_bavail > 0, "space")
