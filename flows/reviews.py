"""Flows around review rounds: open the one that a stage asks for, close those that are answered or due."""

from prefect import flow
from prefect.runtime import flow_run

from flows.subjects import run_name
from states.clock import today
from states.events.queries import event_by_id
from states.events.service import consume
from states.lifecycle.rounds import close_answered_round, close_due_rounds, open_requested_round
from states.storage import begin


@flow(name="open-review-round", flow_run_name=run_name)
def open_review_round(event_id: str) -> dict[str, str]:
    """Open the round that a `review.requested` event asks for; a second delivery changes nothing."""
    with begin() as session:
        event = event_by_id(session, event_id)
        if not consume(session, event_id, consumer="open_review_round", flow_run_id=flow_run.id):
            return {"round": "", "because": "opened before"}
        opened = open_requested_round(session, event.collaboration_id or "", event.payload["panel"])
        return {"round": opened.id, "panel": opened.panel}


@flow(name="close-review-round", flow_run_name=run_name)
def close_review_round(event_id: str = "") -> dict[str, list[str]]:
    """Close the round of a `review.answers_in` event, or, without an event, every round whose last day has passed."""
    with begin() as session:
        if not event_id:
            return {"closed": close_due_rounds(session, on=today())}
        event = event_by_id(session, event_id)
        round_id = event.payload["round_id"]
        fresh = consume(session, event_id, consumer="close_review_round", flow_run_id=flow_run.id)
        closed = fresh and close_answered_round(session, round_id)
        return {"closed": [round_id] if closed else []}
