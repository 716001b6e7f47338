"""Expressions of interest: sent, answered, asked back, ended; and nobody's address before the host agrees."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from states.clock import at, now
from states.deadlines.queries import open_deadlines_of
from states.matchmaking.interests.service import (
    ANSWER_DEADLINE,
    INFORMATION_DEADLINE,
    InterestInvalid,
    Statement,
    answer_interest,
    expire_interests,
    express_interest,
    inform,
    released_contacts,
    withdraw_interest,
)
from states.matchmaking.interests.states import ContactsHidden, InterestRefused
from states.matchmaking.profiles.service import withdraw_profile
from states.matchmaking.profiles.tables import Interest, InterestState, ProfileType
from states.matchmaking.queries import contact_by_id
from states.matchmaking.tables import ContactKind, ContactStatus
from tests.expect import codes, places
from tests.factories import World, a_world
from tests.meeting_factories import a_content, a_profile, a_published_profile

STATEMENT = Statement("We make implants.", "Tests on implants", "Three series delivered.")
on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def _send(world: World, statement: Statement = STATEMENT, sender: str = "marseille") -> Interest:
    profile = a_published_profile(world)
    person = world.people["observer"].id
    return express_interest(world.session, profile, statement, sender=world.organisations[sender], person_id=person)


def _answer(world: World, row: Interest, answer: InterestState, text: str = "") -> Interest:
    return answer_interest(world.session, row, answer, person_id=world.people["partner"].id, text=text)


def test_a_host_that_agrees_makes_a_contact_and_shows_who_is_behind(world: World) -> None:
    row = _send(world)
    asked = open_deadlines_of(world.session, kind=ANSWER_DEADLINE, subject_id=row.id)

    _answer(world, row, InterestState.INTERESTED)
    contact = contact_by_id(world.session, row.contact_id or "")
    people = released_contacts(world.session, row)

    assert [one.owner_organisation_id for one in asked] == [row.host_id]
    assert open_deadlines_of(world.session, kind=ANSWER_DEADLINE, subject_id=row.id) == []
    assert (contact.kind, contact.status) == (ContactKind.EXPRESSION_OF_INTEREST, ContactStatus.ACCEPTED)
    assert (contact.requester_id, contact.host_id) == (row.sender_id, row.host_id)
    assert people == {row.sender_id: world.people["observer"], row.host_id: world.people["partner"]}


@on_sqlite
@pytest.mark.parametrize("state", [one for one in InterestState if one is not InterestState.INTERESTED])
def test_nobody_is_named_before_the_host_agrees(world: World, state: InterestState) -> None:
    row = _send(world)
    if state is InterestState.WITHDRAWN:
        withdraw_interest(world.session, row)
    elif state is InterestState.EXPIRED:
        with at(now() + timedelta(days=60)):
            expire_interests(world.session)
    elif state is not InterestState.WAITING:
        _answer(world, row, state, "Why?")
    assert row.state is state

    with pytest.raises(ContactsHidden):
        released_contacts(world.session, row)


@on_sqlite
def test_a_question_is_answered_by_the_sender_and_the_time_begins_anew(world: World) -> None:
    row = _send(world)

    _answer(world, row, InterestState.NEED_INFORMATION, "How many a year?")
    of_sender = open_deadlines_of(world.session, kind=INFORMATION_DEADLINE, subject_id=row.id)
    later = now() + timedelta(days=5)
    with at(later):
        inform(world.session, row, "Two thousand.")
    _answer(world, row, InterestState.NOT_INTERESTED, "Too few.")

    assert [one.owner_organisation_id for one in of_sender] == [row.sender_id]
    assert (row.question, row.information, row.reason) == ("How many a year?", "Two thousand.", "Too few.")
    assert row.answer_due_on > later.date() + timedelta(days=10)
    assert row.state is InterestState.NOT_INTERESTED


@on_sqlite
def test_ten_working_days_at_the_site_of_the_host(world: World) -> None:
    with at(datetime(2026, 4, 27, tzinfo=UTC)):  # 1 May is a holiday in Poland
        row = _send(world)

    assert row.answer_due_on == date(2026, 5, 12)


@on_sqlite
def test_what_is_not_answered_in_time_expires(world: World) -> None:
    row = _send(world)
    with at(datetime.combine(row.answer_due_on, datetime.min.time(), UTC)):
        on_the_day = expire_interests(world.session)
    with at(datetime.combine(row.answer_due_on, datetime.min.time(), UTC) + timedelta(days=1)):
        the_day_after = expire_interests(world.session)

    assert (on_the_day, the_day_after) == ([], [row])
    with pytest.raises(InterestRefused):
        _answer(world, row, InterestState.INTERESTED)


@on_sqlite
@pytest.mark.parametrize(
    ("answer", "where"),
    [
        (InterestState.WITHDRAWN, "answer"),
        (InterestState.NEED_INFORMATION, "text"),
        (InterestState.NOT_INTERESTED, "text"),
    ],
)
def test_an_answer_says_why(world: World, answer: InterestState, where: str) -> None:
    row = _send(world)

    with pytest.raises(InterestInvalid) as caught:
        _answer(world, row, answer)

    assert (places(caught.value), row.state) == ([where], InterestState.WAITING)


@on_sqlite
def test_every_fault_of_a_statement_is_named(world: World) -> None:
    with pytest.raises(InterestInvalid) as caught:
        _send(world, Statement(" ", "", "x" * 4001), sender="gliwice")

    assert places(caught.value) == ["message", "role_proposed", "evidence", "sender"]


@on_sqlite
def test_interest_is_taken_in_what_is_public_and_once(world: World) -> None:
    row = _send(world)
    profile = a_published_profile(world, content=a_content(ProfileType.TECHNOLOGY_REQUEST))
    sender, person = world.organisations["marseille"], world.people["observer"].id

    def send_to(profile_of: object) -> list[str]:
        with pytest.raises(InterestRefused) as caught:
            express_interest(world.session, profile_of, STATEMENT, sender=sender, person_id=person)  # type: ignore[arg-type]
        return codes(caught.value)

    first = world.session.get_one(type(profile), row.profile_id)
    again = send_to(first)
    withdraw_interest(world.session, row)
    withdraw_profile(world.session, profile)
    hidden, draft = send_to(profile), send_to(a_profile(world))
    second = express_interest(world.session, first, STATEMENT, sender=sender, person_id=person)

    assert (again, hidden, draft) == (["interest_known"], ["profile_not_public"], ["profile_not_public"])
    assert second.state is InterestState.WAITING


@on_sqlite
def test_a_research_request_takes_interest_until_its_day(world: World) -> None:
    content = a_content(ProfileType.RESEARCH_REQUEST, call_programme="Horizon Europe", interest_until=date(2020, 1, 1))
    profile = a_published_profile(world, content=content)

    with pytest.raises(InterestRefused) as caught:
        express_interest(
            world.session,
            profile,
            STATEMENT,
            sender=world.organisations["marseille"],
            person_id=world.people["observer"].id,
        )

    assert codes(caught.value) == ["interest_too_late"]
