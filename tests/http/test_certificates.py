"""TLS over a server's life: settings, certificates, renewal, the end."""

import contextlib
import datetime
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading

import pytest
from harness.prometheus import parse
from harness.tls import V1_2, V1_3, Certificate, context_for, only
from harness.wait import until
from harness.wire import Wire, answers, connect, raw

SELF_SIGNED = {"tls": {"mode": "self-signed"}}
KEPT = "the certificate stays as it is"
READ = "SHA-256 fingerprint"


@pytest.fixture(name="certificate")
def fixture_certificate(tmp_path):
    return Certificate(tmp_path).make()


def metric(server, name):
    return parse(server.get("/metrics").body.decode())[name].value()


def served(server):
    """The certificate that a new connection is shown."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with Wire(server, context=context) as wire:
        return wire.socket.tls.getpeercert(True)


def check_config(server):
    return subprocess.run(
        [server.program, "check-config", "-c", server.write_config()],
        capture_output=True, text=True, check=False, timeout=60)


def hang_up(server, expected, times=1):
    """SIGHUP, and wait for a word about it."""
    before = server.log_text().count(expected)
    server.process.send_signal(signal.SIGHUP)
    until(lambda: server.log_text().count(expected) >= before + times,
          expected)


# ---- settings

def test_the_oldest_version_is_a_setting(servers):
    server = servers.start(settings={
        "tls": {"mode": "self-signed", "min_version": "1.3"}})
    with connect(server, **only(V1_3)) as wire:
        assert answers(wire)
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        connect(server, **only(V1_2))


def client_hello(server):
    """What a client says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context_for(server.authority).wrap_bio(
        incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("part", (0, 1, 5, 100))
def test_a_handshake_has_a_time(servers, part):
    server = servers.start(settings={
        **SELF_SIGNED, "limits": {"tls_handshake_time": "1s"}})
    with raw(server) as client, connect(server) as wire:
        client.sendall(client_hello(server)[:part])
        assert client.recv(1) == b""
        assert answers(wire)
        failed = metric(server, "pangolin_tls_handshake_failures_total")
        assert failed == (1 if part else 0)


@pytest.mark.parametrize("algorithm", (
    ("RSA", "rsa_keygen_bits:2048"), ("EC", "ec_paramgen_curve:P-384")))
def test_keys_of_two_kinds_serve_both_versions(servers, tmp_path, algorithm):
    made = Certificate(tmp_path).make(
        key=("-algorithm", algorithm[0], "-pkeyopt", algorithm[1]))
    server = servers.start(settings=made.settings())
    for version in (V1_2, V1_3):
        with connect(server, **only(version)) as wire:
            assert answers(wire)


def unfit_files(certificate, tmp_path):
    """Settings of TLS that cannot serve, and what is said about them."""
    other = Certificate(tmp_path, "other").make()
    locked = tmp_path / "locked.key"
    subprocess.run(["openssl", "pkey", "-in", certificate.key, "-aes256",
                    "-passout", "pass:x", "-out", locked], check=True)
    weak = Certificate(tmp_path, "weak").make(
        key=("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"))
    good = certificate.settings()["tls"]
    return {
        "absent certificate": (
            {**good, "certificate": str(tmp_path / "absent")},
            "tls.certificate: cannot read"),
        "absent key": ({**good, "key": str(tmp_path / "absent")},
                       "tls.key: cannot read"),
        "folder": ({**good, "key": str(tmp_path)}, "tls.key: cannot read"),
        "other key": ({**good, "key": str(other.key)},
                      "is not the key of the certificate"),
        "swapped": ({**good, "certificate": str(certificate.key)},
                    "holds no certificate"),
        "no key": ({**good, "key": str(certificate.certificate)},
                   "holds no private key"),
        "locked": ({**good, "key": str(locked)}, "passphrase"),
        "weak": (weak.settings()["tls"], "key too small"),
    }


def test_unfit_files_are_told_by_check_config_and_serve(
        servers, certificate, tmp_path):
    for tls, word in unfit_files(certificate, tmp_path).values():
        server = servers.new(settings={"tls": tls})
        checked = check_config(server)
        assert checked.returncode == 2 and word in checked.stderr, word
        server.spawn()
        assert server.process.wait(20) == 2 and word in server.log_text()


def test_fit_files_are_told_as_such(servers, certificate):
    checked = check_config(servers.new(settings=certificate.settings()))
    assert checked.returncode == 0 and not checked.stderr, checked.stderr


@pytest.mark.parametrize("days,word", (
    (-1, "refuse"), (3, "must be renewed")))
def test_the_end_of_a_certificate_is_a_warning(
        servers, certificate, days, word):
    if days < 0:
        certificate.sign_in_the_past()
    else:
        certificate.sign(days)
    server = servers.new(settings=certificate.settings())
    checked = check_config(server)
    assert checked.returncode == 0 and word in checked.stderr
    server.spawn()
    until(lambda: word in server.log_text() and "listening" in
          server.log_text(), "a warning, and service")


def test_a_key_that_everybody_may_read_is_a_warning(servers, certificate):
    certificate.key.chmod(0o644)
    checked = check_config(servers.new(settings=certificate.settings()))
    assert checked.returncode == 0 and "everybody" in checked.stderr


def test_any_address_may_be_served_with_tls(servers, certificate):
    server = servers.new(settings=certificate.settings())
    server.settings["server"]["listen"] = f"0.0.0.0:{server.port}"
    server.start()
    # the answer that a browser learns from
    assert server.get("/health/live").headers["Strict-Transport-Security"] == \
        "max-age=31536000"


def test_clients_over_the_limit_are_let_go_without_words(servers):
    server = servers.start(settings={
        **SELF_SIGNED, "limits": {"connections": 10}})
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            assert answers(stack.enter_context(connect(server)))
        with raw(server) as late:
            with contextlib.suppress(ConnectionResetError):
                assert late.recv(100) == b""
    until(server.is_ready, "room again")


def test_without_tls_there_is_no_end_of_a_certificate(servers):
    text = servers.start().get("/metrics").body.decode()
    assert "pangolin_tls_certificate" not in text


# ---- renewal

class Clients:
    """Requests without a pause, some on new connections and some on old."""

    def __init__(self, server, authority):
        self.server, self.authority = server, authority
        self.done, self.failed = 0, []
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(kept,))
                        for kept in (True, True, False, False)]

    def context(self):
        context = ssl.create_default_context(cafile=self.authority)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def run(self, kept):
        try:
            while not self.ending.is_set():
                with Wire(self.server, context=self.context()) as wire:
                    while answers(wire) and kept:
                        self.done += 1
                        if self.ending.is_set():
                            break
                    self.done += 1
        except Exception as error:  # pylint: disable=broad-except
            self.failed.append(error)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.left_out_of_quick
