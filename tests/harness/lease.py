"""A file that nobody can open for a while, and is still what it was."""

import fcntl
import os
import signal

from harness.wait import until

# Sent to the holder when somebody wants the file; the default ends us.
signal.signal(signal.SIGIO, signal.SIG_IGN)


class Lease:
    """Whoever opens the file waits for release(); the kernel's own limit is
    45 s (fcntl(2), F_SETLEASE)."""

    def __init__(self, file):
        self.file = file
        self.descriptor = os.open(file, os.O_RDONLY)

        def take():
            try:  # in vain while anybody else has the file open
                fcntl.fcntl(self.descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            except BlockingIOError:
                return False
            return True
        until(take, f"a lease of {file}")

    def is_wanted(self):
        """Somebody waits for it."""
        held = fcntl.fcntl(self.descriptor, fcntl.F_GETLEASE)
        return held != fcntl.F_WRLCK

    def release(self):
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def wait_for_one(self):
        """Somebody waits, and stays where it is."""
        until(self.is_wanted, f"somebody who opens {self.file}")

    def let_pass(self):
        """Release it once somebody waits."""
        if self.descriptor is not None:
            self.wait_for_one()
            self.release()
