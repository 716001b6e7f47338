"""Any walk over a meeting keeps its laws, whoever does what in which order."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from states.clock import at
from states.errors import Invalid, Refused
from states.matchmaking.event_day.attendance import leave_event, record_attendance
from states.matchmaking.event_day.queries import OCCUPYING, coming, meetings_of, parties_of
from states.matchmaking.event_day.setup import event_slots
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, MeetingState, NextStep, Participant
from states.matchmaking.meetings.outcomes import record_outcome
from states.matchmaking.meetings.placing import cancel_meeting, place_meeting
from states.matchmaking.meetings.requests import (
    Wish,
    answer_request,
    expire_requests,
    request_meeting,
    withdraw_request,
)
from states.matchmaking.meetings.states import MEETING
from states.storage import engine
from tests.factories import World, a_world
from tests.laws import often
from tests.meeting_factories import DAY, a_brokerage_event, a_participant

STEPS = ("ask", "accept", "decline", "withdraw", "expire", "place", "cancel", "attend", "miss", "tell", "leave")
walks = st.lists(
    st.tuples(st.sampled_from(STEPS), st.integers(0, 5), st.integers(0, 5), st.integers(-240, 24)), max_size=14
)


def step(world: World, event: BrokerageEvent, people: list[Participant], what: str, first: int, second: int) -> None:
    """Do something to a meeting or a participant, both picked by a number."""
    session, rows = world.session, meetings_of(world.session, event.id)
    one, other = people[first % len(people)], people[second % len(people)]
    if what == "ask":
        request_meeting(session, event, Wish(subject="Coating", priority=1), asker=one, guests=[other], late=True)
    elif what == "expire":
        expire_requests(session)
    elif what == "leave":
        leave_event(session, event, one, reason="Ill.", by=None)
    elif rows:
        _step_with(world, event, rows[first % len(rows)], what, second)


def _step_with(world: World, event: BrokerageEvent, row: Meeting, what: str, number: int) -> None:
    session = world.session
    entries = parties_of(session, [row.id])[row.id]
    guest = entries[number % len(entries)].party
    if what in ("accept", "decline"):
        answer_request(session, event, row, guest, accepted=what == "accept", reason="No.")
    elif what == "withdraw":
        withdraw_request(session, row, by=None)
    elif what == "place":
        place_meeting(session, event, row, slot=number)
    elif what == "cancel":
        cancel_meeting(session, event, row, by=None, reason="Ill.")
    elif what == "tell":
        record_outcome(session, row, guest, rating=3, next_step=NextStep.CALL, person_id=None)
    else:
        missed = [entry.participant.id for entry in entries][: number if what == "miss" else 0]
        record_attendance(session, event, row, missed=missed, by=None)


def laws(world: World, event: BrokerageEvent, before: dict[str, MeetingState]) -> dict[str, MeetingState]:
    """Hold what is always true; return the state of each meeting."""
    rows = meetings_of(world.session, event.id)
    parties = parties_of(world.session, [row.id for row in rows])
    placed = [row for row in rows if row.state in OCCUPYING]
    tables = Counter((row.slot, row.table_number) for row in placed)
    busy = Counter((row.slot, entry.participant.id) for row in placed for entry in coming(parties[row.id]))
    assert all(count == 1 for count in (tables + busy).values())
    for row in rows:
        was = before.get(row.id, MeetingState.REQUESTED)
        assert row.state is was or _reachable(was, row.state)
        assert (row.slot is not None) == (row.state in OCCUPYING)
        assert (row.accepted_at is not None) == (_ever_accepted(row))
        if row.state not in (MeetingState.REQUESTED, MeetingState.DECLINED, MeetingState.EXPIRED):
            assert row.state is MeetingState.WITHDRAWN or len(coming(parties[row.id])) >= 2 or _ended(row)
    assert {slot.number for slot in event_slots(event)} >= {row.slot for row in placed}
    return {row.id: row.state for row in rows}


NEXT = {state: {end for start, end, _ in MEETING.steps() if start is state} for state in MeetingState}


def _reachable(was: MeetingState, now: MeetingState) -> bool:
    """One call may pass through a state: what is accepted is placed at once."""
    return now in NEXT[was] or any(now in NEXT[between] for between in NEXT[was])


def _ever_accepted(row: Meeting) -> bool:
    return row.state not in (
        MeetingState.REQUESTED,
        MeetingState.DECLINED,
        MeetingState.WITHDRAWN,
        MeetingState.EXPIRED,
    )


def _ended(row: Meeting) -> bool:
    return row.state is MeetingState.CANCELLED


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@settings(max_examples=often(60))
@given(walk=walks)
def test_no_walk_breaks_the_laws_of_meetings(installation: Engine, walk: list[tuple[str, int, int, int]]) -> None:
    with Session(engine(), expire_on_commit=False) as session:  # rolled back at its end
        world = a_world(session)
        event = a_brokerage_event(world)
        people = [a_participant(world, event, who) for who in ("gliwice", "marseille", "katowice")]
        states: dict[str, MeetingState] = {}
        for what, first, second, hours in sorted(walk, key=lambda one: one[3]):
            with at(DAY + timedelta(hours=hours)):
                try:
                    with session.begin_nested():
                        step(world, event, people, what, first, second)
                except (Refused, Invalid):
                    session.expire_all()
            states = laws(world, event, states)
        session.rollback()
