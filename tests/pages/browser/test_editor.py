"""The editor in real windows: two who write at once, without JavaScript, on a phone, with files that are dropped."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import World, a_collaboration_at, a_cost_line, a_piece_of_evidence, fill_protocol
from tests.pages.browser.people import PHONE, WIDE, need_accessible, need_no_sideways, window
from tests.pages.house import a_page_house
from tests.pages.test_protocol import speak_for_marseille
from tests.serving import server

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

MANAGER, PARTNER = "project_manager", "partner"


def a_full_case(world: World) -> tuple[str, str]:
    speak_for_marseille(world)
    row = a_collaboration_at(world, "investment_protocol")
    fill_protocol(world, row)
    a_cost_line(world, row)
    return row.id, a_piece_of_evidence(world, row).id


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def test_two_who_write_one_section_lose_nothing(installation: Path, browser: Browser) -> None:
    house, (case, _) = a_page_house(a_full_case)
    path = f"/cases/{case}/protocol/market"
    with (
        server() as address,
        window(browser, f"http://{address}", house.cookies[MANAGER]) as one,
        window(browser, f"http://{address}", house.cookies[PARTNER]) as other,
    ):
        for page in (one, other):
            page.goto(path)
        one.get_by_label("Users and clients").fill("Clinics of three regions.")
        expect(one.get_by_text(re.compile("^Saved, "))).to_be_visible()
        other.get_by_label("Competition").fill("Two firms, one of them certified.")
        expect(other.get_by_label("Users and clients")).to_have_value("Clinics of three regions.")

        one.get_by_label("Users and clients").fill("Hospitals alone.")
        expect(one.get_by_label("Competition")).to_have_value("Two firms, one of them certified.")
        other.get_by_label("Users and clients").fill("Doctors alone.")
        expect(other.locator("[data-autosave-state]")).not_to_contain_text("Saved, ")
        save(other)
        expect(other.get_by_role("heading", name="Two wrote the same place")).to_be_visible()
        need_accessible(other)
        other.get_by_label("Yours, to be changed here where both are right").fill("Hospitals and doctors.")
        other.get_by_label("Yours shall stand").check()
        other.get_by_role("button", name="Save what I chose").click()
        expect(other.get_by_label("Users and clients")).to_have_value("Hospitals and doctors.")
        expect(other.get_by_label("Competition")).to_have_value("Two firms, one of them certified.")


def test_rows_come_and_go_without_javascript_on_a_phone(installation: Path, browser: Browser) -> None:
    house, (case, _) = a_page_house(a_full_case)
    with (
        server() as address,
        window(browser, f"http://{address}", house.cookies[MANAGER], script=False, size=PHONE) as page,
    ):
        page.goto(f"/cases/{case}/protocol/technology")
        table = page.get_by_role("region", name="Technology readiness")
        new = table.get_by_role("group", name="New row")
        new.get_by_label("Component").fill("Chamber")
        new.get_by_label("TRL now").fill("4")
        new.get_by_label("TRL at the end").fill("7")
        table.get_by_role("button", name="Save and add a row").click()
        expect(table.get_by_role("group", name="Row 2").get_by_label("Component")).to_have_value("Chamber")
        table.get_by_role("group", name="Row 1").get_by_label("Remove this row").check()
        page.get_by_role("button", name=re.compile("^Save and go to")).click()
        page.goto(f"/cases/{case}/protocol/technology")
        expect(table.get_by_role("group", name="Row 1").get_by_label("Component")).to_have_value("Chamber")
        expect(table.get_by_role("group", name="Row 2")).to_have_count(0)


def test_a_file_is_dropped_and_filed(installation: Path, browser: Browser) -> None:
    house, (case, _) = a_page_house(a_full_case)
    with (
        server() as address,
        window(browser, f"http://{address}", house.cookies[MANAGER]) as page,
    ):
        page.goto(f"/cases/{case}/evidence")
        dropped = page.evaluate_handle(
            "() => { const sent = new DataTransfer();"
            " sent.items.add(new File(['%PDF-1.7 an offer'], 'dropped.pdf', {type: 'application/pdf'})); return sent; }"
        )
        page.locator(".drop").dispatch_event("drop", {"dataTransfer": dropped})
        page.get_by_label("Kind").select_option("Offer")
        page.get_by_label("Day that the document bears").fill("2026-11-20")
        page.get_by_role("button", name="File them").click()
        expect(page.get_by_role("link", name="dropped.pdf")).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize(("size", "dark"), [(WIDE, True), (PHONE, False)], ids=["wide, dark", "phone"])
def test_axe_finds_nothing_on_the_editors_pages(
    installation: Path, browser: Browser, size: tuple[int, int], dark: bool
) -> None:
    house, (case, evidence) = a_page_house(a_full_case)
    house.manager.send(f"/cases/{case}/freeze")
    base = f"/cases/{case}"
    paths = [f"{base}/protocol{rest}" for rest in ("", "/market", "/technology", "/market/history")]
    paths += [f"{base}/{one}" for one in ("freeze", "versions/1", "redline", "sign-offs", "sections-given")]
    paths += [f"{base}/{one}" for one in ("protocol-files", "protocol-copies", "copies", "risk-reviews")]
    paths += [f"{base}/{one}" for one in ("evidence", "evidence-requests", "questions", "checklists")]
    paths += [f"{base}/{one}" for one in ("costs", "new-cost", "costs/equipment", "finances", "exchange-rates")]
    paths += [f"/evidence/{evidence}", f"/evidence/{evidence}/downloads"]
    with (
        server() as address,
        window(browser, f"http://{address}", house.cookies[MANAGER], size=size, dark=dark) as page,
    ):
        for path in paths:
            page.goto(path)
            need_accessible(page)
            need_no_sideways(page)
