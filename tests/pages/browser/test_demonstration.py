"""The demonstration's story, from the first run to the money, played by its roles through pages alone."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from sqlmodel import col, select

from api.operations.supervisor import set_up_key
from states.checklists.definition import AnswerKind
from states.clock import today
from states.credentials.links import LinkPurpose, SignedLink, texts_of
from states.protocol.definition import SectionSpec
from states.review.definition import Criterion
from states.seeds.situation import read_situation
from states.storage import begin
from tests.factories import COMMENT, content_of, s3
from tests.pages.browser.people import window
from tests.pages.test_sign_in import links_sent, newest_link
from tests.serving import server
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]

OFFICE, SECRETARY = "office@example.org", "iag-secretary@example.org"
IAG_CHAIR, WGRA_CHAIR = "iag-chair@example.org", "wgra-chair@example.org"
LEAD, LABORATORY = "GAPR-Medsilesia", "Testing centre, Marseille (illustrative)"
AUTHORITIES = ("authority-pl22@example.org", "authority-frl0@example.org")
TITLE = "Centre for Biocompatibility"
PAPER: FilePayload = {
    "name": "paper.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.7 made up for a demonstration",
}


@dataclass
class Cast:
    """A window for each person of the story; whoever comes in for the first time signs in by the link of a mail."""

    browser: Browser
    address: str
    script: bool
    stack: ExitStack
    windows: dict[str, Page] = field(default_factory=dict)

    def stranger(self) -> Page:
        """Return a window in which nobody is signed in; everybody reads English here."""
        return self.stack.enter_context(window(self.browser, self.address, script=self.script))

    def __getitem__(self, email: str) -> Page:
        if email not in self.windows:
            page = self.windows[email] = self.stranger()
            page.goto("/sign-in")
            sent = len(links_sent())
            page.get_by_label("E-mail address").fill(email)
            press(page, "Send me a link")
            wait_until(lambda: len(links_sent()) > sent)  # the answer comes before the mail
            page.goto(newest_link())
            press(page, "Sign in")
            expect(page.get_by_role("heading", name="My work")).to_be_visible()
        return self.windows[email]


def press(page: Page | Locator, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def unfold(page: Page, name: str) -> None:
    page.get_by_text(name, exact=True).click()


def told(page: Page, text: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(text)


def look_at_the_example(page: Page) -> None:
    page.goto(f"/set-up/{set_up_key()}")
    unfold(page, "Look at the example")
    page.locator("details").get_by_label("Your e-mail address").fill(OFFICE)
    press(page, "Load the example and sign in")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def open_case(page: Page) -> str:
    """Open the case that came of a meeting; return its path."""
    page.goto("/cases/new")
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("What it is about").fill("Two laboratories for the biological evaluation of medical devices.")
    page.get_by_label("Who leads").select_option(label=LEAD)
    page.get_by_label("Partner 1").select_option(label=LABORATORY)
    page.get_by_label("Working area").select_option(label="Biomaterials and implants")
    page.get_by_label("Day of the meeting").fill(str(today() - timedelta(days=20)))
    press(page, "Open the case")
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    return page.url.removeprefix("http://").partition("?")[0].partition("/")[2]


def move(page: Page, case: str, name: str, *, reason: str = "") -> None:
    page.goto(f"/{case}/moves/{name}")
    if reason:
        page.get_by_label("Why").fill(reason)
    page.get_by_role("button", name=re.compile("^Confirm: ")).click()
    told(page, "The move is made.")


def write(page: Page, case: str, section: SectionSpec) -> None:
    """Fill every field of a section in, and one row of each table."""
    page.goto(f"/{case}/protocol/{section.key}")
    for key, content in content_of(section).items():
        cells = {f"{section.key}.{key}": content}
        if isinstance(content, list):
            cells = {f"{section.key}.{key}.0.{column}": cell for column, cell in content[0].items()}
        for name, value in cells.items():
            if page.locator(f'select[name="{name}"]').count():
                page.locator(f'select[name="{name}"]').select_option(index=1)
            elif page.locator(f'[name="{name}"]').count():  # what is worked out is no field
                page.locator(f'[name="{name}"]').fill(str(value))
    press(page, "Save")
    told(page, "Saved.")


def file_letter(page: Page, case: str, kind: str, of: str) -> None:
    page.goto(f"/{case}/evidence")
    page.get_by_label("Files").set_input_files(PAPER)
    page.get_by_label("Kind").select_option(label=kind)
    page.get_by_label("Whose it is").select_option(label=of)
    page.get_by_label("Day that the document bears").fill(str(today()))
    press(page, "File them")
    expect(page.get_by_text("There is a problem")).to_have_count(0)


def answer_list(page: Page, case: str, key: str) -> None:
    """Answer a list of yes and no so that it passes, and sign it."""
    page.goto(f"/{case}/checklists/{key}")
    spec = next(one for one in s3().checklists if one.key == key)
    for number, item in enumerate(spec.items):
        if item.answer is AnswerKind.CHECK:
            page.locator(f'[name="answers.{number}.value"][value="{item.passes[0].value}"]').check()
    press(page, "Save the answers")
    press(page, "Sign it off")


def mailed(purpose: LinkPurpose) -> list[str]:
    """Return the links of this purpose that mails carry, as they go out."""
    with begin(read_only=True) as session:
        query = select(SignedLink.id).where(SignedLink.purpose == purpose, col(SignedLink.used_at).is_(None))
        return list(texts_of(session, session.exec(query).all()).values())


def freeze_and_sign(cast: Cast, case: str) -> None:
    page = cast[OFFICE]
    page.goto(f"/{case}/freeze")
    press(page, "Freeze it")
    links = mailed(LinkPurpose.SIGN_OFF)
    assert len(links) == 2
    for link in links:  # from a mail, on whatever device, without an account
        partner = cast.stranger()
        partner.goto(f"/links/sign-off/{link}")
        press(partner, "Sign off")
        expect(partner.get_by_role("heading", name="You have signed off your part")).to_be_visible()


def open_round(page: Page, case: str, panel: str) -> str:
    """Open a round as proposed; return its path."""
    page.goto(f"/{case}/review/opening?panel={panel}")
    press(page, "Open the round and invite")
    told(page, "The round is open")
    found = re.search(r"/(rounds/[0-9a-f]+)", page.url)
    assert found is not None
    return found[1]


def seated(page: Page, rounds: str) -> list[str]:
    """Return the addresses of those who are seated, as the secretariat's page lists them."""
    page.goto(f"/{rounds}/secretariat")
    names = (
        page.get_by_role("row").filter(has_text="Active").get_by_role("rowheader").locator("strong").all_inner_texts()
    )
    addresses = {one.label: one.email for one in read_situation().people}
    return [addresses[name] for name in names]


