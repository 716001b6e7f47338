"""The decision on a round: prepared by one, confirmed by another, released, corrected; and its conditions."""

from contextlib import suppress

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form, Typed
from api.pages.heads import Head, head_of
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.review.corrections import (
    DecisionCorrectionIn,
    list_corrections,
    post_correction_release,
    put_correction,
)
from api.routes.review.decisions import (
    Confirm,
    Prepare,
    Read,
    Release,
    Track,
    get_condition,
    get_decision,
    list_conditions,
    post_closing,
    post_decision_confirmation,
    post_release,
    put_decision,
)
from api.routes.review.review_schemas import ConditionClosingIn, DecisionIn, DecisionOut
from states.errors import Missing
from states.review.definition import Phase
from states.review.departures import advice_of
from states.rights.access import Action

router = APIRouter(prefix="/rounds/{round_id}")


@router.get("/decision")
def get_decision_page(request: Request, found: Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show the decision as far as it has come, and to each hand the step that is its own."""
    head = head_of(session, actor, found)
    decision: DecisionOut | None = None
    with suppress(Missing):  # nobody has prepared it, or it is not released yet
        decision = get_decision(found, session, actor, UNANSWERED)
    corrections = list_corrections(found, session, actor, lists.whole()).items if decision else []
    return page(
        request,
        "rounds/decision.html",
        head=head,
        decision=decision,
        conditions=list_conditions(found, session, actor, lists.whole()).items,
        corrections=corrections,
        waiting=next((one for one in corrections if one.released_at is None), None),
        step=_step(head, decision),
        advice=advice_of(session, found.row, panel=head.panel),
    )


def _step(head: Head, decision: DecisionOut | None) -> str:
    """Return what comes next of the decision: prepare, confirm, release, or nothing."""
    if decision is None or decision.confirmed_at is None:
        return ("confirm" if decision else "prepare") if head.row.phase is Phase.DECISION else ""
    return "release" if decision.released_at is None else ""


@router.post("/decision")
def post_decision_page(sent: Form, found: Prepare, session: Tx, actor: CurrentActor) -> Response:
    """Prepare the decision, or prepare it anew."""
    put_decision(found, sent.version, sent.read(DecisionIn, conditions=_conditions(sent)), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/decision", told="prepared")


@router.post("/decision/confirmation")
def post_confirmation_page(sent: Form, found: Confirm, session: Tx, actor: CurrentActor) -> Response:
    """Confirm the decision as it was read."""
    post_decision_confirmation(found, must_match(sent.version), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/decision", told="confirmed")


@router.post("/decision/release")
def post_release_page(sent: Form, found: Release, session: Tx, actor: CurrentActor) -> Response:
    """Release the decision."""
    post_release(found, must_match(sent.version), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/decision", told="released")


@router.get("/decision/correction")
def get_correction_page(request: Request, found: Prepare, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show the form for another text of a released decision."""
    decision = get_decision(found, session, actor, UNANSWERED)
    corrections = list_corrections(found, session, actor, lists.whole()).items
    waiting = next((one for one in corrections if one.released_at is None), None)
    head = head_of(session, actor, found)
    advice = advice_of(session, found.row, panel=head.panel)
    return page(request, "rounds/correction.html", head=head, decision=decision, waiting=waiting, advice=advice)


@router.post("/decision/correction")
def post_correction_page(sent: Form, found: Prepare, session: Tx, actor: CurrentActor) -> Response:
    """Prepare another text of a released decision."""
    wanted = sent.read(DecisionCorrectionIn, conditions=_conditions(sent))
    put_correction(found, sent.version, wanted, session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/decision", told="corrected")


@router.post("/decision/correction/release")
def post_correction_release_page(sent: Form, found: Confirm, session: Tx, actor: CurrentActor) -> Response:
    """Release a correction that another person prepared."""
    post_correction_release(found, must_match(sent.version), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/decision", told="replaced")


def _conditions(sent: Typed) -> list[str]:
    """Return the conditions as they stand in the form: one that was emptied is gone."""
    return [text for name, text in sent.fields if name.startswith("conditions.") and text.strip()]


@router.get("/conditions/{number}")
def get_condition_page(request: Request, found: Read, number: int, session: Tx, actor: CurrentActor) -> Response:
    """Show a condition, how it was closed, or the form that closes it."""
    condition = get_condition(found, number, session, actor, UNANSWERED)
    head = head_of(session, actor, found)
    may_close = Action.CLOSE_CONDITION in head.may
    return page(request, "rounds/condition.html", head=head, condition=condition, may_close=may_close)


@router.post("/conditions/{number}")
def post_condition_page(sent: Form, found: Track, number: int, session: Tx, actor: CurrentActor) -> Response:
    """Close a condition as met or waived."""
    closing = sent.read(ConditionClosingIn)
    post_closing(found, number, must_match(sent.version), closing, session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/decision", told="closed")
