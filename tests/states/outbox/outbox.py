"""What the tests of the outbox do to it."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session

from states.clock import machine_now
from states.outbox.queries import message_by_id
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage
from states.storage import begin


def publish_one(session: Session, number: int = 0, *, collaboration_id: str | None = None) -> str:
    """Publish an event that carries its number; return its id."""
    event = publish(session, "thing.happened", partnership_id="p", collaboration_id=collaboration_id, n=str(number))
    return event.id


def publish_many(count: int, *, of: Callable[[int], str | None] = lambda _: None) -> list[str]:
    """Publish so many events in one transaction; return their ids, oldest first."""
    with begin() as session:
        return [publish_one(session, number, collaboration_id=of(number)) for number in range(count)]


def stored(message_id: str) -> OutboxMessage:
    """Return the event as it stands now."""
    with begin(read_only=True) as session:
        return message_by_id(session, message_id)


def end_lease(message_id: str) -> None:
    """Let a lease, or the pause before the next try, be over."""
    with begin() as session:
        message_by_id(session, message_id).leased_until = machine_now() - timedelta(seconds=1)


def fail(_: object) -> None:
    """Fail at whatever is handed over."""
    raise RuntimeError("the mill is broken")
