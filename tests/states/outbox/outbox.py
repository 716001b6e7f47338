"""What the tests of the outbox do to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import NoReturn

from sqlmodel import Session

from states.clock import machine_now
from states.outbox.conditions import ALL, Lane
from states.outbox.leases import Answering, Batch, LeasedMessage
from states.outbox.queries import message_by_id
from states.outbox.relay import Answered, answer_each
from states.outbox.relay import relay as hand_batch_over
from states.outbox.service import consume, publish
from states.outbox.tables import OutboxMessage
from states.storage import begin


def publish_one(session: Session, number: int = 0, *, collaboration_id: str | None = None) -> str:
    """Publish an event that carries its number; return its id."""
    event = publish(session, "thing.happened", partnership_id="p", collaboration_id=collaboration_id, n=str(number))
    return event.id


def publish_many(count: int, *, of: Callable[[int], str | None] = lambda _: None) -> list[str]:
    """Publish so many events in one transaction; return their ids, oldest first."""
    with begin() as session:
        return [publish_one(session, number, collaboration_id=of(number)) for number in range(count)]


def stored(message_id: str) -> OutboxMessage:
    """Return the event as it stands now."""
    with begin(read_only=True) as session:
        return message_by_id(session, message_id)


def end_lease(message_id: str) -> None:
    """Let a lease, or the pause before the next try, be over."""
    with begin() as session:
        message_by_id(session, message_id).leased_until = machine_now() - timedelta(seconds=1)


MILL = Answering({"thing.happened": ["mill"], "mill.turned": ["mill"]})


def relay(
    answer: Callable[[LeasedMessage], object],
    *,
    runner: str,
    lane: Lane = ALL,
    answering: Answering = MILL,
    going: Callable[[], bool] = lambda: True,
) -> Answered[object]:
    """Relay one batch as a runner does that runs the flows itself, and return what became of it.

    The consumer consumes what it answers without an error.
    """
    told: list[Answered[object]] = [Answered()]

    def hand_over(batch: Batch) -> None:
        def consumed(message: LeasedMessage) -> object:
            result = answer(message)
            with begin() as session:
                consume(session, message.id, consumer=batch.consumer, flow_run_id=runner)
            return result

        told[:] = [
            answer_each(
                batch.ids,
                consumed,
                holder=runner,
                consumer=batch.consumer,
                answering=answering,
                longest=60,
                lane=lane,
                going=going,
            )
        ]

    hand_batch_over(hand_over, runner=f"relay of {runner}", answering=answering, lane=lane)
    return told[0]


def fail(_: object) -> NoReturn:
    """Fail at whatever is handed over."""
    raise RuntimeError("the mill is broken")
