"""Hand events over: lease a batch, give each to its consumer, mark it done or failed.

A lease is a conditional `UPDATE ... RETURNING`, exact on both engines: SQLite ignores
`FOR UPDATE SKIP LOCKED`. Of each collaboration only the oldest open event can be leased, so its order is kept.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, func, select

from states.clock import machine_now, now
from states.events.tables import OutboxEvent
from states.settings import settings
from states.storage import begin

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeasedEvent:
    """An event in the hands of one runner."""

    id: str
    name: str
    partnership_id: str
    collaboration_id: str | None
    payload: dict[str, str]
    attempts: int


@dataclass(frozen=True, slots=True)
class Relayed:
    """What one batch came to."""

    done: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.done + self.failed


HandOver = Callable[[LeasedEvent], None]


def relay(hand_over: HandOver, *, runner: str, going: Callable[[], bool] = lambda: True) -> Relayed:
    """Lease one batch and hand each event over; an error sets the event back, or aside after the last try.

    Once `going` says no, what is left of the batch is given back untouched.
    """
    with begin() as session:
        batch = lease(session, runner=runner)
    done = failed = 0
    for event in batch:
        with begin() as session:
            if not going():
                give_back(session, event, runner=runner)
                continue
            if not renew(session, event.id, runner=runner):
                continue  # our lease ran out and another runner has it
        try:
            hand_over(event)
        except Exception as error:
            log.exception("event %s %s failed", event.name, event.id)
            with begin() as session:
                mark_failed(session, event, runner=runner, error=f"{type(error).__name__}: {error}")
            failed += 1
        else:
            with begin() as session:
                mark_done(session, event.id, runner=runner)
            done += 1
    return Relayed(done, failed)


def lease(session: Session, *, runner: str) -> list[LeasedEvent]:
    """Take up to a batch of open events for `runner`, oldest first, at most one per collaboration."""
    heads = (
        select(OutboxEvent.sequence)
        .where(_free(), ~_blocked())
        .order_by(col(OutboxEvent.sequence))
        .limit(settings().relay_batch)
    )
    taken = session.execute(
        update(OutboxEvent)
        # The lease is asked again outside the subquery: PostgreSQL repeats only this after it waited for a lock.
        .where(col(OutboxEvent.sequence).in_(heads), _free())
        .values(leased_by=runner, leased_until=_lease_end(), attempts=OutboxEvent.attempts + 1)
        .returning(OutboxEvent)
        .execution_options(synchronize_session=False)
    ).scalars()
    rows = sorted(taken, key=lambda row: row.sequence or 0)
    return [
        LeasedEvent(row.id, row.name, row.partnership_id, row.collaboration_id, dict(row.payload), row.attempts)
        for row in rows
    ]


def renew(session: Session, event_id: str, *, runner: str) -> bool:
    """Prolong a lease before the slow part; return False if it is no longer ours."""
    return _update_own(session, event_id, runner, leased_until=_lease_end())


def give_back(session: Session, event: LeasedEvent, *, runner: str) -> bool:
    """End a lease without a try; return False if it was no longer ours."""
    return _update_own(session, event.id, runner, leased_until=None, attempts=event.attempts - 1)


def mark_done(session: Session, event_id: str, *, runner: str) -> bool:
    """Mark an event as handed over; return False if the lease was no longer ours."""
    return _update_own(session, event_id, runner, done_at=now(), leased_until=None, last_error="")


def mark_failed(session: Session, event: LeasedEvent, *, runner: str, error: str) -> None:
    """Give an event back for another try, later each time, or set it aside after the last one."""
    if event.attempts >= settings().relay_attempts:
        _update_own(session, event.id, runner, dead_at=now(), leased_until=None, last_error=error)
    else:
        pause = timedelta(seconds=2**event.attempts)
        _update_own(session, event.id, runner, leased_until=machine_now() + pause, last_error=error)


def leasable(session: Session) -> bool:
    """Tell whether there is anything to lease at this moment: a cheap look before a relay is started."""
    return session.exec(select(exists().where(_free(), ~_blocked()))).one()


def open_events(session: Session) -> int:
    """Count the events that are neither handed over nor set aside."""
    return _count(session, col(OutboxEvent.done_at).is_(None), col(OutboxEvent.dead_at).is_(None))


def dead_events(session: Session) -> int:
    """Count the events that were set aside after their last try."""
    return _count(session, col(OutboxEvent.dead_at).is_not(None))


def _count(session: Session, *where: ColumnElement[bool]) -> int:
    return session.exec(select(func.count()).select_from(OutboxEvent).where(*where)).one()


def _free() -> ColumnElement[bool]:
    return and_(
        col(OutboxEvent.done_at).is_(None),
        col(OutboxEvent.dead_at).is_(None),
        or_(col(OutboxEvent.leased_until).is_(None), col(OutboxEvent.leased_until) < machine_now()),
    )


def _blocked() -> ColumnElement[bool]:
    earlier = aliased(OutboxEvent)
    return exists().where(
        col(earlier.collaboration_id) == col(OutboxEvent.collaboration_id),
        col(earlier.sequence) < col(OutboxEvent.sequence),
        col(earlier.done_at).is_(None),
        col(earlier.dead_at).is_(None),
    )


def _lease_end() -> datetime:
    return machine_now() + timedelta(seconds=settings().relay_lease_seconds)


def _update_own(session: Session, event_id: str, runner: str, **values: object) -> bool:
    result = session.execute(
        update(OutboxEvent)
        .where(col(OutboxEvent.id) == event_id, col(OutboxEvent.leased_by) == runner)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]