def declare(page: Page, rounds: str, *, conflict: str = "") -> None:
    page.goto(f"/{rounds}")
    agreeing = page.get_by_role("button", name="I agree")
    if agreeing.count():  # once a year
        agreeing.click()
    page.get_by_role("radio", name="Disqualifying" if conflict else "None").check()
    if conflict:
        page.get_by_role("textbox", name="What the tie is").fill(conflict)
    press(page, "Declare")


def score(page: Page, rounds: str, *, criteria: Sequence[Criterion]) -> None:
    page.goto(f"/{rounds}/evaluation")
    for criterion in criteria:
        group = page.get_by_role("group", name=f"Score for {criterion.title}")
        group.get_by_text("4", exact=True).click()
        page.locator(f'[name="comments.{criterion.key}"]').fill(COMMENT)


def decide(cast: Cast, rounds: str, chair: str, *conditions: str) -> None:
    secretary = cast[SECRETARY]
    secretary.goto(f"/{rounds}/decision")
    secretary.get_by_label("Endorse with conditions" if conditions else "Endorse", exact=True).check()
    secretary.get_by_label("Reasons").fill("All thresholds are met.")
    for number, text in enumerate(conditions):
        secretary.get_by_label(f"Condition {number + 1}").fill(text)
    press(secretary, "Prepare the decision")
    told(secretary, "The decision is prepared.")
    cast[chair].goto(f"/{rounds}/decision")
    press(cast[chair], "Confirm the decision")
    secretary.goto(f"/{rounds}/decision")
    press(secretary, "Release the decision")
    told(secretary, "The decision is released")


def close(page: Page, rounds: str) -> None:
    page.goto(f"/{rounds}/secretariat")
    unfold(page, "Close the round now")
    press(page, "Close the round")
    told(page, "The round is closed.")


