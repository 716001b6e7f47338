"""What hands one batch of outbox messages to the flows that answer them; a flow of its own on a work pool."""

import os
from socket import gethostname

from prefect import flow

from flows.acting import as_clock
from flows.catalogue import FLOWS, consumers_of
from flows.host import hand_over
from flows.stopping import going
from flows.subjects import run_name, subject_of
from states.outbox import relay as outbox
from states.outbox.leases import ALL, Lane, LeasedMessage
from states.storage import new_id

_ANSWERED = frozenset(name for spec in FLOWS for name in spec.consumes)
_LONG = frozenset(name for spec in FLOWS if spec.long for name in spec.consumes)

# What takes minutes is leased one by one, so that another runner takes the next.
LANES = (Lane(_LONG), Lane(_LONG, others=False, at_once=1))
_IMAGE = new_id()[:8]  # two containers may have one host name and the same process numbers


@flow(name="relay", flow_run_name=run_name)
@as_clock
def relay() -> dict[str, int]:
    """Hand over one batch."""
    relayed = relay_batch()
    return {"done": relayed.done, "failed": relayed.failed, "lost": relayed.lost}


def relay_batch(lane: Lane = ALL) -> outbox.Relayed:
    """Hand over one batch of a lane: each message to every flow that answers it; a message that nobody answers is done.

    The runner calls this itself: a flow run around the others would delay each batch by a tenth of a second.
    """
    # Asked now, not at import: a forked process is another runner.
    runner = f"{gethostname()}:{os.getpid()}:{_IMAGE}"
    return outbox.relay(_deliver, runner=runner, lane=lane, answered=_ANSWERED, going=going)


def _deliver(message: LeasedMessage) -> None:
    for spec in consumers_of(message.name):
        hand_over(spec, {"message_id": message.id}, labels=subject_of(message.id).tags, key=message.id)
