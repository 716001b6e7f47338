"""Reads of brokerage events, their participants and meetings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from states.errors import Missing
from states.matchmaking.event_day.tables import (
    BrokerageEvent,
    Meeting,
    MeetingOutcome,
    MeetingParty,
    MeetingState,
    Participant,
    PartyAnswer,
    Scheduling,
)
from states.partners.tables import Organisation

PLACED = (MeetingState.SCHEDULED, MeetingState.MOVED)
# What takes up a slot: who was there, or waited for somebody, could not be elsewhere.
OCCUPYING = (*PLACED, MeetingState.HELD, MeetingState.NO_SHOW)


@dataclass(frozen=True, slots=True)
class PartyEntry:
    """A part in a meeting with its participant and organisation."""

    party: MeetingParty
    participant: Participant
    organisation: Organisation


def brokerage_by_id(session: Session, key: str) -> BrokerageEvent:
    """Return how an event's meetings are arranged, or raise `Missing`."""
    found = session.get(BrokerageEvent, key)
    if found is None:
        raise Missing("brokerage_event", key)
    return found


def participant_by_id(session: Session, key: str) -> Participant:
    """Return the participant, or raise `Missing`."""
    found = session.get(Participant, key)
    if found is None:
        raise Missing("participant", key)
    return found


def find_participants(event_id: str, *conditions: ColumnElement[bool]) -> Select[Participant, Organisation]:
    """Return the query of who is registered for an event, with whose they are."""
    return (
        select(Participant, Organisation)
        .join(Organisation, col(Organisation.id) == col(Participant.organisation_id))
        .where(Participant.event_id == event_id, *conditions)
    )


def participants_of(session: Session, event_id: str) -> list[tuple[Participant, Organisation]]:
    """Return who is registered, by organisation and function."""
    order = (col(Organisation.name), col(Participant.label), col(Participant.id))
    return list(session.exec(find_participants(event_id).order_by(*order)))


def meeting_by_id(session: Session, key: str) -> Meeting:
    """Return the meeting, or raise `Missing`."""
    found = session.get(Meeting, key)
    if found is None:
        raise Missing("meeting", key)
    return found


def find_meetings(
    event_id: str,
    states: Iterable[MeetingState] = MeetingState,
    *,
    organisation_id: str | None = None,
    participant_id: str | None = None,
) -> SelectOfScalar[Meeting]:
    """Return the query of an event's meetings in these states: all, or those with an organisation or a participant."""
    query, wanted = select(Meeting).where(Meeting.event_id == event_id), list(states)
    if len(wanted) < len(MeetingState):  # a meeting whose state nobody can read has none of these
        query = query.where(col(Meeting.state).in_(wanted))
    for column, key in ((MeetingParty.organisation_id, organisation_id), (MeetingParty.participant_id, participant_id)):
        if key is not None:
            query = query.where(col(Meeting.id).in_(select(MeetingParty.meeting_id).where(column == key)))
    return query


def meetings_of(
    session: Session,
    event_id: str,
    states: Iterable[MeetingState] = MeetingState,
    *,
    participant_id: str | None = None,
) -> list[Meeting]:
    """Return the meetings of an event in these states, in the order of their requests; all, or a participant's."""
    query = find_meetings(event_id, states, participant_id=participant_id)
    return list(session.exec(query.order_by(col(Meeting.requested_at), col(Meeting.id))))


def meetings_with(session: Session, participant_id: str) -> list[Meeting]:
    """Return the meetings that a participant asked for or is asked to, in the order of their requests."""
    query = (
        select(Meeting)
        .join(MeetingParty, col(MeetingParty.meeting_id) == col(Meeting.id))
        .where(MeetingParty.participant_id == participant_id)
    )
    return list(session.exec(query.order_by(col(Meeting.requested_at), col(Meeting.id))))


def parties_of(session: Session, meeting_ids: Sequence[str]) -> dict[str, list[PartyEntry]]:
    """Return who takes part by meeting: who asked first, then by organisation and function."""
    query = (
        select(MeetingParty, Participant, Organisation)
        .join(Participant, col(Participant.id) == col(MeetingParty.participant_id))
        .join(Organisation, col(Organisation.id) == col(Participant.organisation_id))
        .where(col(MeetingParty.meeting_id).in_(meeting_ids))
        .order_by(col(MeetingParty.asked).desc(), col(Organisation.name), col(Participant.label), col(Participant.id))
    )
    found: dict[str, list[PartyEntry]] = {key: [] for key in meeting_ids}
    for party, participant, organisation in session.exec(query):
        found[party.meeting_id].append(PartyEntry(party, participant, organisation))
    return found


def coming(entries: Iterable[PartyEntry]) -> list[PartyEntry]:
    """Return those who asked for the meeting or accepted it."""
    return [entry for entry in entries if entry.party.answer is PartyAnswer.ACCEPTED]


def tells_places(event: BrokerageEvent) -> bool:
    """Tell whether participants see where their meetings are: a computed timetable is hidden until published."""
    return event.scheduling is Scheduling.PARTICIPANTS or event.published_at is not None


def outcomes_of(session: Session, meeting_ids: Sequence[str]) -> dict[str, list[MeetingOutcome]]:
    """Return what both sides said of their meetings, oldest first."""
    query = select(MeetingOutcome).where(col(MeetingOutcome.meeting_id).in_(meeting_ids))
    found: dict[str, list[MeetingOutcome]] = {key: [] for key in meeting_ids}
    for line in session.exec(query.order_by(col(MeetingOutcome.at), col(MeetingOutcome.id))):
        found[line.meeting_id].append(line)
    return found
