"""Hand the outbox's messages over: the relay of a runner."""

from functools import partial

from flows.catalogue import ANSWERING, ANSWERING_ON_POOL, flow_named
from flows.host import end_run, hand_over, survive
from flows.subjects import tags_of
from states.outbox import relay as outbox
from states.outbox.conditions import ALL, Lane
from states.outbox.leases import Batch, runs_under_way
from states.processes.presence import process_name
from states.settings import settings
from states.storage import begin, new_id


def relay_batch(lane: Lane = ALL) -> int:
    """Hand over one batch of a lane to the flow that answers it; return how many messages there were.

    None is handed over while as many flow runs wait or work on the pool as the settings allow.
    """
    answering = ANSWERING
    if settings().hand_over == "pool":
        answering = ANSWERING_ON_POOL
        with begin(read_only=True) as session:
            if runs_under_way(session, lane) >= settings().pool_runs:
                return 0
    return outbox.relay(_hand_over, runner=process_name(), answering=answering, lane=lane)


def _hand_over(batch: Batch) -> str | None:
    for lost in {message.flow_run_id for message in batch.messages if message.flow_run_id}:
        survive(partial(end_run, lost))
    run = hand_over(flow_named(batch.consumer), {"message_ids": batch.ids}, labels=tags_of(batch.ids), key=new_id())
    return None if run.result is not None else run.id
