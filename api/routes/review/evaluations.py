"""Routes of what is written in a round: drafts, evaluations and corrections; discussions, consensus, minute."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlmodel import Session

from api.http.access import ROUND, Allowed
from api.http.conditional import Answered, IfMatch, need_match
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Listing, kept
from api.routes.review.review_schemas import (
    ConsensusIn,
    ConsensusOut,
    CorrectionIn,
    DiscussionIn,
    DiscussionOut,
    DraftOut,
    EvaluationIn,
    EvaluationOut,
    MinuteIn,
    MinuteOut,
)
from api.routes.review.review_views import present_evaluations
from states.crossings.receipts import acknowledge_evaluation
from states.crossings.review.rounds import panel_of
from states.crossings.rights.collaborations import blinding_of
from states.errors import Missing
from states.review.access import RoundAccess, evaluations_in, visible_evaluations
from states.review.consensus import record_consensus, record_discussion, record_minute
from states.review.evaluations import correct_evaluation, need_cleared_seat, save_draft, submit_evaluation
from states.review.queries import consensus_of, discussions_of, draft_of, minute_of
from states.review.tables import Evaluation
from states.rights.access import Action, Actor

router = APIRouter(prefix="/rounds/{round_id}", tags=["review"], route_class=Idempotent)

Read = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.READ_REVIEW))]
Evaluate = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.EVALUATE))]
Record = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.RECORD_CONSENSUS))]


@router.get("/draft", responses=refusals(409))
def get_draft(found: Evaluate, session: Tx, actor: CurrentActor, answer: Answered) -> DraftOut:
    """Read one's own draft of an evaluation; nobody else does."""
    need_cleared_seat(session, found.row, person_of(actor), collaboration=found.collaboration)
    row = draft_of(session, found.row.id, person_of(actor))
    if row is None:
        raise Missing("draft", found.row.id)
    answer.tag(row.version)
    return DraftOut.model_validate(row)


@router.put("/draft")
def put_draft(
    found: Evaluate, version: IfMatch, sent: EvaluationIn, session: Tx, actor: CurrentActor, answer: Answered
) -> DraftOut:
    """Keep a draft of one's own evaluation; it counts for nothing yet. What is left out stays.
    If-Match is "0" where nothing is written."""
    known = draft_of(session, found.row.id, person_of(actor))
    need_match("draft", version, known)
    sent = kept(sent, known)
    row = save_draft(
        session,
        found.row,
        person_id=person_of(actor),
        scores=sent.scores,
        comments=sent.comments,
        panel=panel_of(session, found.row),
        collaboration=found.collaboration,
        expected_version=version,
    )
    answer.tag(row.version)
    return DraftOut.model_validate(row)


@router.get("/evaluations")
def list_evaluations(
    found: Read,
    session: Tx,
    actor: CurrentActor,
    page: Page,
    every: Annotated[bool, Query(description="also those that were corrected since")] = False,
) -> Listing[EvaluationOut]:
    """List the evaluations of a round; others' are hidden until the own one is in, so that each judges alone."""
    shown = page.each(session, lambda: _visible(session, found, actor))
    last = {(one.person_id): one.number for one in sorted(shown, key=lambda one: one.number)}
    rows = [one for one in shown if every or one.number == last[one.person_id]]
    blinding = blinding_of(session, actor, found.collaboration)
    return page.cut(
        rows,
        lambda one: one.id,
        show=lambda part: [blinding.over(one) for one in present_evaluations(session, part)],
    )


def _visible(session: Session, found: RoundAccess, actor: Actor) -> list[Evaluation]:
    given, key = evaluations_in(session, [found.row.id]), found.row.id
    return visible_evaluations(actor, found.row, found.scope, given.submitted[key], given.counting[key])


@router.post("/evaluations", status_code=201)
def post_evaluation(
    found: Evaluate, sent: EvaluationIn, session: Tx, actor: CurrentActor, answer: Answered
) -> EvaluationOut:
    """Submit the own evaluation, once; it never changes again."""
    row = submit_evaluation(
        session,
        found.row,
        person_id=person_of(actor),
        scores=sent.scores,
        comments=sent.comments,
        panel=panel_of(session, found.row),
        collaboration=found.collaboration,
    )
    acknowledge_evaluation(session, found.collaboration, row)
    answer.created("get_evaluation", round_id=found.row.id, evaluation_id=row.id)
    answer.tag(row.id)
    return present_evaluations(session, [row])[0]


