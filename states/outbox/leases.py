"""Leases of events: taken by a conditional UPDATE, renewed while the work lasts, ended with its result.

The UPDATE is exact on both engines; SQLite ignores `FOR UPDATE SKIP LOCKED`. Of each collaboration only the
oldest open event can be leased, so its order is kept; but nothing waits for what takes long in a lane of its own. An
event that was set aside holds nothing up: what follows goes on, and if it is tried again it comes late, so a consumer
looks at the facts before it acts.
"""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

from sqlalchemy import ColumnElement, and_, or_, true, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, func, select

from states.clock import machine_now, now
from states.outbox.tables import OutboxEvent
from states.settings import settings
from states.storage import begin

log = logging.getLogger(__name__)

_BEATS_PER_LEASE = 3
# A hand-over that hangs keeps its event from other runners for so many leases, not for ever.
_LONGEST_LEASES = 30


@dataclass(frozen=True, slots=True)
class LeasedEvent:
    """An event in the hands of one runner; `attempts` failed before, `vanished` ended with their runner."""

    id: str
    name: str
    partnership_id: str
    collaboration_id: str | None
    payload: dict[str, str]
    attempts: int
    vanished: int


@dataclass(frozen=True, slots=True)
class Lane:
    """Which events are handed over side by side with others: those of these names, or those of all others."""

    names: frozenset[str] = frozenset()
    others: bool = True
    at_once: int | None = None  # leased in one batch; as the settings say without a number

    def holds(self, event: type[OutboxEvent] = OutboxEvent) -> ColumnElement[bool]:
        """Return the condition that an event is in this lane."""
        name = col(event.name)
        return name.not_in(self.names) if self.others else name.in_(self.names)


ALL = Lane()


def lease(session: Session, *, runner: str, lane: Lane = ALL) -> list[LeasedEvent]:
    """Take up to a batch of open events for `runner`, oldest first, at most one per collaboration."""
    heads = (
        select(OutboxEvent.sequence).where(_free(), _is_head(lane), lane.holds()).order_by(col(OutboxEvent.sequence))
    )
    # Two statements: of a subquery PostgreSQL, which knows too little of a table in motion, makes a loop in a loop.
    found = session.exec(heads.limit(lane.at_once or settings().relay_batch)).all()
    taken = session.execute(
        update(OutboxEvent)
        # Who was faster in between has the lease now, so it is asked for again.
        .where(col(OutboxEvent.sequence).in_(found), _free())
        .values(leased_by=runner, leased_until=_lease_end())
        .returning(OutboxEvent)
        .execution_options(synchronize_session=False)
    ).scalars()
    rows = sorted(taken, key=lambda row: row.sequence or 0)
    return [
        LeasedEvent(
            id=row.id,
            name=row.name,
            partnership_id=row.partnership_id,
            collaboration_id=row.collaboration_id,
            payload=dict(row.payload),
            attempts=row.attempts,
            vanished=row.begun - row.attempts,
        )
        for row in rows
    ]


def leasable(session: Session, lane: Lane = ALL) -> bool:
    """Tell whether there is anything to lease at this moment: a cheap look before a relay is started."""
    return session.exec(select(exists().where(_free(), _is_head(lane), lane.holds()))).one()


def pass_over(session: Session, *, answered: Collection[str]) -> int:
    """Mark every free event of another name as done at once, and return how many: they are for the record only."""
    passed = session.execute(
        update(OutboxEvent)
        .where(_free(), col(OutboxEvent.name).not_in(answered))
        .values(done_at=now())
        .execution_options(synchronize_session=False)
    )
    return int(passed.rowcount)  # type: ignore[attr-defined]


def start(session: Session, event_id: str, *, runner: str) -> bool:
    """Count a try and prolong the lease for it; return False if the lease is no longer ours."""
    return _update_own(session, event_id, runner, begun=OutboxEvent.begun + 1, leased_until=_lease_end())


def renew(session: Session, event_id: str, *, runner: str) -> bool:
    """Prolong a lease; return False if it is no longer ours."""
    return _update_own(session, event_id, runner, leased_until=_lease_end())


