"""What the routes of the reviews take and give, and how rows become that."""

from datetime import date, datetime
from decimal import Decimal

from pydantic import Field
from sqlmodel import Session, col, select

from api.schemas import Input, Money, Output, Prose, Rate
from states.access import Action, Actor, Scope, may
from states.lifecycle.rounds import panel_of
from states.partners.tables import Person, Region
from states.review.definition import PanelKind
from states.review.queries import evaluations_of, seats_of
from states.review.scoring import PanelResult, panel_result
from states.review.service import outstanding
from states.review.tables import (
    Decision,
    Evaluation,
    Outcome,
    Position,
    PriorityMatch,
    ReviewRound,
    RoundState,
    Willingness,
)


class RoundIn(Input):
    panel: str = Field(max_length=40, description="a panel of the playbook")


class EvaluationIn(Input):
    scores: dict[str, str] = Field(description='by criterion, as text: "4.5"')
    comments: dict[str, Prose] = Field(default={})


class PositionIn(Input):
    willingness: Willingness
    priority_match: PriorityMatch
    condition: Prose = ""
    citation: Prose = ""
    instrument: Prose = ""
    window_opens: date | None = None
    window_closes: date | None = None
    maximum_rate: Rate | None = None
    maximum_amount: Money | None = None
    alignment_action: Prose = ""


class DecisionIn(Input):
    outcome: Outcome
    reasons: Prose
    conditions: list[Prose] = Field(default=[])


class RoundOut(Output):
    id: str
    collaboration_id: str
    protocol_version_id: str
    panel: str
    number: int
    state: RoundState
    opened_at: datetime
    due_on: date
    closed_at: datetime | None
    missing: list[str] = Field(description="what was missing when it closed")
    version: int


class SeatOut(Output):
    person: str = Field(description="who, by role")
    region: str | None


class CriterionOut(Output):
    key: str
    title: str
    score: str
    spread: str
    threshold: str
    passed: bool


class ResultOut(Output):
    criteria: list[CriterionOut]
    evaluations: int
    overall: str
    weighted: str
    threshold: str
    passed: bool


class RoundDetailOut(RoundOut):
    title: str
    kind: PanelKind
    quorum: int
    seats: list[SeatOut]
    awaited: list[str]
    result: ResultOut | None = Field(description="once the round is closed")


class EvaluationOut(Output):
    id: str
    person: str = Field(description="who, by role")
    scores: dict[str, str]
    comments: dict[str, str]
    submitted_at: datetime


class PositionOut(Output):
    region: str
    willingness: Willingness
    priority_match: PriorityMatch
    condition: str
    citation: str
    instrument: str
    window_opens: date | None
    window_closes: date | None
    maximum_rate: Rate | None
    maximum_amount: Money | None
    alignment_action: str
    stated_at: datetime


class DecisionOut(Output):
    outcome: Outcome
    reasons: str
    conditions: list[str]
    prepared_by: str
    prepared_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    version: int


def present_round(session: Session, row: ReviewRound) -> RoundDetailOut:
    """Return what is shown of a round; its result only once it is closed, so that each reviewer judges alone."""
    panel, closed = panel_of(session, row), row.state is RoundState.CLOSED
    scores = [evaluation.scores for evaluation in evaluations_of(session, row.id)]
    result = panel_result(scores, panel=panel) if closed else None
    seats = seats_of(session, row.id)
    keys = [seat.region_id for seat, _ in seats if seat.region_id is not None]
    regions = dict(session.exec(select(Region.id, Region.slug).where(col(Region.id).in_(keys))).all())
    return RoundDetailOut(
        **RoundOut.model_validate(row).model_dump(),
        title=panel.title,
        kind=panel.kind,
        quorum=panel.quorum,
        seats=[SeatOut(person=person.label, region=regions.get(seat.region_id or "")) for seat, person in seats],
        awaited=[] if closed else outstanding(session, row),
        result=None if result is None else _result(result),
    )


def _result(result: PanelResult) -> ResultOut:
    return ResultOut(
        criteria=[
            CriterionOut(
                key=one.criterion.key,
                title=one.criterion.title,
                score=_points(one.score),
                spread=_points(one.spread),
                threshold=_points(one.criterion.threshold),
                passed=one.passed,
            )
            for one in result.criteria
        ],
        evaluations=result.evaluations,
        overall=_points(result.overall),
        weighted=_points(result.weighted),
        threshold=_points(result.threshold),
        passed=result.passed,
    )


def _points(points: Decimal) -> str:
    return f"{points:.2f}"


def present_evaluations(session: Session, row: ReviewRound, actor: Actor) -> list[EvaluationOut]:
    """Return the evaluations that the actor may see: all of a closed round; of an open one, reviewers their own."""
    rows = evaluations_of(session, row.id)
    everything = row.state is RoundState.CLOSED or may(actor, Action.READ_OPEN_EVALUATIONS, Scope(actor.partnership_id))
    labels = _labels(session, [one.person_id for one in rows])
    return [_evaluation(one, labels) for one in rows if everything or one.person_id == actor.person_id]


def _evaluation(row: Evaluation, labels: dict[str, str]) -> EvaluationOut:
    return EvaluationOut(
        id=row.id,
        person=labels[row.person_id],
        scores=row.scores,
        comments=row.comments,
        submitted_at=row.submitted_at,
    )


def _labels(session: Session, keys: list[str]) -> dict[str, str]:
    return dict(session.exec(select(Person.id, Person.label).where(col(Person.id).in_(keys))).all())


def present_position(row: Position, region: Region) -> PositionOut:
    """Return what is shown of a region's position."""
    return PositionOut(region=region.slug, **row.model_dump(include=set(PositionOut.model_fields)))


def present_decision(session: Session, row: Decision) -> DecisionOut:
    """Return what is shown of a decision: who prepared and confirmed it, by role."""
    labels = _labels(session, [key for key in (row.prepared_by, row.confirmed_by) if key is not None])
    return DecisionOut(
        **row.model_dump(include={"outcome", "reasons", "conditions", "prepared_at", "confirmed_at", "version"}),
        prepared_by=labels[row.prepared_by],
        confirmed_by=labels.get(row.confirmed_by or ""),
    )
