"""Routes of simplified cost options: those of regulations, and those that a partnership adds for its programmes."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from api.http.access import PARTNERSHIP, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Money, Output, Rate, Slug
from states.errors import Missing
from states.funding.case.vocabulary import CostCategory
from states.funding.money.options import (
    Option,
    OptionPlan,
    add_option,
    chosen_options,
    end_option,
    option_row,
    options_of,
    withdraw_option,
)
from states.funding.money.rates import terms_of
from states.funding.money.tables import OptionKind
from states.partners.tables import Partnership
from states.rights.access import Action

router = APIRouter(prefix="/partnerships/{partnership}/simplified-costs", tags=["funding"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]
Categories = Annotated[list[CostCategory], Field(max_length=len(CostCategory))]
Text = Annotated[str, Field(max_length=300)]


class SimplifiedCostIn(Input):
    model_config = example(
        slug="baltic-travel",
        title="Travel in the Baltic programme",
        kind="flat_rate",
        under="interreg-travel-15",
        percent="10.00",
        base=["personnel"],
        covers=["travel"],
        source="programme manual 4.2, page 61",
        valid_from="2027-01-01",
    )

    slug: Slug
    title: Line
    kind: OptionKind
    covers: Categories = Field(description="cost categories that it stands for")
    source: Line = Field(description="where the programme says it")
    valid_from: date
    valid_to: date | None = None
    base: Categories = Field(default=[], description="cost categories that a flat rate is a part of")
    percent: Rate | None = Field(default=None, description="of a flat rate, at most")
    amount: Money | None = Field(default=None, description="EUR a unit, or of the lump sum")
    unit: Text = Field(default="", description="what a unit cost counts, such as an hour of work")
    under: Slug = Field(default="", description="the option of a regulation whose bounds it keeps")
    article: Text = Field(default="", description="empty: that of the regulation's")
    instrument: Slug = Field(default="", description="the programme that it is of, from the catalogue; empty: any")


class SimplifiedCostEnd(Input):
    model_config = example(valid_to="2027-12-31")

    valid_to: date | None = Field(description="the last day on which new lines may use it; null: it goes on")


class SimplifiedCostOut(Output):
    id: str = Field(description="what a cost line names as `option`")
    title: str
    kind: OptionKind
    article: str
    eli: str = Field(description="of the act")
    source: str
    verified: bool = Field(description="whether somebody read the article itself")
    verified_on: date | None
    condition: str = Field(description="what else must hold")
    valid_from: date
    valid_to: date | None
    percent: Rate | None
    amount: Money | None
    unit: str
    base: tuple[CostCategory, ...]
    covers: tuple[CostCategory, ...]
    under: str
    instrument: str
    own: bool = Field(description="whether the partnership added it")
    chosen: bool = Field(description="whether its rule lets new lines use it")
    version: int = Field(description="0 of what ships")


@router.get("")
def list_simplified_costs(row: Read, session: Tx, page: Page) -> Listing[SimplifiedCostOut]:
    """List the flat rates, unit costs and lump sums that cost lines can go by, each with its article."""
    chosen = terms_of(session, row.id).options
    rows = page.each(session, lambda: list(options_of(session, row.id).values()))
    return page.cut(
        rows,
        lambda one: one.id,
        show=lambda part: [_shown(one, chosen=not chosen or one.id in chosen) for one in part],
    )


@router.post("", status_code=201)
def post_simplified_cost(row: Edit, sent: SimplifiedCostIn, session: Tx, answer: Answered) -> SimplifiedCostOut:
    """Add an option of a programme or a call; under one of a regulation it keeps its percentage, base and days."""
    made = add_option(
        session, row, OptionPlan(**{**dict(sent), "base": tuple(sent.base), "covers": tuple(sent.covers)})
    )
    answer.created("get_simplified_cost", partnership=row.slug, option=made.slug)
    return _answered(row, made.slug, session, answer)


@router.get("/{option}")
def get_simplified_cost(row: Read, option: str, session: Tx, answer: Answered) -> SimplifiedCostOut:
    """Read a simplified cost option with its article, base and cap."""
    return _answered(row, option, session, answer)


@router.patch("/{option}")
def patch_simplified_cost(
    row: Edit, option: str, version: IfMatch, sent: SimplifiedCostEnd, session: Tx, answer: Answered
) -> SimplifiedCostOut:
    """Say until when an option that was added may be used; lines that go by it keep it."""
    end_option(session, option_row(session, row.id, option), valid_to=sent.valid_to, expected_version=version)
    return _answered(row, option, session, answer)


@router.delete("/{option}", status_code=204)
def delete_simplified_cost(row: Edit, option: str, version: IfMatch, session: Tx) -> Response:
    """Take out an option that was added, and that no cost line goes by."""
    withdraw_option(session, option_row(session, row.id, option), expected_version=version)
    return Response(status_code=204)


def _answered(row: Partnership, key: str, session: Tx, answer: Answered) -> SimplifiedCostOut:
    found = options_of(session, row.id).get(key)
    if found is None:
        raise Missing("simplified_cost", key)
    answer.tag(found.version)
    return _shown(found, chosen=key in chosen_options(session, row.id))


def _shown(one: Option, *, chosen: bool) -> SimplifiedCostOut:
    return SimplifiedCostOut.model_validate({**dict(one), "chosen": chosen})
