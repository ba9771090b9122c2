"""A server that is killed in the middle of a request (base/fault.h)."""

import http.client

import pytest


class Killed:
    """A server that is killed at a point, and started again."""

    def __init__(self, server):
        self.server = server
        self.point = server.folder / "point"
        server.environment["FAULT_POINT"] = str(self.point)
        server.start()

    def send_until(self, point, method, path, body, key):
        headers = {**self.server.bearer(), **key}
        self.point.write_text(point)
        with pytest.raises((OSError, http.client.HTTPException)):
            reply = self.server.request(method, path, body, headers)
            pytest.fail(f"{point} was not reached: {reply}")
        assert not self.point.exists()
        self.server.kill()
        self.server.restart()
