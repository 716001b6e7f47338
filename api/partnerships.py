"""Routes of a partnership: its regions, working areas, organisations and events; NUTS units and lists of regions."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.conditional import Answered
from api.dependencies import InPartnership, Tx
from api.idempotency import Idempotent
from api.paging import Page
from api.reach import OfPartnership
from api.schemas import Input, Listing, Money, Output
from states.access import Action, Actor
from states.partners import nuts
from states.partners.queries import events_of, organisations_of, regions_of, working_areas_of
from states.partners.region_reader import read_regions
from states.partners.tables import (
    EventKind,
    Membership,
    Organisation,
    OrganisationKind,
    Partnership,
    PartnershipKind,
    SizeClass,
)

router = APIRouter(tags=["partnerships"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(OfPartnership(Action.READ_PARTNERSHIP))]
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


class RegionOut(Output):
    id: str
    slug: str
    name: str
    country: str
    codes: list[str] = Field(description="NUTS 2024")
    leading: bool
    valid_from: date | None
    valid_until: date | None


class WorkingAreaOut(Output):
    number: int
    name: str
    in_charge: list[str] = Field(description="slugs of regions")
    involved: list[str] = Field(description="slugs of regions")
    other_actors: str


class OrganisationOut(Output):
    id: str
    slug: str
    name: str
    kind: OrganisationKind
    country: str
    nuts: str
    headcount: int | None
    turnover: Money | None
    balance_sheet: Money | None
    size_class: SizeClass
    illustrative: bool
    part: str = Field(description="its place in the partnership")


class EventOut(Output):
    id: str
    name: str
    kind: EventKind
    held_on: str = Field(description='a date that may be partial: "2020-03", "2020-mid"')
    place: str
    information: str
    illustrative: bool


class NutsUnitOut(Output):
    code: str
    name: str
    level: int
    country: str = Field(description="ISO 3166-1 alpha-2")


class RegionListIn(Input):
    text: str = Field(max_length=20_000, description="a list of regions as people write it")


class ReadRegionOut(Output):
    code: str
    name: str
    spelling: str
    guessed: str | None = Field(description="why the reading is a guess; null where it is certain")


class UnreadFragmentOut(Output):
    text: str
    why: str
    nearest: list[NutsUnitOut]


class RegionReadingOut(Output):
    codes: list[str]
    read: list[ReadRegionOut]
    unread: list[UnreadFragmentOut] = Field(description="what could not be read; nothing is dropped")


@router.get("/partnerships")
def list_partnerships(session: Tx, actor: Insider, page: Page) -> Listing[PartnershipOut]:
    """List the partnerships that the token opens: one."""
    rows = [session.get_one(Partnership, actor.partnership_id)]
    return Listing(items=[PartnershipOut.model_validate(row) for row in page.cut(rows)], total=len(rows))


@router.get("/partnerships/{partnership}")
def get_partnership(row: Read) -> PartnershipOut:
    """Read a partnership by its slug."""
    return PartnershipOut.model_validate(row)


@router.get("/partnerships/{partnership}/regions")
def list_regions(row: Read, session: Tx, page: Page) -> Listing[RegionOut]:
    """List the regions with their NUTS codes, leading ones first."""
    rows = regions_of(session, row.id)
    return Listing(items=[RegionOut.model_validate(one) for one in page.cut(rows)], total=len(rows))


@router.post("/region-readings")
def read_region_list(_: Insider, sent: RegionListIn) -> RegionReadingOut:
    """Read a list of regions as people write it; tell what was guessed and what could not be read. Keeps nothing."""
    return RegionReadingOut.model_validate(read_regions(sent.text))


@router.get("/partnerships/{partnership}/working-areas")
def list_working_areas(row: Read, session: Tx, page: Page) -> Listing[WorkingAreaOut]:
    """List the working areas with the regions in charge and involved."""
    entries = working_areas_of(session, row.id)
    items = [
        WorkingAreaOut(
            number=entry.area.number,
            name=entry.area.name,
            in_charge=[region.slug for region in entry.in_charge],
            involved=[region.slug for region in entry.involved],
            other_actors=entry.area.other_actors,
        )
        for entry in page.cut(entries)
    ]
    return Listing(items=items, total=len(entries))


@router.get("/partnerships/{partnership}/organisations")
def list_organisations(row: Read, session: Tx, page: Page) -> Listing[OrganisationOut]:
    """List the organisations with their part in the partnership, by name."""
    entries = organisations_of(session, row.id)
    return Listing(items=[_organisation(*entry) for entry in page.cut(entries)], total=len(entries))


def _organisation(row: Organisation, membership: Membership) -> OrganisationOut:
    return OrganisationOut.model_validate({**row.model_dump(), "part": membership.part})


@router.get("/partnerships/{partnership}/events")
def list_events(row: Read, session: Tx, page: Page) -> Listing[EventOut]:
    """List the events in the order of their dates, which may be partial."""
    rows = events_of(session, row.id)
    return Listing(items=[EventOut.model_validate(one) for one in page.cut(rows)], total=len(rows))


@router.get("/nuts/{code}")
def get_nuts_unit(_: Insider, code: str, answer: Answered) -> NutsUnitOut:
    """Read a unit of NUTS 2024; an earlier edition's code is refused with its successors."""
    found = nuts.unit(code)
    answer.tag(f"nuts2024-{found.code}")
    return NutsUnitOut.model_validate(found)
