"""The day of the event and after: held, missed, walked in, left; outcomes and what is asked later."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from states.clock import at
from states.deadlines.tables import Deadline, DeadlineState
from states.matchmaking.event_day.attendance import add_walk_in_meeting, leave_event, record_attendance
from states.matchmaking.event_day.queries import meetings_with, outcomes_of, parties_of
from states.matchmaking.event_day.tables import (
    BrokerageEvent,
    Meeting,
    MeetingState,
    NextStep,
    Participant,
    ParticipantState,
    PartyAnswer,
)
from states.matchmaking.meetings.outcomes import FOLLOW_UPS, close_follow_up, contact_from, record_outcome
from states.matchmaking.meetings.requests import MeetingInvalid, Wish
from states.matchmaking.meetings.states import MeetingRefused
from states.matchmaking.tables import ContactKind, ContactStatus
from tests.expect import codes, places
from tests.factories import World, a_world
from tests.meeting_factories import (
    DAY,
    a_brokerage_event,
    a_held_meeting,
    a_meeting,
    a_participant,
    a_request,
    accept,
    party,
)

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def event(world: World) -> BrokerageEvent:
    return a_brokerage_event(world)


@pytest.fixture
def people(world: World, event: BrokerageEvent) -> list[Participant]:
    return [a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice")]


def _asked(world: World, row: Meeting) -> list[tuple[str, date, DeadlineState]]:
    keys = [entry.party.id for entry in parties_of(world.session, [row.id])[row.id]]
    found = world.session.exec(
        select(Deadline).where(col(Deadline.subject_id).in_(keys)).order_by(col(Deadline.due_on), col(Deadline.id))
    )
    return [(one.kind, one.due_on, one.state) for one in found]


def test_a_held_meeting_is_asked_after_three_times(
    world: World, event: BrokerageEvent, people: list[Participant]
) -> None:
    row = a_held_meeting(world, event, people[0], people[1])

    # 4 August and 4 November 2026 are working days in both countries, and so is 18 May
    days = (date(2026, 5, 18), date(2026, 8, 4), date(2026, 11, 4))
    assert (row.state, row.held_at) == (MeetingState.HELD, DAY.replace(hour=8))
    assert _asked(world, row) == [
        (kind, day, DeadlineState.OPEN) for kind, day in zip(FOLLOW_UPS, days, strict=True) for _ in range(2)
    ]


def test_a_meeting_is_not_held_before_its_slot(world: World, event: BrokerageEvent, people: list[Participant]) -> None:
    row = a_meeting(world, event, people[0], people[1])
    waiting = a_request(world, event, people[0], people[2])

    with at(DAY.replace(hour=8) - timedelta(seconds=1)), pytest.raises(MeetingRefused) as early:
        record_attendance(world.session, event, row, by=None)
    with at(DAY.replace(hour=20)), pytest.raises(MeetingRefused) as unplaced:
        record_attendance(world.session, event, waiting, by=None)

    assert (codes(early.value), codes(unplaced.value)) == (["not_begun"], ["not_scheduled"])


@pytest.mark.parametrize(
    ("missed", "expected"),
    [((), MeetingState.HELD), ((2,), MeetingState.HELD), ((0,), MeetingState.HELD), ((1, 2), MeetingState.NO_SHOW)],
)
def test_a_meeting_is_held_if_two_came(
    world: World, event: BrokerageEvent, people: list[Participant], missed: tuple[int, ...], expected: MeetingState
) -> None:
    row = accept(world, event, a_request(world, event, *people), *people[1:])
    with at(DAY.replace(hour=9)):
        record_attendance(
            world.session, event, row, missed=[people[number].id for number in missed], by=people[0].organisation_id
        )

    entries = parties_of(world.session, [row.id])[row.id]
    assert {entry.participant.id: entry.party.missed for entry in entries} == {
        one.id: number in missed for number, one in enumerate(people)
    }
    came = len(people) - len(missed)
    assert (row.state, row.changed_by) == (expected, people[0].organisation_id)
    assert len(_asked(world, row)) == (3 * came if expected is MeetingState.HELD else 0)


def test_who_was_not_to_come_is_not_missed(world: World, event: BrokerageEvent, people: list[Participant]) -> None:
    row = a_meeting(world, event, people[0], people[1])

    with at(DAY.replace(hour=9)), pytest.raises(MeetingInvalid) as caught:
        record_attendance(world.session, event, row, missed=[people[2].id], by=None)

    assert (places(caught.value), row.state) == (["missed"], MeetingState.SCHEDULED)


def test_a_meeting_on_the_spot_is_agreed_and_placed(
    world: World, event: BrokerageEvent, people: list[Participant]
) -> None:
    with at(DAY.replace(hour=9)):
        row = add_walk_in_meeting(
            world.session, event, Wish(subject="Met at lunch", priority=5), asker=people[0], guests=people[1:], slot=3
        )

    answers = {entry.party.answer for entry in parties_of(world.session, [row.id])[row.id]}
    assert (row.state, row.walk_in, row.locked, row.slot, answers) == (
        MeetingState.SCHEDULED,
        True,
        True,
        3,
        {PartyAnswer.ACCEPTED},
    )


def test_who_leaves_takes_the_own_meetings_along(
    world: World, event: BrokerageEvent, people: list[Participant]
) -> None:
    leaver, guest, third = people
    other, fourth = (a_participant(world, event, "marseille", label=label) for label in ("buyer", "seller"))
    asked = a_request(world, event, leaver, guest)
    invited = a_request(world, event, third, leaver)
    agreed = a_meeting(world, event, other, leaver)
    joint = accept(world, event, a_request(world, event, fourth, third, leaver), leaver, third)

    leave_event(world.session, event, leaver, reason="Ill.", by=leaver.organisation_id)

    assert leaver.state is ParticipantState.WITHDRAWN
    assert [row.state for row in (asked, invited, agreed, joint)] == [
        MeetingState.WITHDRAWN,
        MeetingState.DECLINED,
        MeetingState.CANCELLED,
        MeetingState.SCHEDULED,
    ]
    assert party(world, joint, leaver).answer is PartyAnswer.DECLINED
    assert len(meetings_with(world.session, leaver.id)) == 4


def test_both_sides_say_what_came_of_it_and_each_answer_settles_one_question(
    world: World, event: BrokerageEvent, people: list[Participant]
) -> None:
    row = a_held_meeting(world, event, people[0], people[1])
    own = party(world, row, people[0])

    for rating, step in ((4, NextStep.NDA), (5, NextStep.JOINT_IDEA)):
        record_outcome(world.session, row, own, rating=rating, next_step=step, note=" Good. ", person_id=None)
    record_outcome(world.session, row, party(world, row, people[1]), rating=1, next_step=NextStep.NONE, person_id=None)

    said = outcomes_of(world.session, [row.id])[row.id]
    assert sorted((line.rating, line.next_step, line.note) for line in said) == [
        (1, NextStep.NONE, ""),
        (4, NextStep.NDA, "Good."),
        (5, NextStep.JOINT_IDEA, "Good."),
    ]
    assert sorted((kind, state) for kind, _, state in _asked(world, row)) == [
        ("follow_up_2_weeks", DeadlineState.DONE),
        ("follow_up_2_weeks", DeadlineState.DONE),
        ("follow_up_3_months", DeadlineState.DONE),
        ("follow_up_3_months", DeadlineState.OPEN),
        ("follow_up_6_months", DeadlineState.OPEN),
        ("follow_up_6_months", DeadlineState.OPEN),
    ]


def test_an_outcome_has_bounds_and_a_meeting(world: World, event: BrokerageEvent, people: list[Participant]) -> None:
    held, planned = a_held_meeting(world, event, people[0], people[1]), a_meeting(world, event, people[0], people[2])

    with pytest.raises(MeetingInvalid) as caught:
        record_outcome(
            world.session,
            held,
            party(world, held, people[0]),
            rating=6,
            next_step=NextStep.CALL,
            note="x" * 4001,
            person_id=None,
        )
    with pytest.raises(MeetingRefused) as early:
        record_outcome(
            world.session, planned, party(world, planned, people[0]), rating=3, next_step=NextStep.CALL, person_id=None
        )

    assert (places(caught.value), codes(early.value)) == (["rating", "note"], ["not_held"])


def test_nobody_is_asked_again_once_it_is_closed_with_a_reason(
    world: World, event: BrokerageEvent, people: list[Participant]
) -> None:
    row = a_held_meeting(world, event, people[0], people[1])

    with pytest.raises(MeetingInvalid):
        close_follow_up(world.session, row, reason=" ")
    close_follow_up(world.session, row, reason="Prices are too far apart.")

    assert row.closed_because == "Prices are too far apart."
    assert {state for _, _, state in _asked(world, row)} == {DeadlineState.DONE}


def test_a_held_meeting_has_one_contact(world: World, event: BrokerageEvent, people: list[Participant]) -> None:
    row, planned = a_held_meeting(world, event, people[0], people[1]), a_meeting(world, event, people[0], people[2])

    contact, again = contact_from(world.session, row), contact_from(world.session, row)
    with pytest.raises(MeetingRefused) as caught:
        contact_from(world.session, planned)
    with pytest.raises(MeetingRefused):
        close_follow_up(world.session, row, reason="No.")

    assert (contact.kind, contact.status, contact.held_on, contact.event_id) == (
        ContactKind.MEETING,
        ContactStatus.HELD,
        DAY.date(),
        event.id,
    )
    assert (contact.requester_id, contact.host_id) == (people[0].organisation_id, people[1].organisation_id)
    assert (again is contact, codes(caught.value)) == (True, ["not_held"])
