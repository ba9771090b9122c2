"""The bucket of one tenant answers nothing, and all its requests wait: the
requests of another tenant are answered meanwhile."""

import concurrent.futures
import contextlib

import pytest
from harness.changes import set_property
from harness.s3 import Faults
from harness.sea import SETTINGS, Sea
from harness.versions import API
from harness.wait import until

PERMITS = 16  # of S3 and of writes, with 32 threads
MANY = 24  # requests that wait


class Other(Sea):
    """A catalog of another tenant."""

    def __init__(self, server, proxy):
        made = server.as_root("POST", f"{API}/tenants", {"name": "other"})
        self.tenant = made.json()["id"]
        super().__init__(server, proxy)

    def ask(self, method, path, body=None, want=None, headers=None):
        reply = self.server.as_root(method, path, body, self.tenant)
        assert want in (None, reply.status), (method, path, reply)
        return reply


class Harbour:
    """Two tenants; requests of a method to one's bucket can be held."""

    def __init__(self, server, s3, proxy, held_up):
        self.server, self.held_up, self.held = server, held_up, []
        held_up.s3 = s3
        self.sea, self.other = Sea(server, held_up), Other(server, proxy)
        for sea in (self.sea, self.other):
            sea.make_space()
            sea.make_table("t")

    def hold(self, method):
        def hold(handler, _body):
            self.held.append(handler)
            handler.connection.recv(1)
        self.held_up.choose = lambda its: hold if its == method else None

    def let_go(self):
        self.held_up.choose = lambda _method: None
        for handler in self.held:
            handler.abort()

    def running(self):
        """Requests on threads, or waiting for one; of the last beat."""
        text = self.server.get("/metrics").body.decode()
        return sum(int(line.split()[-1]) for line in text.splitlines()
                   if line.startswith("pangolin_requests_running"))

    @contextlib.contextmanager
    def crowd(self, ask, held=PERMITS // 2):
        """Inside, many wait, and so many of them for the bucket."""
        with concurrent.futures.ThreadPoolExecutor(MANY) as pool:
            replies = [pool.submit(ask, n) for n in range(MANY)]
            try:
                until(lambda: len(self.held) >= held, "some are held")
                until(lambda: self.running() >= MANY, "all of them wait")
                yield
                assert len(self.held) == held
            finally:
                self.let_go()
        statuses = [reply.result().status for reply in replies]
        # the others may have waited for too long by now
        assert statuses.count(200) >= held, statuses


@pytest.fixture(name="harbour")
def fixture_harbour(servers, s3, proxy):
    @contextlib.contextmanager
    def start(**settings):
        server = servers.start(workers=1, settings={**SETTINGS, **settings})
        with Faults(s3.port) as held_up:
            yield Harbour(server, s3, proxy, held_up)
    return start


def test_a_tenant_whose_bucket_is_silent_keeps_no_other_from_reading(harbour):
    with harbour(cache={"levels": []}) as h:
        path = f"{h.sea.path(space='a')}/tables/t"
        h.hold("GET")
        with h.crowd(lambda _n: h.sea.ask("GET", path)):
            for _ in range(20):
                assert h.other.value("t") == ""


def test_a_tenant_whose_bucket_is_silent_keeps_no_other_from_writing(harbour):
    """Each of its commits waits for S3 on a thread, to a table of its own."""
    with harbour() as h:
        for n in range(MANY):
            h.sea.make_table(f"t{n}")
        h.hold("PUT")

        def commit(n):
            return h.sea.ask("POST", f"{h.sea.path(space='a')}/tables/t{n}", {
                "requirements": [], "updates": set_property("a", "b")})
        with h.crowd(commit):
            for n in range(5):
                h.other.set("t", str(n))
                assert h.other.value("t") == str(n)
            h.other.make_table("u")


def test_a_tenant_whose_file_does_not_come_keeps_no_other_from_loading(
        harbour):
    """One thread reads the file, the others wait for it."""
    with harbour() as h:
        h.other.make_table("u")
        h.server.stop()
        (h.server.state_dir / "hot-files").unlink(missing_ok=True)
        h.server.restart()  # with caches that are empty
        h.server.token()  # many sign-ins at once would be too many
        assert h.other.value("t") == ""
        h.hold("GET")
        path = f"{h.sea.path(space='a')}/tables/t"
        with h.crowd(lambda _n: h.sea.ask("GET", path), held=1):
            assert h.other.value("u") == ""