def test_a_renewal_disturbs_nobody(servers, certificate):
    server = servers.start(workers=2, settings=certificate.settings())
    old = certificate.der()
    with Clients(server, certificate.certificate) as clients, \
            connect(server) as wire:
        for _ in range(5):
            certificate.sign(365)
            new = certificate.der()
            hang_up(server, READ)
            until(lambda: all(served(server) == new for _ in range(8)),
                  "the new certificate")
        assert answers(wire) and wire.socket.tls.getpeercert(True) == old
        done = clients.done
        until(lambda: clients.done > done + 100, "more requests")
    assert not clients.failed, clients.failed


def test_a_renewal_needs_no_signal(servers, certificate):
    server = servers.start(workers=2, settings=certificate.settings())
    before = metric(server, "pangolin_tls_certificate_expiry_seconds")
    certificate.make(365)
    new = certificate.der()
    until(lambda: all(served(server) == new for _ in range(8)),
          "the new certificate", 60)
    after = metric(server, "pangolin_tls_certificate_expiry_seconds")
    assert after > before + 200 * 86400


def test_a_bad_renewal_changes_nothing_and_is_told_once(servers, certificate):
    server = servers.start(workers=2, settings=certificate.settings())
    old = certificate.der()
    good = certificate.key.read_bytes()
    certificate.key.write_bytes(b"nothing")
    until(lambda: KEPT in server.log_text(), "a word about it", 60)
    hang_up(server, "settings have been read again")
    until(lambda: server.log_text().count(KEPT) == 2, "a word on demand")
    assert "tls.key" in server.log_text() and "no private key" in \
        server.log_text()
    assert served(server) == old
    # repaired: told and served again
    certificate.key.write_bytes(good)
    certificate.sign(365)
    until(lambda: all(served(server) == certificate.der() for _ in range(8)),
          "the new one", 60)
    assert server.log_text().count(KEPT) == 2


def test_a_worker_born_later_has_the_new_certificate(servers, certificate):
    server = servers.start(workers=2, settings=certificate.settings())
    certificate.sign(365)
    hang_up(server, READ)
    old = server.workers()
    certificate.key.unlink()
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(set(server.workers()) - set(old)) == 2, "new workers")
    assert all(served(server) == certificate.der() for _ in range(8))


# ---- self-signed

