"""Branches, tags, history, differences and merges on the page."""

import re

import pytest

from harness.versions import Catalog
from harness.wait import until
from test_browse import SCREENS, focused, rows

BRANCHES = "?tab=branches"


@pytest.fixture(name="catalog")
def fixture_catalog(server):
    """Table `t` on main, and `u` on branch `dev`, which is 1 ahead."""
    catalog = Catalog(server)
    catalog.make_space()
    catalog.make_table("t")
    catalog.fork("dev")
    catalog.make_table("u", branch="dev")
    return catalog


@pytest.fixture(name="open_")
def fixture_open(visit):
    def open_(catalog, rest=""):
        visit.open(f"#/catalogs/{catalog.name}{rest}")
        visit.heading(catalog.name).wait_for()
        return visit
    return open_


def row_of(visit, name, label="Branches"):
    row = visit.page.get_by_role("table", name=label).get_by_role(
        "row").filter(has=visit.link(name))
    row.wait_for()
    return row


def dialog(visit):
    box = visit.page.get_by_role("dialog")
    box.wait_for()
    return box


def press(place, name):
    place.get_by_role("button", name=name, exact=True).click()


def picker(visit):
    return visit.page.get_by_label("Branch or tag")


def address(visit):
    return visit.page.evaluate("location.hash")


def test_what_is_below_follows_the_branch(open_, catalog):
    visit = open_(catalog)
    picker(visit).select_option("dev")
    until(lambda: address(visit) == f"#/catalogs/{catalog.name}@dev",
          "the branch in the address")
    visit.go("a", "u")
    assert address(visit) == f"#/tables/{catalog.name}@dev/a/u"
    visit.page.reload()
    visit.heading("u").wait_for()
    assert picker(visit).input_value() == "dev"
    picker(visit).select_option("main")
    alert = visit.page.get_by_role("alert")
    alert.get_by_text("This is not here").wait_for()
    assert address(visit) == f"#/tables/{catalog.name}/a/u"


def test_what_is_past_is_read_only(open_, catalog):
    catalog.tag("v1", catalog.head())
    catalog.make_table("later")
    visit = open_(catalog)
    badge = visit.page.get_by_text("read only")
    picker(visit).select_option("v1")
    badge.wait_for()
    visit.go("a")
    visit.link("t").wait_for()
    assert visit.link("later").count() == 0
    picker(visit).select_option("main")
    visit.link("later").wait_for()
    assert badge.count() == 0
    press(visit.page, "As of …")
    visit.page.get_by_label("Time or commit").fill(catalog.head("dev"))
    visit.page.keyboard.press("Enter")
    visit.link("u").wait_for()
    badge.wait_for()
    press(visit.page, "Back to now")
    visit.link("later").wait_for()


def test_branches_are_listed_with_their_counts(open_, catalog):
    catalog.make_table("later")
    catalog.fork("kept", branch_type="ingest", protected=True)
    visit = open_(catalog, BRANCHES)
    row_of(visit, "dev")
    found = {re.split(r"\s", r[0])[0]: r for r in rows(visit, "Branches")}
    assert "1 ahead" in found["dev"][2] and "1 behind" in found["dev"][2]
    assert found["kept"][1].split() == ["ingest", "protected"]
    assert "0 ahead" in found["kept"][2]
    assert "default" in found["main"][1] and "ahead" not in found["main"][2]
    assert f"warehouse={catalog.name}@dev" in found["dev"][0]


