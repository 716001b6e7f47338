"""How rounds, evaluations, positions and decisions become what is shown, and to whom."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlmodel import Session, col, select

from api.routes.review.review_schemas import (
    ConsensusOut,
    CriterionAskedOut,
    CriterionOut,
    DecisionOut,
    DiscussionOut,
    EvaluationOut,
    MinuteOut,
    MissingOut,
    PartnerOut,
    PositionOut,
    RecommendationOut,
    ResultOut,
    RoundDetailOut,
    RoundOut,
    RoundOutlineOut,
    SeatChangeOut,
    SeatOut,
)
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.crossings.review.rounds import panel_of
from states.crossings.rights.collaborations import blinding_of
from states.partners.tables import Person, Region
from states.review.access import REVIEWERS
from states.review.answer_digests import evaluation_sha256, position_sha256
from states.review.conflicts.service import clearance
from states.review.definition import Panel, PanelKind
from states.review.queries import (
    consensus_of,
    discussions_of,
    evaluations_of,
    minute_of,
    positions_of,
    seat_changes_of,
    seat_of,
    seats_of,
)
from states.review.recommendation import recommend
from states.review.scoring import PanelResult, panel_result, panel_status
from states.review.service import outstanding
from states.review.tables import Decision, Evaluation, Position, ReviewRound, RoundState
from states.rights.access import Actor

_NUTS2 = 4


def present_outline(session: Session, row: ReviewRound, actor: Actor, collaboration: Collaboration) -> RoundOutlineOut:
    """Return what a reviewer may know of a round before the declaration."""
    cleared = clearance(session, row, person_id=actor.person_id or "", partnership_id=actor.partnership_id)
    partners = [
        PartnerOut(name=entry.organisation.name, kind=entry.organisation.kind, region=entry.organisation.nuts[:_NUTS2])
        for entry in members_of(session, [collaboration.id])[collaboration.id]
    ]
    whole = RoundOutlineOut(
        id=row.id,
        title=collaboration.title,
        panel=panel_of(session, row).title,
        partners=partners,
        regions=sorted({one.region for one in partners}),
        due_on=row.due_on,
        missing=[MissingOut(code=one.code, message=one.message, where=one.where) for one in cleared.refusals],
    )
    blinding = blinding_of(session, actor, collaboration)
    if not blinding:
        return whole
    shown = blinding.over(whole)
    return shown.model_copy(update={"partners": sorted(shown.partners, key=lambda one: (len(one.name), one.name))})


def present_round(session: Session, row: ReviewRound, actor: Actor, collaboration: Collaboration) -> RoundDetailOut:
    """Return what is shown of a round; its result only once it is closed, so that each reviewer judges alone."""
    panel, closed = panel_of(session, row), row.state is RoundState.CLOSED
    scores = [evaluation.scores for evaluation in evaluations_of(session, row.id)]
    result = panel_result(scores, panel=panel) if closed and panel.kind is PanelKind.SCORES else None
    awaited = outstanding(session, row)
    consensus, minute = consensus_of(session, row.id), minute_of(session, row.id)
    scoring = panel.kind is PanelKind.SCORES
    shown = RoundDetailOut(
        **RoundOut.model_validate(row).model_dump(),
        title=panel.title,
        collaboration=collaboration.title,
        kind=panel.kind,
        quorum=panel.quorum,
        scale=f"0 to {panel.maximum} in steps of {panel.step}" if scoring else "",
        comment=panel.comment,
        criteria=[
            CriterionAskedOut(key=one.key, title=one.title, threshold=str(one.threshold)) for one in panel.criteria
        ],
        seats=_seats(session, row, actor),
        changes=_changes(session, row) if actor.role not in REVIEWERS else [],
        awaited=[] if closed else awaited,
        status=panel_status(scores, awaited=0 if closed else 1, panel=panel) if scoring else None,
        result=None if result is None else _result(result, panel),
        discussions=[DiscussionOut.model_validate(one) for one in discussions_of(session, row.id)],
        consensus=None if consensus is None else ConsensusOut.model_validate(consensus),
        minute=None if minute is None else MinuteOut.model_validate(minute),
        recommendation=_recommendation(session, row, actor),
    )
    return blinding_of(session, actor, collaboration).over(shown)


def _seats(session: Session, row: ReviewRound, actor: Actor) -> list[SeatOut]:
    """Who sits; why seats ended is for those who run the review, not for the other reviewers."""
    rows = seats_of(session, row.id, every=actor.role not in REVIEWERS)
    keys = [seat.region_id for seat, _ in rows if seat.region_id is not None]
    regions = dict(session.exec(select(Region.id, Region.slug).where(col(Region.id).in_(keys))).all())
    return [
        SeatOut(
            person_id=person.id,
            person=person.label,
            region=regions.get(seat.region_id or ""),
            state=seat.state,
            why=seat.why,
            left_because=seat.left_because,
        )
        for seat, person in rows
    ]


def _changes(session: Session, row: ReviewRound) -> list[SeatChangeOut]:
    rows = seat_changes_of(session, row.id)
    names = labels(session, [key for one in rows for key in (one.person_id, one.changed_by)])
    return [
        SeatChangeOut(
            person=names[one.person_id],
            seated=one.seated,
            reason=one.reason,
            changed_by=names[one.changed_by],
            changed_at=one.changed_at,
        )
        for one in rows
    ]


def _result(result: PanelResult, panel: Panel) -> ResultOut:
    return ResultOut(
        criteria=[
            CriterionOut(
                key=one.criterion.key,
                title=one.criterion.title,
                score=points(one.score),
                spread=points(one.spread),
                threshold=points(one.criterion.threshold),
                passed=one.passed,
                discuss=one.spread > panel.spread,
            )
            for one in result.criteria
        ],
        evaluations=result.evaluations,
        overall=points(result.overall),
        weighted=points(result.weighted),
        threshold=points(result.threshold),
        passed=result.passed,
    )


def points(given: Decimal) -> str:
    """Return points to the hundredth."""
    return f"{given:.2f}"


def _recommendation(session: Session, row: ReviewRound, actor: Actor) -> RecommendationOut | None:
    found = recommend({region.name: one for one, region in shown_positions(session, row, actor)})
    complete = row.state is RoundState.CLOSED or not outstanding(session, row)
    return RecommendationOut.model_validate(found) if found and complete else None


def present_evaluations(session: Session, rows: Iterable[Evaluation]) -> list[EvaluationOut]:
    """Return what is shown of evaluations."""
    found = list(rows)
    names = labels(session, [one.person_id for one in found])
    shown = {"id", "number", "reason", "scores", "comments", "submitted_at"}
    return [
        EvaluationOut(person=names[one.person_id], sha256=evaluation_sha256(one), **one.model_dump(include=shown))
        for one in found
    ]


def shown_positions(session: Session, row: ReviewRound, actor: Actor) -> list[tuple[Position, Region]]:
    """Return the positions that the actor may see: a region that is asked sees others' once its own is stated."""
    found = positions_of(session, row.id)
    if actor.role not in REVIEWERS or row.state is RoundState.CLOSED:
        return found
    seat = seat_of(session, row.id, actor.person_id or "")
    stated = seat is not None and any(region.id == seat.region_id for _, region in found)
    return found if stated else []


