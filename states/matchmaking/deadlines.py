"""What waits for somebody until a date: the only place where matchmaking opens and closes deadlines."""

from datetime import date

from sqlmodel import Session

from states.deadlines.definition import Recipient, Rung
from states.deadlines.service import On, Owner, close_deadlines, open_deadline
from states.partners.tables import Organisation
from states.places.working_days import shift
from states.rights.access import Role

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

    It is for everybody who speaks for the organisation; for the managers where none is given.
    """
    nuts = organisation.nuts if organisation else ""
    due_on = shift(on, 0, nuts=nuts)
    open_deadline(
        session,
        kind=kind,
        subject_id=subject_id,
        title=title,
        partnership_id=partnership_id,
        owner=Owner(Role.PARTNER, organisation_id=organisation.id) if organisation else Owner(Role.PROJECT_MANAGER),
        due=On(due_on),
        ladder=LADDER,
        nuts=nuts,
    )
    return due_on


def close_asked(session: Session, *kinds: str, subject_id: str) -> None:
    """Close what waits on this subject."""
    close_deadlines(session, *kinds, subject_id=subject_id)