def test_a_branch_is_made_renamed_and_deleted(open_, catalog):
    visit = open_(catalog, BRANCHES)
    press(visit.page, "New branch")
    box = dialog(visit)
    box.get_by_label("Name", exact=True).fill("v 1")
    press(box, "Make branch")
    assert "characters" in box.get_by_role("alert").inner_text()
    box.get_by_label("Name", exact=True).fill("new")
    box.get_by_label("From").fill(f"~{catalog.head('dev')}")
    box.get_by_label("Kind").select_option("ingest")
    press(box, "Make branch")
    row = row_of(visit, "new")
    made = catalog.branch("new")
    assert made["fork_commit_id"] == catalog.head("dev")
    assert made["branch_type"] == "ingest"
    press(row, "Rename")
    dialog(visit).get_by_label("New name").fill("newer")
    press(dialog(visit), "Rename")
    row = row_of(visit, "newer")
    assert row_of(visit, "newer").count() == 1
    press(row, "Delete")
    button = dialog(visit).get_by_role("button", name="Delete branch")
    assert button.is_disabled()
    dialog(visit).get_by_label("Type newer to go on").fill("newer")
    button.click()
    row.wait_for(state="detached")
    assert [b["name"] for b in catalog.branches()] == ["dev", "main"]


def test_a_refusal_is_told_as_the_server_told_it(open_, catalog):
    visit = open_(catalog, BRANCHES)
    row = row_of(visit, "dev")
    press(row, "Protect")
    row.get_by_text("protected", exact=True).wait_for()
    press(row, "Delete")
    dialog(visit).get_by_label("Type dev to go on").fill("dev")
    press(dialog(visit), "Delete branch")
    told = dialog(visit).get_by_role("alert")
    told.wait_for()
    assert told.inner_text() == catalog.delete("dev", want=409).json()["error"]
    press(dialog(visit), "Cancel")
    press(row, "Unprotect")
    row.get_by_text("protected", exact=True).wait_for(state="detached")


def test_the_keyboard_makes_a_branch(open_, catalog):
    visit = open_(catalog, BRANCHES)
    row_of(visit, "dev")
    keyboard = visit.page.keyboard
    opener = visit.page.get_by_role("button", name="New branch")
    opener.focus()
    keyboard.press("Enter")
    dialog(visit)
    keyboard.type("typed")
    keyboard.press("Escape")
    visit.page.locator("dialog").wait_for(state="detached")
    until(lambda: focused(visit)[0] == "New branch", "the focus back")
    keyboard.press("Enter")
    dialog(visit)
    keyboard.type("typed")
    keyboard.press("Enter")
    row_of(visit, "typed")
    assert catalog.branch("typed")["branch_type"] == "experimental"


def commits(visit):
    found = visit.page.get_by_role("list", name="Commits, newest first")
    found.wait_for()
    return found.locator("> li")


def message(text):
    return {"X-Pangolin-Commit-Message": text}


def test_the_history_goes_through_the_fork(open_, catalog):
    catalog.set("u", "1", branch="dev", headers=message("New prices"))
    catalog.tag("v1", catalog.head())
    visit = open_(catalog, "@dev?tab=history")
    first, second, third, fourth = commits(visit).all()
    assert re.match(r"New prices\s*dev\s*admin", first.inner_text())
    first.get_by_text("1 change").click()
    assert re.search(r"update\s*table\s*a\.u", first.inner_text())
    assert "v1" in third.inner_text() and "v1" not in fourth.inner_text()
    assert "main 1" in fourth.inner_text()
    lanes = [item.locator("circle").get_attribute("cx")
             for item in (first, second, third, fourth)]
    assert lanes[0] == lanes[1] != lanes[2] == lanes[3]
    first.get_by_role("link", name="Diff").click()
    visit.heading("Differences").wait_for()
    assert rows(visit, "Differences") == [
        ["changed", "table", "a.u", "properties"]]
    visit.page.go_back()
    second.get_by_role("link", name="Browse").click()
    visit.page.get_by_text("read only").wait_for()


def test_a_long_history_comes_page_by_page(open_, catalog):
    for number in range(100):
        catalog.set("u", str(number), branch="dev")
    visit = open_(catalog, "@dev?tab=history&table=a.u")
    assert commits(visit).count() == 100
    press(visit.page, "Show more")
    until(lambda: commits(visit).count() == 101, "the commit that made it")
    visit.page.get_by_label("Author").fill("nobody")
    press(visit.page, "Find commits")
    visit.page.get_by_text("No commits here").wait_for()


