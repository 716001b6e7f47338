"""Each fact of the matchmaking is told once to those it concerns, in mails that have a text."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from documents.mails.values import VALUES
from states.clock import at
from states.computations.service import begin_computation
from states.mail.tables import Mail, MailKind
from states.matchmaking.event_day.attendance import add_walk_in_meeting
from states.matchmaking.event_day.tables import Scheduling
from states.matchmaking.interests.service import Statement, answer_interest, express_interest
from states.matchmaking.meetings.placing import cancel_meeting
from states.matchmaking.meetings.requests import Wish, answer_request
from states.matchmaking.profiles.tables import InterestState
from states.matchmaking.timetable.problem import Place
from states.matchmaking.timetable.service import COMPUTING, publish_timetable, record_schedule, request_timetable
from states.partners.people import grant_role, person_by_email
from states.partners.tables import Person
from states.rights.access import Role
from tests.factories import World, a_world
from tests.meeting_factories import (
    BEFORE,
    DAY,
    a_brokerage_event,
    a_held_meeting,
    a_participant,
    a_published_profile,
    a_request,
    accept,
    an_outcome,
    party,
)

_MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    """A partner at gliwice and two at marseille, of whom one reads German."""
    world = a_world(session)
    for name, language in (("anne", "de"), ("bob", "en")):
        person = person_by_email(session, email=f"{name}@example.org", label=name, language=language)
        grant_role(session, world.partnership, person, Role.PARTNER, organisation=world.organisations["marseille"])
        world.people[name] = person
    return world


def told(world: World, kind: MailKind) -> list[tuple[str, dict[str, object]]]:
    """Return whom mails of a kind go to and what they say, which their text takes."""
    query = select(Mail, Person).join(Person, col(Person.id) == col(Mail.person_id)).where(Mail.kind == kind)
    found = [(person.label, mail.values) for mail, person in world.session.exec(query.order_by(Person.label))]
    for _, values in found:
        VALUES[kind].model_validate(values)
    return found


def test_who_is_asked_and_who_asked_are_told(world: World) -> None:
    event = a_brokerage_event(world)
    gliwice, marseille = (a_participant(world, event, who) for who in ("gliwice", "marseille"))
    row = a_request(world, event, gliwice, marseille)

    accept(world, event, row, marseille)

    asked, answered = told(world, MailKind.MEETING_REQUEST), told(world, MailKind.MEETING_ANSWER)
    assert [(who, values["asking"], values["asked"], values["message"]) for who, values in asked] == [
        (who, "gliwice", "marseille", "Coating of implants") for who in ("anne", "bob")
    ]
    assert [(who, values["answer"], values["starts_at"]) for who, values in answered] == [
        ("partner", "accepted", "2026-05-04T08:00:00+00:00")
    ]


def test_who_declines_says_so_and_no_place_is_told(world: World) -> None:
    event = a_brokerage_event(world)
    gliwice, marseille = (a_participant(world, event, who) for who in ("gliwice", "marseille"))
    row = a_request(world, event, gliwice, marseille)

    with at(BEFORE):
        answer_request(world.session, event, row, party(world, row, marseille), accepted=False, reason="No time.")

    ((who, values),) = told(world, MailKind.MEETING_ANSWER)
    assert (who, values["answer"], "starts_at" in values) == ("partner", "declined", False)


def test_a_meeting_on_the_spot_asks_nobody(world: World) -> None:
    event = a_brokerage_event(world)
    people = [a_participant(world, event, who) for who in ("gliwice", "marseille")]
    wish = Wish(subject="Coating", priority=3)

    with at(BEFORE):
        add_walk_in_meeting(world.session, event, wish, asker=people[0], guests=[people[1]], slot=0)

    assert told(world, MailKind.MEETING_REQUEST) == []


def test_a_published_timetable_is_one_agenda_to_each_in_its_language(world: World) -> None:
    session, event = world.session, a_brokerage_event(world, scheduling=Scheduling.ORGANISER)
    gliwice, marseille, katowice = (a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice"))
    for guest, earlier in ((marseille, _MINUTE), (katowice, timedelta())):
        accept(world, event, a_request(world, event, gliwice, guest, earlier=earlier), guest)
    with at(BEFORE):
        row = request_timetable(session, event, person_id=world.people["project_manager"].id, seconds=5)
        begin_computation(session, COMPUTING, row)
        record_schedule(session, row, an_outcome(Place(0, 1), Place(1, 2)))
        before = told(world, MailKind.AGENDA_PUBLISHED)

        publish_timetable(session, row)

    agendas = {who: values["meetings"] for who, values in told(world, MailKind.AGENDA_PUBLISHED)}
    line = {"organisation": "gliwice", "starts_at": "2026-05-04T08:00:00+00:00", "ends_at": "2026-05-04T08:20:00+00:00"}
    assert before == []
    assert (agendas["anne"], agendas["bob"]) == ([line | {"place": "Tisch 1"}], [line | {"place": "table 1"}])
    assert [one["organisation"] for one in agendas["partner"]] == ["marseille", "katowice"]  # type: ignore[attr-defined]
    assert set(agendas) == {"anne", "bob", "partner"}


def test_of_a_new_timetable_only_those_are_told_whose_agenda_is_another(world: World) -> None:
    session, event = world.session, a_brokerage_event(world, scheduling=Scheduling.ORGANISER)
    gliwice, marseille, katowice = (a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice"))
    other = a_participant(world, event, "katowice", label="head of sales")
    wanted = accept(world, event, a_request(world, event, marseille, katowice, earlier=_MINUTE), katowice)
    accept(world, event, a_request(world, event, gliwice, other), other)

    def publish(*places: Place) -> list[tuple[str, int]]:
        row = request_timetable(session, event, person_id=world.people["project_manager"].id, seconds=5)
        begin_computation(session, COMPUTING, row)
        record_schedule(session, row, an_outcome(*places))
        publish_timetable(session, row)
        mails = select(Mail, Person).join(Person, col(Person.id) == col(Mail.person_id))
        fresh = session.exec(mails.where(col(Mail.key).contains(row.id)).order_by(Person.label))
        return [(person.label, len(list(mail.values["meetings"]))) for mail, person in fresh]  # type: ignore[call-overload]

    with at(BEFORE):
        first = publish(Place(0, 1), Place(0, 2))
    with at(BEFORE + timedelta(hours=1)):
        same = publish(Place(0, 1), Place(0, 2))
        cancel_meeting(session, event, wanted, by=None, reason="Ill.")
        second = publish(Place(0, 2))

    assert (first, same) == ([("anne", 1), ("bob", 1), ("partner", 1)], [])
    assert second == [("anne", 0), ("bob", 0)]


def test_who_met_is_asked_what_came_of_it(world: World) -> None:
    event = a_brokerage_event(world)
    people = [a_participant(world, event, who) for who in ("gliwice", "marseille")]

    a_held_meeting(world, event, *people)

    asked = told(world, MailKind.OUTCOME_ASKED)
    due = (DAY + timedelta(weeks=2)).date().isoformat()
    assert [(who, values["organisation"], values["met"], values["until"]) for who, values in asked] == [
        ("anne", "marseille", "gliwice", due),
        ("bob", "marseille", "gliwice", due),
        ("partner", "gliwice", "marseille", due),
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (InterestState.INTERESTED, ["accepted"]),
        (InterestState.NOT_INTERESTED, ["declined"]),
        (InterestState.NEED_INFORMATION, []),
    ],
)
def test_an_interest_and_its_answer_are_told(world: World, answer: InterestState, said: list[str]) -> None:
    session, marseille = world.session, world.organisations["marseille"]
    profile = a_published_profile(world)
    statement = Statement("We make implants.", "Tests")
    row = express_interest(session, profile, statement, sender=marseille, person_id=world.people["bob"].id)

    answer_interest(session, row, answer, person_id=world.people["partner"].id, text="Which alloy?")

    ((host, received),) = told(world, MailKind.INTEREST_RECEIVED)
    assert (host, received["organisation"], received["message"]) == ("partner", "marseille", "We make implants.")
    assert [values["answer"] for who, values in told(world, MailKind.INTEREST_ANSWERED) if who == "bob"] == said
