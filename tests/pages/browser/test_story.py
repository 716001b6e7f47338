"""A cluster founds its partnership and brings a case to the search for money, by pages alone and without a manual."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.operations.supervisor import set_up_key
from states.clock import today
from tests.pages.browser.people import need_accessible, window
from tests.serving import server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]


def fill(page: Page, **values: str) -> None:
    """Fill fields in by what they are called."""
    for label, value in values.items():
        page.get_by_role("textbox", name=label.replace("_", " ")).first.fill(value)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def found(page: Page) -> None:
    page.goto(f"/set-up/{set_up_key()}")
    fill(page, Name="Blue economy", Regions="Galicia, Bretagne (FR)", Working_areas="Algae\nPorts")
    page.get_by_label("Short maturation for a small cluster").check()
    fill(page, Your_function="coordinator")
    page.locator("#f-email").fill("office@blue.example.org")
    press(page, "Check")
    expect(page.get_by_text("So your regions were read")).to_be_visible()
    press(page, "Found the partnership")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def add_member(page: Page, name: str, site: str) -> None:
    page.goto("/partnership/members/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Kind", exact=True).select_option(label="SME")
    page.get_by_label("Site", exact=True).fill(site)
    press(page, "Save")
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def open_case(page: Page) -> None:
    page.goto("/cases")
    page.get_by_role("link", name="Open a case").first.click()
    page.get_by_label("Title").fill("Algae for feed")
    page.get_by_label("What it is about").fill("A pilot line that dries algae with waste heat of the port.")
    page.get_by_label("Who leads").select_option(label="Algae Works")
    page.get_by_label("Partner 1").select_option(label="Port Heat")
    page.get_by_label("Day of the meeting").fill(str(today() - timedelta(days=20)))
    press(page, "Open the case")
    expect(page.get_by_role("heading", name="Algae for feed")).to_be_visible()


def move(page: Page, case: str, name: str, title: str) -> None:
    page.goto(f"{case}/moves/{name}")
    press(page, f"Confirm: {title}")
    expect(page.get_by_text("There is a problem")).to_have_count(0)


def write(page: Page, case: str) -> None:
    page.goto(f"{case}/protocol/identity")
    fill(page, Acronym="ALGA", What_will_be_done="Dry algae.", Why_together="One has algae, the other heat.")
    press(page, "Save")
    rows = {
        "partners": {"Partners and their parts": {"Organisation": "Algae Works", "Part": "Algae", "Site": "ES11"}},
        "work_plan": {"Milestones": {"Milestone": "Pilot line", "Date": str(today() + timedelta(days=300))}},
        "budget": {
            "Costs": {"Organisation": "Algae Works", "Category": "Equipment", "EUR": "1000.00"},
            "Sources": {"Source": "Region", "Kind": "grant", "EUR": "1000.00"},
        },
    }
    for key, tables in rows.items():
        page.goto(f"{case}/protocol/{key}")
        for title, cells in tables.items():
            table = page.get_by_role("region", name=title)
            for label, value in cells.items():
                cell = table.get_by_label(label).last
                if label == "Organisation":
                    cell.select_option(label=value)
                else:
                    cell.fill(value)
        press(page, "Save")
        expect(page.get_by_text("Saved.").first).to_be_visible()
    page.goto(f"{case}/protocol")
    expect(page.get_by_text("4 of 4 sections are complete.")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_an_empty_installation_to_the_search_for_money(installation: Path, browser: Browser, script: bool) -> None:
    with server() as address, window(browser, f"http://{address}", script=script) as page:
        found(page)
        add_member(page, "Algae Works", "ES11")
        add_member(page, "Port Heat", "FRH0")
        open_case(page)
        case = page.url.partition("?")[0].removeprefix(f"http://{address}")
        move(page, case, "begin", "Begin the plan")
        write(page, case)
        page.goto(f"{case}/freeze")
        press(page, "Freeze it")
        move(page, case, "finance", "Look for the money")
        page.goto(case)
        expect(page.get_by_text("Financing").first).to_be_visible()
        if script:  # axe is a script itself
            need_accessible(page)
