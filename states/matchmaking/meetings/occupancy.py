"""What is free at an event: who is busy in which slot, and which tables are taken."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session, col, select

from states.clock import now
from states.errors import Refusal
from states.matchmaking.event_day.programme import EventSlot
from states.matchmaking.event_day.queries import OCCUPYING, PartyEntry, participants_of
from states.matchmaking.event_day.setup import event_slots
from states.matchmaking.event_day.tables import (
    Attendance,
    BrokerageEvent,
    Meeting,
    MeetingParty,
    Participant,
    ParticipantState,
    PartyAnswer,
)
from states.matchmaking.meetings.states import AGREED, MANAGER, MeetingRefused


@dataclass(frozen=True, slots=True)
class Occupancy:
    """The slots of an event, those in which each participant is busy, and the tables taken in each slot."""

    slots: Sequence[EventSlot]
    most_per_session: int | None
    busy: Mapping[str, Collection[int]]
    taken: Mapping[int, Collection[int]]
    booths: Collection[int]

    def hindrances(self, number: int, entries: Sequence[PartyEntry]) -> Iterator[Refusal]:
        """Yield what keeps each of them from meeting in that slot."""
        of_session = {slot.number for slot in self.slots if slot.session == self.slots[number].session}
        for entry in entries:
            who, busy = entry.participant, self.busy.get(entry.participant.id, ())
            whom = partial(_not_free, organisation=entry.organisation.name, participant=who.label)
            if number in who.unavailable:
                yield whom("not_available")
            if number in busy:
                yield whom("meets_others")
            elif self.most_per_session is not None and len(of_session & set(busy)) >= self.most_per_session:
                yield whom("session_full")

    def need_free(self, number: int, entries: Sequence[PartyEntry]) -> None:
        """Raise `MeetingRefused` with all that keeps them from meeting in that slot."""
        if found := list(self.hindrances(number, entries)):
            raise MeetingRefused(found)

    def free_table(self, number: int, entries: Sequence[PartyEntry]) -> int | None:
        """Return the booth of the first who has one, else the first table that is nobody's, if one is free."""
        own = next((entry.participant.booth for entry in entries if entry.participant.booth is not None), None)
        taken = self.taken.get(number, ())
        if own is not None:
            return None if own in taken else own
        shared = (one for one in range(1, self.slots[number].tables + 1) if one not in self.booths)
        return next((one for one in shared if one not in taken), None)


def occupancy_but(session: Session, event: BrokerageEvent, row: Meeting) -> Occupancy:
    """Read what is free at an event if this one meeting were not placed."""
    placed = (
        select(Meeting.slot, Meeting.table_number, MeetingParty.participant_id)
        .join(MeetingParty, col(MeetingParty.meeting_id) == col(Meeting.id))
        .where(Meeting.event_id == event.id, Meeting.id != row.id, col(Meeting.state).in_(OCCUPYING))
        .where(MeetingParty.answer == PartyAnswer.ACCEPTED)
    )
    busy: dict[str, set[int]] = {}
    taken: dict[int, set[int]] = {}
    for slot, table, participant_id in session.exec(placed):
        if slot is not None:
            busy.setdefault(participant_id, set()).add(slot)
            if table is not None:
                taken.setdefault(slot, set()).add(table)
    booths = session.exec(select(Participant.booth).where(Participant.event_id == event.id))
    return Occupancy(
        event_slots(event),
        event.most_per_session,
        busy,
        taken,
        frozenset(booth for booth in booths if booth is not None),
    )


def free_slots(session: Session, event: BrokerageEvent) -> dict[str, frozenset[int]]:
    """Return the coming slots in which each validated participant (by id) could still meet somebody.

    Whoever has agreed to as many meetings as it may has none.
    """
    coming = frozenset(slot.number for slot in event_slots(event) if slot.starts_at > now())
    agreed = (
        select(MeetingParty.participant_id, Meeting.slot)
        .join(Meeting, col(Meeting.id) == col(MeetingParty.meeting_id))
        .where(Meeting.event_id == event.id, col(Meeting.state).in_(AGREED))
        .where(MeetingParty.answer == PartyAnswer.ACCEPTED)
    )
    busy: dict[str, list[int | None]] = {}
    for participant_id, slot in session.exec(agreed):
        busy.setdefault(participant_id, []).append(slot)
    found = {}
    for row, _ in participants_of(session, event.id):
        most = event.most_meetings if row.most_meetings is None else row.most_meetings
        if row.state is ParticipantState.VALIDATED:
            own = busy.get(row.id, [])
            found[row.id] = coming.difference(row.unavailable, own) if len(own) < most else frozenset()
    return found


def all_online(entries: Sequence[PartyEntry]) -> bool:
    """Tell whether a meeting of these needs no table."""
    return all(entry.participant.attendance is Attendance.ONLINE for entry in entries)


def some_online(entries: Sequence[PartyEntry]) -> bool:
    """Tell whether a meeting of these needs a link."""
    return any(entry.participant.attendance is Attendance.ONLINE for entry in entries)


def _not_free(text: str, *, organisation: str, participant: str) -> Refusal:
    return Refusal(
        "not_free", text=text, organisation=organisation, participant=participant, mend_by=MANAGER, where="meetings"
    )
