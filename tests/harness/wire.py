"""Bytes to a server and back, for what http.client would never send."""

import socket

from harness.server import Reply
from harness.tls import TlsSocket, context_for


LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


def raw(server):
    """A socket, even if the server expects TLS."""
    return socket.create_connection(("127.0.0.1", server.port), 20)


def connect(server, session=None, **settings):
    """A Wire with TLS, whose client has these settings."""
    return Wire(server, context=context_for(server.authority, **settings),
                session=session)


def answers(wire):
    wire.send(LIVE)
    return wire.reply().status == 200


class Wire:
    """A connection; replies are read one by one, as bytes arrive."""

    def __init__(self, server, timeout=20, context=None,
                 session=None):
        self.socket = socket.create_connection(
            ("127.0.0.1", server.port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.authority:
            self.socket = TlsSocket(
                self.socket, context or context_for(server.authority),
                session=session)
        self.host = server.host
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, method, target, headers=None, body=None):
        """Send a request without waiting for its reply."""
        head = {"Host": self.host, **(headers or {})}
        if body is not None:
            head.setdefault("Content-Length", str(len(body)))
        lines = [f"{method} {target} HTTP/1.1",
                 *(f"{k}: {v}" for k, v in head.items()), "", ""]
        self.send("\r\n".join(lines).encode() + (body or b""))

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def _more(self):
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def reply(self, method="GET"):
        """The next reply, or None when the server closed instead."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                assert not self.buffer, self.buffer
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split(" ")[1])
        headers = Headers(line.split(": ", 1) for line in lines)
        length = int(headers.get("Content-Length", "0"))
        if method == "HEAD" or status in (204, 304) or status < 200:
            length = 0
        while len(self.buffer) < length:
            assert self._more(), "the body is cut short"
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Reply(status, headers, body)

    def is_closed(self):
        """Has the server closed, with nothing more to say?"""
        try:
            return not self.buffer and not self._more()
        except ConnectionResetError:
            return True


class Headers(dict):
    """Names in any case of letters; `spelt` has them as they came."""

    def __init__(self, pairs):
        pairs = list(pairs)
        super().__init__((k.lower(), v) for k, v in pairs)
        self.spelt = [k for k, _ in pairs]

    def __getitem__(self, name):
        return super().__getitem__(name.lower())

    def __contains__(self, name):
        return super().__contains__(name.lower())

    def get(self, name, default=None):
        return super().get(name.lower(), default)
