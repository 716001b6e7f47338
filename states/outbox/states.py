"""The states and moves of an outbox message; its state follows from its lease and its end."""

from enum import StrEnum

from states.clock import machine_now
from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.outbox.tables import OutboxMessage


class NotStuck(Refused):
    """Nothing can be tried again of a message that is done."""

    code = "message_done"


class MessageState(StrEnum):
    """Where a message is: it waits, is handed over to a flow run, is being answered, was set aside, or is done."""

    OPEN = "open"
    HANDED_OVER = "handed_over"
    LEASED = "leased"
    DEAD = "dead"
    DONE = "done"


_LIVE = (MessageState.OPEN, MessageState.HANDED_OVER, MessageState.LEASED)

PUBLISH = Move("publish", "Something happens", None, MessageState.OPEN, automatic=True)
HAND_OVER = Move("hand_over", "A runner hands it over", MessageState.OPEN, MessageState.HANDED_OVER, automatic=True)
TAKE_OVER = Move(
    "take_over",
    "A flow run takes it over",
    (MessageState.OPEN, MessageState.HANDED_OVER),
    MessageState.LEASED,
    automatic=True,
)
PASS_OVER = Move("pass_over", "Nobody has to answer it", MessageState.OPEN, MessageState.DONE, automatic=True)
FINISH = Move("finish", "Its consumers have consumed it", MessageState.LEASED, MessageState.DONE, automatic=True)
FAIL = Move(
    "fail",
    "The try fails, or the lease ends",
    (MessageState.HANDED_OVER, MessageState.LEASED),
    MessageState.OPEN,
    automatic=True,
)
SET_ASIDE = Move("set_aside", "The last try fails", MessageState.LEASED, MessageState.DEAD, automatic=True)
RETRY = Move(
    "retry",
    "Try it again",
    (*_LIVE, MessageState.DEAD),
    MessageState.OPEN,
    refusing=Refusing(NotStuck, NotStuck.code, "message_done"),
)

MESSAGE = Machine(
    name="outbox_message",
    title="An outbox message",
    noun="message",
    states={
        MessageState.OPEN: "Waiting for a runner",
        MessageState.HANDED_OVER: "Waiting for its flow run",
        MessageState.LEASED: "Being answered",
        MessageState.DEAD: "Set aside",
        MessageState.DONE: "Done",
    },
    final=frozenset({MessageState.DONE}),
    moves=(PUBLISH, HAND_OVER, TAKE_OVER, PASS_OVER, FINISH, FAIL, SET_ASIDE, RETRY),
    written=("outbox_message.done_at", "outbox_message.dead_at"),
    doors=("states/outbox/leases.py", "states/outbox/endings.py", "states/outbox/service.py"),
)


def state_of(message: OutboxMessage) -> MessageState:
    """Return where a message is at this moment."""
    if message.done_at is not None:
        return MessageState.DONE
    if message.dead_at is not None:
        return MessageState.DEAD
    held = message.leased_by is not None and message.leased_until is not None and message.leased_until >= machine_now()
    if not held:
        return MessageState.OPEN
    return MessageState.LEASED if message.handed_over_at is None else MessageState.HANDED_OVER
