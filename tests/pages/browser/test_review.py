"""Reviewers in a real browser: by keyboard alone, without JavaScript, on a phone, and in conflict."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from states.clock import today
from states.crossings.implementation.progress import open_due_progress
from states.crossings.review.rounds import open_requested_round
from states.review.queries import rounds_of
from tests.after_factories import a_running_case
from tests.factories import COMMENT, World, a_collaboration_at, clear, open_iag, s3
from tests.pages.browser.people import PHONE, WIDE, need_accessible, need_no_sideways, window
from tests.pages.house import a_page_house
from tests.serving import server

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

CRITERIA = s3().panels["iag"].criteria


def a_round(world: World) -> str:
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row)
    clear(world, row, opened, "iag_member 1")
    return opened.id


def test_an_evaluation_is_written_and_submitted_by_keyboard_alone(installation: Path, browser: Browser) -> None:
    house, key = a_page_house(a_round)
    with (
        server() as address,
        window(browser, f"http://{address}", house.cookies["iag_member 1"]) as page,
    ):
        page.goto(f"/rounds/{key}/evaluation")
        for number, criterion in enumerate(CRITERIA):
            _tab_to(page, "radio")
            page.keyboard.press("Space")
            for _ in range(5 if number == 0 else 8):
                page.keyboard.press("ArrowRight")
            _tab_to(page, "textarea")
            page.keyboard.type(f"{COMMENT} {criterion.title}")
        expect(page.locator("[data-total]")).to_have_text("22.5")
        expect(page.get_by_text("Saved as a draft")).to_be_visible()
        _tab_to(page, "submit")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Check your evaluation")).to_be_visible()
        _tab_to(page, "submit", name="Submit the evaluation")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text(["Your evaluation is submitted"])


def _tab_to(page: Page, kind: str, *, name: str = "") -> None:
    """Press Tab until the focus is on a field or button of this kind, and of this name."""
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate("[document.activeElement.type, document.activeElement.textContent]")
        if at[0] == kind and name in at[1]:
            return
    raise AssertionError(f"no {kind} is reached by keyboard")


def test_without_javascript_a_draft_is_kept_and_adds_up(installation: Path, browser: Browser) -> None:
    house, key = a_page_house(a_round)
    with (
        server() as address,
        window(browser, f"http://{address}", house.cookies["iag_member 1"], script=False, size=PHONE) as page,
    ):
        page.goto(f"/rounds/{key}")
        page.get_by_role("link", name="Evaluate").click()
        group = page.get_by_role("group", name="Score for Market and evidence of demand")
        group.get_by_text("2½", exact=True).click()
        page.get_by_role("button", name="Save the draft").click()

        expect(group.get_by_role("radio", name="2½")).to_be_checked()
        expect(page.locator("[data-total]")).to_have_text("2.5")
        expect(page.locator("[data-below=market]")).to_be_visible()


def test_a_reviewer_in_conflict_is_left_with_the_outline(installation: Path, browser: Browser) -> None:
    house, key = a_page_house(a_round)
    with (
        server() as address,
        window(browser, f"http://{address}", house.cookies["iag_member 3"], size=PHONE) as page,
    ):
        page.goto(f"/rounds/{key}")
        page.get_by_role("button", name="I agree").click()
        page.get_by_role("radio", name="Disqualifying").check()
        page.get_by_role("button", name="Declare").click()
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.get_by_role("radio", name="Disqualifying")).to_be_checked()
        page.get_by_role("textbox", name="What the tie is").fill("We own a share of the lead.")
        page.get_by_role("button", name="Declare").click()

        expect(page.get_by_role("heading", name="The dossier is closed to you")).to_be_visible()
        expect(page.get_by_role("link", name="Dossier")).to_have_count(0)
        need_accessible(page)


@pytest.mark.long
def test_axe_finds_nothing_on_the_pages_of_a_reviewer(installation: Path, browser: Browser) -> None:
    house, key = a_page_house(a_round)
    first, third = house.cookies["iag_member 1"], house.cookies["iag_member 3"]
    with server() as address:
        for cookie, parts in ((first, ("", "/dossier", "/evaluation")), (third, ("",))):
            for size, dark in ((WIDE, False), (PHONE, True)):
                with window(browser, f"http://{address}", cookie, size=size, dark=dark) as page:
                    for part in parts:
                        page.goto(f"/rounds/{key}{part}")
                        need_accessible(page)
                        need_no_sideways(page)


def two_rounds(world: World) -> tuple[str, str, str]:
    row = a_collaboration_at(world, "wgra_review")
    regional = open_requested_round(world.session, row.id, "wgra")
    clear(world, row, regional, "upper-silesia")
    first = next(one for one in rounds_of(world.session, [row.id]) if one.panel == "iag")
    return row.id, first.id, regional.id


@pytest.mark.long
def test_axe_finds_nothing_on_the_pages_of_office_and_authorities(installation: Path, browser: Browser) -> None:
    house, (case, scored, regional) = a_page_house(two_rounds)
    pages = {
        "iag_secretary": [
            *(f"/rounds/{scored}{part}" for part in ("", "/scores", "/decision", "/secretariat")),
            f"/rounds/{regional}/secretariat",
            f"/cases/{case}/review",
            "/ranking",
        ],
        "upper-silesia": [f"/rounds/{regional}", f"/rounds/{regional}/positions/own", "/reviewing"],
    }
    with server() as address:
        for label, paths in pages.items():
            for size, dark in ((WIDE, False), (PHONE, True)):
                with window(browser, f"http://{address}", house.cookies[label], size=size, dark=dark) as page:
                    for path in paths:
                        page.goto(path)
                        need_accessible(page)
                        need_no_sideways(page)


def a_case_after_the_yes(world: World) -> str:
    row = a_running_case(world, began=today() - timedelta(days=30), days=730)
    open_due_progress(world.session, row)
    return row.id


@pytest.mark.long
def test_axe_finds_nothing_on_the_pages_of_money(installation: Path, browser: Browser) -> None:
    house, case = a_page_house(a_case_after_the_yes)
    base = f"/cases/{case}"
    paths = [
        *(f"{base}{part}" for part in ("/funding", "/funding/scenarios", "/funding/solving", "/funding/rules")),
        *(f"{base}/agreements{part}" for part in ("", "/new", "/1", "/1/amendments")),
        *(f"{base}{part}" for part in ("/drawdown", "/change-requests", "/change-requests/new", "/closure", "/review")),
        "/funding",
    ]
    with server() as address:
        for size, dark in ((WIDE, False), (PHONE, True)):
            cookie = house.cookies["project_manager"]
            with window(browser, f"http://{address}", cookie, size=size, dark=dark) as page:
                for path in paths:
                    page.goto(path)
                    need_accessible(page)
                    need_no_sideways(page)
                page.goto(f"{base}/drawdown")
                page.get_by_role("link", name="gliwice, ").first.click()
                need_accessible(page)
                need_no_sideways(page)
