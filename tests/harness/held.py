"""A request that is held in the middle (base/fault.h) while others go on."""

import concurrent.futures
import contextlib
import os

from harness.wait import until


class Held:
    """A server of which one thread is held at a point, and let go."""

    def __init__(self, server):
        self.server = server
        self.point = server.folder / "point"
        self.gate = server.folder / "point.gate"
        server.environment["FAULT_POINT"] = str(self.point)
        os.mkfifo(self.gate)
        server.start()

    @contextlib.contextmanager
    def at(self, point, ask):
        """Inside, `ask` waits at the point; behind, it has gone on, and what
        is given has its result."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            self.point.write_text(f"{point}?")
            asked = pool.submit(ask)
            try:
                until(lambda: asked.done() or not self.point.exists(),
                      f"somebody at {point}", 30)
                assert not asked.done(), asked.result()
                yield asked
            finally:
                self.point.unlink(missing_ok=True)
                if not asked.done():
                    self.gate.write_text("")  # waits for who is held
            asked.result()
