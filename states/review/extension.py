"""Give a round another last day: whoever sits there has it too."""

from datetime import date

from sqlmodel import Session, col, select

from states.clock import today
from states.deadlines.service import On, date_faults, reason_faults, record_change, redate
from states.deadlines.tables import ChangeKind, Deadline, DeadlineState
from states.errors import Invalid
from states.places.working_days import shift
from states.review.seats import DECLARATION_DEADLINE, SEAT_DEADLINES
from states.review.service import wait_for_turn
from states.review.states import EXTEND, need_round
from states.review.tables import ReviewRound
from states.rights.access import Actor
from states.storage import bump_version


def extend_round(
    session: Session,
    row: ReviewRound,
    *,
    due_on: date,
    reason: str,
    actor: Actor,
    expected_version: int | None = None,
) -> ReviewRound:
    """Move a round's last day, and with it every answer that is awaited; declarations move by as many days.

    A declaration is due neither before today nor after the round. Each deadline keeps the change and its reason.
    """
    wait_for_turn(session, row)
    need_round(row, EXTEND)
    if faults := reason_faults(reason) + date_faults(due_on, before=row.due_on):
        raise Invalid(faults=faults)
    bump_version(session, row, expected=expected_version)
    moved, row.due_on = due_on - row.due_on, due_on
    session.add(row)
    waiting = select(Deadline).where(
        Deadline.subject_id == row.id, col(Deadline.kind).in_(SEAT_DEADLINES), Deadline.state == DeadlineState.OPEN
    )
    for deadline in session.exec(waiting.order_by(col(Deadline.id)).with_for_update()).all():
        before, day = deadline.due_on, due_on
        if deadline.kind == DECLARATION_DEADLINE:
            day = min(max(shift(before + moved, 0, nuts=""), today()), due_on)
        if day != before:
            redate(session, deadline, On(day))
            record_change(session, deadline, ChangeKind.EXTENDED, before.isoformat(), day.isoformat(), reason, actor)
    session.flush()
    return row
