"""Routes of risk reviews: the register of the frozen protocol looked through again and again, each time on record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Listing, Output, Prose
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import hold_risk_review
from states.partners.queries import person_labels
from states.protocol.queries import risk_reviews_of, versions_by_id
from states.protocol.tables import RiskReview
from states.rights.access import Action

router = APIRouter(prefix="/collaborations/{collaboration_id}/risk-reviews", tags=["protocol"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROTOCOL))]
Hold = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.REVIEW_RISKS))]


class RiskReviewIn(Input):
    model_config = example(note="The supplier of the chamber is late by a month; a second one is asked.")

    note: Prose


class RiskReviewOut(Output):
    number: int
    protocol_version: int
    note: str
    reviewed_by: str
    reviewed_at: datetime


@router.get("")
def list_risk_reviews(row: Read, session: Tx, page: Page) -> Listing[RiskReviewOut]:
    """List the reviews of the risks, oldest first."""
    rows = page.each(session, lambda: risk_reviews_of(session, row.id))
    return page.cut(rows, lambda one: one.id, show=lambda part: _present(session, part))


@router.post("", status_code=201)
def post_risk_review(
    row: Hold, sent: RiskReviewIn, session: Tx, actor: CurrentActor, answer: Answered
) -> RiskReviewOut:
    """Record that the risks were looked at and what came of it; the next review is due in its time."""
    held = hold_risk_review(session, row, note=sent.note, person_id=person_of(actor))
    answer.created("list_risk_reviews", collaboration_id=row.id)
    return _present(session, [held])[0]


def _present(session: Session, rows: Sequence[RiskReview]) -> list[RiskReviewOut]:
    versions = versions_by_id(session, {row.protocol_version_id for row in rows})
    people = person_labels(session, {row.reviewed_by for row in rows})
    return [
        RiskReviewOut(
            **row.model_dump(include={"number", "note", "reviewed_at"}),
            protocol_version=versions[row.protocol_version_id].number,
            reviewed_by=people[row.reviewed_by],
        )
        for row in rows
    ]
