"""Waiting for conditions, never for a time."""

import threading
import time

_never = threading.Event()


def until(condition, what, seconds=20.0):
    """Poll until condition() is true and return that; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        if result := condition():
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds} s still not: {what}")
        _never.wait(0.01)