def labels(session: Session, keys: Iterable[str]) -> dict[str, str]:
    """Return who these people are, by role."""
    return dict(session.exec(select(Person.id, Person.label).where(col(Person.id).in_(list(keys)))).all())


def present_position(row: Position, region: Region) -> PositionOut:
    """Return what is shown of a region's position."""
    shown = set(PositionOut.model_fields) - {"region", "sha256"}
    return PositionOut(region=region.slug, sha256=position_sha256(row), **row.model_dump(include=shown))


def present_decisions(session: Session, rows: Sequence[Decision], *, names: bool) -> list[DecisionOut]:
    """Return what is shown of decisions; who prepared and confirmed them, by role, to those inside only."""
    people = [key for row in rows for key in (row.prepared_by, row.confirmed_by) if key]
    known = labels(session, people) if names else {}
    shown = set(DecisionOut.model_fields) - {"prepared_by", "confirmed_by"}
    return [
        DecisionOut(
            **row.model_dump(include=shown),
            prepared_by=known.get(row.prepared_by),
            confirmed_by=known.get(row.confirmed_by or ""),
        )
        for row in rows
    ]


def present_decision(session: Session, row: Decision, *, names: bool) -> DecisionOut:
    """Return what is shown of a decision."""
    return present_decisions(session, [row], names=names)[0]
