"""Flows of funding: solve a case, and look whether scenarios still hold after something has changed."""

from prefect import flow
from prefect.runtime import flow_run
from sqlmodel import Session

from flows.acting import as_clock
from flows.computing import compute
from flows.consuming import Results, consume_each
from flows.subjects import run_name
from flows.sweep import Sweep, sweep, sweep_these
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
from states.sweeps.service import failing


def _due(session: Session) -> list[str]:
    """Return what nobody has looked at today, and what failed as a message named it, though it may look so."""
    return list(dict.fromkeys([*due_reviews(session), *failing(session, "review_scenarios", "collaboration")]))


CLOSINGS = Sweep("review_scenarios", "instrument", passed_closings, settle_passed_closings)
REVIEWS = Sweep(
    "review_scenarios",
    "collaboration",
    _due,
    lambda session, keys: revalidate_scenarios(session, keys[0]),
    at_once=1,
)


@flow(name="solve-funding", flow_run_name=run_name)
@as_clock
def solve_funding(message_ids: tuple[str, ...]) -> Results:
    """Solve the cases that `funding.requested` messages ask for."""
    return compute(message_ids, COMPUTING, consumer="solve_funding")


@flow(name="review-scenarios", flow_run_name=run_name)
@as_clock
def review_scenarios(message_ids: tuple[str, ...] = ()) -> Results | dict[str, list[str]]:
    """Look whether scenarios still hold that messages touch; without a message all, because days pass."""
    sweep(CLOSINGS)
    if message_ids:
        return consume_each(message_ids, _review, consumer="review_scenarios")
    return {"stale": [one for stale in sweep(REVIEWS) for one in stale]}


def _review(message_id: str) -> dict[str, list[str]]:
    with begin(read_only=True) as session:
        keys = touched_by(session, message_by_id(session, message_id))
    found = sweep_these(REVIEWS, keys)
    with begin() as session:
        consume(session, message_id, consumer="review_scenarios", flow_run_id=flow_run.id)
    return {"stale": [one for stale in found for one in stale]}
