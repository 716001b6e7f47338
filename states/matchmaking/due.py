"""What waits for somebody until a date: the only place where matchmaking opens and closes deadlines."""

from datetime import date, timedelta

from sqlmodel import Session

from states.access import Role
from states.clock import today
from states.deadlines.calendar import is_working_day, shift
from states.deadlines.definition import Recipient, Rung
from states.deadlines.service import close_deadlines, open_deadline
from states.partners.queries import holders
from states.partners.tables import Organisation

LADDER = (Rung(days=-2), Rung(days=0), Rung(days=3, to=[Recipient.OWNER, Recipient.PROJECT_MANAGER]))


def ask(
    session: Session,
    organisation: Organisation | None,
    *,
    partnership_id: str,
    kind: str,
    subject_id: str,
    title: str,
    on: date,
) -> date:
    """Open a deadline on that day, or the next working one at the organisation's site; return which.

    It is for everybody who speaks for the organisation; for the managers if nobody does, or where none is given.
    """
    nuts = organisation.nuts if organisation else ""
    due_on = shift(on, 0, nuts=nuts)
    owners = _speakers(session, partnership_id, organisation) if organisation else []
    for person_id in owners or (None,):
        open_deadline(
            session,
            kind=kind,
            subject_id=subject_id,
            title=title,
            partnership_id=partnership_id,
            owner_role=Role.PARTNER if person_id else Role.PROJECT_MANAGER,
            owner_person_id=person_id,
            start=today(),
            working_days=_working_days_until(due_on, nuts=nuts),
            ladder=LADDER,
            nuts=nuts,
        )
    return due_on


def settle(session: Session, *kinds: str, subject_id: str) -> None:
    """Close what waits on this subject."""
    for kind in kinds:
        close_deadlines(session, kind=kind, subject_id=subject_id)


def _speakers(session: Session, partnership_id: str, organisation: Organisation) -> list[str]:
    return [
        holder.person.id
        for holder in holders(session, partnership_id, Role.PARTNER)
        if holder.grant.organisation_id == organisation.id
    ]


def _working_days_until(due_on: date, *, nuts: str) -> int:
    days = (today() + timedelta(days=number) for number in range(1, (due_on - today()).days + 1))
    return sum(is_working_day(day, nuts=nuts) for day in days)
