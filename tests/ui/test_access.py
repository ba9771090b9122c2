"""Who may do what, on the page: users, service users, roles, grants, audit."""

import re

from browser import NARROW
from harness.wait import until
from test_accessibility import violations

SCHEMA = {"type": "struct", "fields": [
    {"id": 1, "name": "x", "type": "long", "required": False}]}
API = "/api/v1"


def press(where, name):
    where.get_by_role("button", name=name, exact=True).click()


def dialog(visit):
    return visit.page.get_by_role("dialog")


def field(box, label):
    return box.get_by_label(re.compile(f"^{label}"))


def closed(visit):
    visit.page.get_by_role("dialog").wait_for(state="detached")


def go(visit, *names):
    visit.page.get_by_role("navigation", name="Main").get_by_role(
        "link", name=names[0]).click()
    visit.heading(names[0]).wait_for()
    for name in names[1:]:
        visit.page.get_by_role("navigation", name=names[0]).get_by_role(
            "link", name=name, exact=True).click()


def make_user(visit, name):
    go(visit, "Access")
    press(visit.page, "New user")
    box = dialog(visit)
    field(box, "Username").fill(name)
    field(box, "Email").fill(f"{name}@lake.example")
    field(box, "First password").fill("a-long-password")
    press(box, "Make user")
    closed(visit)
    visit.link(name).click()
    visit.heading(name).wait_for()


def user_id(server, name):
    return next(u["id"] for u in server.call("GET", f"{API}/users").json()
                if u["username"] == name)


def test_a_user_is_made_granted_asked_about_and_deleted(visit, server):
    make_user(visit, "ann")
    press(visit.page, "Grant")
    box = dialog(visit)
    field(box, "On").select_option("namespace")
    field(box, "Catalog").select_option("default")
    field(box, "Namespace").fill("sales.eu")
    press(box, "Grant")
    closed(visit)
    grants = visit.page.get_by_role("table", name="Grants")
    grants.get_by_text("default · sales.eu").wait_for()
    asking = visit.page.get_by_role("region", name="May they?")
    asking.get_by_label("Catalog").select_option("default")
    asking.get_by_label("Namespace").fill("sales.eu")
    press(asking, "Ask")
    asking.get_by_text("Yes: own grant.").wait_for()
    asking.get_by_label("Action").select_option("write")
    press(asking, "Ask")
    asking.get_by_text("No.", exact=True).wait_for()
    press(grants, "Take away grant 1")
    grants.wait_for(state="detached")
    ann = user_id(server, "ann")
    assert server.call("GET", f"{API}/permissions?user={ann}").json() == []
    press(visit.page, "Make inactive")
    visit.page.get_by_role("button", name="Make active").wait_for()
    assert server.sign_in("ann", "a-long-password").status == 401
    press(visit.page, "Make active")
    visit.page.get_by_role("button", name="Make inactive").wait_for()
    press(visit.page, "Delete")
    dialog(visit).get_by_label("Type ann to go on").fill("ann")
    press(dialog(visit), "Delete")
    visit.heading("Access").wait_for()
    assert visit.link("ann").count() == 0


