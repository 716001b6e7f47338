"""Routes of a partnership itself and of its working areas."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.http.access import PARTNERSHIP, Allowed
from api.http.dependencies import InPartnership, Tx
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Listing, Output
from states.partners.queries import working_areas_of
from states.partners.tables import Partnership, PartnershipKind
from states.rights.access import Action, Actor

router = APIRouter(tags=["partnerships"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP))]
Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]


class PartnershipOut(Output):
    id: str
    slug: str
    name: str
    kind: PartnershipKind
    programme: str
    objective: str
    acknowledges: list[str]
    playbook: str


class WorkingAreaOut(Output):
    number: int
    name: str
    in_charge: list[str] = Field(description="slugs of regions")
    involved: list[str] = Field(description="slugs of regions")
    other_actors: str


@router.get("/partnerships")
def list_partnerships(session: Tx, actor: Insider, page: Page) -> Listing[PartnershipOut]:
    """List the partnerships that the token opens: one."""
    rows = [session.get_one(Partnership, actor.partnership_id)]
    return page.cut(rows, lambda one: one.id, show=lambda part: [PartnershipOut.model_validate(row) for row in part])


@router.get("/partnerships/{partnership}")
def get_partnership(row: Read) -> PartnershipOut:
    """Read a partnership by its slug."""
    return PartnershipOut.model_validate(row)


@router.get("/partnerships/{partnership}/working-areas")
def list_working_areas(row: Read, session: Tx, page: Page) -> Listing[WorkingAreaOut]:
    """List the working areas with the regions in charge and involved."""
    entries = working_areas_of(session, row.id)
    return page.cut(
        entries,
        lambda one: one.area.number,
        show=lambda part: [
            WorkingAreaOut(
                number=entry.area.number,
                name=entry.area.name,
                in_charge=[region.slug for region in entry.in_charge],
                involved=[region.slug for region in entry.involved],
                other_actors=entry.area.other_actors,
            )
            for entry in part
        ],
    )
