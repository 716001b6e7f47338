"""After the meeting: what both sides say of it, when they are asked again, and when nothing more will come of it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from sqlmodel import Session, select

from states.clock import now, today
from states.deadlines.queries import open_deadlines_of
from states.errors import Fault
from states.machines.stepping import need
from states.matchmaking.deadlines import ask, close_asked
from states.matchmaking.event_day.queries import PartyEntry, coming, parties_of
from states.matchmaking.event_day.tables import Meeting, MeetingOutcome, MeetingParty, NextStep
from states.matchmaking.mails import tell_outcome_asked
from states.matchmaking.meetings.requests import MeetingInvalid
from states.matchmaking.meetings.states import CARRY, CLOSE, MEETING, TELL, refuse
from states.matchmaking.service import record_contact
from states.matchmaking.tables import Contact, ContactKind, ContactStatus
from states.outbox.service import publish
from states.partners.tables import PartnershipEvent
from states.storage import bump_version
from states.texts import Text

RATINGS = range(1, 6)
NOTE_LENGTH = 4000


def _months(count: int) -> Callable[[date], date]:
    def after(day: date) -> date:
        year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
        first = date(year, month + 1, 1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return first.replace(day=min(day.day, last.day))

    return after


# Asked after two weeks, three and six months (domain.md 5.2), in this order.
FOLLOW_UPS: Mapping[str, Callable[[date], date]] = {
    "follow_up_2_weeks": lambda day: day + timedelta(weeks=2),
    "follow_up_3_months": _months(3),
    "follow_up_6_months": _months(6),
}


def ask_for_outcomes(session: Session, row: Meeting, entries: Sequence[PartyEntry]) -> None:
    """Ask everybody who was at a meeting how it went, and later what came of it."""
    for entry in entries:
        for kind, day_after in FOLLOW_UPS.items():
            ask(
                session,
                entry.organisation,
                partnership_id=row.partnership_id,
                kind=kind,
                subject_id=entry.party.id,
                title=Text("waits", "outcome", subject=row.subject).kept,
                on=day_after(today()),
            )
    first = next(iter(FOLLOW_UPS.values()))
    tell_outcome_asked(session, row, entries, until=first(today()))


def record_outcome(
    session: Session,
    row: Meeting,
    party: MeetingParty,
    *,
    rating: int,
    next_step: NextStep,
    note: str = "",
    person_id: str | None,
) -> MeetingOutcome:
    """Record what one side says of a meeting that was held; it answers the earliest question that is open."""
    faults = []
    if rating not in RATINGS:
        faults.append(Fault("rating", "no_rating", remedy="one_to_five_best", rating=rating))
    if len(note) > NOTE_LENGTH:
        faults.append(Fault("note", "too_long", remedy="at_most_characters", most=NOTE_LENGTH))
    if faults:
        raise MeetingInvalid(faults=faults)
    need(MEETING, row.state, TELL)
    if party.missed:
        refuse("not_held", text="not_at_the_meeting")
    line = MeetingOutcome(
        meeting_id=row.id,
        party_id=party.id,
        person_id=person_id,
        rating=rating,
        next_step=next_step,
        note=note.strip(),
        at=now(),
    )
    session.add(line)
    session.flush()
    for kind in FOLLOW_UPS:
        if open_deadlines_of(session, kind=kind, subject_id=party.id):
            close_asked(session, kind, subject_id=party.id)
            break
    publish(session, "meeting.outcome", partnership_id=row.partnership_id, meeting=row.id, outcome=line.id)
    return line


def close_follow_up(session: Session, row: Meeting, *, reason: str, expected_version: int | None = None) -> Meeting:
    """Say why nothing more will come of a meeting: nobody is asked again."""
    if not reason.strip():
        raise MeetingInvalid(faults=[Fault("reason", "blank", remedy="say_why_nothing_more_will_come")])
    need(MEETING, row.state, CLOSE)
    if row.contact_id is not None:
        refuse("not_open", text="collaboration_came_of_it")
    bump_version(session, row, expected=expected_version)
    row.closed_because = reason.strip()
    session.flush()
    stop_asking(session, row)
    return row


def contact_from(session: Session, row: Meeting) -> Contact:
    """Return the contact of a meeting that was held, made now if it is the first time it is wanted."""
    need(MEETING, row.state, CARRY)
    if row.contact_id is not None:
        return session.get_one(Contact, row.contact_id)
    bump_version(session, row)
    there = [entry for entry in coming(parties_of(session, [row.id])[row.id]) if not entry.party.missed]
    found = record_contact(
        session,
        partnership_id=row.partnership_id,
        kind=ContactKind.MEETING,
        requester=there[0].organisation,
        host=there[1].organisation,
        subject=row.subject,
        status=ContactStatus.HELD,
        event=session.get_one(PartnershipEvent, row.event_id),
        held_on=(row.held_at or row.changed_at).date(),
        illustrative=row.illustrative,
    )
    row.contact_id = found.id
    session.flush()
    return found


def stop_asking(session: Session, row: Meeting) -> None:
    """Close what is still asked of anybody about this meeting."""
    for party_id in session.exec(select(MeetingParty.id).where(MeetingParty.meeting_id == row.id)):
        close_asked(session, *FOLLOW_UPS, subject_id=party_id)