@router.post("/corrections", status_code=201)
def post_correction(
    found: Evaluate, sent: CorrectionIn, session: Tx, actor: CurrentActor, answer: Answered
) -> EvaluationOut:
    """Correct the own evaluation with a reason: a new number beside the old one, which stays readable."""
    row = correct_evaluation(
        session,
        found.row,
        person_id=person_of(actor),
        scores=sent.scores,
        comments=sent.comments,
        reason=sent.reason,
        panel=panel_of(session, found.row),
        collaboration=found.collaboration,
    )
    acknowledge_evaluation(session, found.collaboration, row)
    answer.created("get_evaluation", round_id=found.row.id, evaluation_id=row.id)
    answer.tag(row.id)
    return present_evaluations(session, [row])[0]


@router.get("/evaluations/{evaluation_id}")
def get_evaluation(
    found: Read, evaluation_id: str, session: Tx, actor: CurrentActor, answer: Answered
) -> EvaluationOut:
    """Read an evaluation that one may see."""
    row = next((one for one in _visible(session, found, actor) if one.id == evaluation_id), None)
    if row is None:
        raise Missing("evaluation", evaluation_id)
    answer.tag(row.id)
    return blinding_of(session, actor, found.collaboration).over(present_evaluations(session, [row])[0])


@router.get("/discussions")
def list_discussions(found: Read, session: Tx, actor: CurrentActor, page: Page) -> Listing[DiscussionOut]:
    """List the discussions of a round that are on record, by criterion."""
    rows = page.each(session, lambda: discussions_of(session, found.row.id))
    blinding = blinding_of(session, actor, found.collaboration)
    return page.cut(
        rows,
        lambda one: one.id,
        show=lambda part: [blinding.over(DiscussionOut.model_validate(one)) for one in part],
    )


@router.post("/discussions", status_code=201)
def post_discussion(
    found: Record, sent: DiscussionIn, session: Tx, actor: CurrentActor, answer: Answered
) -> DiscussionOut:
    """Record a discussion: how the reviewers talked about a criterion on which they lie apart."""
    row = record_discussion(
        session,
        found.row,
        criterion=sent.criterion,
        record=sent.record,
        person_id=person_of(actor),
        panel=panel_of(session, found.row),
    )
    answer.created("list_discussions", round_id=found.row.id)
    return DiscussionOut.model_validate(row)


@router.get("/consensus")
def get_consensus(found: Read, session: Tx, actor: CurrentActor, answer: Answered) -> ConsensusOut:
    """Read what the reviewers agreed on, with the views of the minority."""
    row = consensus_of(session, found.row.id)
    if row is None:
        raise Missing("consensus", found.row.id)
    answer.tag(row.id)
    return blinding_of(session, actor, found.collaboration).over(ConsensusOut.model_validate(row))


@router.put("/consensus")
def put_consensus(found: Record, sent: ConsensusIn, session: Tx, actor: CurrentActor, answer: Answered) -> ConsensusOut:
    """Record the consensus of a round, once; every wide spread must have been discussed on record before."""
    row = record_consensus(
        session,
        found.row,
        scores=sent.scores,
        comments=sent.comments,
        minority_views=sent.minority_views,
        person_id=person_of(actor),
        panel=panel_of(session, found.row),
    )
    answer.tag(row.id)
    return ConsensusOut.model_validate(row)


@router.get("/minute")
def get_minute(found: Read, session: Tx, actor: CurrentActor, answer: Answered) -> MinuteOut:
    """Read what the panel noted when it compared its dossiers."""
    row = minute_of(session, found.row.id)
    if row is None:
        raise Missing("minute", found.row.id)
    answer.tag(row.id)
    return blinding_of(session, actor, found.collaboration).over(MinuteOut.model_validate(row))


@router.put("/minute")
def put_minute(found: Record, sent: MinuteIn, session: Tx, actor: CurrentActor, answer: Answered) -> MinuteOut:
    """Record the panel's minute, once: what it noted when it compared this dossier with the others."""
    row = record_minute(
        session, found.row, text=sent.text, person_id=person_of(actor), panel=panel_of(session, found.row)
    )
    answer.tag(row.id)
    return MinuteOut.model_validate(row)
