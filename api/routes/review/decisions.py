"""Routes of decisions: prepared, confirmed by another, released; their conditions; the ranking of a panel."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session

from api.http.access import COLLABORATION, ROUND, Allowed
from api.http.conditional import Answered, IfMatch, MaybeMatch, need_match
from api.http.dependencies import CurrentActor, InPartnership, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Listing, kept
from api.routes.review.review_schemas import (
    ConditionClosingIn,
    ConditionOut,
    DecisionIn,
    DecisionOut,
    RankedOut,
    ReleasedOut,
)
from api.routes.review.review_views import points, present_decision, present_decisions
from states.collaborations.queries import collaborations_by_id
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import followed
from states.crossings.review.calibration import ranking_of
from states.crossings.review.rounds import panel_in, panel_of
from states.crossings.rights.collaborations import blinding_of
from states.errors import Missing
from states.partners.tables import Partnership
from states.playbooks.editions import chosen_text
from states.playbooks.reader import parse
from states.review.access import RoundAccess
from states.review.decisions import close_condition, confirm_decision, prepare_decision, release_decision
from states.review.queries import conditions_of, conditions_of_rounds, decision_of, released_decisions, rounds_of
from states.review.tables import Condition, Decision, ReviewRound
from states.rights.access import Action, Actor, may
from states.rights.scopes import permitted, scopes_of

router = APIRouter(tags=["review"], route_class=Idempotent)

Decided = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_DECISION))]
Read = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.READ_DECISION))]
Prepare = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.PREPARE_DECISION))]
Confirm = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.CONFIRM_DECISION))]
Release = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.RELEASE_DECISION))]
Track = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.CLOSE_CONDITION))]
Runner = Annotated[Actor, Depends(InPartnership(Action.RUN_REVIEW))]


@router.get("/collaborations/{collaboration_id}/decisions")
def list_decisions(row: Decided, session: Tx, actor: CurrentActor, page: Page) -> Listing[ReleasedOut]:
    """List the released decisions with their conditions, oldest first: what the partners read."""
    rounds = page.each(session, lambda: rounds_of(session, [row.id]))
    released = page.each(session, lambda: released_decisions(session, [one.id for one in rounds]))
    decided = [one for one in rounds if one.id in released]
    shown = permitted(session, actor, decided, Action.READ_DECISION)
    inside, blinding = _inside(session, actor, row), blinding_of(session, actor, row)

    def show(part: Sequence[ReviewRound]) -> list[ReleasedOut]:
        decisions = present_decisions(session, [released[one.id] for one in part], names=inside)
        conditions = conditions_of_rounds(session, [one.id for one in part])
        return [
            blinding.over(
                ReleasedOut(
                    round_id=one.id,
                    panel=one.panel,
                    number=one.number,
                    decision=decision,
                    conditions=[ConditionOut.model_validate(condition) for condition in conditions[one.id]],
                )
            )
            for one, decision in zip(part, decisions, strict=True)
        ]

    return page.cut(shown, lambda one: one.id, show=show)


def _inside(session: Session, actor: Actor, row: Collaboration) -> bool:
    """Partners read what was decided, never by whom."""
    [scope] = scopes_of(session, actor, [row])
    return may(actor, Action.RUN_REVIEW, scope)


@router.get("/rounds/{round_id}/decision")
def get_decision(found: Read, session: Tx, actor: CurrentActor, answer: Answered) -> DecisionOut:
    """Read the decision of a round; its ETag is what the next step sends back as If-Match. Before its release, only
    those who run the review do."""
    row = decision_of(session, found.row.id)
    inside = may(actor, Action.RUN_REVIEW, found.scope)
    if row is None or (row.released_at is None and not inside):
        raise Missing("decision", found.row.id)
    answer.tag(row.version)
    blinding = blinding_of(session, actor, found.collaboration)
    return blinding.over(present_decision(session, row, names=inside))


@router.put("/rounds/{round_id}/decision")
def put_decision(
    found: Prepare, version: MaybeMatch, sent: DecisionIn, session: Tx, actor: CurrentActor, answer: Answered
) -> DecisionOut:
    """Prepare the decision on a closed round, or prepare it anew until another person confirms it.

    Who prepares it anew sends the version that they read as If-Match; conditions that are left out stay.
    A decision that departs from what the scores or the regions' positions recommend says why (`departure`).
    """
    known = decision_of(session, found.row.id)
    need_match("decision", version, known)
    sent = kept(sent, known)
    row = prepare_decision(
        session,
        found.row,
        person_id=person_of(actor),
        outcome=sent.outcome,
        reasons=sent.reasons,
        conditions=sent.conditions,
        departure=sent.departure,
        panel=panel_of(session, found.row),
        expected_version=version,
    )
    answer.tag(row.version)
    return present_decision(session, row, names=True)


@router.post("/rounds/{round_id}/decision/confirmation")
def post_decision_confirmation(
    found: Confirm, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered
) -> DecisionOut:
    """Confirm the decision that another person prepared, exactly as it was read. It stays pending until released."""
    row = confirm_decision(
        session,
        found.row,
        person_id=person_of(actor),
        panel=panel_of(session, found.row),
        expected_version=version,
    )
    answer.tag(row.version)
    return present_decision(session, row, names=True)


@router.post("/rounds/{round_id}/decision/release")
def post_release(found: Release, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered) -> DecisionOut:
    """Release a confirmed decision: the partners read it from now on, and its conditions are tracked."""
    with followed(session, found.collaboration):
        row: Decision = release_decision(
            session,
            found.row,
            person_id=person_of(actor),
            panel=panel_of(session, found.row),
            collaboration=found.collaboration,
            expected_version=version,
        )
    answer.tag(row.version)
    return present_decision(session, row, names=True)


@router.get("/rounds/{round_id}/conditions")
def list_conditions(found: Read, session: Tx, actor: CurrentActor, page: Page) -> Listing[ConditionOut]:
    """List the conditions of a released decision, in their order."""
    rows, blinding = (
        page.each(session, lambda: conditions_of(session, found.row.id)),
        blinding_of(session, actor, found.collaboration),
    )
    return page.cut(
        rows,
        lambda one: one.number,
        show=lambda part: [blinding.over(ConditionOut.model_validate(one)) for one in part],
    )


@router.get("/rounds/{round_id}/conditions/{number}/closing")
def get_condition(found: Read, number: int, session: Tx, actor: CurrentActor, answer: Answered) -> ConditionOut:
    """Read a condition and how it was closed; its ETag is what the closing sends back as If-Match."""
    row = _condition(session, found, number)
    answer.tag(row.version)
    return blinding_of(session, actor, found.collaboration).over(ConditionOut.model_validate(row))


@router.post("/rounds/{round_id}/conditions/{number}/closing")
def post_closing(
    found: Track,
    number: int,
    version: IfMatch,
    sent: ConditionClosingIn,
    session: Tx,
    actor: CurrentActor,
    answer: Answered,
) -> ConditionOut:
    """Close a condition: as met, with what shows it, or as waived, with why."""
    _condition(session, found, number)
    row = close_condition(
        session,
        found.row,
        number,
        state=sent.state,
        evidence=sent.evidence,
        person_id=person_of(actor),
        expected_version=version,
    )
    answer.tag(row.version)
    return ConditionOut.model_validate(row)


def _condition(session: Session, found: RoundAccess, number: int) -> Condition:
    row = next((one for one in conditions_of(session, found.row.id) if one.number == number), None)
    if row is None:
        raise Missing("condition", number)
    return row


@router.get("/panels/{panel}/ranking")
def get_ranking(actor: Runner, panel: str, session: Tx, page: Page) -> Listing[RankedOut]:
    """Rank the dossiers of a panel whose consensus is in, with the rule that decided each tie."""
    partnership = session.get_one(Partnership, actor.partnership_id)
    defined = panel_in(parse(chosen_text(session, partnership.playbook)).panels, panel)
    ranked = page.each(session, lambda: ranking_of(session, partnership.id, panel, panel=defined))
    rows = collaborations_by_id(session, [one.contender.collaboration_id for one in ranked])
    allowed = {row.id for row in permitted(session, actor, list(rows.values()), Action.READ_REVIEW)}
    shown = [one for one in ranked if one.contender.collaboration_id in allowed]
    return page.cut(
        shown,
        lambda one: one.contender.collaboration_id,
        show=lambda part: [
            RankedOut(
                rank=one.rank,
                collaboration_id=one.contender.collaboration_id,
                title=one.contender.title,
                points=points(one.points),
                passed=one.passed,
                decided_by=one.decided_by,
            )
            for one in part
        ],
    )
