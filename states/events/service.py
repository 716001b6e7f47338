"""Write events, and note which consumer has had its effect."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from states.clock import now
from states.events.tables import ConsumedEvent, OutboxEvent


def publish(
    session: Session,
    name: str,
    *,
    partnership_id: str,
    collaboration_id: str | None = None,
    cause_id: str | None = None,
    **payload: str,
) -> OutboxEvent:
    """Add an event to the outbox; it exists if, and only if, the present transaction commits."""
    event = OutboxEvent(
        name=name,
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        cause_id=cause_id,
        payload=payload,
        created_at=now(),
    )
    session.add(event)
    session.flush()
    return event


def consume(session: Session, event_id: str, *, consumer: str, flow_run_id: str) -> bool:
    """Note that `consumer` has its effect in this transaction; return False if it had it before.

    Two deliveries at once: the second one waits for the first, then gets False.
    """
    try:
        with session.begin_nested():
            session.add(ConsumedEvent(event_id=event_id, consumer=consumer, flow_run_id=flow_run_id, consumed_at=now()))
    except IntegrityError:
        return False
    return True
