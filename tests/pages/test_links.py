"""The pages of signed links: what is asked of somebody without an account, and the answer, once."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from states.clock import today
from states.credentials.links import LinkFor, LinkPurpose, lasting_link, make_link
from states.crossings.implementation.progress import open_due_progress
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind
from states.partners.tables import RoleGrant
from states.protocol.tables import SignOff
from states.storage import begin
from tests.after_factories import a_running_case
from tests.api.house import a_house
from tests.api.routes.documents.test_evidence import LETTER
from tests.api.routes.protocol.test_assignments import case_of, newest_link
from tests.factories import World, a_collaboration_at, open_iag
from tests.pages.house import Reader, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def linked(world: World, purpose: LinkPurpose, subject_id: str, person: str = "partner") -> str:
    wanted = LinkFor(world.partnership.id, world.people[person].id, purpose, subject_id)
    return make_link(world.session, wanted, days=14)


def a_sign_off(world: World) -> str:
    a_collaboration_at(world, "iag_review")
    gliwice = world.organisations["gliwice"].id
    row = world.session.exec(select(SignOff).where(SignOff.organisation_id == gliwice)).one()
    return f"/links/sign-off/{linked(world, LinkPurpose.SIGN_OFF, row.id)}"


def test_a_partner_signs_by_a_link_once_and_is_told_what_happens_next(installation: Path) -> None:
    _, path = a_page_house(a_sign_off)
    partner = Reader()

    asked = said_on(partner.read(path))
    done = partner.send(path)
    again = partner.get(path)

    assert "Sign off your part gliwice · Centre for Biocompatibility, version 1" in asked
    assert (done.status_code, "You have signed off your part" in said_on(done.text)) == (200, True)
    assert (again.status_code, "This link is no longer good" in said_on(again.text)) == (410, True)


def test_who_cannot_sign_says_why(installation: Path) -> None:
    _, path = a_page_house(a_sign_off)
    done = Reader().send(path, {"refused_because": "<b>Our costs</b> are wrong."})

    assert "You have said what stands in the way" in said_on(done.text)
    assert "&lt;b&gt;Our costs&lt;/b&gt; are wrong." in done.text
    with begin(read_only=True) as session:
        assert "<b>Our costs</b> are wrong." in [one.refused_because for one in session.exec(select(SignOff))]


def test_a_browser_that_follows_the_link_of_a_mail_comes_to_its_page(installation: Path) -> None:
    _, path = a_page_house(a_sign_off)
    reader = Reader()

    led = reader.get(f"/api/v1{path}", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    program = reader.get(f"/api/v1{path}", Accept="application/json")

    assert (led.status_code, led.headers["Location"]) == (303, path)
    assert program.json()["organisation"] == "gliwice"


@pytest.mark.parametrize("door", ["", "/sign-off", "/evidence", "/question", "/progress", "/role"])
def test_a_link_that_nobody_made_opens_nothing(installation: Path, door: str) -> None:
    a_page_house()
    answer = Reader().get(f"/links{door}/x.y")

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")


def test_a_reviewer_declares_by_a_link_and_sees_no_dossier(installation: Path) -> None:
    def prepare(world: World) -> str:
        opened = open_iag(world, a_collaboration_at(world, "iag_review"))
        return f"/links/{linked(world, LinkPurpose.DECLARE, opened.id, 'iag_member 1')}"

    _, path = a_page_house(prepare)
    unsaid = Reader().send(path, {"kind": "potential"})
    done = Reader().send(path, {"kind": "none", "agree": "true"})

    assert (unsaid.status_code, "There is a problem" in said_on(unsaid.text)) == (422, True)
    assert "you may review" in said_on(done.text)


def test_a_seat_is_given_back_by_a_link(installation: Path) -> None:
    def prepare(world: World) -> str:
        opened = open_iag(world, a_collaboration_at(world, "iag_review"))
        return f"/links/{linked(world, LinkPurpose.DECLARE, opened.id, 'iag_member 1')}"

    _, path = a_page_house(prepare)
    done = Reader().send(path, {"reason": "I am away until autumn."})

    assert "You have given the seat back" in said_on(done.text)


def test_a_role_is_taken_up_by_a_link_and_its_holder_is_signed_in(installation: Path) -> None:
    def prepare(world: World) -> str:
        grant = world.session.exec(select(RoleGrant).where(RoleGrant.role == "partner")).one()
        return f"/links/role/{linked(world, LinkPurpose.ROLE, grant.id)}"

    _, path = a_page_house(prepare)
    guest = Reader()

    assert "Partner" in said_on(guest.read(path))
    done = guest.send(path)
    assert done.status_code == 303
    cookie = done.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "My work" in said_on(guest.read("/"))
    assert Reader().get(path).status_code == 410


def test_a_partner_reports_the_year_by_a_link_and_keeps_what_was_typed(installation: Path) -> None:
    def prepare(world: World) -> str:
        case = a_running_case(world, began=today() - timedelta(days=400), days=700)
        gliwice = world.organisations["gliwice"].id
        row = next(one for one in open_due_progress(world.session, case) if one.organisation_id == gliwice)
        return f"/links/progress/{linked(world, LinkPurpose.PROGRESS, row.id)}"

    _, path = a_page_house(prepare)
    partner = Reader()
    wrong = partner.send(path, {"done": "The rigs stand.", "jobs": "many"})
    saved = partner.send(
        path, {"done": "The rigs stand.", "spent.0.on": "Rigs", "spent.0.amount": "120.10"}, follow=True
    )

    assert (wrong.status_code, "The rigs stand." in wrong.text) == (422, True)
    assert "Saved. It is not handed in yet." in said_on(saved.text)
    assert 'value="120.10"' in saved.text


def test_mails_are_switched_off_by_one_click_and_not_by_reading(installation: Path) -> None:
    def prepare(world: World) -> str:
        mail = enter_mail(
            world.session,
            MailKind.EVENT,
            key="an-event",
            person_id=world.people["partner"].id,
            partnership_id=world.partnership.id,
            values={},
            optional=True,
        )
        assert mail is not None
        return f"/unsubscribe/{lasting_link(mail.id, purpose=LinkPurpose.UNSUBSCRIBE)}"

    _, path = a_page_house(prepare)
    reader = Reader()

    assert "One click switches" in said_on(reader.read(path))
    assert "switched off" in said_on(reader.send(path, follow=True).text)


def test_one_file_is_filed_by_a_link(installation: Path) -> None:
    path = an_evidence_request()
    partner = Reader()

    none = partner.send(path, {"dated_on": "2026-01-20"}, files={"file": ("", b"")})
    program = partner.send(path, {"dated_on": "2026-01-20"}, files={"file": ("a.exe", b"MZ\x90\0\3")})
    filed = partner.send(path, {"dated_on": "2026-01-20"}, files={"file": ("accounts.pdf", LETTER, "application/pdf")})

    assert (none.status_code, program.status_code) == (422, 422)
    assert 'value="2026-01-20"' in program.text
    assert "Filed: accounts.pdf" in said_on(filed.text)


def test_a_section_that_was_given_is_written_and_handed_in_by_a_link(installation: Path) -> None:
    case = case_of()
    case.give("market", note="Who pays?", due_on=str(today() + timedelta(days=20)))
    path = newest_link().removeprefix("/api/v1")
    writer = Reader()

    asked = writer.read(path)
    long = writer.send(path, {"section": "market", "market.users": "Clinics. " * 4_000})
    kept = writer.send(path, {"section": "market", "market.users": "Clinics in three regions."}, follow=True)
    another = writer.send(path, {"section": "identity", "identity.acronym": "X"})
    done = writer.send(path, {"section": "market", **MARKET, "then": "hand_in"}, follow=True)

    assert "Market and demand" in said_on(asked)
    assert "Who pays?" in said_on(asked)
    assert "Consortium" not in said_on(asked)
    assert (long.status_code, "Clinics. Clinics." in long.text) == (422, True)
    assert "Clinics in three regions." in kept.text
    assert another.status_code == 404
    assert "Handed in." in said_on(done.text)


MARKET = {"market.users": "Clinics.", "market.competition": "Two firms.", "market.evidence": "Letters."}


def an_evidence_request() -> str:
    def prepare(world: World) -> tuple[str, str]:
        return a_collaboration_at(world, "investment_protocol").id, world.people["partner"].id

    house, (key, person) = a_house(prepare)
    wanted = {"kind": "accounts", "organisation": "medtech-gliwice", "person": person}
    made = house.manager.post(f"/collaborations/{key}/evidence-requests", wanted)
    assert made.status_code == 201
    link: str = made.json()["link"]
    return link.removeprefix("/api/v1")
