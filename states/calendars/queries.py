"""What a calendar is made from: deadlines and events, and for whom they are."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

from sqlmodel import Session, col, or_, select

from states.calendars.entries import KEPT, Entry, event_entry
from states.calendars.ics import need_showable
from states.clock import now
from states.deadlines.tables import Deadline, DeadlineState
from states.partners.queries import events_of
from states.partners.tables import PartnershipEvent, RoleGrant
from states.rights.access import Actor, Role
from states.sweeps.apart import Failed, attempt, leave_out, read_all

Row = TypeVar("Row", Deadline, PartnershipEvent)


def shown_deadlines(session: Session, partnership_id: str) -> list[Deadline]:
    """Return the deadlines that are open, and those that ended lately; one that cannot be read is left out."""
    shown = (
        col(Deadline.partnership_id) == partnership_id,
        or_(col(Deadline.state) == DeadlineState.OPEN, col(Deadline.closed_at) > now() - KEPT),
    )
    return read_all(
        "deadline",
        lambda: list(session.exec(select(Deadline).where(*shown))),
        keys=lambda: session.exec(select(Deadline.id).where(*shown)).all(),
        some=lambda keys: session.exec(select(Deadline).where(col(Deadline.id).in_(keys))),
    )


def entries_of(rows: Sequence[Row], entry: Callable[[Row], Entry | None]) -> list[Entry]:
    """Return the entries of rows of one table; a row of which none can be made, or shown, is left out."""
    found = []
    for row in rows:
        made = attempt(partial(_sound, row, entry))
        if isinstance(made, Failed):
            leave_out(row.__tablename__, row.id, made.error)
        elif made is not None:
            found.append(made)
    return found


def _sound(row: Row, entry: Callable[[Row], Entry | None]) -> Entry | None:
    made = entry(row)
    if made is not None:
        need_showable(made)
    return made


def shown_events(session: Session, partnership_id: str, *, roles: Collection[Role] = ()) -> list[Entry]:
    """Return the entries of events that have a day: those for these roles, or all; cancelled ones for a while."""
    shown = [
        row
        for row in events_of(session, partnership_id)
        if (row.cancelled_at is None or row.cancelled_at > now() - KEPT)
        and (not roles or not row.audience or any(role in row.audience for role in roles))
    ]
    return entries_of(shown, event_entry)


def actors_of(session: Session, person_id: str, partnership_id: str) -> list[Actor]:
    """Return as what a person acts in a partnership now: once for each role."""
    query = select(RoleGrant).where(
        RoleGrant.person_id == person_id,
        RoleGrant.partnership_id == partnership_id,
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now()),
    )
    return [grant.actor() for grant in session.exec(query.order_by(col(RoleGrant.role)))]
