"""Hand the outbox's messages over: the relay of a runner."""

from flows.catalogue import ANSWERING, flow_named
from flows.host import hand_over
from flows.subjects import tags_of
from states.outbox import relay as outbox
from states.outbox.conditions import ALL, Lane
from states.outbox.leases import Batch
from states.processes.presence import process_name
from states.storage import new_id


def relay_batch(lane: Lane = ALL) -> int:
    """Hand over one batch of a lane to the flow that answers it; return how many messages there were."""
    return outbox.relay(_hand_over, runner=process_name(), answering=ANSWERING, lane=lane)


def _hand_over(batch: Batch) -> str | None:
    run = hand_over(flow_named(batch.consumer), {"message_ids": batch.ids}, labels=tags_of(batch.ids), key=new_id())
    return None if run.result is not None else run.id