def test_a_commit_begins_branches_and_tags(open_, catalog):
    first = catalog.head()
    catalog.set("t", "1")
    visit = open_(catalog, "?tab=history")
    item = commits(visit).nth(1)
    press(item, "Branch …")
    dialog(visit).get_by_label("Name", exact=True).fill("old")
    press(dialog(visit), "Make branch")
    press(item, "Tag …")
    dialog(visit).get_by_label("Name", exact=True).fill("v1")
    press(dialog(visit), "Make tag")
    item.get_by_text("old", exact=True).wait_for()
    item.get_by_text("v1", exact=True).wait_for()
    assert catalog.head("old") == first == catalog.tags()[0]["commit_id"]


def test_commits_are_reverted_picked_and_gone_back_to(open_, catalog):
    first = catalog.head()
    catalog.set("t", "wrong")
    visit = open_(catalog, "?tab=history")
    press(commits(visit).first, "Revert …")
    press(dialog(visit), "Revert")
    until(lambda: commits(visit).count() == 4, "the new commit")
    assert catalog.value("t") == ""
    visit.open(f"#/catalogs/{catalog.name}@dev?tab=history")
    commits(visit).first.get_by_text("a.u").first.wait_for()
    press(commits(visit).first, "Cherry-pick …")
    dialog(visit).get_by_label("On branch").fill("main")
    press(dialog(visit), "Cherry-pick")
    until(lambda: "@dev" not in address(visit), "the page of main")
    until(lambda: commits(visit).count() == 5, "the picked commit")
    assert catalog.tables() == ["t", "u"]
    press(commits(visit).nth(3), "Reset to here …")
    press(dialog(visit), "Reset to here")
    until(lambda: commits(visit).count() == 6, "the reset")
    assert catalog.tables() == ["t"] and catalog.head() != first


def lane_of(item):
    return item.locator("circle").get_attribute("cx")


def test_the_history_shows_what_a_merge_has_brought(open_, catalog):
    catalog.set("t", "1")
    catalog.merge("dev", "main")
    visit = open_(catalog, "?tab=history")
    merge = commits(visit).first
    stub = merge.locator("line.merged")
    stub.wait_for(state="attached")
    opener = merge.get_by_role("button", name="What was merged")
    assert opener.get_attribute("aria-expanded") == "false"
    opener.press("Enter")
    until(lambda: commits(visit).count() == 5, "the commit of dev")
    assert opener.get_attribute("aria-expanded") == "true"
    assert stub.count() == 0
    merge, brought, mine, fork, _ = commits(visit).all()
    assert "dev 1" in brought.inner_text()
    left, right = lane_of(merge), lane_of(brought)
    assert left == lane_of(mine) == lane_of(fork) != right

    def lines(item):
        return {(line.get_attribute("x1"), line.get_attribute("x2"))
                for line in item.locator("line").all()}

    # dev's line leaves the merge, passes main's own commit, ends in the fork
    assert lines(merge) == {(left, left), (left, right)}
    assert lines(brought) == {(left, left), (right, right)}
    assert lines(mine) == {(left, left), (right, right)}
    assert lines(fork) == {(left, left), (right, left)}
    opener.press("Enter")
    until(lambda: commits(visit).count() == 4, "the history of main only")


