"""Routes of regions: those of a partnership, NUTS units, and lists of regions as people write them."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.http.access import PARTNERSHIP, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import InPartnership, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import region_named
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Output, Slug, changes_in
from states.founding.naming import region_plan, short_name
from states.founding.service import join
from states.partners.queries import regions_of
from states.partners.regions import RegionPlan, edit_region, region_plan_of
from states.partners.tables import Partnership
from states.places import nuts
from states.places.region_reader import read_regions
from states.rights.access import Action, Actor

router = APIRouter(tags=["regions"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]
Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]


class RegionIn(Input):
    model_config = example(slug="aragon", name="Aragón", codes=["ES24"])

    slug: Slug | None = Field(default=None, description="made from its name where none is given")
    name: Line | None = Field(default=None, description="that of its first code where none is given")
    codes: list[Slug] = Field(
        default=[], max_length=100, description="NUTS 2024, all in one country; read from its name where none is given"
    )
    leading: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


class RegionPatch(Input):
    model_config = example(name="Provence and the Alps", leading=True)

    slug: Slug | None = None
    name: Line | None = None
    codes: list[Slug] | None = Field(default=None, max_length=100, description="NUTS 2024, all in one country")
    leading: bool | None = None
    valid_from: date | None = Field(default=None, description="null clears it")
    valid_until: date | None = Field(default=None, description="its last day here; null clears it")


class RegionOut(Output):
    id: str
    slug: str
    name: str
    country: str
    codes: list[str] = Field(description="NUTS 2024")
    leading: bool
    valid_from: date | None
    valid_until: date | None
    version: int


class NutsUnitOut(Output):
    code: str
    name: str
    level: int
    country: str = Field(description="ISO 3166-1 alpha-2")


class RegionListIn(Input):
    model_config = example(text="Upper Silesia (lead), Aragón and Provence-Alpes-Côte d'Azur")

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


@router.get("/partnerships/{partnership}/regions")
def list_regions(row: Read, session: Tx, page: Page) -> Listing[RegionOut]:
    """List the regions with their NUTS codes, leading ones first."""
    rows = page.each(session, lambda: regions_of(session, row.id))
    return page.cut(rows, lambda one: one.id, show=lambda part: [RegionOut.model_validate(one) for one in part])


@router.post("/partnerships/{partnership}/regions", status_code=201)
def post_region(row: Edit, sent: RegionIn, session: Tx, answer: Answered) -> RegionOut:
    """Add a region as a named set of NUTS codes; what is no code comes back with what may have been meant."""
    region = join(session, row, _plan_of(sent))
    answer.created("get_region", partnership=row.slug, region=region.slug)
    answer.tag(region.version)
    return RegionOut.model_validate(region)


def _plan_of(sent: RegionIn) -> RegionPlan:
    """Return the plan of a region; what of its name and codes was left out follows from the other."""
    if sent.name and sent.codes:
        plan = RegionPlan(sent.slug or short_name(sent.name), sent.name, sent.codes, sent.leading)
    else:
        written = sent.codes or [sent.name or ""]
        plan = region_plan(written, slug=sent.slug, name=sent.name, leading=sent.leading)
    return replace(plan, valid_from=sent.valid_from, valid_until=sent.valid_until)


@router.get("/partnerships/{partnership}/regions/{region}")
def get_region(row: Read, region: str, session: Tx, answer: Answered) -> RegionOut:
    """Read a region by its slug; its ETag is what a change sends back as If-Match."""
    found = region_named(session, row.id, region)
    answer.tag(found.version)
    return RegionOut.model_validate(found)


@router.patch("/partnerships/{partnership}/regions/{region}")
def patch_region(
    row: Edit, region: str, version: IfMatch, sent: RegionPatch, session: Tx, answer: Answered
) -> RegionOut:
    """Correct a region; what is left out stays. One that takes part no more has a last day."""
    found = region_named(session, row.id, region)
    changes = changes_in(sent, cleared={"valid_from": None, "valid_until": None})
    edit_region(session, found, replace(region_plan_of(found), **changes), expected_version=version)
    answer.tag(found.version)
    return RegionOut.model_validate(found)


@router.post("/region-readings")
def read_region_list(_: Insider, sent: RegionListIn) -> RegionReadingOut:
    """Read a list of regions as people write it; tell what was guessed and what could not be read. Keeps nothing."""
    return RegionReadingOut.model_validate(read_regions(sent.text))


@router.get("/nuts/{code}")
def get_nuts_unit(_: Insider, code: str, answer: Answered) -> NutsUnitOut:
    """Read a unit of NUTS 2024; an earlier edition's code is refused with its successors."""
    found = nuts.unit(code)
    answer.tag(f"nuts2024-{found.code}")
    return NutsUnitOut.model_validate(found)
