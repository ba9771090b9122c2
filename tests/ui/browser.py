"""A tab of Debian's Chromium, and all that went wrong in it."""

import re

# Without these Chromium calls out at every start.
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync")
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}

# Chromium writes a line for every answer of 4xx and every refused connection.
NETWORK = re.compile(r"^Failed to load resource: ")


def launch(playwright):
    return playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=list(QUIET))


class Visit:
    """A tab of its own; `trouble` is all that went wrong in it."""

    def __init__(self, browser, server, viewport=None, **options):
        self.server, self.trouble = server, []
        self.context = browser.new_context(
            viewport=viewport or WIDE, locale="en-GB", timezone_id="UTC",
            **options)
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.page.on("console", self.on_console)
        self.page.on("pageerror", lambda e: self.trouble.append(str(e)))
        self.network = []

    def on_console(self, message):
        if message.type not in ("error", "warning"):
            return
        kind = self.network if NETWORK.match(message.text) else self.trouble
        kind.append(message.text)

    def open(self, hash_=""):
        self.page.goto(f"{self.server.url}/{hash_}")
        return self

    def fill(self, username, password):
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def sign_in(self, username="admin"):
        self.fill(username, self.server.first_password)
        self.page.get_by_role("heading", name="Catalogs").wait_for()
        return self

    def link(self, name):
        return self.page.get_by_role("link", name=name, exact=True)

    def heading(self, name):
        return self.page.get_by_role("heading", name=name, exact=True)

    def go(self, *names):
        """Click one link behind the other."""
        for name in names:
            self.page.locator("main").get_by_role(
                "link", name=name, exact=True).click()
            self.heading(name).wait_for()

    def overflow(self):
        """By how many pixels the page is wider than the window."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth - innerWidth")


class Visits:
    """Opens tabs; when a test ends, none may have had any trouble."""

    def __init__(self, browser, server):
        self.browser, self.server, self.made = browser, server, []

    def new(self, server=None, **options):
        visit = Visit(self.browser, server or self.server, **options)
        self.made.append(visit)
        return visit

    def end(self):
        for visit in self.made:
            visit.context.close()
        assert [v.trouble for v in self.made if v.trouble] == []
