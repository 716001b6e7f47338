"""Reads of the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from states.clock import machine_now
from states.errors import Missing
from states.outbox.leases import is_leased, is_open, oldest_open
from states.outbox.tables import ConsumedEvent, OutboxEvent


class EventState(StrEnum):
    """Where an event is: it waits, a runner has it, it was set aside after its last try, or it is handed over."""

    OPEN = "open"
    LEASED = "leased"
    DEAD = "dead"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event as one who looks after the outbox sees it.

    An open one may wait for its next try (`again_at`) or for an earlier event of its collaboration (`behind`, a
    sequence number). One that was set aside holds nothing up: `overtaken` events of its collaboration went on.
    """

    event: OutboxEvent
    state: EventState
    again_at: datetime | None = None
    behind: int | None = None
    overtaken: int = 0
    notes: tuple[str, ...] = ()


def event_by_id(session: Session, key: str) -> OutboxEvent:
    """Return the event, or raise `Missing`."""
    found = session.exec(select(OutboxEvent).where(OutboxEvent.id == key)).one_or_none()
    if found is None:
        raise Missing("event", key)
    return found


def state_of(event: OutboxEvent) -> EventState:
    """Return where an event is at this moment."""
    if event.done_at is not None:
        return EventState.DONE
    if event.dead_at is not None:
        return EventState.DEAD
    held = event.leased_by is not None and event.leased_until is not None and event.leased_until >= machine_now()
    return EventState.LEASED if held else EventState.OPEN


def count_events(session: Session, *where: ColumnElement[bool]) -> int:
    """Count the events of these conditions."""
    return session.exec(select(func.count()).select_from(OutboxEvent).where(*where)).one()


def event_lines(session: Session, *where: ColumnElement[bool], limit: int, offset: int = 0) -> list[EventLine]:
    """Return the events of these conditions, the newest first, each with what holds it up and what went past it."""
    query = select(OutboxEvent, oldest_open(), _overtaken()).where(*where).order_by(col(OutboxEvent.sequence).desc())
    rows = session.exec(query.limit(limit).offset(offset)).all()
    notes = _notes(session, [event.id for event, _, _ in rows])
    return [_line(event, oldest, overtaken, notes.get(event.id, ())) for event, oldest, overtaken in rows]


def in_state(state: EventState) -> ColumnElement[bool]:
    """Return the condition that an event is in this state."""
    return {
        EventState.OPEN: is_open() & ~is_leased(),
        EventState.LEASED: is_leased(),
        EventState.DEAD: col(OutboxEvent.dead_at).is_not(None),
        EventState.DONE: col(OutboxEvent.done_at).is_not(None),
    }[state]


def open_events(session: Session) -> int:
    """Count the events that are neither handed over nor set aside."""
    return count_events(session, is_open())


def dead_events(session: Session) -> int:
    """Count the events that were set aside after their last try."""
    return count_events(session, in_state(EventState.DEAD))


def last_errors(session: Session) -> list[str]:
    """Return what was wrong with each event that was set aside, as "name: error"."""
    query = select(OutboxEvent).where(in_state(EventState.DEAD))
    return [f"{row.name}: {row.last_error}" for row in session.exec(query.order_by(col(OutboxEvent.sequence)))]


def _line(event: OutboxEvent, oldest: int | None, overtaken: int, notes: tuple[str, ...]) -> EventLine:
    state = state_of(event)
    waits = state is EventState.OPEN and event.leased_until is not None and event.leased_until >= machine_now()
    return EventLine(
        event,
        state,
        again_at=event.leased_until if waits else None,
        behind=oldest if state is EventState.OPEN and oldest != event.sequence else None,
        overtaken=overtaken if state is EventState.DEAD else 0,
        notes=notes,
    )


def _overtaken() -> ColumnElement[int]:
    later = aliased(OutboxEvent)
    return (
        select(func.count(col(later.sequence)))
        .where(
            col(later.collaboration_id) == col(OutboxEvent.collaboration_id),
            col(later.sequence) > col(OutboxEvent.sequence),
            col(later.done_at).is_not(None),
        )
        .scalar_subquery()
    )


def _notes(session: Session, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    query = select(ConsumedEvent).where(col(ConsumedEvent.event_id).in_(keys), col(ConsumedEvent.note) != "")
    found: dict[str, tuple[str, ...]] = {}
    for row in session.exec(query.order_by(col(ConsumedEvent.consumer))):
        found[row.event_id] = (*found.get(row.event_id, ()), f"{row.consumer}: {row.note}")
    return found
