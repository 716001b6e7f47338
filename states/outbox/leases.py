"""Leases of messages: taken by a conditional UPDATE, taken over by the flow run, renewed while it works, and ended.

The UPDATE is exact on both engines; SQLite ignores `FOR UPDATE SKIP LOCKED`. A lease is taken for one consumer and is
handed over: whoever answers takes it over, in this process or on another machine, and begins each message only when it
is the oldest open one of its collaboration. So the order is kept, whatever was leased together; but nothing waits for
what takes long in a lane of its own. A message that was set aside holds nothing up: what follows goes on, and if it is
tried again it comes late, so a consumer looks at the facts before it acts.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic

from sqlalchemy import ColumnElement, and_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, exists, func, select

from states.clock import machine_now, now
from states.outbox.conditions import (
    ALL,
    Lane,
    is_answered,
    is_free,
    is_handed_over,
    is_head,
    is_leased,
    is_of,
    is_open,
    is_unhindered,
)
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.settings import settings
from states.storage import begin

log = logging.getLogger(__name__)

_BEATS_PER_LEASE = 3
# What ends a lease; a message that is done keeps who had it.
FREE: dict[str, object] = {"leased_by": None, "leased_until": None, "handed_over_at": None, "flow_run_id": None}
UNTRIED: dict[str, object] = {"tries_started": 0, "tries_failed": 0, "tries_broken_off": 0}


@dataclass(frozen=True, slots=True)
class LeasedMessage:
    """A message in one pair of hands; of its tries `worker_deaths` ended with their process.

    `flow_run_id` is the flow run to which it was handed over before and that has not ended it.
    """

    id: str
    name: str
    partnership_id: str
    collaboration_id: str | None
    payload: dict[str, str]
    tries_failed: int
    tries_broken_off: int
    worker_deaths: int
    flow_run_id: str | None


@dataclass(frozen=True, slots=True)
class Answering:
    """Which consumers answer which messages by their name, and how many messages one of them takes at once."""

    consumers: Mapping[str, Sequence[str]]
    at_once: Mapping[str, int] = field(default_factory=dict)

    def outstanding(self, message: OutboxMessage, consumed: Collection[str]) -> list[str]:
        """Return who has yet to consume a message, the next one first: after a failure it is another's turn."""
        left = [one for one in self.consumers.get(message.name, ()) if one not in consumed]
        turn = message.tries_failed % len(left) if left else 0
        return left[turn:] + left[:turn]


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that are handed over together to one consumer, the oldest first."""

    consumer: str
    messages: list[LeasedMessage]

    @property
    def ids(self) -> list[str]:
        return [message.id for message in self.messages]


def lease(session: Session, *, runner: str, answering: Answering, lane: Lane = ALL) -> Batch | None:
    """Take for `runner` what the next consumer is to answer: its oldest free messages; None where nothing is free.

    What every consumer has consumed is done: whoever had it did not live to mark it.
    """
    query = select(OutboxMessage).where(is_free(), is_unhindered(lane), lane.holds())
    found = session.exec(query.order_by(col(OutboxMessage.sequence)).limit(settings().relay_batch)).all()
    consumed = consumers_by_message(session, [row.id for row in found])
    outstanding = {row.id: answering.outstanding(row, consumed.get(row.id, ())) for row in found}
    # Who was faster in between has the lease now, so it is asked for again.
    done = [key for key, left in outstanding.items() if not left]
    write(session, {"done_at": now()}, is_free(), keys=done, waits=False)
    waiting = [row for row in found if outstanding[row.id]]
    if not waiting:
        return None
    consumer = outstanding[waiting[0].id][0]
    chosen = _together([(row, outstanding[row.id][0] == consumer) for row in waiting])
    keys = chosen[: answering.at_once.get(consumer)]
    taken = _hold(session, {"leased_by": runner, "handed_over_at": machine_now()}, is_free(), keys=keys, waits=False)
    return Batch(consumer, taken) if taken else None


def _together(rows: Sequence[tuple[OutboxMessage, bool]]) -> list[str]:
    """Return which messages go together with the first of them, given of each whether it goes to the same consumer.

    What has failed goes alone, so that it fails alone; and nothing goes before what else its collaboration waits for.
    """
    (first, _), *others = rows
    chosen, passed = [first.id], set[str | None]()
    for row, goes_there in others if not first.tries_failed else ():
        if goes_there and not row.tries_failed and row.collaboration_id not in passed:
            chosen.append(row.id)
        elif row.collaboration_id is not None:
            passed.add(row.collaboration_id)
    return chosen


_ANY_OPEN = select(exists().where(is_open()))


def leasable(session: Session, lane: Lane = ALL) -> bool:
    """Tell whether there is anything to lease at this moment: a cheap look before a relay is started."""
    # Asked ten times a second by each lane, and mostly nothing is open: to build the whole question costs more than to
    # ask the short one, which is built once.
    if not session.exec(_ANY_OPEN).one():
        return False
    return session.exec(select(exists().where(is_free(), is_unhindered(lane), lane.holds()))).one()


def runs_under_way(session: Session, lane: Lane = ALL) -> int:
    """Count the flow runs that have messages of a lane, or are to have them."""
    runs = func.count(col(OutboxMessage.flow_run_id).distinct())
    return session.exec(select(runs).where(is_leased(), lane.holds())).one()


def pass_over(session: Session, *, answered: Collection[str]) -> int:
    """Mark every free message of another name as done at once, and return how many: they are for the record only."""
    return write(session, {"done_at": now()}, is_free(), col(OutboxMessage.name).not_in(answered))


def note_scheduled(session: Session, keys: Sequence[str], *, runner: str, flow_run_id: str) -> None:
    """Note the flow run that waits elsewhere for messages handed over by `runner`, and give it the time of the pool."""
    values = {"flow_run_id": flow_run_id, "leased_until": after(settings().pool_lease_seconds)}
    write(session, values, is_of(runner), is_handed_over(), keys=keys)


def take_over(session: Session, keys: Sequence[str], *, flow_run_id: str) -> list[LeasedMessage]:
    """Give a flow run the leases of messages that no other one answers, and return these, the oldest first."""
    values = {"leased_by": flow_run_id, "flow_run_id": flow_run_id, "handed_over_at": None}
    return _hold(session, values, and_(is_open(), ~is_answered()), keys=keys)


def start(session: Session, message_id: str, *, holder: str, lane: Lane = ALL) -> bool:
    """Count a try and prolong the lease for it; False if it is no longer ours, or not the message's turn."""
    values = {"tries_started": OutboxMessage.tries_started + 1, "leased_until": _lease_end()}
    return bool(write(session, values, is_of(holder), is_head(lane), keys=[message_id]))


