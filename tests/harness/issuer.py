"""A provider of sign-in whose keys are ours: it signs whatever a test says,
counts who asks it, and can be silent.  The real one is in harness/oidc.py."""

import base64
import contextlib
import http.server
import json
import threading
import time

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import (
    ec, ed448, ed25519, padding, rsa, utils)

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(),
          "512": hashes.SHA512()}
CURVES = {"ES256": ("P-256", ec.SECP256R1(), 32),
          "ES384": ("P-384", ec.SECP384R1(), 48),
          "ES512": ("P-521", ec.SECP521R1(), 66)}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A private key for one algorithm, and its public half as a JWK."""

    def __init__(self, alg, kid, bits=2048):
        self.alg, self.kid = alg, kid
        if alg in CURVES:
            self.private = ec.generate_private_key(CURVES[alg][1])
        elif alg == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
        elif alg == "Ed448":
            self.alg, self.private = "EdDSA", ed448.Ed448PrivateKey.generate()
        else:
            self.private = rsa.generate_private_key(65537, bits)
        self.curve = "Ed448" if alg == "Ed448" else "Ed25519"

    def jwk(self):
        public = self.private.public_key()
        if self.alg in CURVES:
            name, _, size = CURVES[self.alg]
            n = public.public_numbers()
            kind = {"kty": "EC", "crv": name, "x": number(n.x, size),
                    "y": number(n.y, size)}
        elif self.alg == "EdDSA":
            raw = public.public_bytes(serialization.Encoding.Raw,
                                      serialization.PublicFormat.Raw)
            kind = {"kty": "OKP", "crv": self.curve, "x": b64(raw)}
        else:
            n = public.public_numbers()
            kind = {"kty": "RSA", "n": number(n.n), "e": number(n.e)}
        return {**kind, "kid": self.kid, "use": "sig"}

    def pem(self):
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, text, alg=None):
        alg = alg or self.alg
        if alg in CURVES:
            size = CURVES[alg][2]
            r, s = utils.decode_dss_signature(
                self.private.sign(text, ec.ECDSA(HASHES[alg[2:]])))
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        if alg == "EdDSA":
            return self.private.sign(text)
        digest = HASHES[alg[2:]]
        pad = padding.PKCS1v15() if alg[0] == "R" else padding.PSS(
            padding.MGF1(digest), digest.digest_size)
        return self.private.sign(text, pad, digest)


def hs256(secret, text):
    mac = hmac.HMAC(secret, hashes.SHA256())
    mac.update(text)
    return mac.finalize()


class Issuer:
    """An issuer on a port of its own; `url` is its name."""

    def __init__(self, *keys):
        self.keys = list(keys) or [Key("RS256", "first")]
        self.asked = []      # paths
        self.posted = []     # headers and bodies
        self.document = {}   # replaces members of the discovery document
        self.answers = {}    # path: (status, bytes), instead of ours
        self.silent = threading.Event()
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                issuer.answer(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def answer(self, handler):
        path = handler.path.partition("?")[0]
        self.asked.append(path)
        if handler.command == "POST":
            length = int(handler.headers["Content-Length"])
            self.posted.append((handler.headers, handler.rfile.read(length)))
        if self.silent.is_set():
            # until whoever asked has hung up
            handler.connection.settimeout(30)
            with contextlib.suppress(OSError):
                handler.connection.recv(1)
            return
        if path in self.answers:
            status, body = self.answers[path]
        elif path == "/.well-known/openid-configuration":
            status, body = 200, json.dumps({
                "issuer": self.url, "jwks_uri": f"{self.url}/jwks",
                "authorization_endpoint": f"{self.url}/auth",
                "token_endpoint": f"{self.url}/token",
                **self.document}).encode()
        elif path == "/jwks":
            status, body = 200, json.dumps(
                {"keys": [key.jwk() for key in self.keys]}).encode()
        else:
            status, body = 404, b"{}"
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def claims(self, subject, **more):
        now = int(time.time())
        claims = {"iss": self.url, "sub": subject, "aud": "pangolin",
                  "iat": now, "exp": now + 600, **more}
        return {k: v for k, v in claims.items() if v is not None}

    def token(self, subject, key=None, alg=None, header=None, **more):
        key = key or self.keys[0]
        head = {"typ": "JWT", "alg": alg or key.alg, "kid": key.kid,
                **(header or {})}
        head = {k: v for k, v in head.items() if v is not None}
        text = ".".join(b64(json.dumps(part).encode()) for part in (
            head, self.claims(subject, **more)))
        return f"{text}.{b64(key.sign(text.encode(), alg or key.alg))}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
