"""What a calendar is made from: deadlines and events, and for whom they are."""

from collections.abc import Collection

from sqlmodel import Session, col, or_, select

from states.calendars.entries import KEPT, Entry, event_entry
from states.clock import now
from states.deadlines.tables import Deadline, DeadlineState
from states.partners.queries import events_of
from states.partners.tables import RoleGrant
from states.rights.access import Actor, Role


def shown_deadlines(session: Session, partnership_id: str) -> list[Deadline]:
    """Return the deadlines that are open, and those that ended lately."""
    query = select(Deadline).where(
        Deadline.partnership_id == partnership_id,
        or_(col(Deadline.state) == DeadlineState.OPEN, col(Deadline.closed_at) > now() - KEPT),
    )
    return list(session.exec(query))


def shown_events(session: Session, partnership_id: str, *, roles: Collection[Role] = ()) -> list[Entry]:
    """Return the entries of events that have a day: those for these roles, or all; cancelled ones for a while."""
    return [
        entry
        for row in events_of(session, partnership_id)
        for entry in [event_entry(row)]
        if entry is not None
        and (row.cancelled_at is None or row.cancelled_at > now() - KEPT)
        and (not roles or not row.audience or any(role in row.audience for role in roles))
    ]


def actors_of(session: Session, person_id: str, partnership_id: str) -> list[Actor]:
    """Return as what a person acts in a partnership now: once for each role."""
    query = select(RoleGrant).where(
        RoleGrant.person_id == person_id,
        RoleGrant.partnership_id == partnership_id,
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now()),
    )
    return [grant.actor() for grant in session.exec(query.order_by(col(RoleGrant.role)))]
