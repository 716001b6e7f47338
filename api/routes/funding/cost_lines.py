"""Routes of cost lines: what each partner spends, at which site, for which activity."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
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
from api.http.schemas import Exactly, Input, Listing, Money, Output, Rate, Site, Slug, Text, changes_in
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.crossings.costs import add_cost, change_cost, withdraw_cost
from states.crossings.rights.parts import need_part
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_lines import CostPlan, cost_by_slug, plan_of
from states.funding.inputs.cost_summary import summary_of
from states.funding.inputs.cost_values import parts_of
from states.funding.inputs.tables import CostLine
from states.funding.money.currencies import EURO
from states.funding.money.options import options_of
from states.funding.queries import costs_of
from states.partners.queries import organisation_slugs
from states.rights.access import Action

router = APIRouter(prefix="/collaborations/{collaboration_id}/cost-lines", tags=["funding"], route_class=Idempotent)
sums = APIRouter(prefix="/collaborations/{collaboration_id}/cost-summary", tags=["funding"], route_class=Idempotent)

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING_CASE))]
EditCosts = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_COSTS))]
Title = Annotated[str, Field(max_length=300)]
Currency = Annotated[str, Field(max_length=3)]


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
    nuts: Site = Field(description="NUTS 2024 code of the site, level 3 or 2, or its name")
    activity: Activity
    cost_category: CostCategory = CostCategory.OTHER
    amount: Money | None = Field(
        default=None, description="eligible cost in EUR, before any funding; left out where it follows from the rest"
    )
    starts_on: date | None = Field(default=None, description="start of works: the first firm commitment")
    title: Title = ""
    economic: bool = Field(default=True, description="false: what a research organisation does outside the market")
    disadvantaged_trainees: bool = False
    illustrative: bool = False
    currency: Currency = Field(default=EURO, description="ISO 4217: of `stated`")
    stated: Exactly | None = Field(default=None, description="what an offer or a payroll says, in `currency`")
    rate: Exactly | None = Field(
        default=None, description="an own rate, units for EUR 1; left out: the partnership's, of the month by its rule"
    )
    rate_on: date | None = Field(default=None, description="the day of the own rate")
    rate_source: Title = Field(default="", description="who says the own rate")
    vat_percent: Rate | None = Field(default=None, description="null: there is no VAT, or nothing is said of it")
    vat_included: bool = Field(default=False, description="whether `stated` holds the VAT")
    vat_recoverable: bool | None = Field(default=None, description="null: as the organisation's status says")
    in_kind: bool = Field(default=False, description="brought without cash: counts as cost and as own contribution")
    option: Slug = Field(default="", description="the simplified cost option that it goes by")
    percent: Rate | None = Field(default=None, description="of a flat rate, where less than at most")
    units: Exactly | None = Field(default=None, description="of a unit cost")


class CostLinePatch(Input):
    model_config = example(amount="195000.00")

    organisation: Slug | None = None
    nuts: Site | None = None
    activity: Activity | None = None
    cost_category: CostCategory | None = None
    amount: Money | None = Field(default=None, description="null: let it follow from the rest")
    starts_on: date | None = None
    title: Title | None = None
    economic: bool | None = None
    disadvantaged_trainees: bool | None = None
    illustrative: bool | None = None
    currency: Currency | None = None
    stated: Exactly | None = Field(default=None, description="null: the amount is in EUR as it stands")
    rate: Exactly | None = Field(default=None, description="an own rate; null: the partnership's")
    rate_on: date | None = None
    rate_source: Title | None = None
    vat_percent: Rate | None = None
    vat_included: bool | None = None
    vat_recoverable: bool | None = Field(default=None, description="null: as the organisation's status says")
    in_kind: bool | None = None
    option: Slug | None = Field(default=None, description="null: by none any more")
    percent: Rate | None = Field(default=None, description="null: as much as the option lets")
    units: Exactly | None = None


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
    currency: str
    stated: Exactly | None = Field(description="in `currency`; null: the amount was stated in EUR")
    rate: Exactly | None = Field(description="units of the currency for EUR 1")
    rate_on: date | None = Field(description="the day of the rate; of the partnership's, the first of its month")
    rate_source: str
    own_rate: bool = Field(description="whether somebody gave the rate for this line")
    vat_percent: Rate | None
    vat_included: bool
    vat_recoverable: bool | None
    net: Money | None = Field(description="EUR without VAT; null: nothing is said of VAT")
    vat: Money | None = Field(description="EUR of VAT")
    gross: Money | None = Field(description="EUR with VAT")
    in_kind: bool
    option: str
    percent: Rate | None
    units: Exactly | None
    article: str = Field(description="by which the simplified cost option is used")
    version: int


_CLEARED = {
    **dict.fromkeys(("amount", "starts_on", "stated", "rate", "rate_on", "vat_percent", "vat_recoverable")),
    **dict.fromkeys(("percent", "units")),
    **dict.fromkeys(("title", "rate_source", "option"), ""),
}


class CostsOut(Output):
    eligible: Money
    in_kind: Money = Field(description="of what is eligible")
    with_vat: Money = Field(description="what the lines cost, with all VAT that was stated")
    vat_left_out: Money = Field(description="VAT that comes back")


class PartnerCostsOut(CostsOut):
    organisation: str


class CostNoteOut(Output):
    article: str
    says: Text
    verified: bool = Field(description="whether somebody read the article")


class CostSummaryOut(CostsOut):
    partners: list[PartnerCostsOut]
    notes: list[CostNoteOut] = Field(description="what the acts say of VAT, in kind and simplified costs")


@sums.get("")
def get_cost_summary(row: Read, session: Tx) -> CostSummaryOut:
    """Read what the cost lines come to together and by partner, and what the acts say of it."""
    found = summary_of(session, row)
    slugs = organisation_slugs(session, set(found.by_partner))
    named = sorted(((slugs[key], costs) for key, costs in found.by_partner.items()), key=lambda one: one[0])
    notes = [{"article": one.article, "says": str(one.says), "verified": one.verified} for one in found.notes]
    partners = [{**asdict(costs), "organisation": slug} for slug, costs in named]
    return CostSummaryOut.model_validate({**asdict(found.whole), "partners": partners, "notes": notes})


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
    own = _gives_rate(dict(sent))
    made = add_cost(session, row, CostPlan(organisation_id=organisation_id, own_rate=own, **known))
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
    """Change a cost line; what is left out stays, and null takes away.

    `amount` is computed where something was stated, or an option is used: then change what it follows from.
    """
    found = cost_by_slug(session, row, line)
    need_part(session, actor, row, found.organisation_id)
    changes = changes_in(sent, cleared=_CLEARED, apart={"organisation"})
    if _gives_rate(changes) or changes.keys() & {"rate", "currency"}:
        changes["own_rate"] = _gives_rate(changes)
    if sent.organisation is not None:
        changes["organisation_id"] = _partner(session, row, sent.organisation)
        need_part(session, actor, row, changes["organisation_id"])
    change_cost(session, row, found, replace(plan_of(found), **changes), expected_version=version)
    answer.tag(found.version)
    return _present(session, found)


def _gives_rate(said: Mapping[str, object]) -> bool:
    """Tell whether somebody gives a rate, its day or its source: then it is their own, with all three."""
    return any(said.get(name) for name in ("rate", "rate_on", "rate_source"))


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
    keys = {row.collaboration_id for row in rows if row.option}
    options = {key: options_of(session, session.get_one(Collaboration, key).partnership_id) for key in keys}
    return [
        CostLineOut.model_validate(
            {
                **row.model_dump(),
                **{name: getattr(parts_of(row), name, None) for name in ("net", "vat", "gross")},
                "organisation": slugs[row.organisation_id],
                "article": options[row.collaboration_id][row.option].article if row.option else "",
            }
        )
        for row in rows
    ]
