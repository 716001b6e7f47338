"""What runs a partnership in a browser: cases handed over, failures tried again, calendars, tokens, the end."""

import re
from pathlib import Path

import pytest
from sqlmodel import col, select

from states.collaborations.officers import assign_officer
from states.credentials.tokens import create_token
from states.mail.tables import Mail, MailState
from states.outbox.queries import message_by_id
from states.outbox.service import publish
from states.partners.queries import holders
from states.partners.tables import Person
from states.rights.access import Actor, Role
from states.storage import begin
from states.sweeps.service import note_fault
from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY
from tests.factories import World, a_collaboration
from tests.pages.house import a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def a_case_of_the_manager(world: World) -> tuple[str, str]:
    """Return the ids of the manager, who looks after a case, and of the secretary."""
    manager, secretary = world.people[MANAGER], world.people[SECRETARY]
    actor = Actor(Role.PROJECT_MANAGER, world.partnership.id, manager.id)
    assign_officer(
        world.session, a_collaboration(world), officer_id=manager.id, deputy_id=None, reason="Begins.", actor=actor
    )
    return manager.id, secretary.id


def test_all_cases_of_somebody_are_shown_then_handed_over(installation: Path) -> None:
    house, (manager, secretary) = a_page_house(a_case_of_the_manager)
    page = f"/partnership/handover?person={manager}&to={secretary}"
    office = house.by(SECRETARY)
    shown = said_on(office.read(page))
    assert "project_manager – iag_secretary" in shown
    asked = {"person": manager, "to": secretary}
    assert office.send("/partnership/handover", asked, page=page).status_code == 422
    office.send("/partnership/handover", {**asked, "reason": "Leaves."}, page=page, follow=True)
    assert "No case is looked after by this person." in said_on(office.read(page))
    assert house.by(PARTNER).get("/partnership/handover").status_code == 403


def failures(world: World) -> str:
    """Make a message that was set aside and a row that is left out; return the id of the message."""
    message = publish(world.session, "thing.happened", partnership_id=world.partnership.id)
    message.dead_at, message.last_error = message.created_at, "It broke."
    note_fault(world.session, "remind", ("partnership", world.partnership.id), ValueError("odd"))
    return message.id


def test_what_failed_is_seen_and_tried_again(installation: Path) -> None:
    house, message = a_page_house(failures)
    manager = house.manager
    told = manager.read("/operations")
    assert "It broke." in said_on(told)
    [fault] = re.findall(r"/operations/faults/\w+/retry", told)
    manager.send(f"/operations/outbox-messages/{message}/retry", page="/operations", follow=True)
    manager.send(fault, page="/operations", follow=True)
    assert f"/operations/outbox-messages/{message}/retry" not in manager.read("/operations")
    with begin(read_only=True) as session:
        assert message_by_id(session, message).dead_at is None
    assert house.by(OBSERVER).get("/operations").status_code == 403
    assert 'href="/operations"' not in house.by(OBSERVER).read("/partnership")


def test_a_mail_of_unknown_fate_is_resolved_by_who_may(installation: Path) -> None:
    house, _ = a_page_house()
    house.manager.send("/partnership/people/invite", {"role": "observer", "email": "a@b.example", "label": "guest"})
    with begin() as session:
        mail = session.exec(select(Mail).order_by(col(Mail.created_at).desc())).first()
        assert mail is not None
        mail.state, key = MailState.UNCERTAIN, mail.id
    page = f"/operations/mails/{key}"
    assert "/links/..." in house.manager.read(page)
    assert page in house.manager.read("/operations")
    told = house.manager.send(page, {"delivered": "true"}, follow=True)
    assert "Sent" in said_on(told.text)
    assert house.by(PARTNER).get(page).status_code == 403


@pytest.mark.parametrize(("who", "page"), [(PARTNER, "/account/calendars"), (MANAGER, "/partnership/calendars")])
def test_a_calendar_is_subscribed_to_by_an_address_shown_once(installation: Path, who: str, page: str) -> None:
    house, _ = a_page_house()
    reader = house.by(who)
    made = reader.send(page, {"label": "telephone"})
    [address] = re.findall(r'readonly value="([^"]+)"', made.text)
    path = address[address.index("/calendars/") :]
    assert reader.get(path).text.startswith("BEGIN:VCALENDAR")
    assert address not in reader.read(page)
    [end] = re.findall(rf"{page}/\w+/end", reader.read(page))
    reader.send(end, page=page, follow=True)
    assert reader.get(path).status_code == 404
    assert house.by(OBSERVER).get("/partnership/calendars").status_code == 403


