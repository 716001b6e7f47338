"""The day of the event: meetings held or missed, people who come without a registration, and who leaves."""

from collections.abc import Collection, Sequence

from sqlmodel import Session

from states.clock import now
from states.errors import Fault
from states.machines.stepping import need, step
from states.matchmaking.event_day.participants import withdraw_participant
from states.matchmaking.event_day.queries import coming, meetings_with, parties_of
from states.matchmaking.event_day.setup import demand_changed, event_slots, lock_event
from states.matchmaking.event_day.tables import (
    BrokerageEvent,
    Meeting,
    Participant,
    PartyAnswer,
)
from states.matchmaking.meetings.outcomes import ask_for_outcomes
from states.matchmaking.meetings.placing import cancel_meeting, place_meeting
from states.matchmaking.meetings.requests import MeetingInvalid, Wish, answer_request, request_meeting, withdraw_request
from states.matchmaking.meetings.states import (
    ACCEPT,
    CANCEL,
    HOLD,
    LEAVE,
    MEET,
    MEETING,
    MISS,
    PARTY,
    WITHDRAW,
    refuse,
    transition_meeting,
)
from states.outbox.service import publish
from states.storage import bump_version

_FEWEST = 2


def record_attendance(
    session: Session,
    event: BrokerageEvent,
    row: Meeting,
    *,
    missed: Collection[str] = (),
    by: str | None,
    expected_version: int | None = None,
) -> Meeting:
    """Say who did not come to a meeting whose slot has begun (ids of participants); held if two or more did.

    A meeting that was held is asked after from then on.
    """
    lock_event(session, event)
    _need_begun(event, row)
    entries = coming(parties_of(session, [row.id])[row.id])
    if strangers := set(missed) - {entry.participant.id for entry in entries}:
        faults = [
            Fault("missed", "not_expected", remedy="ids_participants", participant=one) for one in sorted(strangers)
        ]
        raise MeetingInvalid(faults=faults)
    held = len(entries) - len(set(missed)) >= _FEWEST
    transition_meeting(session, row, HOLD if held else MISS, by=by, expected_version=expected_version)
    for entry in entries:
        entry.party.missed = entry.participant.id in missed
    if held:
        row.held_at = event_slots(event)[row.slot or 0].starts_at
        ask_for_outcomes(session, row, [entry for entry in entries if not entry.party.missed])
    session.flush()
    publish(session, f"meeting.{row.state.value}", partnership_id=row.partnership_id, meeting=row.id)
    return row


def add_walk_in_meeting(
    session: Session,
    event: BrokerageEvent,
    wish: Wish,
    *,
    asker: Participant,
    guests: Sequence[Participant],
    slot: int,
    table: int | None = None,
) -> Meeting:
    """Let the organiser arrange a meeting on the spot: all have agreed, and it stays where it is put."""
    row = request_meeting(session, event, wish, asker=asker, guests=guests, late=True, tell=False)
    for entry in parties_of(session, [row.id])[row.id]:
        entry.party.answer, entry.party.answered_at = step(PARTY, entry.party.answer, MEET), now()
    transition_meeting(session, row, ACCEPT)
    row.walk_in = True
    return place_meeting(session, event, row, slot=slot, table=table, locked=True)


def leave_event(
    session: Session,
    event: BrokerageEvent,
    participant: Participant,
    *,
    reason: str,
    by: str | None,
    expected_version: int | None = None,
) -> Participant:
    """Take a participant out of an event: own requests are withdrawn, others' declined, meetings cancelled."""
    if not reason.strip():
        raise MeetingInvalid(faults=[Fault("reason", "blank", remedy="say_why")])
    lock_event(session, event)
    withdraw_participant(session, participant, reason=reason, expected_version=expected_version)
    for row in meetings_with(session, participant.id):
        entries = parties_of(session, [row.id])[row.id]
        own = next(entry.party for entry in entries if entry.participant.id == participant.id)
        if WITHDRAW.leaves(row.state) and own.asked:
            withdraw_request(session, row, by=by, reason=reason)
        elif WITHDRAW.leaves(row.state) and own.answer is PartyAnswer.WAITING:
            answer_request(session, event, row, own, accepted=False, reason=reason)
        elif CANCEL.leaves(row.state) and LEAVE.leaves(own.answer):
            _leave_meeting(session, event, row, participant, reason=reason, by=by)
    return participant


def _leave_meeting(
    session: Session, event: BrokerageEvent, row: Meeting, participant: Participant, *, reason: str, by: str | None
) -> None:
    entries = parties_of(session, [row.id])[row.id]
    own = next(entry.party for entry in entries if entry.participant.id == participant.id)
    others = [entry for entry in coming(entries) if entry.party is not own]
    if own.asked or len(others) < _FEWEST:
        cancel_meeting(session, event, row, by=by, reason=reason)
        return
    bump_version(session, row)  # the calendar of whoever leaves sees a later sequence
    own.answer, own.reason, own.answered_at = step(PARTY, own.answer, LEAVE), reason.strip(), now()
    session.flush()
    demand_changed(session, event)


def _need_begun(event: BrokerageEvent, row: Meeting) -> None:
    need(MEETING, row.state, HOLD)
    if event_slots(event)[row.slot or 0].starts_at > now():
        refuse("not_begun")
