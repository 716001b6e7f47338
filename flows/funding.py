"""Flows of funding: solve a case, and look whether scenarios still hold after something has changed."""

from prefect import flow
from prefect.runtime import flow_run

from flows.acting import as_clock
from flows.computing import compute
from flows.consuming import Results, consume_each
from flows.subjects import run_name
from flows.sweep import sweep
from states.crossings.scenarios.revalidation import (
    due_reviews,
    passed_closings,
    revalidate_scenarios,
    settle_passed_closings,
    touched_by,
)
from states.funding.solutions import COMPUTING
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.storage import begin


@flow(name="solve-funding", flow_run_name=run_name)
@as_clock
def solve_funding(message_ids: tuple[str, ...]) -> Results:
    """Solve the cases that `funding.requested` messages ask for."""
    return compute(message_ids, COMPUTING, consumer="solve_funding")


@flow(name="review-scenarios", flow_run_name=run_name)
@as_clock
def review_scenarios(message_ids: tuple[str, ...] = ()) -> Results | dict[str, list[str]]:
    """Look whether scenarios still hold that messages touch; without a message all, because days pass."""
    sweep(passed_closings, settle_passed_closings)
    if message_ids:
        return consume_each(message_ids, _review, consumer="review_scenarios")
    # none waits for all the others
    found = sweep(due_reviews, lambda session, keys: revalidate_scenarios(session, keys[0]), at_once=1)
    return {"stale": [one for stale in found for one in stale]}


def _review(message_id: str) -> dict[str, list[str]]:
    with begin(read_only=True) as session:
        keys = touched_by(session, message_by_id(session, message_id))
    stale = [one for key in keys for one in _look(key)]
    with begin() as session:
        consume(session, message_id, consumer="review_scenarios", flow_run_id=flow_run.id)
    return {"stale": stale}


def _look(key: str) -> list[str]:
    """Look at the scenarios of one collaboration in a transaction of its own: none waits for all the others."""
    with begin() as session:
        return revalidate_scenarios(session, key)
