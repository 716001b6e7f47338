"""Flows around review rounds: open the one that a stage asks for, fill seats again, close what is answered or due."""

from prefect import flow
from prefect.runtime import flow_run

from flows.acting import as_clock
from flows.consuming import Results, consume_each
from flows.subjects import run_name
from flows.sweep import Sweep, sweep
from states.clock import today
from states.crossings.review.reviewer_assignment import (
    check_coverage,
    choose_seats,
    fill_seats,
    places_of,
    plan_seats,
    record_assignment,
)
from states.crossings.review.rounds import (
    close_due_rounds,
    close_if_all_in,
    due_rounds,
    open_requested_round,
    still_requested,
)
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.review.queries import round_by_id
from states.storage import begin

CLOSE_DUE = Sweep(
    "close_review_round",
    "review_round",
    lambda session: due_rounds(session, on=today()),
    lambda session, keys: close_due_rounds(session, keys, on=today()),
)
_MOVED_ON = "no longer wanted: the collaboration has moved on"


@flow(name="open-review-round", flow_run_name=run_name)
@as_clock
def open_review_round(message_ids: tuple[str, ...]) -> Results:
    """Open the rounds that `review.requested` messages ask for; a late one changes nothing.

    Late is what comes when the collaboration has left the stage, or has left and entered it again.
    """
    return consume_each(message_ids, _open, consumer="open_review_round")


def _open(message_id: str) -> dict[str, str]:
    with begin(read_only=True) as session:
        message = message_by_id(session, message_id)
        key, panel = message.collaboration_id or "", message.payload["panel"]
        plan = plan_seats(session, key, panel)
    chosen = choose_seats(plan)
    with begin() as session:
        note = "" if still_requested(session, message_by_id(session, message_id)) else _MOVED_ON
        if not consume(session, message_id, consumer="open_review_round", flow_run_id=flow_run.id, note=note):
            return {"round": "", "because": "answered before"}
        if note:
            return {"round": "", "because": note}
        opened = open_requested_round(session, key, panel, places=places_of(chosen))
        record_assignment(session, opened, chosen)
        check_coverage(session, opened, chosen.shortfalls)
        return {"round": opened.id, "panel": opened.panel}


@flow(name="replace-reviewer", flow_run_name=run_name)
@as_clock
def replace_reviewer(message_ids: tuple[str, ...]) -> Results:
    """Seat somebody else in the round of each `review.seat_left` message; with nobody free it stays as it is.

    What stays open is returned, logged and told. Where the last one awaited has left, all answers are in.
    """
    return consume_each(message_ids, _replace, consumer="replace_reviewer")


def _replace(message_id: str) -> dict[str, list[str]]:
    with begin(read_only=True) as session:
        round_id = message_by_id(session, message_id).payload["round_id"]
        row = round_by_id(session, round_id)
        plan = plan_seats(session, row.collaboration_id, row.panel, round_id=row.id)
    chosen = choose_seats(plan)
    with begin() as session:
        if not consume(session, message_id, consumer="replace_reviewer", flow_run_id=flow_run.id):
            return {"open": []}
        filled = fill_seats(session, round_id, places=places_of(chosen))
        record_assignment(session, filled, chosen)
        return {"open": check_coverage(session, filled, chosen.shortfalls)}


@flow(name="close-review-round", flow_run_name=run_name)
@as_clock
def close_review_round(message_ids: tuple[str, ...] = ()) -> Results | dict[str, list[str]]:
    """Close the rounds of `review.answers_in` messages, or, without one, every round whose last day has passed."""
    if message_ids:
        return consume_each(message_ids, _close, consumer="close_review_round")
    return {"closed": [key for keys in sweep(CLOSE_DUE) for key in keys]}


def _close(message_id: str) -> dict[str, list[str]]:
    with begin() as session:
        message = message_by_id(session, message_id)
        round_id = message.payload["round_id"]
        fresh = consume(session, message_id, consumer="close_review_round", flow_run_id=flow_run.id)
        closed = fresh and close_if_all_in(session, round_id)
        return {"closed": [round_id] if closed else []}
