"""A stand-in for systemd: keeps the server's socket, hears what it says."""

import fcntl
import os
import socket

from harness.wait import until

# Descriptor 3, and the process that it is for, as sd_listen_fds(3) has it.
HAND_OVER = 'exec 3<&{fd} {fd}<&-; LISTEN_PID=$$ exec "$@"'


class Manager:
    """Holds a listening socket over all restarts of one server."""

    def __init__(self, server, watchdog_us=None, host="127.0.0.1",
                 listen=True):
        self.listening = socket.socket()
        self.listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listening.bind((host, server.port))
        if listen:
            self.listening.listen(4096)
        self.ears = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = f"pangolin-{os.getpid()}-{server.port}"
        self.ears.bind("\0" + name)
        self.ears.setblocking(False)
        self.heard = []
        server.environment["NOTIFY_SOCKET"] = "@" + name
        server.environment["LISTEN_FDS"] = "1"
        if watchdog_us:
            server.environment["WATCHDOG_USEC"] = str(watchdog_us)
        self.fd = fd = fcntl.fcntl(self.listening, fcntl.F_DUPFD, 10)
        server.through = ["bash", "-c", HAND_OVER.format(fd=fd), "server"]
        server.pass_fds = [fd]

    def close(self):
        os.close(self.fd)
        self.listening.close()
        self.ears.close()

    def hear(self):
        """All lines so far."""
        while True:
            try:
                self.heard += self.ears.recv(4096).decode().split("\n")
            except BlockingIOError:
                return self.heard

    def await_line(self, line, seconds=20.0):
        until(lambda: line in self.hear(), line, seconds)

    def forget(self):
        self.hear()
        self.heard.clear()