def names_of(der, tmp_path):
    path = tmp_path / "der"
    path.write_bytes(der)
    return subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-in", path, "-noout", "-ext",
         "subjectAltName"], check=True, capture_output=True, text=True).stdout


def test_a_self_signed_certificate_has_all_names(servers, tmp_path):
    server = servers.new(settings={"tls": {
        "mode": "self-signed", "names": ["lake.example", "10.1.2.3"]}})
    server.settings["server"]["listen"] = f"127.0.0.2:{server.port}"
    server.spawn()
    until(lambda: "listening" in server.log_text(), "service")
    names = names_of(ssl.PEM_cert_to_DER_cert(
        server.authority.read_text("ascii")), tmp_path)
    for name in ("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "127.0.0.2",
                 "lake.example", "10.1.2.3", socket.gethostname()):
        assert f":{name}" in names, (name, names)


def test_its_fingerprint_is_told(servers):
    server = servers.start(settings=SELF_SIGNED)
    printed = subprocess.run(
        ["openssl", "x509", "-in", server.authority, "-noout", "-sha256",
         "-fingerprint"], check=True, capture_output=True, text=True).stdout
    assert printed.strip().partition("=")[2] in server.log_text()
    pin = server.log_text().partition("public key ")[2].partition('"')[0]
    assert shutil.which("curl")
    subprocess.run(["curl", "-fsSk", "--pinnedpubkey", pin,
                    f"{server.url}/health/live"], check=True)


def test_its_key_is_private(servers):
    server = servers.start(settings=SELF_SIGNED)
    assert (server.state_dir / "self-signed.key").stat().st_mode & 0o77 == 0


def test_a_restart_keeps_it(servers):
    server = servers.start(settings=SELF_SIGNED)
    before = served(server)
    assert server.stop() == 0
    server.restart()
    assert served(server) == before


def key_of(server):
    return (server.state_dir / "self-signed.key").read_bytes()


def put_certificate(server, days):
    """One of the server's own key, for so many days."""
    subprocess.run(
        ["openssl", "req", "-x509", "-new", "-key",
         server.state_dir / "self-signed.key", "-out", server.authority,
         "-days", str(days), "-subj", "/CN=x", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1,DNS:"
         + socket.gethostname()], check=True, capture_output=True)


def days_left(der, tmp_path):
    path = tmp_path / "der"
    path.write_bytes(der)
    end = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-in", path, "-noout",
         "-enddate", "-dateopt", "iso_8601"], check=True, text=True,
        capture_output=True).stdout.partition("=")[2].strip()
    left = datetime.datetime.strptime(end, "%Y-%m-%d %H:%M:%SZ")
    return (left - datetime.datetime.utcnow()).days


@pytest.mark.parametrize("days,renewed", ((29, True), (32, False)))
def test_it_is_renewed_before_it_ends(servers, tmp_path, days, renewed):
    server = servers.start(settings=SELF_SIGNED)
    key = key_of(server)
    put_certificate(server, days)
    hang_up(server, READ)
    until(lambda: all((days_left(served(server), tmp_path) > 800) == renewed
                      for _ in range(8)), "the certificate")
    assert key_of(server) == key
    assert server.get("/health/live").status == 200


def test_a_spoilt_one_is_made_again(servers):
    server = servers.start(settings=SELF_SIGNED)
    old = served(server)
    (server.state_dir / "self-signed.key").write_text("nothing")
    until(lambda: old not in [served(server) for _ in range(8)], "a new one",
          60)
    assert server.get("/health/live").status == 200


# ---- the end

def refused(server):
    try:
        raw(server).close()
    except OSError:
        return True
    return False


def test_a_drain_answers_what_is_in_progress(servers):
    server = servers.start(workers=2, settings=SELF_SIGNED)
    body = b'{"namespace":["drained%d"]}'
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(connect(server)) for _ in range(8)]
        shaking = [stack.enter_context(raw(server)) for _ in range(4)]
        assert all(answers(wire) for wire in wires)
        headers = {"Content-Length": "60", **server.bearer(),
                   "Content-Type": "application/json"}
        for i, wire in enumerate(wires):
            wire.ask("POST", "/v1/default/namespaces", headers)
            wire.send(body % i)
        server.process.terminate()
        until(lambda: refused(server), "no more connections")
        for i, wire in enumerate(wires):
            wire.send(b" " * (60 - len(body % i)))
            reply = wire.reply()
            assert reply.status == 200, reply
            assert reply.headers["Connection"] == "close"
        assert len(shaking) == 4
    assert server.process.wait(30) == 0
