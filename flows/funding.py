"""Flows of funding: solve a case, and look whether scenarios still hold after something has changed."""

from functools import partial

from prefect import flow
from prefect.runtime import flow_run

from flows.computing import compute
from flows.host import survive
from flows.subjects import run_name
from states.crossings.scenarios.validity import due_reviews, reconsider, settle_passed_closings, touched_by
from states.funding.solutions import COMPUTING
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.storage import begin


@flow(name="solve-funding", flow_run_name=run_name)
def solve_funding(message_id: str) -> dict[str, str]:
    """Solve the case that a `funding.requested` message asks for."""
    return compute(message_id, COMPUTING, consumer="solve_funding")


@flow(name="review-scenarios", flow_run_name=run_name)
def review_scenarios(message_id: str = "") -> dict[str, list[str]]:
    """Look whether scenarios still hold that an event touches; without an event all, because days pass."""
    with begin() as session:
        settle_passed_closings(session)
        keys = touched_by(session, message_by_id(session, message_id)) if message_id else due_reviews(session)
    if not message_id:  # where one cannot be looked at, the others still are
        return {"stale": [one for key in keys for one in survive(partial(_look, key)) or []]}
    stale = [one for key in keys for one in _look(key)]
    with begin() as session:
        consume(session, message_id, consumer="review_scenarios", flow_run_id=flow_run.id)
    return {"stale": stale}


def _look(key: str) -> list[str]:
    """Look at the scenarios of one collaboration in a transaction of its own: none waits for all the others."""
    with begin() as session:
        return reconsider(session, key)
