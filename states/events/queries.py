"""Reads of the outbox."""

from sqlmodel import Session, select

from states.errors import Missing
from states.events.tables import OutboxEvent


def event_by_id(session: Session, key: str) -> OutboxEvent:
    """Return the event, or raise `Missing`."""
    found = session.exec(select(OutboxEvent).where(OutboxEvent.id == key)).one_or_none()
    if found is None:
        raise Missing("event", key)
    return found