def advise(cast: Cast, case: str) -> None:
    """Let the advisers judge: one is in conflict, another takes the seat; they agree on a yes with a condition."""
    secretary, criteria = cast[SECRETARY], s3().panels["iag"].criteria
    rounds = open_round(secretary, case, "iag")
    first, *others = seated(secretary, rounds)
    declare(cast[first], rounds, conflict="Advises a partner on a project in the same field.")
    expect(cast[first].get_by_role("heading", name="The dossier is closed to you")).to_be_visible()
    secretary.goto(f"/{rounds}/secretariat")
    unfold(secretary, "Invite somebody by hand, or replace")
    choice = secretary.get_by_label("Member of the panel")
    gone = next(one.label for one in read_situation().people if one.email == first)
    free = next(name for name in choice.locator("option").all_inner_texts()[1:] if not name.startswith(gone))
    choice.select_option(label=free)
    secretary.locator("#f-reason").fill("In the place of who is in conflict.")
    press(secretary, "Invite")
    told(secretary, "The seat is taken")
    for email in seated(secretary, rounds):
        page = cast[email]
        declare(page, rounds)
        score(page, rounds, criteria=criteria)
        press(page, "Check and submit")
        press(page, "Submit the evaluation")
        told(page, "Your evaluation is submitted")
    assert set(others) < set(seated(secretary, rounds))
    close(secretary, rounds)
    score_consensus(secretary, rounds, criteria)
    decide(cast, rounds, IAG_CHAIR, "Term sheet of the bank before the second lot of equipment is ordered")


def score_consensus(page: Page, rounds: str, criteria: Sequence[Criterion]) -> None:
    page.goto(f"/{rounds}/scores")
    for criterion in criteria:
        group = page.get_by_role("group", name=f"Score for {criterion.title}")
        group.get_by_text("4", exact=True).click()
        page.locator(f'[name="comments.{criterion.key}"]').fill(COMMENT)
    page.get_by_label("View 1").fill("One held the financing plan to be good enough as it stands.")
    press(page, "Record the consensus")
    told(page, "The consensus is on record.")
    page.get_by_label("What the panel noted").fill("The only dossier of this sitting.")
    press(page, "Record the minute")
    told(page, "The minute is on record")


def speak_for_regions(cast: Cast, case: str) -> None:
    """Let each region say what it can pay, and the working group endorse."""
    secretary = cast[SECRETARY]
    rounds = open_round(secretary, case, "wgra")
    for email in AUTHORITIES:
        page = cast[email]
        declare(page, rounds)
        page.goto(f"/{rounds}/positions/own")
        page.get_by_label("Yes", exact=True).check()
        page.get_by_label("Fully").check()
        page.get_by_label("At most, in EUR").fill("2500000.00")
        press(page, "State the position")
    close(secretary, rounds)
    decide(cast, rounds, WGRA_CHAIR)


def pay(page: Page, case: str) -> None:
    """Say by hand who pays, and choose that."""
    page.goto(f"/{case}/funding/scenarios")
    page.get_by_label("Name", exact=True).fill("Own means")
    use, source = (page.get_by_role("group", name=name) for name in ("Use 1", "Source 1"))
    for entry in (use, source):
        entry.get_by_label("Partner").select_option(label=LEAD)
        entry.get_by_label("EUR").fill("1000.10")
    use.get_by_label("For what").fill("Equipment")
    source.get_by_label("Kind").select_option("own_cash")
    source.get_by_label("How sure").select_option("committed")
    press(page, "Record the scenario")
    page.get_by_role("button", name=re.compile("^Choose")).first.click()
    expect(page.get_by_text("“Own means” is chosen")).to_be_visible()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def cast(request: pytest.FixtureRequest, installation: Path, browser: Browser) -> Iterator[Cast]:
    with ExitStack() as stack:
        address = stack.enter_context(server())
        yield Cast(browser, f"http://{address}", request.param, stack)


def test_the_demonstration_is_played_by_its_roles_from_first_run_to_financing(cast: Cast) -> None:
    office = cast.windows[OFFICE] = cast.stranger()
    look_at_the_example(office)
    case = open_case(office)
    for step in ("draft_outline", "start_protocol"):
        move(office, case, step)
    for section in s3().protocol:
        write(office, case, section)
    for member in (LEAD, LABORATORY):
        file_letter(office, case, "Letter of intent", member)
    answer_list(office, case, "admissibility")
    freeze_and_sign(cast, case)
    move(office, case, "submit_to_iag")
    advise(cast, case)
    move(cast[IAG_CHAIR], case, "pass_to_wgra")
    speak_for_regions(cast, case)
    move(cast[WGRA_CHAIR], case, "endorse")
    pay(office, case)
    office.goto(f"/{case}")
    expect(office.locator("[aria-current=step]")).to_contain_text("Funding scenario")
