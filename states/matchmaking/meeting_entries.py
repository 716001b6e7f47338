"""Meetings as calendars show them: the agenda of a participant, and what a person's own feed holds of it."""

from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from states.calendars.entries import Entry
from states.mail.addresses import address
from states.matchmaking.brokerage import event_slots
from states.matchmaking.event_queries import PLACED, brokerage_by_id, coming, meetings_of, parties_of, tells_places
from states.matchmaking.event_tables import MeetingState, Participant
from states.matchmaking.mails import table_name
from states.partners.tables import PartnershipEvent


def entries_of_person(session: Session, person_id: str, partnership_id: str, *, language: str) -> list[Entry]:
    """Return the meetings of a person as a participant of the partnership's events."""
    query = select(Participant).where(Participant.person_id == person_id, Participant.partnership_id == partnership_id)
    return [entry for row in session.exec(query) for entry in agenda_entries(session, row, language=language)]


def agenda_entries(session: Session, participant: Participant, *, language: str) -> list[Entry]:
    """Return the meetings of a participant that have a place; none before the timetable is published.

    What is cancelled is gone from the feed, and with it from every calendar that reads it again.
    """
    event = brokerage_by_id(session, participant.event_id)
    if not tells_places(event):
        return []
    slots, zone = event_slots(event), ZoneInfo(event.time_zone)
    name = session.get_one(PartnershipEvent, event.id).name
    rows = meetings_of(session, event.id, (*PLACED, MeetingState.HELD), participant_id=participant.id)
    parties = parties_of(session, [row.id for row in rows])
    found = []
    for row in rows:
        there = coming(parties[row.id])
        if row.slot is None or participant.id not in {one.participant.id for one in there}:
            continue
        table = "" if row.table_number is None else table_name(row.table_number, language=language)
        found.append(
            Entry(
                uid=f"meeting-{row.id}-{participant.id}@bankable",
                title=", ".join(one.organisation.name for one in there if one.participant.id != participant.id),
                starts=slots[row.slot].starts_at.astimezone(zone),
                ends=slots[row.slot].ends_at.astimezone(zone),
                changed_at=row.changed_at,
                sequence=row.version - 1,
                place=", ".join(part for part in (name, table) if part),
                text="\n".join(part for part in (row.subject, row.message) if part),
                url=row.link or address(f"meetings/{row.id}"),
                busy=True,
                illustrative=row.illustrative,
            )
        )
    return found