def test_tags_are_made_moved_and_deleted(open_, catalog):
    visit = open_(catalog, "?tab=tags")
    visit.page.get_by_text("No tags yet").wait_for()
    press(visit.page, "New tag")
    dialog(visit).get_by_label("Name", exact=True).fill("v1")
    press(dialog(visit), "Make tag")
    row = row_of(visit, "v1", "Tags")
    press(row, "Move")
    dialog(visit).get_by_label("To commit").fill(catalog.head("dev"))
    press(dialog(visit), "Move")
    row.get_by_text("dev", exact=True).wait_for()
    assert catalog.tags()[0]["commit_id"] == catalog.head("dev")
    press(row, "Delete")
    dialog(visit).get_by_label("Type v1 to go on").fill("v1")
    press(dialog(visit), "Delete tag")
    visit.page.get_by_text("No tags yet").wait_for()


def test_differences_of_two_branches(open_, catalog):
    catalog.set("t", "1")
    catalog.drop("t", branch="dev")
    visit = open_(catalog, "@dev?tab=diff")
    assert sorted(rows(visit, "Differences")) == [
        ["added", "table", "a.u", ""], ["removed", "table", "a.t", ""]]
    press(visit.page, "Swap")
    until(lambda: "from=dev" in address(visit), "the sides in the address")
    until(lambda: sorted(rows(visit, "Differences")) == [
        ["added", "table", "a.t", ""], ["removed", "table", "a.u", ""]],
        "the other way round")
    visit.link("a.u").click()
    visit.heading("u").wait_for()
    assert "@dev/a/u" in address(visit)


def change_both(catalog, *tables):
    for table in tables:
        catalog.set(table, "dev", branch="dev")
        catalog.set(table, "main")


def plan(visit):
    return sorted(rows(visit, "What the merge changes"))


def conflicts(visit):
    found = visit.page.get_by_role("list", name="Conflicts")
    found.wait_for()
    return found.locator("> li")


def test_a_merge_shows_its_plan_and_is_reverted(open_, catalog):
    visit = open_(catalog, BRANCHES)
    row_of(visit, "dev").get_by_role("link", name="Merge").press("Enter")
    assert plan(visit) == [["added", "table", "a.u"]]
    assert catalog.tables() == ["t"]
    visit.page.get_by_label("Message").fill("All of dev")
    visit.page.keyboard.press("Enter")
    visit.page.get_by_text("dev is merged into main").wait_for()
    assert catalog.tables() == ["t", "u"]
    press(visit.page, "Revert this merge")
    until(lambda: commits(visit).count() == 4, "the history of main")
    assert "All of dev" in commits(visit).nth(1).inner_text()
    assert "merge" in commits(visit).nth(1).locator(".badges").inner_text()
    assert catalog.tables() == ["t"]
    visit.open(f"#/catalogs/{catalog.name}@dev?tab=merge")
    visit.page.get_by_text("There is nothing to merge").wait_for()


def test_nothing_is_merged_that_the_plan_did_not_show(open_, catalog):
    visit = open_(catalog, "@dev?tab=merge")
    assert plan(visit) == [["added", "table", "a.u"]]
    catalog.make_table("v", branch="dev")
    press(visit.page, "Merge into main")
    visit.page.get_by_text("have moved since").wait_for()
    assert plan(visit) == [["added", "table", "a.u"],
                           ["added", "table", "a.v"]]
    assert catalog.tables() == ["t"]
    press(visit.page, "Merge into main")
    visit.page.get_by_text("dev is merged into main").wait_for()
    assert catalog.tables() == ["t", "u", "v"]


def test_a_merge_is_made_in_the_background(open_, catalog):
    visit = open_(catalog, "@dev?tab=merge")
    assert plan(visit) == [["added", "table", "a.u"]]
    assert not visit.page.get_by_label("In the background").is_checked()
    visit.page.get_by_label("In the background").check()
    press(visit.page, "Merge into main")
    visit.heading("Merge").first.wait_for()
    visit.page.get_by_text("It is merged").wait_for()
    assert "#/tasks/" in address(visit)
    assert catalog.tables() == ["t", "u"]


