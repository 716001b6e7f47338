"""Routes of the advisory reviews: rounds, evaluations, positions of regions, decisions."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends

from api.conditional import Answered, IfMatch
from api.dependencies import CurrentActor, Tx, person_of
from api.lookups import region_named
from api.paging import Page
from api.problems import refusals
from api.reach import OfCollaboration, OfRound, RoundInReach
from api.review_schemas import (
    DecisionIn,
    DecisionOut,
    EvaluationIn,
    EvaluationOut,
    PositionIn,
    PositionOut,
    RoundDetailOut,
    RoundIn,
    RoundOut,
    present_decision,
    present_evaluations,
    present_position,
    present_round,
)
from api.schemas import Listing
from states.access import Action, Scope, require
from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.lifecycle.rounds import close_answered_round, open_requested_round, panel_of
from states.partners.tables import Region
from states.review.queries import decision_of, positions_of, rounds_of
from states.review.service import Stance, confirm_decision, prepare_decision, state_position, submit_evaluation
from states.review.tables import Decision

router = APIRouter(tags=["review"])

ReadAll = Annotated[Collaboration, Depends(OfCollaboration(Action.READ_REVIEW))]
RunAll = Annotated[Collaboration, Depends(OfCollaboration(Action.RUN_REVIEW))]
Read = Annotated[RoundInReach, Depends(OfRound(Action.READ_REVIEW))]
Run = Annotated[RoundInReach, Depends(OfRound(Action.RUN_REVIEW))]
Evaluate = Annotated[RoundInReach, Depends(OfRound(Action.EVALUATE))]
Prepare = Annotated[RoundInReach, Depends(OfRound(Action.PREPARE_DECISION))]
Confirm = Annotated[RoundInReach, Depends(OfRound(Action.CONFIRM_DECISION))]


@dataclass(frozen=True, slots=True)
class RegionInRound:
    """A region and the round in which it states its position."""

    round: RoundInReach
    region: Region


@dataclass(frozen=True)
class OfPosition:
    """A region's place in a round: only its own member writes there."""

    action: Action

    def __call__(self, found: Read, region: str, session: Tx, actor: CurrentActor) -> RegionInRound:
        """Return the region and its round, or raise `Missing` or `Denied`."""
        row = region_named(session, actor.partnership_id, region)
        require(actor, self.action, Scope(actor.partnership_id, region_id=row.id))
        return RegionInRound(found, row)


State = Annotated[RegionInRound, Depends(OfPosition(Action.STATE_POSITION))]


@router.get("/collaborations/{collaboration_id}/rounds")
def list_rounds(row: ReadAll, session: Tx, page: Page) -> Listing[RoundOut]:
    """List the review rounds of a collaboration, oldest first."""
    rows = rounds_of(session, [row.id])
    return Listing(items=[RoundOut.model_validate(one) for one in page.cut(rows)], total=len(rows))


@router.post("/collaborations/{collaboration_id}/rounds", status_code=201, responses=refusals(409))
def post_round(row: RunAll, sent: RoundIn, session: Tx, answer: Answered) -> RoundOut:
    """Open a panel's round on the latest frozen version; one that is open on it already is returned as it is."""
    opened = open_requested_round(session, row.id, sent.panel)
    answer.created("get_round", round_id=opened.id)
    answer.tag(opened.version)
    return RoundOut.model_validate(opened)


@router.get("/rounds/{round_id}")
def get_round(found: Read, session: Tx) -> RoundDetailOut:
    """Read a round: its panel, its seats, who is awaited, and once it is closed the result."""
    return present_round(session, found.row)


@router.post("/rounds/{round_id}/closing", responses=refusals(409))
def close_round(found: Run, session: Tx) -> RoundDetailOut:
    """Close a round now; what is missing is named in it. A closed one stays as it is."""
    close_answered_round(session, found.row.id)
    return present_round(session, found.row)


@router.get("/rounds/{round_id}/evaluations")
def list_evaluations(found: Read, session: Tx, actor: CurrentActor, page: Page) -> Listing[EvaluationOut]:
    """List the evaluations; while the round is open, reviewers see their own only, so that each judges alone."""
    shown = present_evaluations(session, found.row, actor)
    return Listing(items=list(page.cut(shown)), total=len(shown))


@router.post("/rounds/{round_id}/evaluations", status_code=201, responses=refusals(409))
def post_evaluation(
    found: Evaluate, sent: EvaluationIn, session: Tx, actor: CurrentActor, answer: Answered
) -> EvaluationOut:
    """Submit the own evaluation, once."""
    row = submit_evaluation(
        session,
        found.row,
        person_id=person_of(actor),
        scores=sent.scores,
        comments=sent.comments,
        panel=panel_of(session, found.row),
    )
    answer.created("get_evaluation", round_id=found.row.id, evaluation_id=row.id)
    return next(one for one in present_evaluations(session, found.row, actor) if one.id == row.id)


@router.get("/rounds/{round_id}/evaluations/{evaluation_id}")
def get_evaluation(found: Read, evaluation_id: str, session: Tx, actor: CurrentActor) -> EvaluationOut:
    """Read an evaluation that one may see."""
    shown = present_evaluations(session, found.row, actor)
    row = next((one for one in shown if one.id == evaluation_id), None)
    if row is None:
        raise Missing("evaluation", evaluation_id)
    return row


@router.get("/rounds/{round_id}/positions")
def list_positions(found: Read, session: Tx, page: Page) -> Listing[PositionOut]:
    """List the positions that regions have stated, by region."""
    rows = positions_of(session, found.row.id)
    return Listing(items=[present_position(*one) for one in page.cut(rows)], total=len(rows))


@router.put("/rounds/{round_id}/positions/{region}", responses=refusals(409))
def put_position(found: State, sent: PositionIn, session: Tx, actor: CurrentActor) -> PositionOut:
    """State, or restate while the round is open, the own region's position on its own money."""
    stance = Stance(**{name: getattr(sent, name) for name in PositionIn.model_fields})
    row = state_position(session, found.round.row, person_id=person_of(actor), region=found.region, stance=stance)
    return present_position(row, found.region)


@router.get("/rounds/{round_id}/decision")
def get_decision(found: Read, session: Tx, answer: Answered) -> DecisionOut:
    """Read the decision, confirmed or not; its ETag is what the confirmation sends back as If-Match."""
    row = _decision(session, found)
    answer.tag(row.version)
    return present_decision(session, row)


@router.put("/rounds/{round_id}/decision", responses=refusals(409))
def put_decision(found: Prepare, sent: DecisionIn, session: Tx, actor: CurrentActor, answer: Answered) -> DecisionOut:
    """Prepare the decision on a closed round, or prepare it anew until another person confirms it."""
    row = prepare_decision(
        session,
        found.row,
        person_id=person_of(actor),
        outcome=sent.outcome,
        reasons=sent.reasons,
        conditions=sent.conditions,
        panel=panel_of(session, found.row),
    )
    answer.tag(row.version)
    return present_decision(session, row)


@router.post("/rounds/{round_id}/decision/confirmation", responses=refusals(400, 409, 412, 428))
def post_confirmation(
    found: Confirm, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered
) -> DecisionOut:
    """Confirm the decision that another person prepared, exactly as it was read."""
    row = confirm_decision(
        session,
        found.row,
        person_id=person_of(actor),
        collaboration=found.collaboration,
        expected_version=version,
    )
    answer.tag(row.version)
    return present_decision(session, row)


def _decision(session: Tx, found: RoundInReach) -> Decision:
    row = decision_of(session, found.row.id)
    if row is None:
        raise Missing("decision", found.row.id)
    return row
