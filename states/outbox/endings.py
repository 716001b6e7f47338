"""How a try of a message ends: done, given back for another one, or set aside."""

from datetime import datetime
from importlib.metadata import version

from sqlmodel import Session, select

from states.clock import now
from states.errors import BankableError
from states.outages import is_outage
from states.outbox.conditions import is_of
from states.outbox.leases import FREE, UNTRIED, Answering, Batch, LeasedMessage, after, consumers_by_message, write
from states.outbox.tables import OutboxMessage
from states.settings import settings

LONGEST_PAUSE_SECONDS = 60
RELEASE = version("bankable")


class NotConsumed(BankableError):
    """A flow ended well and left no note that it had its effect."""

    code = "message_not_consumed"


def give_back(session: Session, *, holder: str) -> int:
    """End the leases of a holder without a try, and return how many there were."""
    return write(session, FREE, is_of(holder))


def put_off(session: Session, batch: Batch, *, runner: str, error: Exception) -> int:
    """Count a try for what could not be handed over and nobody has taken over; return how many there were."""
    write(session, {"tries_started": OutboxMessage.tries_started + 1}, is_of(runner), keys=batch.ids)
    return sum(mark_failed(session, message, holder=runner, error=error) for message in batch.messages)


def mark_consumed(session: Session, message_id: str, *, holder: str, consumer: str, answering: Answering) -> bool:
    """End a message that all its consumers have consumed, or free it for the next one, with all its tries.

    Raises `NotConsumed` where `consumer` has left no note of it. Returns False if the lease was no longer ours.
    """
    row = session.exec(select(OutboxMessage).where(OutboxMessage.id == message_id)).one()
    consumed = consumers_by_message(session, [message_id]).get(message_id, [])
    if consumer not in consumed:
        raise NotConsumed(message=message_id, consumer=consumer)
    values = FREE | UNTRIED if answering.outstanding(row, consumed) else {"done_at": now(), "leased_until": None}
    return bool(write(session, values | {"last_error": ""}, is_of(holder), keys=[message_id]))


def mark_failed(session: Session, message: LeasedMessage, *, holder: str, error: Exception) -> bool:
    """Give a message back for another try, later each time, or set it aside after the last one.

    What an outage broke off is tried again without end, at least once a minute. Returns False if the lease was no
    longer ours.
    """
    if is_outage(error):
        counted, tries = "tries_broken_off", message.tries_broken_off + 1
    else:
        counted, tries = "tries_failed", message.tries_failed + 1
        if tries >= settings().relay_attempts:
            return set_aside(session, message.id, holder=holder, error=_said(error), tries_failed=tries)
    values = FREE | {counted: tries, "leased_until": _after_pause(tries), "last_error": _said(error)}
    return bool(write(session, values, is_of(holder), keys=[message.id]))


def set_aside(session: Session, message_id: str, *, holder: str, error: str, tries_failed: int) -> bool:
    """Give up on a message after so many failed tries and keep why; return False if the lease was no longer ours."""
    values = FREE | {"dead_at": now(), "release": RELEASE, "tries_failed": tries_failed, "last_error": error}
    return bool(write(session, values, is_of(holder), keys=[message_id]))


def _after_pause(tries: int) -> datetime:
    return after(min(2 ** min(tries, 10), LONGEST_PAUSE_SECONDS))


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
