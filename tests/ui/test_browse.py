"""From the catalogs to a table, on screens of both widths, light and dark."""

import pytest
from playwright.sync_api import expect

import shop
from browser import NARROW
from harness.wait import until

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


def test_a_view_shows_its_sql_columns_versions_and_place(visit):
    visit.go("default", "shop", "orders_by_country")
    main = visit.page.locator("main")
    main.locator("figure").first.wait_for()
    queries = main.locator("figure").all_inner_texts()
    assert [q.split("\n", 1)[0] for q in queries] == ["spark", "trino"]
    assert shop.BY_COUNTRY in queries[0]
    assert shop.BY_COUNTRY.upper() in queries[1]
    where = visit.page.get_by_label("Where the view is").inner_text()
    assert "shop/orders_by_country" in where and "UUID" in where
    visit.link("Schema").click()
    assert [r[:2] for r in rows(visit, "Columns")] == [
        ["country", "string"], ["orders", "long"]]
    visit.link("Versions").click()
    items = visit.page.get_by_role("list", name="Versions").get_by_role(
        "listitem")
    items.first.wait_for()
    newest, oldest = items.all()
    assert "current" in newest.inner_text() and "trino" in newest.inner_text()
    assert "current" not in oldest.inner_text()
    oldest.get_by_text("SQL").click()
    oldest.get_by_text("select 'all', 1").wait_for()
    visit.link("Properties").click()
    visit.page.get_by_text("For the yearly report.").wait_for()


LONG_NAMES = ("customer_order_line_items_2024_partitioned_by_day",
              "CustomerOrderLineItemsWithDiscountsAndTaxesAndShipping",
              "daily.active-users-of-the.northern/hemisphere",
              "a" * 100)
# The text of each line of what a locator found.
LINES = """e => {
    const lines = [], range = document.createRange();
    const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    let top = null;
    while (walk.nextNode())
        for (let n = 0; n < walk.currentNode.length; n++) {
            range.setStart(walk.currentNode, n);
            range.setEnd(walk.currentNode, n + 1);
            const at = Math.round(range.getBoundingClientRect().top);
            if (at !== top)
                lines.push("");
            top = at;
            lines[lines.length - 1] += range.toString();
        }
    return lines;
}"""


@pytest.fixture(scope="module", name="long_names")
def fixture_long_names(server):
    tables = "/v1/default/namespaces/long_names/tables"
    server.call("POST", "/v1/default/namespaces",
                {"namespace": ["long_names"]})
    for name in LONG_NAMES:
        made = server.call("POST", tables, {
            "name": name, "schema": {"type": "struct", "fields": []}})
        assert made.status == 200, made


@pytest.mark.usefixtures("long_names")
def test_names_break_between_words_only(visits, screen):
    visit = visits.new(**screen).open().sign_in()
    visit.open("#/catalogs/default/long_names")
    for name in LONG_NAMES:
        link = visit.link(name)
        link.wait_for()
        check_lines(link.evaluate(LINES), name)
        assert link.locator("[title]").get_attribute("title") == name
    visit.go(LONG_NAMES[0])
    check_lines(visit.heading(LONG_NAMES[0]).evaluate(LINES), LONG_NAMES[0])
    visit.open(f"#/tables/default/long_names/{LONG_NAMES[-1]}")
    visit.heading(LONG_NAMES[-1]).wait_for()
    assert visit.overflow() <= 0


def check_lines(lines, name):
    assert "".join(lines) == name
    for line, following in zip(lines, lines[1:]):
        assert (line[-1] in "_.-/"
                or line[-1].islower() and following[0].isupper()), lines


def test_long_lists_come_page_by_page_and_back_leads_there(visit, server):
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
    last = visit.link("table0129")
    last.click()
    visit.heading("table0129").wait_for()
    assert visit.page.evaluate("scrollY") == 0
    visit.page.go_back()
    expect(last).to_be_in_viewport()
    visit.page.reload()
    expect(last).to_be_in_viewport()
    visit.page.go_forward()
    visit.heading("table0129").wait_for()
    assert visit.page.evaluate("scrollY") == 0


def test_refreshing_keeps_what_is_shown_until_the_new_is_there(visit):
    visit.open("#/tables/default/shop/orders")
    visit.page.get_by_text("labels").first.wait_for()
    visit.page.route("**/tables/orders*",
                     lambda route: None)
    visit.page.evaluate("scrollTo(0, 100)")
    with visit.page.expect_request("**/tables/orders*"):
        visit.page.get_by_role("button", name="Refresh").evaluate(
            "button => button.click()")
    assert visit.page.get_by_text("labels").first.is_visible()
    assert visit.page.evaluate("scrollY") == 100
    visit.page.unroute_all(behavior="ignoreErrors")


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
            ("#/views/default/shop/orders_by_country", "spark"),
            ("#/views/default/shop/orders_by_country?tab=versions", "current"),
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


def test_a_title_has_the_focus_and_no_box(visit):
    visit.open("#/catalogs/default/shop")
    visit.page.reload()
    visit.heading("shop").wait_for()
    until(lambda: focused(visit) == ["shop", "none"], "the title's focus")
    tab_to(visit, "orders")
    visit.page.keyboard.press("Enter")
    visit.heading("orders").wait_for()
    until(lambda: focused(visit) == ["orders", "none"], "the title's focus")


def focused(visit):
    """The text of what has the focus, and how its outline looks."""
    return visit.page.evaluate(
        "[document.activeElement.innerText,"
        " getComputedStyle(document.activeElement).outlineStyle]")


def tab_to(visit, name):
    """Press Tab until the link has a visible focus."""
    visit.page.locator("main").get_by_role(
        "link", name=name, exact=True).wait_for()
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        text, outline = focused(visit)
        assert outline != "none", text
        if text == name:
            return
    raise AssertionError(f"Tab does not lead to {name}")
