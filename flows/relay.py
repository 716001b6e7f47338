"""The flow that hands one batch of outbox events to the flows that answer them."""

import os
from socket import gethostname

from prefect import flow

from flows.catalogue import consumers_of
from flows.host import hand_over
from flows.stopping import going
from flows.subjects import run_name, subject_of
from states.events import relay as outbox
from states.storage import new_id

_RUNNER = f"{gethostname()}:{os.getpid()}:{new_id()[:8]}"


@flow(name="relay", flow_run_name=run_name)
def relay() -> dict[str, int]:
    """Hand over one batch: each event to every flow that answers it; an event that nobody answers is done."""
    relayed = outbox.relay(_deliver, runner=_RUNNER, going=going)
    return {"done": relayed.done, "failed": relayed.failed}


def _deliver(event: outbox.LeasedEvent) -> None:
    for spec in consumers_of(event.name):
        hand_over(spec, {"event_id": event.id}, labels=subject_of(event.id).tags, key=event.id)
