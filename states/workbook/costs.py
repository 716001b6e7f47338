"""The sheet of costs: what each partner of a collaboration spends, as the protocol's table of costs shows it."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from states.crossings.costs import add_cost, change_cost
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs.cost_lines import CostPlan, plan_faults, plan_of
from states.funding.inputs.tables import CostLine
from states.funding.money.currencies import EURO
from states.storage.amounts import NumberUnreadable, read_rate
from states.workbook.cells import ANSWER, DAY, FLAG, MONEY, Raw, Unreadable, choice
from states.workbook.line import Column, Line, Values
from states.workbook.sheet import Sheet
from states.workbook.world import World, resolve


def _exact(raw: Raw) -> object:
    if isinstance(raw, str):
        try:
            return read_rate(raw)
        except NumberUnreadable as error:
            raise Unreadable(error.fault.text, remedy=error.fault.advice) from None
    return MONEY.read(raw)


_EXACT = replace(MONEY, read=_exact)
# A drop-down of a spreadsheet takes 255 characters: so many words stand in the note.
_ACTIVITY = replace(choice(Activity), choices=(), says=f"one of {', '.join(Activity)}")


class Costs(Sheet[CostLine]):
    """Cost lines of the collaborations: each partner, site and activity has one of its own."""

    name = "costs"
    says = (
        "What the partners of each collaboration spend, before any funding: a line for each partner, site and activity."
    )
    handle = ("collaboration", "slug")
    columns = (
        Column(
            name="collaboration", required=True, key=True, refers="collaborations", example="soil-sensors", width=24
        ),
        Column(name="slug", required=True, key=True, note="unique within the collaboration", example="field-rigs"),
        Column(name="organisation", required=True, refers="organisations", note="takes part", example="acme"),
        Column(name="nuts", required=True, note="site: code of NUTS 2024, level 3 or 2", example="PL229", width=12),
        Column(name="activity", kind=_ACTIVITY, required=True, example="experimental", width=24),
        Column(
            name="cost_category",
            kind=choice(CostCategory, empty=CostCategory.OTHER),
            example="equipment",
            width=20,
        ),
        Column(name="amount", kind=MONEY, note="EUR; empty where it follows from what was stated", example=250_000),
        Column(name="currency", note="ISO 4217, of stated; empty: EUR", width=10),
        Column(name="stated", kind=_EXACT, note="what an offer or a payroll says, in the currency"),
        Column(name="rate", kind=_EXACT, note="units for EUR 1; empty: the partnership's, of the month by its rule"),
        Column(name="rate_on", kind=DAY, note="day of the rate", width=12),
        Column(name="rate_source", note="who says the rate"),
        Column(name="vat_percent", kind=MONEY, note="empty: none, or nothing is said of it", width=12),
        Column(name="vat_included", kind=FLAG, note="what was stated holds the VAT", width=12),
        Column(name="vat_recoverable", kind=ANSWER, note="empty: as the organisation's status says", width=14),
        Column(name="in_kind", kind=FLAG, note="brought without cash", width=10),
        Column(name="option", note="the simplified cost option that it goes by", width=22),
        Column(name="percent", kind=MONEY, note="of a flat rate, where less than at most", width=10),
        Column(name="units", kind=MONEY, note="of a unit cost", width=10),
        Column(name="starts_on", kind=DAY, note="start of works: first firm commitment", example=None, width=12),
        Column(name="title", width=34),
        Column(name="illustrative", kind=FLAG, note="made up for a demonstration", example="yes", width=11),
    )

    def rows(self, world: World) -> Iterable[CostLine]:
        return world.costs.values()

    def values_of(self, world: World, row: CostLine) -> Values:
        places = {one.id: slug for slug, one in world.collaborations.items()}
        slug = world.slug_of.get(row.organisation_id, "")
        named = {"collaboration": places[row.collaboration_id], "organisation": slug}
        return row.model_dump() | named | {"currency": "" if row.currency == EURO else row.currency}

    def find(self, world: World, line: Line) -> CostLine | None:
        return world.costs.get((line.text("collaboration"), line.text("slug")))

    def prepare(self, line: Line) -> None:
        resolve(line, "nuts")

    def check(self, world: World, line: Line, row: CostLine | None) -> None:
        collaboration = world.collaborations.get(line.text("collaboration"))
        if collaboration is None:
            world.missing(line, "collaboration", "collaborations", world.collaborations)
        organisation = world.organisation(line, "organisation")
        if line.ok("activity", "nuts") and organisation is not None:
            line.blame(plan_faults(_plan(line, organisation.id)))
        if collaboration is None or organisation is None:
            return
        if organisation.id not in {one.organisation.id for one in world.partners_of(collaboration)}:
            line.fault("organisation", "no_partner_collaboration", remedy="name_partner")

    def keep(self, world: World, line: Line, row: CostLine | None) -> CostLine:
        collaboration = world.collaborations[line.text("collaboration")]
        plan = _plan(line, world.members[line.text("organisation")][0].id, row)
        if row is None:
            row = add_cost(world.session, collaboration, plan)
        else:
            change_cost(world.session, collaboration, row, plan)
        world.costs[collaboration.slug, row.slug] = row
        return row


def _plan(line: Line, organisation_id: str, row: CostLine | None = None) -> CostPlan:
    known = plan_of(row) if row is not None else None
    option, rate = line.text("option"), line.money("rate")
    return CostPlan(
        slug=line.text("slug"),
        organisation_id=organisation_id,
        nuts=line.text("nuts"),
        activity=Activity(line.text("activity")),
        # What a flat rate came to elsewhere is no word on what it comes to here.
        amount=None if option and row is None else line.money("amount"),
        starts_on=line.day("starts_on"),
        cost_category=CostCategory(line.text("cost_category") or CostCategory.OTHER),
        title=line.text("title"),
        economic=known.economic if known else True,
        disadvantaged_trainees=known.disadvantaged_trainees if known else False,
        illustrative=line.flag("illustrative"),
        currency=line.text("currency") or EURO,
        stated=line.money("stated"),
        rate=rate,
        rate_on=line.day("rate_on"),
        rate_source=line.text("rate_source"),
        own_rate=_is_own(rate, line, known),
        vat_percent=line.money("vat_percent"),
        vat_included=line.flag("vat_included"),
        vat_recoverable=recoverable if isinstance(recoverable := line.values.get("vat_recoverable"), bool) else None,
        in_kind=line.flag("in_kind"),
        option=option,
        percent=line.money("percent"),
        units=line.money("units"),
    )


def _is_own(rate: Decimal | None, line: Line, known: CostPlan | None) -> bool:
    """Tell whether a rate is somebody's own: any that the line did not have from the partnership's table."""
    if not (rate or line.day("rate_on") or line.text("rate_source")):
        return False
    written = (rate, line.day("rate_on"), line.text("rate_source"), line.text("currency") or EURO)
    if known is not None and written == (known.rate, known.rate_on, known.rate_source, known.currency):
        return known.own_rate
    return True