def renew(session: Session, *, holder: str) -> bool:
    """Prolong the leases of a holder; return False if there is none any more."""
    return bool(write(session, {"leased_until": _lease_end()}, is_of(holder)))


class Renewal:
    """How long the leases of a flow run are renewed: while none of its messages takes longer than allowed."""

    def __init__(self, longest: float) -> None:
        self._longest, self.over = longest, Event()
        self.begin()

    def begin(self) -> None:
        """Give the next message its time."""
        self._until = monotonic() + self._longest

    @property
    def hangs(self) -> bool:
        """Tell whether the present message takes longer than allowed."""
        return monotonic() > self._until


@contextmanager
def renewed(*, holder: str, longest: float) -> Iterator[Renewal]:
    """Renew the leases of a holder while the block lasts; a loss is logged, and shows when a result is marked.

    What takes more than the `longest` seconds is left to others.
    """
    renewal = Renewal(longest)
    keeper = Thread(target=_keep, args=(holder, renewal), name="lease", daemon=True)
    keeper.start()
    try:
        yield renewal
    finally:
        renewal.over.set()
        keeper.join()


def _keep(holder: str, renewal: Renewal) -> None:
    while not renewal.over.wait(settings().relay_lease_seconds / _BEATS_PER_LEASE):
        if renewal.hangs:
            log.error("flow run hangs, its leases are left to others holder=%s", holder)
            return
        try:
            with begin() as session:
                ours = renew(session, holder=holder)
        except SQLAlchemyError:
            log.exception("leases not renewed holder=%s", holder)
            continue
        if not ours:
            log.warning("leases lost holder=%s", holder)
            return


def consumers_by_message(session: Session, keys: Sequence[str]) -> dict[str, list[str]]:
    """Return who has consumed these messages, by message."""
    found = session.exec(
        select(ConsumedMessage.message_id, ConsumedMessage.consumer).where(col(ConsumedMessage.message_id).in_(keys))
    )
    consumers: dict[str, list[str]] = {}
    for message_id, consumer in found:
        consumers.setdefault(message_id, []).append(consumer)
    return consumers


def _hold(
    session: Session, values: Mapping[str, object], *where: ColumnElement[bool], keys: Sequence[str], waits: bool = True
) -> list[LeasedMessage]:
    taken = session.execute(
        update(OutboxMessage)
        .where(_locked(keys, *where, waits=waits))
        .values({**values, "leased_until": _lease_end()})
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).scalars()
    return [
        LeasedMessage(
            id=row.id,
            name=row.name,
            partnership_id=row.partnership_id,
            collaboration_id=row.collaboration_id,
            payload=dict(row.payload),
            tries_failed=row.tries_failed,
            tries_broken_off=row.tries_broken_off,
            worker_deaths=row.tries_started - row.tries_failed - row.tries_broken_off,
            flow_run_id=row.flow_run_id,
        )
        for row in sorted(taken, key=lambda row: row.sequence or 0)
    ]


def write(
    session: Session,
    values: Mapping[str, object],
    *where: ColumnElement[bool],
    keys: Sequence[str] | None = None,
    waits: bool = True,
) -> int:
    """Write values to the messages of these conditions, of `keys` alone where they are given; return how many.

    `waits`: what somebody else writes in this moment is waited for; otherwise it is left out.
    """
    result = session.execute(
        update(OutboxMessage)
        .where(_locked(keys, *where, waits=waits))
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def _locked(keys: Sequence[str] | None, *where: ColumnElement[bool], waits: bool) -> ColumnElement[bool]:
    """Return the condition of messages that are locked in one order by all: else two might wait for each other."""
    key = col(OutboxMessage.id)
    of_keys = [] if keys is None else [key.in_(keys)]
    return key.in_(
        select(key).where(*of_keys, *where).order_by(key).with_for_update(skip_locked=not waits).correlate(None)
    )


def after(seconds: float) -> datetime:
    return machine_now() + timedelta(seconds=seconds)


def _lease_end() -> datetime:
    return after(settings().relay_lease_seconds)
