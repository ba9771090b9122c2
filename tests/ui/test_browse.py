"""From the catalogs to a table, on screens of both widths, light and dark."""

import pytest

import shop
from browser import NARROW

SCREENS = ({}, {"viewport": NARROW}, {"color_scheme": "dark"},
           {"viewport": NARROW, "color_scheme": "dark"})


@pytest.fixture(name="screen", params=SCREENS,
                ids=("wide", "narrow", "wide dark", "narrow dark"))
def fixture_screen(request):
    return request.param


def rows(visit, label):
    table = visit.page.get_by_role("table", name=label)
    table.wait_for()
    return [[cell.inner_text() for cell in row.get_by_role("cell").all()]
            for row in table.get_by_role("row").all()[1:]]


def test_a_table_shows_its_columns_also_the_nested(visit):
    visit.go("default", "shop", "orders")
    columns = rows(visit, "Columns")
    assert [c[0] for c in columns] == [
        "order_id", "ordered_at", "customer", "name", "address", "street",
        "country", "lines", "article", "price", "labels"]
    of = {c[0]: c for c in columns}
    assert of["order_id"][1:3] == ["long", "key required"]
    assert of["order_id"][4] == "Counts from 1 in every shop."
    assert of["lines"][1] == "list of struct"
    assert of["price"][1] == "decimal(10, 2)"
    assert of["labels"][1:3] == ["map of string to string", "optional"]


def test_a_table_shows_its_layout_and_properties(visit):
    visit.go("default", "shop", "orders")
    visit.link("Layout").click()
    assert rows(visit, "Partition fields") == [
        ["ordered_day", "day(ordered_at)"],
        ["order_bucket", "bucket[16](order_id)"]]
    assert rows(visit, "Sort fields") == [["ordered_at", "ascending", "first"]]
    visit.link("Properties").click()
    visit.page.get_by_text("One row for each order.").wait_for()
    assert "shop/orders" in visit.page.get_by_label(
        "Where the table is").inner_text()


def test_a_table_shows_its_snapshots_newest_first(visit, server):
    table = shop.connect(server).load_table("shop.reports.visitors")
    visit.go("default", "shop", "reports", "visitors")
    visit.link("Snapshots").click()
    items = visit.page.get_by_role("list", name="Snapshots").get_by_role(
        "listitem")
    items.first.wait_for()
    items = items.all()
    texts = [item.inner_text() for item in items]
    assert len(texts) == 3
    for text, snapshot in zip(texts, reversed(table.snapshots())):
        assert str(snapshot.snapshot_id) in text
        assert snapshot.summary.operation.value in text
    assert "current" in texts[0] and "end-of-year" in texts[0]
    assert "current" not in texts[1] and "+30 rows" in texts[1]
    items[1].get_by_text("Summary").click()
    assert "total-records" in items[1].inner_text()
    facts = visit.page.locator(".facts").inner_text()
    assert "1,030" in facts


def test_names_of_any_kind_can_be_opened(visit):
    visit.go("default", "shop", "reports", "a b+c/d", "ünï 1+1/%")
    assert [r[0] for r in rows(visit, "Columns")] == ["day", "visitors"]
    visit.page.reload()
    visit.heading("ünï 1+1/%").wait_for()
    crumbs = visit.page.get_by_role("navigation", name="Breadcrumb")
    crumbs.get_by_role("link", name="reports").click()
    visit.heading("reports").wait_for()
    visit.page.go_back()
    visit.heading("ünï 1+1/%").wait_for()


def test_long_lists_come_page_by_page(visit, server):
    shop.many(server, "long", 130)
    visit.go("default", "long")
    links = visit.page.locator("ul.tables a")
    links.first.wait_for()
    assert links.count() == 100
    visit.page.get_by_role("button", name="Show more").click()
    links.nth(129).wait_for()
    names = links.all_inner_texts()
    assert len(set(names)) == 130
    assert visit.page.get_by_role("button", name="Show more").count() == 0


def test_what_is_empty_or_missing_says_so(visit):
    visit.go("default", "weather")
    visit.page.get_by_text("No tables in this namespace").wait_for()
    visit.open("#/tables/default/shop/nowhere")
    alert = visit.page.get_by_role("alert")
    alert.wait_for()
    assert "nowhere" in alert.inner_text()
    alert.get_by_role("button", name="Try again").click()
    visit.page.get_by_role("alert").wait_for()
    visit.open("#/elsewhere")
    visit.page.get_by_text("There is no such page.").wait_for()


def test_no_page_is_wider_than_the_screen(visits, screen):
    visit = visits.new(**screen).open()
    visit.page.get_by_label("Username").wait_for()
    assert visit.overflow() <= 0
    visit.sign_in()
    for hash_, text in (
            ("#/catalogs", "Local"), ("#/catalogs/default/shop", "orders"),
            ("#/tables/default/shop/orders", "order_id"),
            ("#/tables/default/shop/orders?tab=layout", "bucket[16]"),
            ("#/tables/default/shop/orders?tab=properties", "zstd"),
            ("#/tables/default/shop/reports/visitors?tab=snapshots", "append"),
            ("#/tasks", "Tasks")):
        visit.open(hash_)
        visit.page.locator("main").get_by_text(text).locator(
            "visible=true").first.wait_for()
        assert visit.overflow() <= 0, hash_


def test_dark_is_dark_and_light_is_light(visits, screen):
    visit = visits.new(**screen).open().sign_in()
    red, green, blue = visit.page.evaluate(
        "getComputedStyle(document.body).backgroundColor"
        ".match(/\\d+/g).map(Number)")
    dark = "color_scheme" in screen
    assert (red + green + blue < 3 * 60) is dark


def test_the_keyboard_is_enough(visits, server):
    visit = visits.new().open()
    keyboard = visit.page.keyboard
    visit.page.get_by_label("Username").wait_for()
    keyboard.type("admin")
    keyboard.press("Tab")
    keyboard.type(server.first_password)
    keyboard.press("Enter")
    visit.heading("Catalogs").wait_for()
    for name in ("default", "shop", "orders", "Snapshots"):
        tab_to(visit, name)
        keyboard.press("Enter")
    visit.page.get_by_text("No snapshots yet").wait_for()


def tab_to(visit, name):
    """Press Tab until the link has a visible focus."""
    visit.page.locator("main").get_by_role(
        "link", name=name, exact=True).wait_for()
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        focused = visit.page.evaluate(
            "[document.activeElement.innerText,"
            " getComputedStyle(document.activeElement).outlineStyle]")
        assert focused[1] != "none", focused
        if focused[0] == name:
            return
    raise AssertionError(f"Tab does not lead to {name}")
