"""Hand messages over: lease a batch, give each to its consumer, mark what became of it."""

import logging
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum, auto

from states.outbox.leases import (
    ALL,
    Lane,
    LeasedMessage,
    give_back,
    lease,
    mark_done,
    mark_failed,
    pass_over,
    renewed,
    set_aside,
    start,
)
from states.storage import begin

log = logging.getLogger(__name__)

# Far more than tries that fail: a runner may be killed for reasons of its own while it prints a long document.
MOST_WORKER_DEATHS = 20

HandOver = Callable[[LeasedMessage], None]


@dataclass(frozen=True, slots=True)
class Relayed:
    """What one batch came to; `lost` were taken over by another runner while they were handed over here."""

    done: int = 0
    failed: int = 0
    lost: int = 0

    @property
    def total(self) -> int:
        return self.done + self.failed + self.lost


class _End(Enum):
    DONE = auto()
    FAILED = auto()
    LOST = auto()
    LEFT = auto()


def relay(
    hand_over: HandOver,
    *,
    runner: str,
    lane: Lane = ALL,
    answered: Collection[str] | None = None,
    going: Callable[[], bool] = lambda: True,
) -> Relayed:
    """Lease one batch of a lane and hand each message over; an error sets it back, or aside after the last try.

    Messages of a name that is not `answered` are done at once (None: all are answered). Once `going` says no, what
    is left of the batch is given back untouched.
    """
    with begin() as session:
        passed = 0 if answered is None else pass_over(session, answered=answered)
        batch = lease(session, runner=runner, lane=lane)
    ends = Counter(_hand_over(message, hand_over, runner=runner, going=going) for message in batch)
    return Relayed(ends[_End.DONE] + passed, ends[_End.FAILED], ends[_End.LOST])


def _hand_over(message: LeasedMessage, hand_over: HandOver, *, runner: str, going: Callable[[], bool]) -> _End:
    with begin() as session:
        if not going():
            give_back(session, message.id, runner=runner)
            return _End.LEFT
        if message.worker_deaths >= MOST_WORKER_DEATHS:
            log.error("message %s %s ends its runners", message.name, message.id)
            error = f"in {message.worker_deaths} tries the runner ended in the middle"
            set_aside(session, message.id, runner=runner, error=error, tries_failed=message.tries_failed)
            return _End.FAILED
        if not start(session, message.id, runner=runner):
            return _End.LEFT  # our lease ran out and another runner has it
    try:
        with renewed(message.id, runner=runner):
            hand_over(message)
    except Exception as error:
        log.exception("message %s %s failed", message.name, message.id)
        with begin() as session:
            ours = mark_failed(session, message, runner=runner, error=f"{type(error).__name__}: {error}")
        return _End.FAILED if ours else _End.LOST
    with begin() as session:
        ours = mark_done(session, message.id, runner=runner)
    return _End.DONE if ours else _End.LOST
