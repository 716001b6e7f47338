"""Routes of corrections: another text of a released decision, by two other hands; the old one stays to be read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session

from api.http.access import ROUND, Allowed
from api.http.conditional import Answered, IfMatch, MaybeMatch, need_match
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Listing, Output, Prose, Text, kept
from api.routes.review.review_schemas import DecisionIn, DecisionOut
from api.routes.review.review_views import labels, present_decision
from states.crossings.deadlines.followers import followed
from states.crossings.review.rounds import panel_of
from states.crossings.rights.collaborations import blinding_of
from states.review.access import RoundAccess
from states.review.corrections import corrections_of, prepare_correction, release_correction, waiting_correction
from states.review.queries import decision_of
from states.review.tables import DecisionCorrection, Outcome
from states.rights.access import Action, may

router = APIRouter(prefix="/rounds/{round_id}/decision", tags=["review"], route_class=Idempotent)

Read = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.READ_DECISION))]
Prepare = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.PREPARE_DECISION))]
Confirm = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.CONFIRM_DECISION))]


class DecisionCorrectionIn(DecisionIn):
    model_config = example(
        outcome="endorse", reasons="Every threshold is met.", because="The second letter was there already."
    )

    because: Prose = Field(description="what was wrong with the text in force")


class ReplacedOut(Output):
    """The text that was in force until the correction was released."""

    outcome: Outcome
    reasons: Text
    conditions: list[Text]
    departure: Text | None = Field(default=None, description="why it departed from what was recommended")
    released_at: datetime


class DecisionCorrectionOut(Output):
    number: int
    because: Text
    outcome: Outcome
    reasons: Text
    conditions: list[Text]
    departure: Text | None = Field(description="why it departs from what was recommended, where it does")
    prepared_by: str | None = Field(description="by role; to those inside only")
    prepared_at: datetime
    released_at: datetime | None = Field(description="none: it waits for another person to release it")
    replaced: ReplacedOut | None
    version: int


@router.get("/corrections")
def list_corrections(found: Read, session: Tx, actor: CurrentActor, page: Page) -> Listing[DecisionCorrectionOut]:
    """List how a decision was corrected, the first correction first, each with the text that it replaced.

    Before its release, only those who run the review read a correction.
    """
    inside = may(actor, Action.RUN_REVIEW, found.scope)
    rows = [
        one
        for one in page.each(session, lambda: corrections_of(session, found.row.id))
        if inside or one.released_at is not None
    ]
    blinding = blinding_of(session, actor, found.collaboration)
    return page.cut(
        rows,
        lambda one: one.number,
        show=lambda part: [blinding.over(one) for one in _present(session, part, names=inside)],
    )


@router.put("/correction")
def put_correction(
    found: Prepare, version: MaybeMatch, sent: DecisionCorrectionIn, session: Tx, actor: CurrentActor, answer: Answered
) -> DecisionCorrectionOut:
    """Prepare another text of a released decision, with why; neither who prepared nor who confirmed the present one.

    Who prepares it anew sends the version that they read as If-Match; conditions that are left out stay.
    """
    known = waiting_correction(session, found.row.id)
    need_match("correction", version, known)
    sent = kept(sent, known or decision_of(session, found.row.id))
    row = prepare_correction(
        session,
        found.row,
        person_id=person_of(actor),
        because=sent.because,
        outcome=sent.outcome,
        reasons=sent.reasons,
        conditions=sent.conditions,
        departure=sent.departure,
        panel=panel_of(session, found.row),
        expected_version=version,
    )
    answer.tag(row.version)
    return _present(session, [row], names=True)[0]


@router.post("/correction/release")
def post_correction_release(
    found: Confirm, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered
) -> DecisionOut:
    """Release a correction that another person prepared: it takes the place of the text in force, which is kept."""
    with followed(session, found.collaboration):
        row = release_correction(
            session,
            found.row,
            person_id=person_of(actor),
            collaboration=found.collaboration,
            expected_version=version,
        )
    answer.tag(row.version)
    return present_decision(session, row, names=True)


def _present(session: Session, rows: Sequence[DecisionCorrection], *, names: bool) -> list[DecisionCorrectionOut]:
    known = labels(session, [one.prepared_by for one in rows]) if names else {}
    return [
        DecisionCorrectionOut.model_validate(
            {**one.model_dump(), "prepared_by": known.get(one.prepared_by), "replaced": one.was or None}
        )
        for one in rows
    ]
