"""Routes of risk reviews: the register of the frozen protocol looked through again and again, each time on record."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Input, Listing, Output, Prose
from api.reach import OfCollaboration
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import hold_risk_review
from states.partners.tables import Person
from states.protocol.queries import risk_reviews_of, version_by_id
from states.protocol.tables import RiskReview
from states.rights.access import Action

router = APIRouter(prefix="/collaborations/{collaboration_id}/risk-reviews", tags=["protocol"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(OfCollaboration(Action.READ_PROTOCOL))]
Hold = Annotated[Collaboration, Depends(OfCollaboration(Action.REVIEW_RISKS))]


class RiskReviewIn(Input):
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
    rows = risk_reviews_of(session, row.id)
    return page.cut(rows, lambda one: one.id, show=lambda part: [_present(session, one) for one in part])


@router.post("", status_code=201, responses=refusals(409))
def post_risk_review(
    row: Hold, sent: RiskReviewIn, session: Tx, actor: CurrentActor, answer: Answered
) -> RiskReviewOut:
    """Record that the risks were looked at and what came of it; the next review is due in its time."""
    held = hold_risk_review(session, row, note=sent.note, person_id=person_of(actor))
    answer.created("list_risk_reviews", collaboration_id=row.id)
    return _present(session, held)


def _present(session: Tx, row: RiskReview) -> RiskReviewOut:
    return RiskReviewOut(
        **row.model_dump(include={"number", "note", "reviewed_at"}),
        protocol_version=version_by_id(session, row.protocol_version_id).number,
        reviewed_by=session.get_one(Person, row.reviewed_by).label,
    )