def test_a_role_is_made_granted_and_given(visit, server):
    go(visit, "Access", "Roles")
    press(visit.page, "New role")
    box = dialog(visit)
    field(box, "Name").fill("readers")
    field(box, "Description").fill("of the shop")
    press(box, "Make role")
    visit.heading("readers").wait_for()
    visit.page.get_by_role("button", name="Add a grant").first.click()
    box = dialog(visit)
    field(box, "Catalog").select_option("default")
    field(box, "Branches and tags").fill("main, dev/*")
    press(box, "Add")
    closed(visit)
    visit.page.get_by_text("on main, dev/*").wait_for()
    role = next(r for r in server.call("GET", f"{API}/roles").json()
                if r["name"] == "readers")
    assert role["permissions"][0]["actions"] == ["read"]
    assert role["permissions"][0]["scope"]["refs"] == ["main", "dev/*"]
    make_user(visit, "rita")
    visit.page.get_by_label("Role to give").select_option("readers")
    press(visit.page, "Give role")
    roles = visit.page.get_by_role("table", name="Roles")
    roles.get_by_text("of the shop").wait_for()
    asking = visit.page.get_by_role("region", name="May they?")
    asking.get_by_label("Catalog").select_option("default")
    press(asking, "Ask")
    asking.get_by_text("Yes: role readers.").wait_for()
    press(visit.page, "Grant")
    box = dialog(visit)
    field(box, "On").select_option("namespace")
    field(box, "Catalog").select_option("default")
    field(box, "Namespace").fill("sales")
    field(box, "Branches and tags").fill("main")
    box.get_by_label("Write:").check()
    box.get_by_label("Read:").uncheck()
    press(box, "Grant")
    closed(visit)
    rights = visit.page.get_by_role("table", name="What they may do")
    until(lambda: rights.locator("tbody tr").count() == 2, "both places")
    assert [[cell.inner_text() for cell in row.locator("td").all()]
            for row in rights.locator("tbody tr").all()] == [
        ["default on main, dev/*", "✓ role readers, by read",
         "✓ role readers", "", "", "", "", ""],
        ["default · sales on main", "✓ own grant, by write",
         "✓ own grant, by write", "✓ own grant", "✓ own grant, by write",
         "✓ own grant, by write", "", ""]]
    assert "role readers, on default on main, dev/*" in rights.get_by_text(
        "own grant, by write").nth(1).get_attribute("title")
    press(roles, "Take away role readers")
    roles.wait_for(state="detached")


def test_a_table_is_granted_by_its_name(visit, server):
    base = "/v1/default/namespaces"
    server.call("POST", base, {"namespace": ["granted"]})
    made = server.call("POST", f"{base}/granted/tables", {
        "name": "one", "schema": SCHEMA})
    assert made.status == 200, made
    make_user(visit, "tom")
    press(visit.page, "Grant")
    box = dialog(visit)
    field(box, "On").select_option("asset")
    field(box, "Catalog").select_option("default")
    field(box, "Namespace").fill("granted")
    field(box, "Name$|^Name[^s]").fill("none")
    press(box, "Grant")
    box.get_by_role("alert").wait_for()
    field(box, "Name$|^Name[^s]").fill("one")
    press(box, "Grant")
    closed(visit)
    found = server.call(
        "GET", f"{API}/permissions?user={user_id(server, 'tom')}").json()
    assert found[0]["scope"]["asset_id"] == made.json()["metadata"][
        "table-uuid"]
    visit.network.clear()  # the name that was not there


def test_a_service_users_key_is_shown_once(visit, server):
    go(visit, "Access", "Service users")
    press(visit.page, "New service user")
    box = dialog(visit)
    field(box, "Name").fill("nightly")
    field(box, "Days").fill("30")
    press(box, "Make service user")
    box = visit.page.get_by_role("dialog", name=re.compile("shown this once"))
    box.wait_for()
    first = box.locator("code").last.inner_text()
    assert server.get(f"{API}/users/me", {"X-API-Key": first}).status == 200
    press(box, "I have it")
    closed(visit)
    until(lambda: first not in visit.page.content(), "the key gone")
    visit.link("nightly").click()
    visit.heading("nightly").wait_for()
    press(visit.page, "New key")
    box = visit.page.get_by_role("dialog", name=re.compile("shown this once"))
    second = box.locator("code").last.inner_text()
    press(box, "I have it")
    assert server.get(f"{API}/users/me", {"X-API-Key": first}).status == 401
    assert server.get(f"{API}/users/me", {"X-API-Key": second}).status == 200


def test_a_session_is_ended_on_the_page(visit, server):
    make_user(visit, "sue")
    token = server.token("sue", "a-long-password")
    visit.page.reload()
    table = visit.page.get_by_role("table", name="Sessions")
    press(table, "End session 1")
    until(lambda: server.get(f"{API}/users/me", {
        "Authorization": f"Bearer {token}"}).status == 401, "the end")


