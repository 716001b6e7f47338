"""Reads of the outbox."""

from sqlmodel import Session, col, select

from states.errors import Missing
from states.events.tables import OutboxEvent


def event_by_id(session: Session, key: str) -> OutboxEvent:
    """Return the event, or raise `Missing`."""
    found = session.exec(select(OutboxEvent).where(OutboxEvent.id == key)).one_or_none()
    if found is None:
        raise Missing("event", key)
    return found


def last_errors(session: Session) -> list[str]:
    """Return what was wrong with each event that was set aside, as "name: error"."""
    query = select(OutboxEvent).where(col(OutboxEvent.dead_at).is_not(None))
    return [f"{row.name}: {row.last_error}" for row in session.exec(query.order_by(col(OutboxEvent.sequence)))]
