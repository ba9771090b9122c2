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
    assert visit.page.evaluate("sessionStorage.length") == 0
    visit.sign_in()
    assert len(visit.network) == 1 and "401" in visit.network[0]


def test_signing_out_ends_the_session_and_forgets_the_token(visit):
    token = visit.page.evaluate(
        "JSON.parse(sessionStorage.getItem('pangolin-session')).token")
    with visit.page.expect_response("**/api/v1/users/logout") as ended:
        visit.page.get_by_role("button", name="Sign out").click()
    assert ended.value.status == 204
    visit.page.get_by_label("Username").wait_for()
    assert visit.page.evaluate("sessionStorage.length") == 0
    assert visit.server.get("/api/v1/users/me", {
        "Authorization": f"Bearer {token}"}).status == 401
    visit.page.reload()
    visit.page.get_by_label("Username").wait_for()


def test_a_reload_stays_signed_in_and_another_tab_does_not(visit):
    visit.page.reload()
    visit.heading("Catalogs").wait_for()
    other = visit.context.new_page()
    other.goto(visit.server.url)
    other.get_by_label("Username").wait_for()


def test_a_token_that_ended_leads_back_to_the_sign_in(visit):
    visit.page.evaluate(
        "const s = JSON.parse(sessionStorage['pangolin-session']);"
        "s.token = 'x'; sessionStorage['pangolin-session'] ="
        " JSON.stringify(s)")
    visit.open("#/catalogs/default")
    visit.page.reload()
    visit.page.get_by_text("Your session has ended").wait_for()
    visit.fill("admin", visit.server.first_password)
    visit.heading("default").wait_for()


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
