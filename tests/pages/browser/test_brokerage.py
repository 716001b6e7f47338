"""A brokerage event from its founding to its published timetable, by keyboard alone."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from states.clock import today
from tests.meeting_factories import compute
from tests.pages.browser.people import PHONE, need_accessible, need_no_sideways, window
from tests.pages.house import a_page_house
from tests.serving import server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]

_MOST_STOPS = 150


def go_to(page: Page, target: Locator) -> None:
    """Press the tabulator until something has the focus, as it must be reached."""
    wanted = target.element_handle()
    for _ in range(_MOST_STOPS):
        if page.evaluate("one => one === document.activeElement", wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def follow(page: Page, name: str) -> None:
    go_to(page, page.get_by_role("main").get_by_role("link", name=name, exact=True).first)
    page.keyboard.press("Enter")


def press(page: Page, name: str) -> None:
    go_to(page, page.get_by_role("button", name=name, exact=True).first)
    page.keyboard.press("Enter")


def write(page: Page, label: str, text: str) -> None:
    """Fill a field in: what is typed in a list of choices finds the choice that begins so."""
    go_to(page, page.get_by_label(label, exact=True).first)
    page.keyboard.type(text)


def tick(page: Page, label: str) -> None:
    go_to(page, page.get_by_label(label, exact=True))
    page.keyboard.press("Space")


def arrange(page: Page) -> None:
    page.goto("/events")
    follow(page, "Plan an event")
    write(page, "Name", "Medtech days")
    write(page, "Kind", "Brokerage")
    write(page, "Day (optional)", (today() + timedelta(days=60)).isoformat())
    press(page, "Save")
    follow(page, "Arrange the meetings")
    write(page, "Title", "Morning")
    press(page, "Save")
    expect(page.get_by_text("7 slots")).to_be_visible()


def register(page: Page, organisation: str, function: str) -> None:
    write(page, "Organisation", organisation)
    write(page, "Function", function)
    press(page, "Register")
    expect(page.get_by_role("link", name=function)).to_be_visible()


def meet(page: Page) -> None:
    follow(page, "Meetings")
    follow(page, "Ask for a meeting")
    write(page, "Who asks", "gliwice")
    write(page, "Whom to meet", "marseille")
    write(page, "What it is about", "Coated hip stems")
    press(page, "Ask")
    press(page, "Accept")
    expect(page.get_by_text("Accepted; who asked is told.")).to_be_visible()


def test_from_the_founding_to_the_published_timetable_by_keyboard(installation: Path, browser: Browser) -> None:
    house, _ = a_page_house()
    with (
        server() as address,
        window(browser, f"http://{address}", house.cookies["project_manager"], size=PHONE) as page,
    ):
        arrange(page)
        follow(page, "Participants")
        register(page, "gliwice", "founder")
        register(page, "marseille", "head of sales")
        press(page, "Accept all that wait")
        meet(page)
        follow(page, "Medtech days")
        follow(page, "Timetable")
        press(page, "Compute it")
        expect(page.get_by_text("It waits for its turn.")).to_be_visible()
        compute(page.url.rpartition("run=")[2])
        expect(page.get_by_text("1 of 1 meetings", exact=True)).to_be_visible()  # the page reads it by itself
        need_accessible(page)
        need_no_sideways(page)
        press(page, "Publish it")
        expect(page.get_by_text("Published: everybody is told by mail where and when.")).to_be_visible()
