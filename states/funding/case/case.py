"""The funding case: everything that is needed to say who may pay for what, in one document; and a scenario of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field

from states.errors import Fault
from states.funding.case.instruments import DE_MINIMIS, EU_DIRECT, NO_ARTICLE, Instrument
from states.funding.case.partners import AidReceived, Enterprise, Link, Partner, ProjectFacts, Site
from states.funding.case.vocabulary import (
    BY_DATE,
    Activity,
    CaseModel,
    CostCategory,
    Euro,
    Key,
    Objective,
    ScenarioKind,
)
from states.places import nuts

# What amounts of a case can be; their sum is kept as small, so that every product with a percentage is whole and exact.
_LARGEST = Decimal("9999999999.99")


class CostItem(CaseModel):
    """One line of cost: what one partner spends at one of its sites for one activity, eligible, in EUR.

    `starts` is the start of works of the activity the line belongs to: the first firm commitment, not a study.
    `economic` is false for what a research organisation does outside the market: money for that is no State aid.
    """

    id: Key
    partner: Key
    site: Key
    activity: Activity
    cost_category: CostCategory = CostCategory.OTHER
    amount: Annotated[Euro, Field(gt=0)]
    starts: date
    title: str = ""
    economic: bool = True
    disadvantaged_trainees: bool = Field(default=False, description="training of disadvantaged or disabled workers")
    in_kind: bool = Field(default=False, description="brought by the partner without cash; nobody pays for it")
    stated: str = Field(default="", max_length=300, description="how its EUR came about, where it was stated otherwise")
    simplified: str = Field(default="", max_length=80, description="the simplified cost option that its amount goes by")


class Wanted(CaseModel):
    """What the case asks of any mix: the largest gap, instruments that must pay, and how sure the rules must be."""

    gap_most: Euro | None = None
    use: tuple[Key, ...] = ()
    verified_only: bool = Field(default=False, description="rely on no rule and no instrument that nobody verified")


class FundingCase(CaseModel):
    """Partners, costs, instruments, aid received and wishes on one date under one set of rules."""

    name: str = Field(min_length=1, max_length=200)
    date: date
    rule_set: Key = Field(default=BY_DATE, description="by-date: for each award of aid the set that holds on its day")
    illustrative: bool = False
    coordinator: Key | None = None
    project: ProjectFacts = ProjectFacts()
    partners: tuple[Partner, ...] = Field(min_length=1)
    enterprises: tuple[Enterprise, ...] = Field(default=(), description="outside the partnership, behind its partners")
    links: tuple[Link, ...] = ()
    cost_items: tuple[CostItem, ...] = Field(min_length=1)
    instruments: tuple[Instrument, ...] = ()
    aid_received: tuple[AidReceived, ...] = ()
    wanted: Wanted = Wanted()
    objectives: tuple[Objective, ...] = Field(default=tuple(Objective), min_length=1)
    scenarios: tuple[ScenarioKind, ...] = Field(default=tuple(ScenarioKind), min_length=1)

    @cached_property
    def partner_by_id(self) -> dict[str, Partner]:
        return {partner.id: partner for partner in self.partners}

    @cached_property
    def enterprise_by_id(self) -> dict[str, Enterprise]:
        """Partners and the enterprises behind them, by their ids."""
        return {one.id: one for one in (*self.partners, *self.enterprises)}

    @cached_property
    def item_by_id(self) -> dict[str, CostItem]:
        return {item.id: item for item in self.cost_items}

    @cached_property
    def instrument_by_id(self) -> dict[str, Instrument]:
        return {instrument.id: instrument for instrument in self.instruments}

    def changed(self, **parts: object) -> Self:
        """Return the case with some parts replaced, checked anew: what if.

        `model_copy` would keep what this case has looked up already.
        """
        kept = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate({**kept, **parts})

    def granted(self, item: CostItem) -> Decimal:
        """Return the EUR of the item that aid received before pays already."""
        return sum((aid.amount for aid in self.aid_received if aid.cost_item == item.id), Decimal(0))

    def left(self, item: CostItem) -> Decimal:
        """Return the EUR of the item that a scenario has to find: allocations + own + gap."""
        return item.amount - self.granted(item)

    def in_kind(self, partner: str) -> Decimal:
        """Return the EUR that a partner brings without cash; so much of its own money is none."""
        brought = (item.amount for item in self.cost_items if item.in_kind and item.partner == partner)
        return sum(brought, Decimal(0))

    def partner_of(self, item: CostItem) -> Partner:
        return self.partner_by_id[item.partner]

    def site_of(self, item: CostItem) -> Site:
        """Return the site where the money is spent."""
        return next(site for site in self.partner_of(item).sites if site.id == item.site)


def with_cohesion(case: FundingCase, category: Callable[[str, date], str | None]) -> FundingCase:
    """Return the case with the cohesion category of each site that has none, asked by its NUTS code and the date."""
    partners = []
    for partner in case.partners:
        found = {site.id: site.cohesion or category(site.nuts, case.date) for site in partner.sites}
        sites = tuple({**site.model_dump(), "cohesion": found[site.id]} for site in partner.sites)
        partners.append({**partner.model_dump(), "sites": sites})
    return case.changed(partners=partners)


def faults_of(case: FundingCase) -> list[Fault]:
    """Return what does not fit together in a case of the right shape: each place, and what to do."""
    return [*_repeats(case), *_site_faults(case), *_item_faults(case), *_link_faults(case), *_money_faults(case)]


def _repeats(case: FundingCase) -> Iterator[Fault]:
    lists: dict[str, Iterable[str]] = {
        "partners and enterprises": [one.id for one in (*case.partners, *case.enterprises)],
        "cost_items": [item.id for item in case.cost_items],
        "instruments": [instrument.id for instrument in case.instruments],
        "objectives": case.objectives,
        "scenarios": case.scenarios,
    }
    for p, partner in enumerate(case.partners):
        lists[f"partners[{p}].sites"] = [site.id for site in partner.sites]
    for place, ids in lists.items():
        for key, times in Counter(ids).items():
            if times > 1:
                yield Fault(place, "name_repeated", remedy="give_each_id_own", name=key, times=times)


def _site_faults(case: FundingCase) -> Iterator[Fault]:
    for p, partner in enumerate(case.partners):
        for s, site in enumerate(partner.sites):
            place = f"partners[{p}].sites[{s}].nuts"
            try:
                level = nuts.unit(site.nuts).level
            except nuts.UnknownNutsCode as error:
                yield Fault(place, "not_nuts_code", code=site.nuts, remedy=error.faults[0].advice)
            else:
                if level < 2:
                    yield Fault(place, "too_large_area", remedy="give_nuts_3_or_nuts_2_code", code=site.nuts)


def _item_faults(case: FundingCase) -> Iterator[Fault]:
    for n, item in enumerate(case.cost_items):
        partner = case.partner_by_id.get(item.partner)
        if partner is None:
            yield Fault(f"cost_items[{n}].partner", "no_partner", remedy="name_one_partners", partner=item.partner)
        elif item.site not in {site.id for site in partner.sites}:
            yield Fault(
                f"cost_items[{n}].site", "has_no_site", remedy="name_one_sites", partner=item.partner, site=item.site
            )
        elif not item.economic and not partner.is_non_profit:
            yield Fault(
                f"cost_items[{n}].economic",
                "undertaking_and_acts_on_market",
                remedy="take_out_only_those_without_profit_may",
                partner=item.partner,
            )


def _link_faults(case: FundingCase) -> Iterator[Fault]:
    if case.coordinator is not None and case.coordinator not in case.partner_by_id:
        yield Fault("coordinator", "no_partner", remedy="name_one_partners", partner=case.coordinator)
    for n, link in enumerate(case.links):
        for end, key in (("holder", link.holder), ("held", link.held)):
            if key not in case.enterprise_by_id:
                yield Fault(f"links[{n}].{end}", "nobody_called", remedy="name_partner_or_one_enterprises", name=key)
        if link.holder == link.held:
            yield Fault(f"links[{n}]", "holds_itself", remedy="take_link_out", name=link.held)


def _money_faults(case: FundingCase) -> Iterator[Fault]:
    if (total := sum(item.amount for item in case.cost_items)) > _LARGEST:
        yield Fault("cost_items", "total_too_large", remedy="divide_it", total=total, most=_LARGEST)
    for n, aid in enumerate(case.aid_received):
        if aid.recipient not in case.enterprise_by_id:
            yield Fault(f"aid_received[{n}].recipient", "nobody_called", remedy="name_who_received", name=aid.recipient)
        if aid.cost_item is not None and aid.cost_item not in case.item_by_id:
            yield Fault(f"aid_received[{n}].cost_item", "no_item", remedy="name_one_cost_items", item=aid.cost_item)
    for n, item in enumerate(case.cost_items):
        if case.left(item) < 0:
            yield Fault(
                f"cost_items[{n}].amount",
                "granted_before",
                remedy="give_whole_cost_or_mend_aid_received",
                granted=case.granted(item),
            )
    for n, wanted in enumerate(case.wanted.use):
        if wanted not in case.instrument_by_id:
            yield Fault(f"wanted.use[{n}]", "no_instrument", remedy="name_one_instruments", instrument=wanted)
    for n, one in enumerate(case.instruments):
        yield from instrument_faults(f"instruments[{n}]", one)


def instrument_faults(place: str, one: Instrument) -> Iterator[Fault]:
    """Yield what contradicts itself in the terms of an instrument."""
    if len(one.basis) > 1 and NO_ARTICLE.intersection(one.basis):
        yield Fault(f"{place}.basis", "articles_and_others", remedy="split_into_two_instruments")
    if one.member_state is None and (one.is_state_aid or DE_MINIMIS in one.basis):
        yield Fault(f"{place}.member_state", "missing", remedy="say_whose_aid")
    if one.call.opens and one.call.closes and one.call.opens > one.call.closes:
        yield Fault(f"{place}.call", "closes_before_opens", remedy="mend_dates")
    if one.trl and not 1 <= one.trl[0] <= one.trl[1] <= 9:
        yield Fault(
            f"{place}.trl",
            "levels_out_of_order",
            remedy="give_two_levels_1_9_lower_first",
            low=one.trl[0],
            high=one.trl[1],
        )
    if one.project_most is not None and one.project_least > one.project_most:
        yield Fault(f"{place}.project_least", "least_over_most", remedy="mend_amounts")
    if one.eu_grant and EU_DIRECT not in one.basis and not one.is_state_aid:
        yield Fault(f"{place}.eu_grant", "union_money_without_basis", remedy="mend_one_of_the_two")


class Allocation(CaseModel):
    """An instrument pays so many EUR of a cost item (of a loan: the money, not its aid).

    `article` is the one of the instrument's that the money rests on, where several could bear it; without it the
    checker looks for one that does.
    """

    item: Key
    instrument: Key
    article: Key | None = None
    amount: Annotated[Euro, Field(gt=0)]


class FundingScenario(CaseModel):
    """A mix for every cost item: allocations + own + gap = its amount, to the cent.

    `own` and `gap` go by cost item; what is not named is zero. `rule_set` is the one it was made under; with its
    `fingerprint` the scenario is frozen to the very text of the rules.
    """

    name: str = Field(min_length=1, max_length=200)
    kind: ScenarioKind | None = None
    rule_set: Key
    fingerprint: str = Field(default="", max_length=64, description="of the rule set; empty: not frozen to its text")
    allocations: tuple[Allocation, ...] = ()
    own: dict[Key, Euro] = Field(default={})
    gap: dict[Key, Euro] = Field(default={})
    note: str = ""
    illustrative: bool = False

    def paid(self, item: str, instrument: str) -> Decimal:
        """Return the EUR that an instrument pays of a cost item."""
        found = (one.amount for one in self.allocations if (one.item, one.instrument) == (item, instrument))
        return sum(found, Decimal(0))
