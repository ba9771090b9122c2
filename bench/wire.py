"""One connection whose answers are timed."""

import json
import re
import socket
import sys
import time


class Wire:
    """One connection, with little of its own time in what it measures."""

    def __init__(self, server):
        self.head = (f"Host: {server.host}\r\n"
                     f"Authorization: {server.bearer()['Authorization']}\r\n")
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method, path, body=None):
        """Milliseconds until all of the answer is here, and the answer."""
        text = b"" if body is None else json.dumps(body).encode()
        kind = "Content-Type: application/json\r\n" if body else ""
        message = (f"{method} {path} HTTP/1.1\r\n{self.head}{kind}"
                   f"Content-Length: {len(text)}\r\n\r\n").encode() + text
        begin = time.perf_counter()
        self.socket.sendall(message)
        got = b""
        while not (end := got.find(b"\r\n\r\n") + 4) > 3:
            got += self.receive()
        head = got[:end].decode("latin-1")
        length = re.search(r"content-length: (\d+)", head, re.I)
        while len(got) < end + (int(length[1]) if length else 0):
            got += self.receive()
        took = (time.perf_counter() - begin) * 1e3
        if not head.startswith("HTTP/1.1 2"):
            sys.exit(f"{method} {path}: {got[:500]!r}")
        return took, head, got[end:]

    def receive(self):
        got = self.socket.recv(1 << 20)
        if not got:
            sys.exit("the server closed the connection")
        return got
