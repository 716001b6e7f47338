"""From single evaluations to one voice: scores side by side, discussions where they lie apart, consensus, minute."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.http.access import ROUND, Allowed
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form
from api.pages.heads import head_of
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.review.evaluations import (
    Record,
    list_evaluations,
    post_discussion,
    put_consensus,
    put_minute,
)
from api.routes.review.review_schemas import ConsensusIn, DiscussionIn, MinuteIn
from api.routes.review.rounds import get_round
from states.review.access import RoundAccess
from states.review.definition import Phase
from states.rights.access import Action

router = APIRouter(prefix="/rounds/{round_id}")

Read = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.READ_REVIEW))]


@router.get("/scores")
def get_scores_page(request: Request, found: Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show the evaluations that the reader may see side by side, and what was agreed on."""
    head = head_of(session, actor, found)
    if not head.scores:
        return lead_to(f"/rounds/{found.row.id}/positions")
    shown = get_round(found, session, actor)
    return page(
        request,
        "rounds/scores.html",
        head=head,
        round=shown,
        given=list_evaluations(found, session, actor, lists.whole()).items,
        agrees=found.row.phase is Phase.CONSENSUS and Action.RECORD_CONSENSUS in head.may,
        compares=found.row.phase is Phase.PANEL and Action.RECORD_CONSENSUS in head.may,
    )


@router.post("/discussions")
def post_discussion_page(sent: Form, found: Record, session: Tx, actor: CurrentActor) -> Response:
    """Record how the reviewers talked about a criterion on which they lie apart."""
    post_discussion(found, sent.read(DiscussionIn), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/scores", told="discussed")


@router.post("/consensus")
def post_consensus_page(sent: Form, found: Record, session: Tx, actor: CurrentActor) -> Response:
    """Record the consensus, once."""
    values = sent.values()
    agreed = sent.read(ConsensusIn, scores=values.get("scores", {}), comments=values.get("comments", {}))
    put_consensus(found, agreed, session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/scores", told="agreed")


@router.post("/minute")
def post_minute_page(sent: Form, found: Record, session: Tx, actor: CurrentActor) -> Response:
    """Record the panel's minute, once."""
    put_minute(found, sent.read(MinuteIn), session, actor, UNANSWERED)
    return lead_to(f"/rounds/{found.row.id}/scores", told="minuted")
