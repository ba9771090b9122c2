"""Tasks on the page: started, followed, cancelled, and a server that dies."""

import re

import pytest

import shop
from browser import NARROW
from harness.server import Server
from harness.wait import until

TABLES = 2000


@pytest.fixture(scope="module", name="busy")
def fixture_busy(tmp_path_factory):
    """A server with tables for several chunks."""
    server = Server(tmp_path_factory.mktemp("busy")).start()
    shop.many(server, "many", TABLES)
    yield server
    server.kill()


@pytest.fixture(name="tasks")
def fixture_tasks(visits, busy):
    visit = visits.new(busy).open("#/tasks")
    visit.fill("admin", busy.first_password)
    visit.heading("Tasks").wait_for()
    return visit


def start(visit):
    """Gives the card of the new task, which is the first."""
    cards = visit.page.locator(".task")
    before = len(visit.server.call("GET", "/api/v1/tasks").json())
    until(lambda: cards.count() == before, "the tasks there are")
    visit.page.get_by_role("button", name="Verify catalog").click()
    until(lambda: cards.count() == before + 1, "one more task")
    return cards.first


def percent(card):
    found = re.search(r"(\d+) %", card.inner_text())
    return int(found[1]) if found else 0


def state(card):
    """A task that found something and still runs has two badges."""
    return ", ".join(card.locator(".badge").all_inner_texts())


def is_warning(card):
    """Whether nothing on the card is as green as a success."""
    red, green, blue = card.locator(".badge").evaluate(
        "b => getComputedStyle(b).backgroundColor.match(/\\d+/g).map(Number)")
    return red > green > blue


def test_the_bar_moves_until_all_is_done(tasks, busy):
    with shop.obstacle(busy, "table1000") as one, \
            shop.obstacle(busy, "table1700") as other:
        card = start(tasks)
        first = until(lambda: percent(card), "some of it is done")
        assert first < 100 and state(card) == "running"
        one.let_pass()
        second = until(lambda: percent(card) > first and percent(card),
                       "more of it is done")
        assert second < 100 and state(card) == "running"
        other.let_pass()
        until(lambda: state(card) == "completed", "completed")
    assert percent(card) == 100
    assert f"{TABLES:,} of {TABLES:,}" in card.inner_text()
    assert tasks.overflow() <= 0


def test_what_was_found_is_listed(tasks, busy):
    gone = shop.metadata_file(busy, "table0007")
    text = gone.read_bytes()
    gone.unlink()
    try:
        card = start(tasks)
        until(lambda: state(card) == "1 finding", "one finding")
    finally:
        gone.write_bytes(text)
    assert is_warning(card)
    card.get_by_role("link", name="Verify catalog").click()
    row = tasks.page.get_by_role("table", name="Findings").get_by_role(
        "row").filter(has_text="many.table0007")
    row.wait_for()
    assert state(card) == "1 finding" and is_warning(card)
    assert "metadata-missing" in row.inner_text()
    tasks.page.set_viewport_size(NARROW)
    assert tasks.overflow() <= 0
    row.get_by_role("link").click()
    tasks.heading("table0007").wait_for()


def ask(tasks, card, button):
    """Press it, and wait until the server has heard."""
    with tasks.page.expect_response(
            lambda r: r.url.endswith(f"/{button.lower()}")):
        card.get_by_role("button", name=button).click()


def test_a_task_is_paused_resumed_and_cancelled(tasks, busy):
    with shop.obstacle(busy, "table1000") as one, \
            shop.obstacle(busy, "table1700") as other:
        card = start(tasks)
        one.wait_for_one()
        ask(tasks, card, "Pause")
        one.release()
        until(lambda: state(card) == "paused", "paused")
        card.get_by_role("button", name="Resume").click()
        until(lambda: state(card) == "running", "running")
        other.wait_for_one()
        ask(tasks, card, "Cancel")
        other.release()
        until(lambda: state(card) == "cancelled", "cancelled")
    assert card.get_by_role("button").count() == 0
    assert percent(card) < 100


def test_a_task_goes_on_when_the_server_was_killed(tasks, busy):
    with shop.obstacle(busy, "table1000"):
        card = start(tasks)
        until(lambda: percent(card), "some of it is done")
        busy.kill()
        tasks.page.get_by_text("The server cannot be reached").wait_for()
    busy.start()
    tasks.page.get_by_text("Connected again").wait_for()
    until(lambda: state(card) == "completed", "completed", 60)
    assert percent(card) == 100
