"""Routes of cost lines: what each partner spends, at which site, for which activity."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Listing, Money, Output, Slug, changes_in
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.crossings.costs import add_cost, change_cost, withdraw_cost
from states.crossings.rights.parts import need_part
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_lines import CostPlan, cost_by_slug, plan_of
from states.funding.inputs.tables import CostLine
from states.funding.queries import costs_of
from states.partners.queries import organisation_slugs
from states.rights.access import Action

router = APIRouter(prefix="/collaborations/{collaboration_id}/cost-lines", tags=["funding"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING_CASE))]
EditCosts = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_COSTS))]
Title = Annotated[str, Field(max_length=300)]


class CostLineIn(Input):
    model_config = example(
        slug="test-rig",
        organisation="medtech-gliwice",
        nuts="PL229",
        activity="experimental",
        cost_category="equipment",
        amount="180000.00",
        starts_on="2027-09-01",
        title="Test rig",
    )

    slug: Slug
    organisation: Slug = Field(description="the partner that spends it")
    nuts: Slug = Field(description="NUTS 2024 code of the site, level 3 or 2")
    activity: Activity
    cost_category: CostCategory = CostCategory.OTHER
    amount: Money = Field(description="eligible cost in EUR, before any funding")
    starts_on: date | None = Field(default=None, description="start of works: the first firm commitment")
    title: Title = ""
    economic: bool = Field(default=True, description="false: what a research organisation does outside the market")
    disadvantaged_trainees: bool = False
    illustrative: bool = False


class CostLinePatch(Input):
    model_config = example(amount="195000.00")

    organisation: Slug | None = None
    nuts: Slug | None = None
    activity: Activity | None = None
    cost_category: CostCategory | None = None
    amount: Money | None = None
    starts_on: date | None = None
    title: Title | None = None
    economic: bool | None = None
    disadvantaged_trainees: bool | None = None
    illustrative: bool | None = None


class CostLineOut(Output):
    id: str
    slug: str
    organisation: str
    nuts: str
    activity: Activity
    cost_category: CostCategory
    amount: Money
    starts_on: date | None = Field(description="none: nobody has said yet, and nothing is solved until then")
    title: str
    economic: bool
    disadvantaged_trainees: bool
    illustrative: bool
    version: int


@router.get("")
def list_cost_lines(row: Read, session: Tx, page: Page) -> Listing[CostLineOut]:
    """List the cost lines of a collaboration, by their short names."""
    rows = page.each(session, lambda: costs_of(session, row.id))
    return page.cut(rows, lambda one: one.id, show=lambda part: _presented(session, part))


@router.post("", status_code=201)
def post_cost_line(row: EditCosts, sent: CostLineIn, session: Tx, actor: CurrentActor, answer: Answered) -> CostLineOut:
    """Add a cost line; scenarios that were solved without it no longer hold, and say so.

    A partner adds its own costs; the lead and the office those of all.
    """
    organisation_id = _partner(session, row, sent.organisation)
    need_part(session, actor, row, organisation_id)
    known = {name: value for name, value in sent if name != "organisation"}
    made = add_cost(session, row, CostPlan(organisation_id=organisation_id, **known))
    answer.created("get_cost_line", collaboration_id=row.id, line=made.slug)
    answer.tag(made.version)
    return _present(session, made)


@router.get("/{line}")
def get_cost_line(row: Read, line: str, session: Tx, answer: Answered) -> CostLineOut:
    """Read a cost line by its short name; its ETag is what a change sends back as If-Match."""
    found = cost_by_slug(session, row, line)
    answer.tag(found.version)
    return _present(session, found)


@router.patch("/{line}")
def patch_cost_line(
    row: EditCosts, line: str, version: IfMatch, sent: CostLinePatch, session: Tx, actor: CurrentActor, answer: Answered
) -> CostLineOut:
    """Change a cost line; what is left out stays, and null takes the start of works away."""
    found = cost_by_slug(session, row, line)
    need_part(session, actor, row, found.organisation_id)
    changes = changes_in(sent, cleared={"starts_on": None, "title": ""}, apart={"organisation"})
    if sent.organisation is not None:
        changes["organisation_id"] = _partner(session, row, sent.organisation)
        need_part(session, actor, row, changes["organisation_id"])
    change_cost(session, row, found, replace(plan_of(found), **changes), expected_version=version)
    answer.tag(found.version)
    return _present(session, found)


@router.delete("/{line}", status_code=204)
def delete_cost_line(row: EditCosts, line: str, version: IfMatch, session: Tx, actor: CurrentActor) -> Response:
    """Withdraw a cost line; what was solved with it keeps it."""
    found = cost_by_slug(session, row, line)
    need_part(session, actor, row, found.organisation_id)
    withdraw_cost(session, row, found, expected_version=version)
    return Response(status_code=204)


def _partner(session: Session, row: Collaboration, slug: str) -> str:
    """Return the partner's id; a name that is unknown stands for itself, so that its fault comes with all others."""
    members = {one.organisation.slug: one.organisation.id for one in members_of(session, [row.id])[row.id]}
    return members.get(slug, slug)


def _present(session: Session, row: CostLine) -> CostLineOut:
    return _presented(session, [row])[0]


def _presented(session: Session, rows: Sequence[CostLine]) -> list[CostLineOut]:
    slugs = organisation_slugs(session, {row.organisation_id for row in rows})
    return [
        CostLineOut.model_validate({**row.model_dump(), "organisation": slugs[row.organisation_id]}) for row in rows
    ]