def test_lists_go_on_beyond_their_first_page(visit, server):
    make_user(visit, "mia")
    mia = user_id(server, "mia")
    for n in range(21):
        assert server.sign_in("mia", "a-long-password").status == 200
    for n in range(3):
        server.call("POST", f"{API}/permissions", {
            "user-id": mia, "actions": ["read"], "scope": {
                "type": "namespace", "catalog_id": server.call(
                    "GET", f"{API}/catalogs/default").json()["id"],
                "namespace": f"n{n}"}})
    visit.page.route("**/api/v1/permissions?user=*", lambda route:
                     route.continue_(url=route.request.url if "limit" in
                                     route.request.url else
                                     f"{route.request.url}&limit=2"))
    visit.page.reload()
    rows = visit.page.get_by_role("table", name="Sessions").locator("tbody tr")
    visit.page.get_by_role("region", name="Sessions").get_by_role(
        "button", name="Show more").click()
    until(lambda: rows.count() == 21, "all sessions")
    grants = visit.page.get_by_role("table", name="Grants")
    assert grants.locator("tbody tr").count() == 3


def test_one_changes_ones_own_password(visits, server, visit):
    make_user(visit, "olga")
    other = visits.new().open()
    other.fill("olga", "a-long-password")
    other.heading("Catalogs").wait_for()
    press(other.page, "olga")
    box = dialog(other)
    field(box, "Password until now").fill("a-long-password")
    field(box, "New password").fill("another-password")
    press(box, "Change password")
    closed(other)
    assert server.sign_in("olga", "another-password").status == 200


def test_what_one_may_not_do_is_not_offered(visits, visit):
    make_user(visit, "una")
    other = visits.new().open()
    other.fill("una", "a-long-password")
    other.heading("Catalogs").wait_for()
    main = other.page.get_by_role("navigation", name="Main")
    for place in ("Tasks", "Access", "Audit"):
        assert main.get_by_role("link", name=place).count() == 0, place


def test_the_audit_log_is_read_and_filtered(visit):
    make_user(visit, "vera")
    go(visit, "Audit")
    table = visit.page.get_by_role("table", name="Audit log")
    table.get_by_text("vera").first.wait_for()
    visit.page.get_by_label("Action").select_option("create_user")
    until(lambda: {row.locator("td").nth(2).inner_text() for row in
                   table.locator("tbody tr").all()} == {"Create user"},
          "nothing else is shown")
    assert table.get_by_text("vera").count() == 1
    visit.page.get_by_label("Result").select_option("failure")
    until(lambda: table.get_by_text("vera").count() == 0, "failures alone")


def test_axe_finds_nothing_serious_and_nothing_is_too_wide(
        visits, visit, axe, server):
    server.call("POST", f"{API}/roles", {"name": "a-role", "permissions": [
        {"scope": {"type": "tenant"}, "actions": ["read"]}]})
    role = next(r for r in server.call("GET", f"{API}/roles").json()
                if r["name"] == "a-role")["id"]
    made = server.call("POST", f"{API}/users", {
        "username": "wide", "email": "wide@lake.example",
        "password": "a-long-password", "role": "tenant-user"}).json()["id"]
    server.call("POST", f"{API}/users/{made}/roles", {"role-id": role})
    server.call("POST", f"{API}/permissions", {
        "user-id": made, "actions": ["read", "write", "delete"],
        "scope": {"type": "tenant"}})
    found = {}
    narrow = visits.new(viewport=NARROW).open().sign_in()
    for place in ("access?tab=users", "access?tab=programs",
                  "access?tab=roles", f"access/users/{made}",
                  f"access/roles/{role}", "audit"):
        for one in (visit, narrow):
            one.open(f"#/{place}")
            one.page.locator("main table").first.wait_for()
            assert one.overflow() <= 0, place
        found[place] = violations(visit, axe)
    visit.open(f"#/access/users/{made}")
    press(visit.page, "Grant")
    dialog(visit).wait_for()
    found["dialog"] = violations(visit, axe)
    assert {place: each for place, each in found.items() if each} == {}
