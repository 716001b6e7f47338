"""Whom to write to about a meeting: told to its parties once it is agreed, of those who consent to be shown."""

from sqlmodel import Session, col, select

from states.machines.stepping import need
from states.matchmaking.consents.service import consenting
from states.matchmaking.consents.tables import ConsentPurpose
from states.matchmaking.event_day.queries import PartyEntry, coming, parties_of
from states.matchmaking.event_day.tables import Meeting
from states.matchmaking.meetings.states import MEETING, REVEAL
from states.partners.tables import Person


def meeting_contacts(session: Session, row: Meeting) -> list[tuple[PartyEntry, Person]]:
    """Return who comes to a meeting, has an account and consents; raise `ContactsHidden` before it is agreed."""
    need(MEETING, row.state, REVEAL)
    there = coming(parties_of(session, [row.id])[row.id])
    shown = consenting(session, [entry.participant.id for entry in there], ConsentPurpose.CONTACT)
    keys = {entry.participant.person_id for entry in there if entry.participant.id in shown}
    people = {one.id: one for one in session.exec(select(Person).where(col(Person.id).in_(keys)))}
    return [
        (entry, people[entry.participant.person_id or ""])
        for entry in there
        if entry.participant.id in shown and entry.participant.person_id in people
    ]
