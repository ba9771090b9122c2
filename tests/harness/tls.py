"""TLS as a client: contexts, sockets that half-close, certificates."""

import contextlib
import socket
import ssl
import subprocess


V1_1, V1_2, V1_3 = (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2,
                    ssl.TLSVersion.TLSv1_3)


def only(version, **settings):
    """The settings of a client that speaks one version."""
    return {"minimum_version": version, "maximum_version": version,
            **settings}


def context_for(authority, **settings):
    """A client's, that trusts one certificate and wants close_notify."""
    context = ssl.create_default_context(cafile=authority)
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    for name, value in settings.items():
        setattr(context, name, value)
    return context


class TlsSocket:
    """TLS on a socket, where one direction may end before the other."""

    def __init__(self, raw, context, name="127.0.0.1", session=None):
        self.raw = raw
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing,
                                    server_hostname=name, session=session)
        self._run(self.tls.do_handshake)

    def _flush(self):
        if self.outgoing.pending:
            self.raw.sendall(self.outgoing.read())

    def _run(self, operation, *arguments):
        while True:
            try:
                return operation(*arguments)
            except ssl.SSLWantReadError:
                self._flush()
                data = self.raw.recv(65536)
                self.incoming.write(data) if data else \
                    self.incoming.write_eof()
            finally:
                self._flush()

    def sendall(self, data):
        for i in range(0, len(data), 1 << 16):
            self._run(self.tls.write, data[i:i + (1 << 16)])

    def recv(self, size):
        """b"" only after close_notify: an end without it is an error."""
        try:
            return self._run(self.tls.read, size)
        except ssl.SSLZeroReturnError:
            return b""

    def shutdown(self, how):
        assert how == socket.SHUT_WR
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.unwrap()
        self._flush()

    def __getattr__(self, name):
        return getattr(self.raw, name)


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True,
                   stdin=subprocess.DEVNULL, capture_output=True)


class Certificate:
    """A certificate that signs itself, and its key, as files."""

    def __init__(self, folder, name="server"):
        self.certificate = folder / f"{name}.crt"
        self.key = folder / f"{name}.key"

    def make(self, days=90, key=("-algorithm", "EC", "-pkeyopt",
                                 "ec_paramgen_curve:P-256")):
        openssl("genpkey", *key, "-out", self.key)
        self.key.chmod(0o600)
        return self.sign(days)

    def sign(self, days=90, *more):
        """A new one of the same key."""
        draft = self.certificate.with_suffix(".draft")
        openssl("req", "-x509", "-new", "-key", self.key, "-out", draft,
                "-days", days, "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1", *more)
        draft.rename(self.certificate)
        return self

    def sign_in_the_past(self):
        openssl("x509", "-in", self.certificate, "-signkey", self.key,
                "-days", -1, "-out", self.certificate)

    def settings(self, **more):
        return {"tls": {"mode": "files", "certificate": str(self.certificate),
                        "key": str(self.key), **more}}

    def der(self):
        return ssl.PEM_cert_to_DER_cert(self.certificate.read_text("ascii"))
