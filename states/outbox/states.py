"""The states and moves of an outbox message; its state follows from its lease and from when it ended."""

from enum import StrEnum

from states.clock import machine_now
from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.outbox.tables import OutboxMessage


class NotSetAside(Refused):
    """Only a message that was set aside is tried again by hand."""

    code = "message_not_set_aside"


class MessageState(StrEnum):
    """Where a message is: it waits, a runner has it, it was set aside after its last try, or it is handed over."""

    OPEN = "open"
    LEASED = "leased"
    DEAD = "dead"
    DONE = "done"


PUBLISH = Move("publish", "Something happens", None, MessageState.OPEN, automatic=True)
LEASE = Move("lease", "A runner takes it", MessageState.OPEN, MessageState.LEASED, automatic=True)
PASS_OVER = Move("pass_over", "Nobody answers it", MessageState.OPEN, MessageState.DONE, automatic=True)
FINISH = Move("finish", "It is handed over", MessageState.LEASED, MessageState.DONE, automatic=True)
FAIL = Move("fail", "The try fails, or its runner dies", MessageState.LEASED, MessageState.OPEN, automatic=True)
SET_ASIDE = Move("set_aside", "The last try fails", MessageState.LEASED, MessageState.DEAD, automatic=True)
RETRY = Move(
    "retry",
    "Try it again",
    MessageState.DEAD,
    MessageState.OPEN,
    refusing={
        MessageState.OPEN: Refusing(NotSetAside, NotSetAside.code, "message_waits"),
        MessageState.LEASED: Refusing(NotSetAside, NotSetAside.code, "message_leased"),
        MessageState.DONE: Refusing(NotSetAside, NotSetAside.code, "message_done"),
    },
)

MESSAGE = Machine(
    name="outbox_message",
    title="An outbox message",
    noun="message",
    states={
        MessageState.OPEN: "Waiting for a runner",
        MessageState.LEASED: "Being handed over",
        MessageState.DEAD: "Set aside",
        MessageState.DONE: "Handed over",
    },
    final=frozenset({MessageState.DONE}),
    moves=(PUBLISH, LEASE, PASS_OVER, FINISH, FAIL, SET_ASIDE, RETRY),
    written=("outbox_message.done_at", "outbox_message.dead_at"),
    doors=("states/outbox/leases.py", "states/outbox/service.py"),
)


def state_of(message: OutboxMessage) -> MessageState:
    """Return where a message is at this moment."""
    if message.done_at is not None:
        return MessageState.DONE
    if message.dead_at is not None:
        return MessageState.DEAD
    held = message.leased_by is not None and message.leased_until is not None and message.leased_until >= machine_now()
    return MessageState.LEASED if held else MessageState.OPEN
