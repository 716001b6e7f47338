"""Meetings as calendars show them: the agenda of a participant, and what a person's own feed holds of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from states.calendars.entries import KEPT, Entry
from states.calendars.ics import published
from states.clock import now
from states.mail.addresses import address
from states.matchmaking.event_day.programme import EventSlot
from states.matchmaking.event_day.queries import (
    PLACED,
    PartyEntry,
    brokerage_by_id,
    coming,
    meetings_of,
    parties_of,
    tells_places,
)
from states.matchmaking.event_day.setup import event_slots
from states.matchmaking.event_day.tables import Meeting, MeetingParty, MeetingState, Participant, PartyAnswer
from states.matchmaking.mails import speakers_of, speaking_for, table_name
from states.partners.tables import PartnershipEvent


def entries_of_person(session: Session, person_id: str, partnership_id: str, *, language: str) -> list[Entry]:
    """Return the meetings of a person as a participant of the partnership's events."""
    query = select(Participant).where(Participant.person_id == person_id, Participant.partnership_id == partnership_id)
    return [entry for row in session.exec(query) for entry in agenda_entries(session, row, language=language)]


def agenda_attachment(
    session: Session, event_id: str, *, attendee: str, language: str = "en"
) -> tuple[bytes, str] | None:
    """Return what is in a brokerage event's timetable for the person of this address, as calendars take it, if it is.

    With every participant for whom the person speaks.
    """
    people = speaking_for(session, brokerage_by_id(session, event_id).partnership_id)
    rows = session.exec(select(Participant).where(Participant.event_id == event_id).order_by(col(Participant.id)))
    own = (row for row in rows if attendee in {one.email for one in speakers_of(people, row)})
    entries = [entry for row in own for entry in agenda_entries(session, row, language=language)]
    return published(entries, language=language) if entries else None


def agenda_entries(session: Session, participant: Participant, *, language: str) -> list[Entry]:
    """Return the meetings of a participant that have a place; none before the timetable is published.

    What had a place that participants saw, and has none any more, stays for a while as cancelled: a calendar that
    only adds learns of it so.
    """
    event = brokerage_by_id(session, participant.event_id)
    if not tells_places(event):
        return []
    rows = [row for row in meetings_of(session, event.id, _SHOWN, participant_id=participant.id) if _is_shown(row)]
    shown = _Shown(
        name=session.get_one(PartnershipEvent, event.id).name,
        slots=event_slots(event),
        zone=ZoneInfo(event.time_zone),
        language=language,
    )
    found = []
    known = {row.id: row for row in rows}
    for key, entries in parties_of(session, list(known)).items():
        row = known[key]
        own = next(entry.party for entry in entries if entry.participant.id == participant.id)
        left = _left_at(row, own)
        if own.answer is PartyAnswer.ACCEPTED or left is not None:
            others = [one for one in coming(entries) if one.party is not own]
            found.append(shown.entry(row, participant, others, left=left))
    return found


_SHOWN = (*PLACED, MeetingState.HELD, MeetingState.ACCEPTED, MeetingState.CANCELLED)


def _is_shown(row: Meeting) -> bool:
    gone = row.state in (MeetingState.ACCEPTED, MeetingState.CANCELLED)
    return row.slot is not None or (gone and row.told_slot is not None and row.changed_at > now() - KEPT)


def _left_at(row: Meeting, own: MeetingParty) -> datetime | None:
    """Return when a participant took itself out of a meeting that goes on, if it had been told of the place."""
    if own.answer is not PartyAnswer.DECLINED or own.answered_at is None or None in (row.slot, row.told_slot):
        return None
    return own.answered_at if own.answered_at > max(row.changed_at, now() - KEPT) else None


@dataclass(frozen=True, slots=True)
class _Shown:
    """What all entries of an event share."""

    name: str
    slots: Sequence[EventSlot]
    zone: ZoneInfo
    language: str

    def entry(
        self, row: Meeting, participant: Participant, others: Sequence[PartyEntry], *, left: datetime | None
    ) -> Entry:
        gone = row.slot is None or left is not None
        slot = self.slots[(row.told_slot if row.slot is None else row.slot) or 0]
        table = "" if row.table_number is None else table_name(row.table_number, language=self.language)
        return Entry(
            uid=f"meeting-{row.id}-{participant.id}@bankable",
            title=", ".join(one.organisation.name for one in others),
            starts=slot.starts_at.astimezone(self.zone),
            ends=slot.ends_at.astimezone(self.zone),
            changed_at=left or row.changed_at,
            sequence=row.version - 1,
            place=", ".join(part for part in (self.name, table) if part),
            text="\n".join(part for part in (row.subject, row.message, row.reason if gone else "") if part),
            url=row.link or address(f"meetings/{row.id}"),
            cancelled=gone,
            busy=True,
            illustrative=row.illustrative,
        )
