"""Reads of the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from states.clock import machine_now, now
from states.errors import Missing
from states.outbox.conditions import is_answered, is_handed_over, is_leased, is_open, oldest_open
from states.outbox.states import MessageState, state_of
from states.outbox.tables import ConsumedMessage, OutboxMessage

LATE = timedelta(minutes=15)
NEWEST_FIRST = col(OutboxMessage.sequence).desc()


@dataclass(frozen=True, slots=True)
class MessageLine:
    """A message as one who looks after the outbox sees it.

    An open one may wait for its next try (`again_at`) or for an earlier message of its collaboration (`behind`, a
    sequence number). One that was set aside holds nothing up: `overtaken` messages of its collaboration went on.
    """

    message: OutboxMessage
    state: MessageState
    again_at: datetime | None = None
    behind: int | None = None
    overtaken: int = 0
    notes: tuple[str, ...] = ()


def message_by_id(session: Session, key: str) -> OutboxMessage:
    """Return the message, or raise `Missing`."""
    found = session.exec(select(OutboxMessage).where(OutboxMessage.id == key)).one_or_none()
    if found is None:
        raise Missing("message", key)
    return found


def count_messages(session: Session, *where: ColumnElement[bool]) -> int:
    return session.exec(select(func.count()).select_from(OutboxMessage).where(*where)).one()


def message_lines(session: Session, *where: ColumnElement[bool], limit: int) -> list[MessageLine]:
    """Return the messages of these conditions, the newest first, each with what holds it up and what went past it."""
    return told(session, session.exec(messages(*where).order_by(NEWEST_FIRST).limit(limit)).all())


def messages(*where: ColumnElement[bool]) -> Select[OutboxMessage, int | None, int]:
    """Return the query of the messages of these conditions, to be read `NEWEST_FIRST` and `told`."""
    return select(OutboxMessage, oldest_open(), _overtaken()).where(*where)


def told(session: Session, rows: Sequence[tuple[OutboxMessage, int | None, int]]) -> list[MessageLine]:
    """Return what `messages` found, each with what holds it up, what went past it, and what its consumers noted."""
    notes = _notes(session, [message.id for message, _, _ in rows])
    return [_line(message, oldest, overtaken, notes.get(message.id, ())) for message, oldest, overtaken in rows]


def in_state(state: MessageState) -> ColumnElement[bool]:
    return {
        MessageState.OPEN: is_open() & ~is_leased(),
        MessageState.HANDED_OVER: is_handed_over(),
        MessageState.LEASED: is_answered(),
        MessageState.DEAD: col(OutboxMessage.dead_at).is_not(None),
        MessageState.DONE: col(OutboxMessage.done_at).is_not(None),
    }[state]


def open_messages(session: Session) -> int:
    """Count the messages that are neither done nor set aside."""
    return count_messages(session, is_open())


def late_messages(session: Session) -> int:
    """Count the open messages that nothing answers at this moment and that have waited for longer than `LATE`."""
    return count_messages(session, is_open(), ~is_answered(), col(OutboxMessage.created_at) < now() - LATE)


def dead_messages(session: Session) -> int:
    """Count the messages that were set aside after their last try."""
    return count_messages(session, in_state(MessageState.DEAD))


def last_errors(session: Session) -> list[str]:
    """Return what was wrong with each message that was set aside, as "name: error"."""
    query = select(OutboxMessage).where(in_state(MessageState.DEAD))
    return [f"{row.name}: {row.last_error}" for row in session.exec(query.order_by(col(OutboxMessage.sequence)))]


def _line(message: OutboxMessage, oldest: int | None, overtaken: int, notes: tuple[str, ...]) -> MessageLine:
    state = state_of(message)
    waits = state is MessageState.OPEN and message.leased_until is not None and message.leased_until >= machine_now()
    return MessageLine(
        message,
        state,
        again_at=message.leased_until if waits else None,
        behind=oldest if state is MessageState.OPEN and oldest != message.sequence else None,
        overtaken=overtaken if state is MessageState.DEAD else 0,
        notes=notes,
    )


def _overtaken() -> ColumnElement[int]:
    later = aliased(OutboxMessage)
    return (
        select(func.count(col(later.sequence)))
        .where(
            col(later.collaboration_id) == col(OutboxMessage.collaboration_id),
            col(later.sequence) > col(OutboxMessage.sequence),
            col(later.done_at).is_not(None),
        )
        .scalar_subquery()
    )


def _notes(session: Session, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    query = select(ConsumedMessage).where(col(ConsumedMessage.message_id).in_(keys), col(ConsumedMessage.note) != "")
    found: dict[str, tuple[str, ...]] = {}
    for row in session.exec(query.order_by(col(ConsumedMessage.consumer))):
        found[row.message_id] = (*found.get(row.message_id, ()), f"{row.consumer}: {row.note}")
    return found
