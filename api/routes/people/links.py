"""Routes of signed links: what somebody without an account may do, for one purpose and one subject."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from api.http.access import ROUND, Allowed
from api.http.dependencies import Tx
from api.http.examples import ID, example
from api.http.idempotency import Idempotent
from api.http.problems import refusals
from api.http.schemas import Input, Output, Prose
from api.routes.review.review_schemas import RoundOutlineOut
from api.routes.review.review_views import present_outline
from states.changes import speak_as
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.credentials.links import (
    LinkFor,
    LinkPurpose,
    SignedLink,
    make_link,
    need_unused,
    open_link,
    revoke_link,
    use_link,
)
from states.crossings.review.rounds import panel_of
from states.errors import Missing
from states.review.access import RoundAccess
from states.review.conflicts.service import agree, declare
from states.review.conflicts.tables import ConflictKind, Ruling
from states.review.queries import round_by_id, seat_of
from states.review.seats import withdraw
from states.review.tables import ReviewRound
from states.rights.access import Action, Actor, Role

router = APIRouter(tags=["links"], route_class=Idempotent)

Run = Annotated[RoundAccess, Depends(Allowed(ROUND, Action.RUN_REVIEW))]


class LinkIn(Input):
    model_config = example(person=ID, days=14)

    person: str = Field(max_length=40, description="the id of somebody with a seat")
    days: int = Field(default=14, ge=1, le=60)


class LinkMadeOut(Output):
    link: str = Field(description="shown this once")


class LinkUseIn(Input):
    model_config = example(kind="none", agree=True)

    kind: ConflictKind | None = Field(default=None, description="what is declared; null where the seat is given back")
    reason: Prose = ""
    agree: bool = Field(default=False, description="agree to the rules of the review for this year too")


class LinkUsedOut(Output):
    ruling: Ruling | None = Field(description="what became of the declaration; null where the seat was given back")


@dataclass(frozen=True, slots=True)
class LinkAccess:
    """A link that is still good, and the seat's round."""

    row: SignedLink
    round: ReviewRound
    collaboration: Collaboration


@dataclass(frozen=True)
class OfLink:
    """A signed link; it is its own right, for its purpose alone."""

    purpose: LinkPurpose

    def __call__(self, token: str, session: Tx) -> LinkAccess:
        """Return what the link leads to, or raise `LinkForged` or `LinkEnded`."""
        row = open_link(session, token, purpose=self.purpose)
        opened = round_by_id(session, row.subject_id)
        speak_as(session, role=panel_of(session, opened).members.value)
        return LinkAccess(row, opened, collaboration_by_id(session, opened.collaboration_id))


Declare = Annotated[LinkAccess, Depends(OfLink(LinkPurpose.DECLARE))]


@router.post("/rounds/{round_id}/links", status_code=201)
def post_link(found: Run, sent: LinkIn, session: Tx) -> LinkMadeOut:
    """Make a link by which somebody on a seat declares without an account; it is good for one use."""
    if seat_of(session, found.row.id, sent.person) is None:
        raise Missing("seat", sent.person)
    wanted = LinkFor(found.collaboration.partnership_id, sent.person, LinkPurpose.DECLARE, found.row.id)
    return LinkMadeOut(link=f"/api/v1/links/{make_link(session, wanted, days=sent.days)}")


@router.delete("/rounds/{round_id}/links/{link_id}", status_code=204)
def delete_link(found: Run, link_id: str, session: Tx) -> Response:
    """Revoke a link of a round at once; its id is what stands before the dot."""
    row = session.get(SignedLink, link_id)
    if row is None or row.subject_id != found.row.id:
        raise Missing("link", link_id)
    revoke_link(session, link_id)
    return Response(status_code=204)


@router.get("/links/{token}", responses=refusals(410))
def get_link(found: Declare, session: Tx) -> RoundOutlineOut:
    """Read what a link is for: title, partners, regions and what is missing; the dossier does not open by it."""
    need_unused(found.row)
    return present_outline(session, found.round, _holder(session, found), found.collaboration)


@router.post("/links/{token}", responses=refusals(410))
def post_link_use(found: Declare, sent: LinkUseIn, session: Tx) -> LinkUsedOut:
    """Declare by a link, or give the seat back with a reason where no kind is sent; the link is used up."""
    use_link(session, found.row)
    person_id, collaboration = found.row.person_id, found.collaboration
    if sent.kind is None:
        withdraw(session, found.round, person_id=person_id, reason=sent.reason, collaboration=collaboration)
        return LinkUsedOut(ruling=None)
    if sent.agree:
        agree(session, partnership_id=collaboration.partnership_id, person_id=person_id)
    made = declare(
        session,
        found.round,
        person_id=person_id,
        kind=sent.kind,
        reason=sent.reason,
        collaboration=collaboration,
    )
    return LinkUsedOut(ruling=made.ruling)


def _holder(session: Tx, found: LinkAccess) -> Actor:
    role: Role = panel_of(session, found.round).members
    return Actor(role, found.collaboration.partnership_id, person_id=found.row.person_id)
