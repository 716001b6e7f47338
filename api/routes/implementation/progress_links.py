"""Routes of a link by which somebody of a partner writes its progress, and hands it in, without an account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import Session

from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.problems import refusals
from api.http.schemas import Output
from api.routes.implementation.progress import PartnerProgressOut, ProgressPatch, present_progress, progress_content
from states.changes import speak_as
from states.collaborations.queries import collaboration_by_id
from states.credentials.links import LinkPurpose, SignedLink, open_link
from states.crossings.implementation.progress import hand_in, known_to, of_link, write_progress
from states.implementation.tables import PartnerProgress
from states.rights.access import Role

router = APIRouter(prefix="/links/progress/{token}", tags=["progress"], route_class=Idempotent, responses=refusals(410))


class LinkedProgressIn(ProgressPatch):
    """What is left out stays; with `hand_in` it goes to the office."""

    model_config = example(done="The pilot line stands.", readiness=6, spent=[{"on": "rigs", "amount": "1200.00"}])

    hand_in: bool = False


class LinkedProgressOut(Output):
    """What somebody with a link is asked to say, and what may be named in it."""

    collaboration: str
    progress: PartnerProgressOut
    lines: list[str] = Field(description="cost lines of the partner, by short name; empty: any category")
    agreements: list[int] = Field(description="under which the partner receives money")
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkAccess:
    """A link that is still good, and what it is for."""

    link: SignedLink
    row: PartnerProgress


def of_progress_link(token: str, session: Tx) -> LinkAccess:
    """Return what the link asks for; it is its own right, for this alone, and its holder speaks for the partner."""
    link = open_link(session, token, purpose=LinkPurpose.PROGRESS)
    row = of_link(session, link.subject_id, link.person_id)
    speak_as(session, role=Role.PARTNER.value, organisation_id=row.organisation_id)
    return LinkAccess(link, row)


ByLink = Annotated[LinkAccess, Depends(of_progress_link)]


@router.get("")
def get_progress_link(found: ByLink, session: Tx) -> LinkedProgressOut:
    """Read what a link asks for: of which period, what is written already, and what may be named."""
    return _linked(session, found)


@router.post("")
def post_progress_link(found: ByLink, sent: LinkedProgressIn, session: Tx) -> LinkedProgressOut:
    """Write what was done and spent by a link, without an account, and hand it in if one says so."""
    write_progress(session, found.row, progress_content(found.row, sent))
    if sent.hand_in:
        hand_in(session, found.row, person_id=found.link.person_id)
    return _linked(session, found)


def _linked(session: Session, found: LinkAccess) -> LinkedProgressOut:
    known = known_to(session, found.row)
    return LinkedProgressOut(
        collaboration=collaboration_by_id(session, found.row.collaboration_id).title,
        progress=present_progress(session, [found.row])[0],
        lines=sorted(known.lines),
        agreements=sorted(known.agreements),
        expires_at=found.link.expires_at,
    )
