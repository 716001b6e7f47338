"""Hand messages over, and answer them: lease a batch, let its consumer answer each, mark what became of it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from states.outbox.conditions import ALL, Lane
from states.outbox.endings import give_back, mark_consumed, mark_failed, put_off, set_aside
from states.outbox.leases import (
    Answering,
    Batch,
    LeasedMessage,
    lease,
    note_scheduled,
    pass_over,
    renewed,
    start,
    take_over,
)
from states.storage import begin

log = logging.getLogger(__name__)

# Far more than tries that fail: a process may be killed for reasons of its own while it prints a long document.
MOST_WORKER_DEATHS = 20

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Answered(Generic[Result]):
    """What became of the messages of one flow run, by id: the results of those answered, and the errors of others.

    `lost` were taken over by others while they were answered here; what is in none of them was not begun.
    """

    results: dict[str, Result] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def relay(hand_over: Callable[[Batch], str | None], *, runner: str, answering: Answering, lane: Lane = ALL) -> int:
    """Lease one batch of a lane and hand it over; return how many messages were handed over or needed no answer.

    `hand_over` returns the flow run that waits elsewhere, or None where the messages were answered meanwhile. Where it
    fails before anybody has taken the messages over, they are put off and the error is raised.
    """
    with begin() as session:
        passed = pass_over(session, answered=answering.consumers.keys())
        batch = lease(session, runner=runner, answering=answering, lane=lane)
    if batch is None:
        return passed
    try:
        run = hand_over(batch)
    except Exception as error:
        with begin() as session:
            left = put_off(session, batch, runner=runner, error=error)
        if left:
            raise
        log.warning("flow run failed consumer=%s error=%s", batch.consumer, error)
        run = None
    if run is not None:
        with begin() as session:
            note_scheduled(session, batch.ids, runner=runner, flow_run_id=run)
    return passed + len(batch.messages)


def answer_each(
    message_ids: Sequence[str],
    answer: Callable[[LeasedMessage], Result],
    *,
    holder: str,
    consumer: str,
    answering: Answering,
    longest: float,
    lane: Lane = ALL,
    going: Callable[[], bool] = lambda: True,
) -> Answered[Result]:
    """Take these messages over for the flow run `holder` and answer one after the other, each with its own result.

    An error sets its message back, or aside after the last try. What is not begun is given back: what follows in the
    collaboration of one that was set back, and everything once `going` says no.
    """
    with begin() as session:
        messages = take_over(session, message_ids, flow_run_id=holder)
    answered: Answered[Result] = Answered()
    with renewed(holder=holder, longest=longest) as renewal:
        for message in messages:
            if not going():
                break
            if message.worker_deaths >= MOST_WORKER_DEATHS:
                answered.failed[message.id] = _set_aside(message, holder=holder)
                continue
            with begin() as session:
                if not start(session, message.id, holder=holder, lane=lane):
                    continue
            renewal.begin()
            try:
                result = answer(message)
                with begin() as session:
                    ours = mark_consumed(session, message.id, holder=holder, consumer=consumer, answering=answering)
                if ours:
                    answered.results[message.id] = result
            except Exception as error:
                log.exception("message failed name=%s id=%s consumer=%s", message.name, message.id, consumer)
                with begin() as session:
                    ours = mark_failed(session, message, holder=holder, error=error)
                if ours:
                    answered.failed[message.id] = f"{type(error).__name__}: {error}"
            if not ours:
                answered.lost.append(message.id)
    with begin() as session:
        give_back(session, holder=holder)
    return answered


def _set_aside(message: LeasedMessage, *, holder: str) -> str:
    """Give up on a message that ends the processes that answer it, and return why."""
    error = f"in {message.worker_deaths} tries the process ended in the middle"
    log.error("message set aside name=%s id=%s: %s", message.name, message.id, error)
    with begin() as session:
        set_aside(session, message.id, holder=holder, error=error, tries_failed=message.tries_failed)
    return error
