"""Routes of a partnership's working areas: list, make, read, change, end, take up again."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.http.access import PARTNERSHIP, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Output, Prose, Slug, changes_in
from states.partners.queries import WorkingAreaEntry, working_areas_of
from states.partners.tables import Partnership
from states.partners.working_areas import AreaPlan, add_area, area_by_number, edit_area, end_area, plan_of, resume_area
from states.rights.access import Action

router = APIRouter(prefix="/partnerships/{partnership}/working-areas", tags=["partnerships"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]
Regions = Annotated[list[Slug], Field(max_length=100, description="slugs of regions, in the order of the report")]


class WorkingAreaIn(Input):
    model_config = example(name="Soil and water", in_charge=["paca"], involved=["upper-silesia"])

    number: int | None = Field(default=None, le=10_000, description="the next one where it is left out")
    name: Line
    in_charge: Regions = Field(default=[])
    involved: Regions = Field(default=[])
    other_actors: Prose = ""


class WorkingAreaPatch(Input):
    model_config = example(name="Biomaterials, implants and coatings")

    name: Line | None = None
    in_charge: Regions | None = None
    involved: Regions | None = None
    other_actors: Prose | None = None


class WorkingAreaOut(Output):
    number: int
    name: str
    in_charge: list[str] = Field(description="slugs of regions")
    involved: list[str] = Field(description="slugs of regions")
    other_actors: str
    ended_at: datetime | None = Field(description="since when no collaboration takes it up any more")
    version: int


@router.get("")
def list_working_areas(row: Read, session: Tx, page: Page) -> Listing[WorkingAreaOut]:
    """List the working areas with the regions in charge and involved."""
    entries = page.each(session, lambda: working_areas_of(session, row.id))
    return page.cut(entries, lambda one: one.area.number, show=lambda part: [_present(entry) for entry in part])


@router.post("", status_code=201)
def post_working_area(row: Edit, sent: WorkingAreaIn, session: Tx, answer: Answered) -> WorkingAreaOut:
    """Make a working area; every new collaboration's protocol begins in one."""
    area = add_area(session, row, AreaPlan(**sent.model_dump(exclude={"number"})), number=sent.number)
    answer.created("get_working_area", partnership=row.slug, number=area.number)
    answer.tag(area.version)
    return _present(area_by_number(session, row.id, area.number))


@router.get("/{number}")
def get_working_area(row: Read, number: int, session: Tx, answer: Answered) -> WorkingAreaOut:
    """Read a working area by its number; its ETag is what a change sends back as If-Match."""
    entry = area_by_number(session, row.id, number)
    answer.tag(entry.area.version)
    return _present(entry)


@router.patch("/{number}")
def patch_working_area(
    row: Edit, number: int, version: IfMatch, sent: WorkingAreaPatch, session: Tx, answer: Answered
) -> WorkingAreaOut:
    """Change a working area: its name, or its regions. What is left out stays."""
    entry = area_by_number(session, row.id, number)
    changes = changes_in(sent, cleared={"in_charge": [], "involved": [], "other_actors": ""})
    edit_area(session, entry.area, replace(plan_of(entry), **changes), expected_version=version)
    answer.tag(entry.area.version)
    return _present(area_by_number(session, row.id, number))


@router.post("/{number}/ending")
def post_area_ending(row: Edit, number: int, version: IfMatch, session: Tx, answer: Answered) -> WorkingAreaOut:
    """End a working area: collaborations in it go on, and none takes it up any more."""
    entry = area_by_number(session, row.id, number)
    end_area(session, entry.area, expected_version=version)
    answer.tag(entry.area.version)
    return _present(entry)


@router.post("/{number}/resumption")
def post_area_resumption(row: Edit, number: int, version: IfMatch, session: Tx, answer: Answered) -> WorkingAreaOut:
    """Let a working area that has ended be taken up again."""
    entry = area_by_number(session, row.id, number)
    resume_area(session, entry.area, expected_version=version)
    answer.tag(entry.area.version)
    return _present(entry)


def _present(entry: WorkingAreaEntry) -> WorkingAreaOut:
    return WorkingAreaOut(
        number=entry.area.number,
        name=entry.area.name,
        in_charge=[region.slug for region in entry.in_charge],
        involved=[region.slug for region in entry.involved],
        other_actors=entry.area.other_actors,
        ended_at=entry.area.ended_at,
        version=entry.area.version,
    )