def give_back(session: Session, event_id: str, *, runner: str) -> bool:
    """End a lease without a try; return False if it was no longer ours."""
    return _update_own(session, event_id, runner, leased_by=None, leased_until=None)


def mark_done(session: Session, event_id: str, *, runner: str) -> bool:
    """Mark an event as handed over; return False if the lease was no longer ours."""
    return _update_own(session, event_id, runner, done_at=now(), leased_until=None, last_error="")


def mark_failed(session: Session, event: LeasedEvent, *, runner: str, error: str) -> bool:
    """Give an event back for another try, later each time, or set it aside after the last one.

    Returns False if the lease was no longer ours.
    """
    attempts = event.attempts + 1
    if attempts >= settings().relay_attempts:
        return set_aside(session, event.id, runner=runner, error=error, attempts=attempts)
    pause = machine_now() + timedelta(seconds=2**attempts)
    return _update_own(
        session, event.id, runner, attempts=attempts, leased_by=None, leased_until=pause, last_error=error
    )


def set_aside(session: Session, event_id: str, *, runner: str, error: str, attempts: int) -> bool:
    """Give up on an event after so many failed tries and keep why; return False if the lease was no longer ours."""
    end = {"leased_by": None, "leased_until": None, "last_error": error}
    return _update_own(session, event_id, runner, dead_at=now(), attempts=attempts, **end)


@contextmanager
def renewed(event_id: str, *, runner: str) -> Iterator[None]:
    """Renew a lease again and again while the block lasts; a loss is logged, and shows when the result is marked."""
    over = Event()
    keeper = Thread(target=_keep, args=(event_id, runner, over), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(event_id: str, runner: str, over: Event) -> None:
    for _ in range(_BEATS_PER_LEASE * _LONGEST_LEASES):
        if over.wait(settings().relay_lease_seconds / _BEATS_PER_LEASE):
            return
        try:
            with begin() as session:
                ours = renew(session, event_id, runner=runner)
        except SQLAlchemyError:
            log.exception("lease not renewed event=%s", event_id)
            continue
        if not ours:
            log.warning("lease lost event=%s runner=%s", event_id, runner)
            return


def is_open() -> ColumnElement[bool]:
    """Return the condition that an event is neither handed over nor set aside."""
    return and_(col(OutboxEvent.done_at).is_(None), col(OutboxEvent.dead_at).is_(None))


def is_leased() -> ColumnElement[bool]:
    """Return the condition that a lease is in force."""
    return and_(is_open(), col(OutboxEvent.leased_by).is_not(None), col(OutboxEvent.leased_until) >= machine_now())


def _free() -> ColumnElement[bool]:
    until = col(OutboxEvent.leased_until)
    return and_(is_open(), or_(until.is_(None), until < machine_now()))


def oldest_open(lane: Lane = ALL) -> ColumnElement[int | None]:
    """Return the sequence of the oldest open event of the same collaboration; NULL where there is no collaboration.

    A lane of all others does not wait for the events that it leaves out: they have a lane of their own.
    One step in an index: asked as "no older one exists" PostgreSQL walks through all open events for each.
    """
    other = aliased(OutboxEvent)
    return (
        select(func.min(other.sequence))
        .where(
            col(other.collaboration_id) == col(OutboxEvent.collaboration_id),
            col(other.done_at).is_(None),
            col(other.dead_at).is_(None),
            lane.holds(other) if lane.others else true(),
        )
        .scalar_subquery()
    )


def _is_head(lane: Lane) -> ColumnElement[bool]:
    return or_(col(OutboxEvent.collaboration_id).is_(None), col(OutboxEvent.sequence) == oldest_open(lane))


def _lease_end() -> datetime:
    return machine_now() + timedelta(seconds=settings().relay_lease_seconds)


def _update_own(session: Session, event_id: str, runner: str, **values: object) -> bool:
    result = session.execute(
        update(OutboxEvent)
        .where(col(OutboxEvent.id) == event_id, col(OutboxEvent.leased_by) == runner, is_open())
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]
