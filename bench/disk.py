"""What the disk takes: nothing that is kept is faster."""

import os
import statistics
import time


def flush_ms(place):
    """The disk's own time to keep four kilobytes."""
    times = []
    with open(place / "flush", "wb") as file:
        for _ in range(200):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3
