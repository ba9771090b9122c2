"""hold_connections.py PORT CERTIFICATE COUNT: opens so many TLS connections,
asks one question on each, says "held", and keeps them until it is killed.

What the client's own TLS remembers is thrown away: only sockets stay.
"""

import os
import resource
import socket
import ssl
import sys

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


def main(port, certificate, count):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 100), hard))
    context = ssl.create_default_context(cafile=certificate)
    held = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port), 60)
        with context.wrap_socket(
                client, server_hostname="127.0.0.1") as secure:
            secure.sendall(LIVE)
            assert secure.recv(4096).startswith(b"HTTP/1.1 200 ")
            held.append(os.dup(secure.fileno()))
    print("held", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