def test_a_merge_that_a_task_made_leads_to_its_conflicts(open_, catalog):
    change_both(catalog, "t")
    task = catalog.merge("dev", "main", want=202, **{"async": True})["task_id"]
    visit = open_(catalog)
    visit.open(f"#/tasks/{task}")
    visit.page.get_by_role("link", name="1 conflict to decide").click()
    assert conflicts(visit).count() == 1
    assert f"operation={task}" in address(visit)


def test_a_conflict_is_decided(open_, catalog):
    change_both(catalog, "t")
    visit = open_(catalog, "@dev?tab=merge")
    shown, = conflicts(visit).all()
    assert "MetadataConflict" in shown.inner_text()
    assert "Conflicting properties: " in shown.inner_text()
    sides, = rows(visit, "Sides of a.t")
    assert sides[0] == "Metadata location" and len(set(sides)) == 4
    assert shown.get_by_role("button").count() == 0
    press(visit.page, "Decide the conflicts")
    complete = visit.page.get_by_role("button", name="Complete the merge")
    complete.wait_for()
    assert complete.is_disabled() and "operation=" in address(visit)
    press(conflicts(visit).first, "Take main")
    conflicts(visit).first.get_by_text("decided").wait_for()
    press(conflicts(visit).first, "Take dev")
    until(lambda: conflicts(visit).first.locator("[aria-pressed=true]")
          .all_inner_texts() == ["Take dev"], "the other decision")
    complete.click()
    visit.page.get_by_text("dev is merged into main").wait_for()
    assert catalog.value("t") == "dev" and catalog.tables() == ["t", "u"]
    visit.open(f"#/catalogs/{catalog.name}?tab=merge")
    row = row_of(visit, "dev into main", "Merges")
    assert "Completed" in row.inner_text()


def test_a_decision_falls_with_what_it_was_about(open_, catalog):
    catalog.make_table("u")
    change_both(catalog, "t")
    visit = open_(catalog, "@dev?tab=merge")
    press(visit.page, "Decide the conflicts")
    press(visit.page, "All from main")
    decided = visit.page.get_by_text("decided", exact=True)
    until(lambda: decided.count() == 2, "both decided")
    catalog.set("t", "later", branch="dev")
    press(visit.page, "Complete the merge")
    until(lambda: decided.count() == 1, "one is open again")
    assert visit.page.get_by_role("alert").inner_text()
    location = catalog.ask("GET", catalog.path("dev", "a") + "/tables/t")
    item = conflicts(visit).filter(has_text="a.t")
    press(item, "Another version …")
    dialog(visit).get_by_label("Metadata file").fill(
        location.json()["metadata-location"])
    press(dialog(visit), "Decide")
    until(lambda: decided.count() == 2, "both decided again")
    press(visit.page, "Give it up")
    visit.page.get_by_text("This merge was given up").wait_for()
    assert catalog.value("t") == "main"


@pytest.mark.parametrize("screen", SCREENS)
def test_no_page_of_versions_is_wider_than_the_screen(
        visits, catalog, screen):
    catalog.fork("a-branch-of-the-northern.hemisphere_of_the_last_year")
    catalog.tag("v1", catalog.head())
    catalog.make_table("gone", branch="dev")
    catalog.drop("gone", branch="dev")
    change_both(catalog, "t")
    visit = visits.new(**screen).open().sign_in()
    visit.open(f"#/catalogs/{catalog.name}@dev")
    for tab, text in (("tags", "v1"), ("history", "…"), ("diff", "a.u"),
                      ("merge&source=dev&target=main", "MetadataConflict"),
                      ("dropped", "a.gone"), ("branches", "4 ahead")):
        visit.open(f"#/catalogs/{catalog.name}@dev?tab={tab}")
        visit.page.locator("main").get_by_text(text).locator(
            "visible=true").first.wait_for()
        assert visit.overflow() <= 0, tab
    press(visit.page, "New branch")
    assert dialog(visit).evaluate("d => d.scrollWidth - d.clientWidth") <= 0
