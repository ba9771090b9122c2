"""What was dropped, on the page: brought back, and purged."""

from harness.wait import until
from test_branches import (  # noqa: F401
    dialog, fixture_catalog, fixture_open, press)
from test_browse import rows

NOTHING = "Nothing was dropped here"


def test_what_was_dropped_is_brought_back(open_, catalog):
    visit = open_(catalog, "@dev?tab=dropped")
    visit.page.get_by_text(NOTHING).wait_for()
    for name in ("t", "u"):
        catalog.drop(name, branch="dev")
    visit.page.reload()
    assert sorted(row[:2] for row in rows(visit, "Dropped")) == [
        ["a.t", "table"], ["a.u", "table"]]
    visit.page.get_by_role("button", name="Bring back a.t").press("Enter")
    box = dialog(visit)
    box.get_by_label("Name").fill("back")
    visit.page.keyboard.press("Enter")
    box.wait_for(state="detached")
    # a row that goes away while it is read has no cells
    until(lambda: [row[:1] for row in rows(visit, "Dropped")] == [["a.u"]],
          "the other one only")
    assert catalog.tables(branch="dev") == ["back"]
    press(visit.page, "Bring back a.u")
    press(dialog(visit), "Bring it back")
    visit.page.get_by_text(NOTHING).wait_for()
    assert catalog.tables(branch="dev") == ["back", "u"]
    assert catalog.tables() == ["t"]


def dropped(catalog, branch="main"):
    return catalog.ask("GET", catalog.refs("dropped", branch=branch),
                       want=200).json()


def confirm(visit, name):
    """Ask for the purge of what is listed under a name."""
    press(visit.page, f"Purge {name}")
    button = dialog(visit).get_by_role("button", name="Purge for good")
    assert button.is_disabled()
    dialog(visit).get_by_label(f"Type {name} to go on").fill(name)
    button.click()


def test_what_was_dropped_is_purged(open_, catalog):
    catalog.drop("t")
    what = dropped(catalog)[0]["id"]
    catalog.delete("dev")
    visit = open_(catalog, "?tab=dropped")
    confirm(visit, "a.t")
    visit.page.get_by_role("dialog").wait_for(state="detached")
    task = visit.page.get_by_role("list", name="Purges").locator(".task")
    task.get_by_text("completed", exact=True).wait_for()
    visit.page.get_by_text(NOTHING).wait_for()
    catalog.ask("POST", "/api/v1/undrop",
                {"catalog": catalog.name, "id": what}, 404)
    task.get_by_role("link", name="Purge").click()
    visit.heading("Purge").wait_for()


def test_a_purge_is_told_which_branch_shows_the_table(open_, catalog):
    catalog.drop("t")
    visit = open_(catalog, "?tab=dropped")
    confirm(visit, "a.t")
    told = dialog(visit).get_by_role("alert")
    told.wait_for()
    assert told.inner_text() == ("Branch 'dev' still shows it, as a.t: "
                                 "drop it there first")
    press(dialog(visit), "Cancel")
    assert visit.page.get_by_role("list", name="Purges").count() == 0
    assert [row[0] for row in rows(visit, "Dropped")] == ["a.t"]


def test_a_purge_that_a_drop_asked_for_is_shown(open_, catalog):
    catalog.make_table("plain")
    catalog.drop("plain")
    catalog.ask("DELETE", f"{catalog.path(space='a')}/tables/t"
                "?purgeRequested=true", want=204)
    catalog.make_space("b")
    catalog.ask("DELETE", catalog.path(space="b"), want=204)
    visit = open_(catalog, "?tab=dropped")
    assert sorted([row[0], *row[1].split("\n")] for row in rows(
        visit, "Dropped")) == [["a.plain", "table"],
                               ["a.t", "table", "purge asked"],
                               ["b", "namespace"]]
    buttons = visit.page.get_by_role("button", name="Purge")
    assert buttons.count() == 2
