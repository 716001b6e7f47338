"""Leases of messages: taken by a conditional UPDATE, renewed while the work lasts, ended with its result.

The UPDATE is exact on both engines; SQLite ignores `FOR UPDATE SKIP LOCKED`. Of each collaboration only the
oldest open message can be leased, so its order is kept; but nothing waits for what takes long in a lane of its own. A
message that was set aside holds nothing up: what follows goes on, and if it is tried again it comes late, so a consumer
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
from states.outbox.tables import OutboxMessage
from states.settings import settings
from states.storage import begin

log = logging.getLogger(__name__)

_BEATS_PER_LEASE = 3
# A hand-over that hangs keeps its message from other runners for so many leases, not for ever.
_LONGEST_LEASES = 30


@dataclass(frozen=True, slots=True)
class LeasedMessage:
    """A message in the hands of one runner; `tries_failed` failed before, `worker_deaths` ended with their runner."""

    id: str
    name: str
    partnership_id: str
    collaboration_id: str | None
    payload: dict[str, str]
    tries_failed: int
    worker_deaths: int


@dataclass(frozen=True, slots=True)
class Lane:
    """Which messages are handed over side by side with others: those of these names, or those of all others."""

    names: frozenset[str] = frozenset()
    others: bool = True
    at_once: int | None = None  # leased in one batch; as the settings say without a number

    def holds(self, message: type[OutboxMessage] = OutboxMessage) -> ColumnElement[bool]:
        name = col(message.name)
        return name.not_in(self.names) if self.others else name.in_(self.names)


ALL = Lane()


def lease(session: Session, *, runner: str, lane: Lane = ALL) -> list[LeasedMessage]:
    """Take up to a batch of open messages for `runner`, oldest first, at most one per collaboration."""
    heads = (
        select(OutboxMessage.sequence)
        .where(_free(), _is_head(lane), lane.holds())
        .order_by(col(OutboxMessage.sequence))
    )
    # Two statements: of a subquery PostgreSQL, which knows too little of a table in motion, makes a loop in a loop.
    found = session.exec(heads.limit(lane.at_once or settings().relay_batch)).all()
    taken = session.execute(
        update(OutboxMessage)
        # Who was faster in between has the lease now, so it is asked for again.
        .where(col(OutboxMessage.sequence).in_(found), _free())
        .values(leased_by=runner, leased_until=_lease_end())
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False)
    ).scalars()
    rows = sorted(taken, key=lambda row: row.sequence or 0)
    return [
        LeasedMessage(
            id=row.id,
            name=row.name,
            partnership_id=row.partnership_id,
            collaboration_id=row.collaboration_id,
            payload=dict(row.payload),
            tries_failed=row.tries_failed,
            worker_deaths=row.tries_started - row.tries_failed,
        )
        for row in rows
    ]


def leasable(session: Session, lane: Lane = ALL) -> bool:
    """Tell whether there is anything to lease at this moment: a cheap look before a relay is started."""
    return session.exec(select(exists().where(_free(), _is_head(lane), lane.holds()))).one()


def pass_over(session: Session, *, answered: Collection[str]) -> int:
    """Mark every free message of another name as done at once, and return how many: they are for the record only."""
    passed = session.execute(
        update(OutboxMessage)
        .where(_free(), col(OutboxMessage.name).not_in(answered))
        .values(done_at=now())
        .execution_options(synchronize_session=False)
    )
    return int(passed.rowcount)  # type: ignore[attr-defined]


def start(session: Session, message_id: str, *, runner: str) -> bool:
    """Count a try and prolong the lease for it; return False if the lease is no longer ours."""
    return _update_own(
        session, message_id, runner, tries_started=OutboxMessage.tries_started + 1, leased_until=_lease_end()
    )


def renew(session: Session, message_id: str, *, runner: str) -> bool:
    """Prolong a lease; return False if it is no longer ours."""
    return _update_own(session, message_id, runner, leased_until=_lease_end())


def give_back(session: Session, message_id: str, *, runner: str) -> bool:
    """End a lease without a try; return False if it was no longer ours."""
    return _update_own(session, message_id, runner, leased_by=None, leased_until=None)


def mark_done(session: Session, message_id: str, *, runner: str) -> bool:
    """Mark a message as handed over; return False if the lease was no longer ours."""
    return _update_own(session, message_id, runner, done_at=now(), leased_until=None, last_error="")


def mark_failed(session: Session, message: LeasedMessage, *, runner: str, error: str) -> bool:
    """Give a message back for another try, later each time, or set it aside after the last one.

    Returns False if the lease was no longer ours.
    """
    tries_failed = message.tries_failed + 1
    if tries_failed >= settings().relay_attempts:
        return set_aside(session, message.id, runner=runner, error=error, tries_failed=tries_failed)
    pause = machine_now() + timedelta(seconds=2**tries_failed)
    return _update_own(
        session, message.id, runner, tries_failed=tries_failed, leased_by=None, leased_until=pause, last_error=error
    )


def set_aside(session: Session, message_id: str, *, runner: str, error: str, tries_failed: int) -> bool:
    """Give up on a message after so many failed tries and keep why; return False if the lease was no longer ours."""
    end = {"leased_by": None, "leased_until": None, "last_error": error}
    return _update_own(session, message_id, runner, dead_at=now(), tries_failed=tries_failed, **end)


@contextmanager
def renewed(message_id: str, *, runner: str) -> Iterator[None]:
    """Renew a lease again and again while the block lasts; a loss is logged, and shows when the result is marked."""
    over = Event()
    keeper = Thread(target=_keep, args=(message_id, runner, over), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(message_id: str, runner: str, over: Event) -> None:
    for _ in range(_BEATS_PER_LEASE * _LONGEST_LEASES):
        if over.wait(settings().relay_lease_seconds / _BEATS_PER_LEASE):
            return
        try:
            with begin() as session:
                ours = renew(session, message_id, runner=runner)
        except SQLAlchemyError:
            log.exception("lease not renewed message=%s", message_id)
            continue
        if not ours:
            log.warning("lease lost message=%s runner=%s", message_id, runner)
            return


def is_open() -> ColumnElement[bool]:
    """Return the condition that a message is neither handed over nor set aside."""
    return and_(col(OutboxMessage.done_at).is_(None), col(OutboxMessage.dead_at).is_(None))


def is_leased() -> ColumnElement[bool]:
    """Return the condition that a lease is in force."""
    return and_(is_open(), col(OutboxMessage.leased_by).is_not(None), col(OutboxMessage.leased_until) >= machine_now())


def _free() -> ColumnElement[bool]:
    until = col(OutboxMessage.leased_until)
    return and_(is_open(), or_(until.is_(None), until < machine_now()))


def oldest_open(lane: Lane = ALL) -> ColumnElement[int | None]:
    """Return the sequence of the oldest open message of the same collaboration; NULL where there is no collaboration.

    A lane of all others does not wait for the messages that it leaves out: they have a lane of their own.
    One step in an index: asked as "no older one exists" PostgreSQL walks through all open messages for each.
    """
    other = aliased(OutboxMessage)
    return (
        select(func.min(other.sequence))
        .where(
            col(other.collaboration_id) == col(OutboxMessage.collaboration_id),
            col(other.done_at).is_(None),
            col(other.dead_at).is_(None),
            lane.holds(other) if lane.others else true(),
        )
        .scalar_subquery()
    )


def _is_head(lane: Lane) -> ColumnElement[bool]:
    return or_(col(OutboxMessage.collaboration_id).is_(None), col(OutboxMessage.sequence) == oldest_open(lane))


def _lease_end() -> datetime:
    return machine_now() + timedelta(seconds=settings().relay_lease_seconds)


def _update_own(session: Session, message_id: str, runner: str, **values: object) -> bool:
    result = session.execute(
        update(OutboxMessage)
        .where(col(OutboxMessage.id) == message_id, col(OutboxMessage.leased_by) == runner, is_open())
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]
