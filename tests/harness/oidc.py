"""A real OpenID provider (tests/oidc/provider.mjs) for tests of sign-in."""

import base64
import html.parser
import http.cookiejar
import json
import shutil
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from harness.npm import NODE, install
from harness.server import ROOT, free_port
from harness.wait import until

HERE = ROOT / "tests/oidc"


class Provider:
    """The provider on a port of its own; `url` is the issuer."""

    def __init__(self, folder, redirects=()):
        place = install(HERE, ROOT / "build/oidc")
        shutil.copy(HERE / "provider.mjs", place)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "provider.log"
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(
                [NODE, "provider.mjs", str(self.port), *redirects], cwd=place,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        until(lambda: self.said("ready"), "the provider")

    def said(self, word, times=1):
        assert self.process.poll() is None, self.log.read_text()
        return self.log.read_text().split().count(word) >= times

    def rotate(self):
        times = self.log.read_text().split().count("rotated")
        self.process.send_signal(signal.SIGHUP)
        until(lambda: self.said("rotated", times + 1), "new keys")

    def service_token(self):
        """An access token of the client `service`."""
        basic = base64.b64encode(b"service:service-secret").decode()
        request = urllib.request.Request(
            f"{self.url}/token", urllib.parse.urlencode({
                "grant_type": "client_credentials", "scope": "catalog",
            }).encode(), {"Authorization": f"Basic {basic}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["access_token"]

    def stop(self):
        self.process.kill()
        self.process.wait()


class Form(html.parser.HTMLParser):
    """The first form of a page."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields = None, {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form" and not self.action:
            self.action = found.get("action")
        if tag == "input" and found.get("name"):
            self.fields[found["name"]] = found.get("value", "")


class Reached(Exception):
    """The browser was sent to an address that the test watches."""


class Browser:
    """As much of a browser as a sign-in needs; it stops before an address that
    begins with `watched`, and remembers it."""

    def __init__(self, watched):
        self.jar = http.cookiejar.CookieJar()

        class Follow(urllib.request.HTTPRedirectHandler):
            """Follows redirects up to the watched address."""

            def redirect_request(self, req, fp, code, msg, headers, newurl):
                if newurl.startswith(watched):
                    raise Reached(newurl)
                return super().redirect_request(
                    req, fp, code, msg, headers, newurl)

        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), Follow())

    def get(self, url):
        """(status, body) of an address; a watched one as (303, address)."""
        try:
            with self.opener.open(url, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()
        except Reached as e:
            return 303, str(e)

    def sign_in(self, url, user):
        """Follows a sign-in from `url` through the provider's forms; the
        address where it ends, or (status, body) of an answer that has no
        form."""
        data = None
        for _ in range(6):
            try:
                with self.opener.open(url, data, timeout=20) as page:
                    here, text = page.url, page.read().decode()
            except urllib.error.HTTPError as e:
                return e.code, e.read().decode()
            except Reached as e:
                return 303, str(e)
            form = Form(text)
            if form.action is None:
                return 200, text
            if "login" in form.fields:
                form.fields.update(login=user, password="x")
            url = urllib.parse.urljoin(here, form.action)
            data = urllib.parse.urlencode(form.fields).encode()
        raise AssertionError("the sign-in does not end")
