"""Signing in with a real provider."""

import pytest
from browser import Visit
from harness.oidc import Provider
from harness.server import Server, free_port


@pytest.fixture(scope="module", name="lake")
def fixture_lake(tmp_path_factory):
    """A server with two providers, one of which makes users."""
    folder = tmp_path_factory.mktemp("provider")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    provider = Provider(folder, [f"{url}/oauth/callback/{name}"
                                 for name in ("corp", "closed")])
    own = {"issuer": provider.url, "tenant": "default", "client_id": "web",
           "scopes": ["openid", "profile", "groups"], "roles_claim": "groups",
           "admin_values": ["lake-admins"]}
    lake = Server(folder, workers=2, settings={
        "server": {"listen": f"127.0.0.1:{port}"}, "public_url": url,
        "oidc": {"corp": {**own, "allow_public_signup": True},
                 "closed": own}})
    lake.port = port
    yield lake.start()
    lake.kill()
    provider.stop()


@pytest.fixture(name="visit")
def fixture_visit(browser, lake):
    visit = Visit(browser, lake)
    yield visit
    visit.context.close()


def sign_in(visit, provider, name):
    visit.page.get_by_role("link", name=f"Sign in with {provider}").click()
    visit.page.locator("input[name=login]").fill(name)
    visit.page.locator("input[name=password]").fill("x")
    visit.page.get_by_role("button").first.click()
    visit.page.get_by_role("button", name="Continue").click()


def test_a_provider_signs_in_and_leads_back_to_the_place(visit, lake):
    visit.open("#/catalogs/default")
    sign_in(visit, "corp", "dora:lake-admins")
    visit.heading("default").wait_for()
    assert visit.page.evaluate("location.href") == \
        f"{lake.url}/#/catalogs/default"
    assert visit.page.evaluate("JSON.parse(localStorage.getItem("
                               "'pangolin-session')).username") == "dora"
    visit.page.reload()
    visit.heading("default").wait_for()
    other = visit.context.new_page()
    other.goto(f"{lake.url}/")
    other.get_by_role("button", name="dora").wait_for()
    assert not visit.trouble, visit.trouble


def test_somebody_who_is_not_let_in_is_told_why(visit, lake):
    visit.open()
    sign_in(visit, "closed", "stranger")
    alert = visit.page.get_by_role("alert")
    alert.wait_for()
    assert "administrator" in alert.inner_text()
    assert visit.page.evaluate("location.href") == f"{lake.url}/"
    visit.page.reload()
    visit.page.get_by_label("Username").wait_for()
    assert visit.page.get_by_role("alert").count() == 0


def test_a_code_of_another_browser_signs_nobody_in(visit, browser):
    visit.open()
    with visit.page.expect_request("**/?code=*") as found:
        sign_in(visit, "corp", "eve")
    other = Visit(browser, visit.server)
    other.page.goto(found.value.url)
    alert = other.page.get_by_role("alert")
    alert.wait_for()
    assert "code" in alert.inner_text()
    other.context.close()
