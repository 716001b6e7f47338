"""Dates that deadlines hang on: when one moves, every open deadline on it moves."""

from datetime import date, time

from sqlmodel import Session, col, select

from states.deadlines.service import FromAnchor, record_move, redate
from states.deadlines.tables import Anchor, Deadline, DeadlineState


def set_anchor(
    session: Session,
    *,
    kind: str,
    subject_id: str,
    partnership_id: str,
    title: str,
    day: date,
    at_time: time | None = None,
    time_zone: str = "",
) -> Anchor:
    """Record the date of something (a call's closing, an event), or its new date; what hangs on it moves along."""
    known = select(Anchor).where(Anchor.kind == kind, Anchor.subject_id == subject_id).with_for_update()
    row = session.exec(known).one_or_none() or Anchor(
        partnership_id=partnership_id, kind=kind, subject_id=subject_id, title=title, day=day
    )
    before = (row.day, row.at_time, row.time_zone)
    row.title, row.day, row.at_time, row.time_zone = title, day, at_time, time_zone
    session.add(row)
    session.flush()
    if before != (day, at_time, time_zone):
        _move_what_hangs_on(session, row)
    return row


def _move_what_hangs_on(session: Session, anchor: Anchor) -> None:
    query = select(Deadline).where(Deadline.anchor_id == anchor.id, Deadline.state == DeadlineState.OPEN)
    for deadline in session.exec(query.order_by(col(Deadline.id)).with_for_update()).all():
        before = deadline.due_on
        redate(session, deadline, FromAnchor(anchor, deadline.anchor_days))
        if deadline.due_on != before:
            record_move(session, deadline, before=before, reason=f"{anchor.title} moved to {anchor.day.isoformat()}")
