"""Open and close deadlines; plan reminders and keep their ledger."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from states.access import Role
from states.clock import now
from states.deadlines.definition import Rung
from states.deadlines.queries import open_deadlines_of
from states.deadlines.tables import Deadline, DeadlineState, Reminder, ReminderState
from states.partners.calendar import shift


def open_deadline(
    session: Session,
    *,
    kind: str,
    subject_id: str,
    title: str,
    partnership_id: str,
    owner_role: Role,
    start: date,
    working_days: int,
    ladder: Sequence[Rung],
    nuts: str = "",
    collaboration_id: str | None = None,
    owner_person_id: str | None = None,
) -> Deadline:
    """Open a deadline so many working days (at the site `nuts`) after `start`."""
    row = Deadline(
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        kind=kind,
        subject_id=subject_id,
        title=title,
        owner_role=owner_role,
        owner_person_id=owner_person_id,
        ladder=[rung.model_dump(mode="json") for rung in ladder],
        nuts=nuts,
        due_on=shift(start, working_days, nuts=nuts),
        opened_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def close_deadlines(
    session: Session,
    *,
    kind: str,
    subject_id: str,
    owner_person_id: str | None = None,
    state: DeadlineState = DeadlineState.DONE,
) -> None:
    """Close what is open of this kind on this subject (of one person, or of all)."""
    for row in open_deadlines_of(session, kind=kind, subject_id=subject_id):
        if owner_person_id is None or row.owner_person_id == owner_person_id:
            row.state, row.closed_at = state, now()
            session.add(row)
    session.flush()


def settle_reminder(session: Session, reminder_id: str, *, state: ReminderState, detail: str = "") -> None:
    """Record what became of a reminder that was handed over."""
    row = session.get_one(Reminder, reminder_id)
    row.state, row.detail, row.at = state, detail, now()
    session.add(row)
    session.flush()
