"""Reads of deadlines and of the reminder ledger."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from states.deadlines.tables import Deadline, DeadlineState, Reminder


def open_deadlines_of(session: Session, *, kind: str, subject_id: str) -> list[Deadline]:
    """Return what is open of this kind on this subject."""
    query = select(Deadline).where(
        Deadline.kind == kind, Deadline.subject_id == subject_id, Deadline.state == DeadlineState.OPEN
    )
    return list(session.exec(query))


def open_deadlines(session: Session, partnership_id: str | None = None) -> list[Deadline]:
    """Return every open deadline (of one partnership, or of all), the most urgent first."""
    query = select(Deadline).where(Deadline.state == DeadlineState.OPEN)
    if partnership_id is not None:
        query = query.where(Deadline.partnership_id == partnership_id)
    return list(session.exec(query.order_by(col(Deadline.due_on), col(Deadline.id))))


def ledger_of(session: Session, deadline_ids: Sequence[str]) -> list[Reminder]:
    """Return the ledger lines of these deadlines in the order of their dates."""
    query = select(Reminder).where(col(Reminder.deadline_id).in_(deadline_ids))
    return list(session.exec(query.order_by(col(Reminder.planned_for), col(Reminder.id))))
