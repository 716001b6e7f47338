"""A cluster founds its partnership and submits a proposal to a lender, by pages alone and without a manual."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from api.operations.supervisor import set_up_key
from states.clock import today
from tests.api.routes.funding.test_solutions import solved
from tests.pages.browser.people import need_accessible, window
from tests.serving import server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]

PAPER: FilePayload = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}


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
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()


def invite_a_reviewer(page: Page) -> None:
    """Invite one as the administrator who the founder is too: the page says so, and leads to the role."""
    page.goto("/partnership/people/invite")
    page.get_by_role("link", name="You are one: act as administrator").click()
    press(page, "Act in this role")
    page.goto("/partnership/people/invite")
    page.get_by_label("E-mail address").fill("reviewer@sea.example.org")
    page.get_by_label("Function").fill("marine engineer")
    page.get_by_label("Role").select_option(label="IAG member")
    press(page, "Invite")
    expect(page.get_by_text("The invitation is on its way by mail.")).to_be_visible()
    page.goto("/account")
    press(page, "Act in this role")


def add_member(page: Page, name: str, site: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Add the organisations").click()
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
        "partners": {"Partners and their parts": {"Organisation": "Algae Works", "Part": "Algae", "Site": "Galicia"}},
        "work_plan": {"Milestones": {"Milestone": "Pilot line", "Date": str(today() + timedelta(days=300))}},
        "budget": {
            "Costs": {"Organisation": "Algae Works", "Category": "Equipment", "EUR": "1 000 000,50"},
            "Sources": {"Source": "Region", "Kind": "grant", "EUR": "1 000 000,50"},
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


def pay(page: Page, case: str) -> None:
    """Say when the works start, let who pays be searched for, and choose the best of what was found."""
    page.goto(f"{case}/costs/cost-001")
    page.get_by_label("Start of works").fill(str(today() + timedelta(days=270)))
    press(page, "Save")
    page.goto(f"{case}/funding/solving")
    press(page, "Search")
    solved(page.url.rpartition("run=")[2])
    page.goto(page.url)
    press(page, "Make it a scenario")
    press(page, "Choose")
    expect(page.get_by_text("“Best” is chosen")).to_be_visible()


def answer(page: Page, case: str) -> None:
    """Answer the list of eligibility, and file the letter of each partner through the door of what is missing."""
    page.goto(f"{case}/checklists/eligibility")
    for number, value in enumerate(("yes", "yes", "no", "no", "yes")):
        page.locator(f'[name="answers.{number}.value"][value="{value}"]').check()
    press(page, "Save the answers")
    press(page, "Sign it off")
    for partner in ("Algae Works", "Port Heat"):
        page.goto(f"{case}/evidence")
        page.get_by_role("row", name=partner).get_by_role("link", name="File it").click()
        expect(page.get_by_label("Whose it is")).to_have_value(partner.lower().replace(" ", "-"))
        page.get_by_label("Files").set_input_files(PAPER)
        page.get_by_label("Day that the document bears").fill(str(today()))
        press(page, "File them")


def submit(page: Page, case: str) -> None:
    page.goto(f"{case}/submissions")
    fill(page, Lender="Bank of the bay", Asked_for="1 000 000,50")
    page.get_by_label("Day").fill(str(today()))
    press(page, "Record the submission")
    page.goto("/")
    page.get_by_role("link", name="Submit to a call or a lender").click()  # among what may go on
    press(page, "Confirm: Submit to a call or a lender")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_an_empty_installation_to_a_proposal_that_is_submitted(
    installation: Path, browser: Browser, script: bool
) -> None:
    with server() as address, window(browser, f"http://{address}", script=script) as page:
        found(page)
        invite_a_reviewer(page)
        add_member(page, "Algae Works", "ES11")
        add_member(page, "Port Heat", "Bretagne")
        open_case(page)
        case = page.url.partition("?")[0].removeprefix(f"http://{address}")
        move(page, case, "begin", "Begin the plan")
        write(page, case)
        page.goto(f"{case}/freeze")
        press(page, "Freeze it")
        move(page, case, "finance", "Look for the money")
        pay(page, case)
        answer(page, case)
        submit(page, case)
        page.goto(case)
        expect(page.get_by_text("Next: Funding agreed")).to_be_visible()
        if script:  # axe is a script itself
            need_accessible(page)
