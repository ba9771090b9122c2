"""Signing in and out, and a server that goes away in between."""

from browser import WIDE
from harness.proxy import Proxy
from harness.server import Server


def alert(visit):
    box = visit.page.get_by_role("alert")
    box.wait_for()
    return box.inner_text()


def test_a_wrong_password_is_told_and_the_right_one_opens(visits):
    visit = visits.new().open()
    visit.fill("admin", "not the password")
    assert alert(visit)
    assert visit.page.evaluate("localStorage.length") == 0
    visit.sign_in()
    assert len(visit.network) == 1 and "401" in visit.network[0]


def cookie_of(visit):
    return next((c for c in visit.context.cookies()
                 if c["name"] == "pangolin-session"), None)


def tab(visit, hash_=""):
    """Another tab of the same browser."""
    page = visit.context.new_page()
    page.on("console", visit.on_console)
    page.goto(f"{visit.server.url}/{hash_}")
    return page


def test_signing_out_ends_the_session_in_all_tabs(visit):
    held = {"Authorization": f"Bearer {cookie_of(visit)['value']}"}
    assert visit.server.get("/api/v1/users/me", held).status == 200
    other = tab(visit, "#/catalogs/default")
    other.get_by_role("heading", name="default").wait_for()
    with visit.page.expect_response("**/api/v1/session") as ended:
        visit.page.get_by_role("button", name="Sign out").click()
    assert ended.value.status == 204
    visit.page.get_by_label("Username").wait_for()
    other.get_by_label("Username").wait_for()
    other.get_by_text("ended in another tab").wait_for()
    assert cookie_of(visit) is None
    assert visit.page.evaluate("localStorage.length") == 0
    assert visit.server.get("/api/v1/users/me", held).status == 401
    visit.page.reload()
    visit.page.get_by_label("Username").wait_for()
    assert visit.network == []


def test_no_script_reads_the_session(visit):
    token = cookie_of(visit)["value"]
    assert cookie_of(visit)["httpOnly"]
    assert cookie_of(visit)["sameSite"] == "Strict"
    found = visit.page.evaluate(
        "document.cookie + JSON.stringify(localStorage)"
        " + JSON.stringify(sessionStorage)")
    assert "admin" in found and token not in found


def test_a_reload_and_a_link_in_a_new_tab_stay_signed_in(visit):
    visit.page.reload()
    visit.link("default").wait_for()
    with visit.context.expect_page() as opened:
        visit.link("default").click(modifiers=["ControlOrMeta"])
    opened.value.get_by_role("heading", name="default").wait_for()
    assert visit.network == []


def test_who_signs_in_in_another_tab_is_who_is_signed_in(visit, server):
    server.call("POST", "/api/v1/users", {
        "username": "zoe", "email": "zoe@lake.example",
        "password": "a-long-password", "role": "tenant-user"})
    visit.page.get_by_role("button", name="Sign out").click()
    visit.page.get_by_label("Username").wait_for()
    other = tab(visit)
    visit.fill("zoe", "a-long-password")
    other.get_by_role("button", name="zoe").wait_for()
    assert other.get_by_role("link", name="Audit").count() == 0


def test_a_session_that_ended_leads_back_to_the_sign_in(visit):
    visit.open("#/catalogs/default")
    visit.heading("default").wait_for()
    visit.server.request("POST", "/api/v1/users/logout", headers={
        "Authorization": f"Bearer {cookie_of(visit)['value']}"})
    visit.page.reload()
    visit.page.get_by_text("Your session has ended").wait_for()
    visit.fill("admin", visit.server.first_password)
    visit.heading("default").wait_for()


def test_a_browser_without_cookies_is_told(visits):
    visit = visits.new()
    visit.page.route("**/api/v1/session", lambda route: route.fulfill(
        status=204))
    visit.open().fill("admin", visit.server.first_password)
    assert "cookie" in alert(visit)


def test_root_chooses_a_tenant(visits, server):
    server.as_root("POST", "/api/v1/tenants", {"name": "another"})
    visit = visits.new().open().sign_in("root")
    choice = visit.page.get_by_label("Tenant")
    visit.link("default").wait_for()
    choice.select_option("another")
    visit.page.get_by_text("No catalogs yet").wait_for()
    choice.select_option("default")
    visit.link("default").wait_for()


def test_the_page_recovers_when_the_server_comes_back(visits, tmp_path):
    server = Server(tmp_path).start()
    try:
        visit = visits.new(server, viewport=WIDE).open().sign_in()
        visit.page.get_by_role("link", name="default").wait_for()
        server.kill()
        visit.link("default").click()
        banner = visit.page.get_by_text("The server cannot be reached")
        banner.wait_for()
        server.start()
        visit.page.get_by_text("No namespaces yet").wait_for()
        visit.page.get_by_text("Connected again").wait_for()
        banner.wait_for(state="detached")
    finally:
        server.kill()


def test_a_write_is_not_sent_twice(visits, tmp_path):
    server = Server(tmp_path).start()
    try:
        visit = visits.new(server).open()
        visit.page.get_by_label("Username").wait_for()
        server.kill()
        visit.fill("admin", "whatever it is")
        assert "did not answer" in alert(visit)
        server.start()
        visit.sign_in()
    finally:
        server.kill()


def test_a_server_without_sign_in_opens_at_once(visits, tmp_path):
    server = Server(tmp_path, settings={"auth": {"enabled": False}}).start()
    try:
        visit = visits.new(server).open()
        visit.link("default").wait_for()
    finally:
        server.kill()


def test_the_page_works_below_a_path_of_a_proxy(visits, server):
    with Proxy(server, "/data/catalog") as proxy:
        visit = visits.new(proxy).open().sign_in()
        visit.go("default")
        assert visit.page.url.startswith(proxy.url + "/#/")