def with_token(world: World) -> None:
    [held] = holders(world.session, world.partnership.id, Role.OBSERVER)
    create_token(world.session, held.grant, label="nightly export")


def test_tokens_of_others_are_seen_and_ended(installation: Path) -> None:
    house, _ = a_page_house(with_token)
    administrator, page = house.by("administrator"), "/partnership/tokens"
    told = administrator.read(page)
    row = told[told.index("nightly export") :]
    end = re.search(r"/partnership/tokens/\w+/end", row)
    assert end is not None
    administrator.send(end[0], page=page, follow=True)
    assert end[0] not in administrator.read(page)
    assert house.by(OBSERVER).get(page).status_code == 403


def test_a_partnership_is_closed_and_opened_by_an_administrator_alone(installation: Path) -> None:
    house, _ = a_page_house()
    administrator, page = house.by("administrator"), "/partnership/closing"
    assert house.manager.get(page).status_code == 403
    assert 'href="/partnership/closing"' not in house.manager.read("/partnership")
    assert administrator.send(page, {"reason": ""}).status_code == 422
    closed = administrator.send(page, {"reason": "Its programme is over."}, follow=True)
    assert "Its programme is over." in said_on(closed.text)
    opened = administrator.send(page, {"then": "reopen"}, follow=True)
    assert "The partnership is open again." in said_on(opened.text)


def test_a_case_that_is_here_is_not_taken_in_again(installation: Path) -> None:
    house, case = a_page_house(lambda world: a_collaboration(world).id)
    file = house.manager.get(f"/cases/{case}/case-file").content
    administrator, page = house.by("administrator"), "/partnership/case-file"
    files = {"file": ("case.zip", file, "application/zip")}
    here = administrator.send(page, {"dry_run": "true"}, files=files)
    assert (here.status_code, "Take a case in" in here.text) == (409, True)
    odd = administrator.send(page, files={"file": ("case.zip", b"no archive", "application/zip")})
    assert odd.status_code == 422
    assert house.manager.get(page).status_code == 403


def test_keywords_are_chosen_and_brought(installation: Path) -> None:
    house, _ = a_page_house()
    manager, page = house.manager, "/partnership/taxonomy"
    assert "Keywords" in said_on(house.by(OBSERVER).read(page))
    assert "Bring your own" not in said_on(house.by(OBSERVER).read(page))
    manager.send(page, {"then": "choose", "name": "nace"}, follow=True)
    wrong = manager.send(page, {"then": "bring", "lines": "SOIL; Soil\nno code; Nothing"})
    assert (wrong.status_code, "no code; Nothing" in wrong.text) == (422, True)
    own = "SOIL; Soil; Boden\nSOIL.WATER\tWater in soil"
    told = manager.send(page, {"then": "bring", "lines": own}, follow=True)
    assert "SOIL Soil SOIL.WATER Water in soil" in said_on(told.text)
    assert "SOIL; Soil; Boden" in told.text


def test_who_holds_no_role_any_more_is_erased(installation: Path) -> None:
    house, _ = a_page_house()
    with begin(read_only=True) as session:
        person = session.exec(select(Person).where(Person.label == OBSERVER)).one()
        key, email = person.id, person.email
    administrator = house.by("administrator")
    listed = administrator.read("/partnership/people?role=observer")
    [page] = set(re.findall(r"/partnership/people/[0-9a-f]{32}", listed))
    early = administrator.send(page, {"then": "erase", "reason": "Asked for it."})
    assert early.status_code == 409
    administrator.send(page, {"then": "end", "reason": "Left."}, follow=True)
    erased = administrator.send(page, {"then": "erase", "reason": "Asked for it."}, follow=True)
    assert "What was personal is erased." in said_on(erased.text)
    with begin(read_only=True) as session:
        assert session.get_one(Person, key).email != email
    assert "Erase" not in said_on(house.manager.read(page))
