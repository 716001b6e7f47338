"""Conditions on messages: open, free, leased, handed over, and whose turn it is."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from states.clock import machine_now
from states.outbox.tables import OutboxMessage


@dataclass(frozen=True, slots=True)
class Lane:
    """Which messages are handed over side by side with others: those of these names, or those of all others."""

    names: frozenset[str] = frozenset()
    others: bool = True

    def holds(self, message: type[OutboxMessage] = OutboxMessage) -> ColumnElement[bool]:
        name = col(message.name)
        return name.not_in(self.names) if self.others else name.in_(self.names)


ALL = Lane()


def is_open() -> ColumnElement[bool]:
    """Return the condition that a message is neither done nor set aside."""
    return and_(col(OutboxMessage.done_at).is_(None), col(OutboxMessage.dead_at).is_(None))


def is_leased() -> ColumnElement[bool]:
    """Return the condition that a lease is in force."""
    return and_(is_open(), col(OutboxMessage.leased_by).is_not(None), col(OutboxMessage.leased_until) >= machine_now())


def is_handed_over() -> ColumnElement[bool]:
    """Return the condition that a lease is in force which no flow run has taken over yet."""
    return and_(is_leased(), col(OutboxMessage.handed_over_at).is_not(None))


def oldest_open(lane: Lane = ALL) -> ColumnElement[int | None]:
    """Return the sequence of the oldest open message of the same collaboration; NULL where there is no collaboration.

    A lane of all others does not wait for the messages that it leaves out: they have a lane of their own.
    """
    return _oldest(lane, lambda _: true())


def is_answered() -> ColumnElement[bool]:
    """Return the condition that a flow run answers a message at this moment."""
    return and_(is_leased(), col(OutboxMessage.handed_over_at).is_(None))


def is_free() -> ColumnElement[bool]:
    """Return the condition that nobody has a message and no pause lasts."""
    until = col(OutboxMessage.leased_until)
    return and_(is_open(), or_(until.is_(None), until < machine_now()))


def is_unhindered(lane: Lane) -> ColumnElement[bool]:
    """Return the condition that every older open message of the collaboration is free, and of this lane."""

    def is_in_the_way(other: type[OutboxMessage]) -> ColumnElement[bool]:
        return or_(col(other.leased_until) >= machine_now(), ~lane.holds(other))

    sequence = col(OutboxMessage.sequence)
    return sequence <= func.coalesce(_oldest(lane, is_in_the_way), sequence)


def is_head(lane: Lane) -> ColumnElement[bool]:
    """Return the condition that a message is the oldest open one of its collaboration, if it has any."""
    return or_(col(OutboxMessage.collaboration_id).is_(None), col(OutboxMessage.sequence) == oldest_open(lane))


def _oldest(lane: Lane, where: Callable[[type[OutboxMessage]], ColumnElement[bool]]) -> ColumnElement[int | None]:
    # One step in an index: asked as "no older one exists" PostgreSQL walks through all open messages for each.
    other = aliased(OutboxMessage)
    return (
        select(func.min(other.sequence))
        .where(
            col(other.collaboration_id) == col(OutboxMessage.collaboration_id),
            col(other.done_at).is_(None),
            col(other.dead_at).is_(None),
            lane.holds(other) if lane.others else true(),
            where(other),
        )
        .scalar_subquery()
    )


def is_of(holder: str) -> ColumnElement[bool]:
    """Return the condition that a message is open and in these hands."""
    return and_(is_open(), col(OutboxMessage.leased_by) == holder)
