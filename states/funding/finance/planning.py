"""From a funding case, a mix and assumptions to a financial plan: when money is spent and comes, and from whom."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from states.errors import Fault
from states.funding.case.case import CostItem, FundingCase, FundingScenario
from states.funding.case.gathering import instrument_slug
from states.funding.case.instruments import EU_DIRECT, MARKET, Instrument
from states.funding.case.partners import AidReceived
from states.funding.case.vocabulary import CostCategory, FinanceKind
from states.funding.finance.plan import Plan
from states.funding.finance.reading import PlanInvalid, plan_of
from states.funding.finance.returns import cumulated_shares
from states.funding.finance.sensitivity import OF_ANY_PLAN, variables
from states.funding.inputs.assumptions import Assumptions, LoanTerms, assumption_faults
from states.places import nuts

Years = dict[int, Decimal]


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays for cost: an instrument, aid granted before, or a partner itself; without any of them nobody."""

    instrument: str | None = None
    granted: AidReceived | None = None
    partner: str | None = None


_NOBODY = Payer()
Arrivals = Mapping[Payer, Mapping[str, Years]]  # EUR by payer, NUTS 2 region and year


def spent_in(given: Assumptions, item: CostItem) -> Years:
    """Return EUR of a cost line by year, as `spending` says, else in the year of its start; they add up to it."""
    told = next((one.by_year for one in given.spending if one.item == item.id), {item.starts.year: Decimal(100)})
    years = sorted(told)
    return dict(zip(years, cumulated_shares(item.amount, [told[year] for year in years]), strict=True))


def arrivals(case: FundingCase, mix: FundingScenario, given: Assumptions) -> Arrivals:
    """Return what each payer pays; each year's cost is split by what each still owes of the line, to whole cents.

    Parts add up to the year, and years to what each pays. Money comes in the year of the cost that it pays for, that of
    an instrument no earlier than its call lets it flow. What nobody pays is left out.
    """
    found: dict[Payer, dict[str, Years]] = {}
    for item in case.cost_items:
        owing, region = _owing(case, mix, item), case.site_of(item).region
        for year, spent in spent_in(given, item).items():
            parts = cumulated_shares(spent, list(owing.values()))
            for payer, part in zip(list(owing), parts, strict=True):
                owing[payer] -= part
                if part and payer != _NOBODY:
                    years = found.setdefault(payer, {}).setdefault(region, defaultdict(Decimal))
                    years[max(year, _first_money(case, payer))] += part
    for partner in case.partners:
        _without_kind(case, given, partner.id, found)
    return found


def _without_kind(case: FundingCase, given: Assumptions, partner: str, found: dict[Payer, dict[str, Years]]) -> None:
    """Take what a partner brings in kind out of its own money: first where and when it is brought, then as it comes."""
    own = found.get(Payer(partner=partner), {})
    left = Decimal(0)
    for item in case.cost_items:
        if item.in_kind and item.partner == partner:
            for year, brought in spent_in(given, item).items():
                left += brought - _take(own.get(case.site_of(item).region, {}), year, brought)
    for years in own.values():
        for year in sorted(years):
            left -= _take(years, year, left)
    for region in [key for key, years in own.items() if not any(years.values())]:
        del own[region]
    if not own:
        found.pop(Payer(partner=partner), None)


def _take(years: Years, year: int, most: Decimal) -> Decimal:
    """Take so much out of a year as is there, and return it."""
    taken = min(years.get(year, Decimal(0)), most)
    if taken:
        years[year] -= taken
    return taken


def _owing(case: FundingCase, mix: FundingScenario, item: CostItem) -> dict[Payer, Decimal]:
    owing: dict[Payer, Decimal] = defaultdict(Decimal)
    for one in mix.allocations:
        if one.item == item.id:
            owing[Payer(instrument=one.instrument)] += one.amount
    for aid in case.aid_received:
        if aid.cost_item == item.id:
            owing[Payer(granted=aid)] += aid.amount
    owing[Payer(partner=item.partner)] += mix.own.get(item.id, Decimal(0))
    owing[_NOBODY] = item.amount - sum(owing.values(), Decimal(0))
    return owing


def _first_money(case: FundingCase, payer: Payer) -> int:
    """Return the year from which a call's money flows: `months_to_money` after the application, if they are known."""
    call = case.instrument_by_id[payer.instrument].call if payer.instrument else None
    if call is None or not call.months_to_money:
        return 0
    applied = call.applied_on(case.date)
    return applied.year + (applied.month - 1 + call.months_to_money) // 12


Tree = dict[str, object]

LENT = (FinanceKind.LOAN, FinanceKind.GUARANTEE)
_MOST = 130  # characters of an instrument's name: an id and a region fit behind it


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources and guarantees as a plan is read from, and for each loan among them its place in the assumptions."""

    sources: list[Tree] = field(default_factory=list)
    guarantees: list[Tree] = field(default_factory=list)
    loans: dict[int, str] = field(default_factory=dict)


def sources_of(case: FundingCase, given: Assumptions, arriving: Arrivals) -> Sources:
    """Return the sources of a plan; every loan has terms among the assumptions.

    Money is public unless it comes on market terms. A guarantee stands for a bank's loan, with the cover on it.
    """
    terms = {one.instrument: (n, one) for n, one in enumerate(given.loans)}
    found = Sources()
    for payer, by_region in arriving.items():
        if payer.partner is not None:
            name = case.partner_by_id[payer.partner].name
            own = {"kind": "own_cash", "name": f"Own cash of {name}"[:200], "partner": name}
            found.sources.append({**own, "payments": _joined(by_region)})
        elif payer.granted is not None:
            aid = payer.granted
            name = f"Granted to {aid.recipient} on {aid.granted_on} ({aid.basis}) for {aid.cost_item}"
            found.sources.extend(_grants(name, by_region, {"public": True, "eu": aid.eu_grant}))
        elif payer.instrument is not None:
            paying = case.instrument_by_id[payer.instrument]
            name = _name(case, arriving, paying)
            if paying.kind in LENT:
                place, one = terms[instrument_slug(paying.id)]
                found.loans[len(found.sources)] = f"loans[{place}]"
                _lend(found, name, paying, one, _joined(by_region))
            elif paying.kind is FinanceKind.EQUITY:
                equity = {"kind": "equity", "name": name, "payments": _joined(by_region)}
                found.sources.append({**equity, **_purse(paying)})
            else:
                found.sources.extend(_grants(name, by_region, _purse(paying)))
    return found


def _grants(name: str, by_region: Mapping[str, Years], purse: Tree) -> Iterator[Tree]:
    for region, years in by_region.items():
        called = name if len(by_region) == 1 else f"{name}, {region}"
        yield {"kind": "grant", "name": called, "region": region, "payments": dict(years), **purse}


def _lend(found: Sources, name: str, paying: Instrument, one: LoanTerms, payments: Years) -> None:
    guaranteed = paying.kind is FinanceKind.GUARANTEE
    lent = one.model_dump(include={"rate", "grace", "years", "repayment", "market_rate"})
    whose = {} if guaranteed else _purse(paying)
    found.sources.append({"kind": "loan", "name": name, "payments": payments, **lent, **whose})
    if guaranteed:
        cover = one.model_dump(include={"cover", "premium", "market_premium"})
        public = _purse(paying)["public"]
        found.guarantees.append({"name": f"Cover: {name}"[:200], "loan": name, "public": public, **cover})


def _name(case: FundingCase, arriving: Arrivals, paying: Instrument) -> str:
    """Return the instrument's name, with its id where another one that pays has the same."""
    names = [case.instrument_by_id[payer.instrument].name for payer in arriving if payer.instrument]
    return paying.name[:_MOST] if names.count(paying.name) == 1 else f"{paying.name[:_MOST]} ({paying.id})"


def _purse(paying: Instrument) -> Tree:
    eu = paying.eu_grant or EU_DIRECT in paying.basis
    return {"public": eu or set(paying.basis) != {MARKET}, "eu": eu}


def _joined(by_region: Mapping[str, Years]) -> Years:
    total: Years = defaultdict(Decimal)
    for years in by_region.values():
        for year, amount in years.items():
            total[year] += amount
    return dict(total)


_OF_A_SOURCE = re.compile(r"^sources\[(\d+)\]")
_NOT_IN_A_PLAN = {"source", "illustrative"}


def plan_of_mix(case: FundingCase, mix: FundingScenario, given: Assumptions) -> Plan:
    """Return the plan of a mix; raise `PlanInvalid` with every fault.

    All cost of the case counts as eligible, at the NUTS 2 region of its site. What nobody pays is no source: cash is
    below zero by it. Where call and rules leave the day of payment open, `arrivals` says what is taken.
    """
    if faults := [*assumption_faults(given), *_strangers(case, given), *_early(case, given)]:
        raise PlanInvalid(faults=faults)
    arriving = arrivals(case, mix, given)
    if faults := [*_late(case, given, arriving), *_termless(case, given, arriving)]:
        raise PlanInvalid(faults=faults)
    money = sources_of(case, given, arriving)
    tree = _tree(case, mix, given) | {"sources": money.sources, "guarantees": money.guarantees}
    try:
        plan = plan_of(tree)
    except PlanInvalid as invalid:
        raise PlanInvalid(faults=[_placed(one, money.loans) for one in invalid.faults]) from invalid
    if faults := list(_unknown_variables(plan, given)):
        raise PlanInvalid(faults=faults)
    return plan


def _tree(case: FundingCase, mix: FundingScenario, given: Assumptions) -> dict[str, object]:
    rates, worth, bound = given.rates, given.residual, given.working_capital
    return {
        "name": f"{case.name}: {mix.name}"[:200],
        "illustrative": case.illustrative or mix.illustrative or given.illustrative,
        **given.horizon.model_dump(exclude=_NOT_IN_A_PLAN),
        "discount_rate": rates.discount,
        "discount_first_year": rates.discount_first_year,
        "tax_rate": rates.tax,
        "reference_rate": rates.reference,
        "award_year": rates.award_year,
        "residual_value": worth.amount if worth else Decimal(0),
        "uses": list(_uses(case, given)),
        "revenues": [one.model_dump(exclude=_NOT_IN_A_PLAN) for one in given.revenues],
        "operating_costs": [one.model_dump(exclude=_NOT_IN_A_PLAN) for one in given.operating_costs],
        "working_capital": bound.model_dump(exclude=_NOT_IN_A_PLAN) if bound else {},
        "jobs": [
            {"partner": case.partner_by_id[one.partner].name, "region": one.region[:4], "fte": one.fte}
            for one in given.jobs
        ],
    }


def _uses(case: FundingCase, given: Assumptions) -> Iterator[dict[str, object]]:
    assets = {one.category: one for one in given.lives}
    spent: dict[tuple[str, str, CostCategory, bool, int], Decimal] = defaultdict(Decimal)
    for item in case.cost_items:
        for year, amount in spent_in(given, item).items():
            partner, region = case.partner_of(item).name, case.site_of(item).region
            spent[partner, region, item.cost_category, item.in_kind, year] += amount
    for (partner, region, category, in_kind, year), amount in (
        (key, amount) for key, amount in spent.items() if amount
    ):
        asset, kept = assets.get(category), category is CostCategory.LAND
        yield {
            "partner": partner,
            "region": region,
            "category": category.value,
            "year": year,
            "amount": amount,
            "life": asset.life if asset else None if kept else 0,
            "in_kind": in_kind,
            "in_service": max(asset.in_service, year) if asset and asset.in_service else None,
        }


def _strangers(case: FundingCase, given: Assumptions) -> Iterator[Fault]:
    """Find what names nobody and nothing of the case."""
    slugs = {instrument_slug(one.id): one.kind for one in case.instruments}
    for n, one in enumerate(given.spending):
        if one.item not in case.item_by_id:
            yield Fault(f"spending[{n}].item", "no_cost_line", remedy="name_one_case", item=one.item)
    for n, terms in enumerate(given.loans):
        if terms.instrument not in slugs:
            yield Fault(f"loans[{n}].instrument", "no_instrument", remedy="name_one_case", instrument=terms.instrument)
        elif slugs[terms.instrument] is FinanceKind.GUARANTEE and None in (terms.cover, terms.premium):
            yield Fault(f"loans[{n}].cover", "guarantee_incomplete", remedy="give_both_in_percent")
    for n, job in enumerate(given.jobs):
        if job.partner not in case.partner_by_id:
            yield Fault(f"jobs[{n}].partner", "no_partner", remedy="name_one_case", partner=job.partner)
        try:
            nuts.unit(job.region)
        except nuts.UnknownNutsCode as error:
            yield Fault(f"jobs[{n}].region", "not_nuts_code", code=job.region, remedy=error.faults[0].advice)


def _early(case: FundingCase, given: Assumptions) -> Iterator[Fault]:
    """Find cost lines that start outside the plan, and of which `spending` does not say when they are spent."""
    told = {one.item for one in given.spending}
    for item in case.cost_items:
        if item.id not in told and item.starts.year not in _calendar(given):
            yield Fault("spending", "starts_outside_plan", remedy="say_when_spent", item=item.id, year=item.starts.year)


def _late(case: FundingCase, given: Assumptions, arriving: Arrivals) -> Iterator[Fault]:
    for payer, by_region in arriving.items():
        last = max(year for years in by_region.values() for year in years)
        if payer.instrument is not None and last not in _calendar(given):
            name = case.instrument_by_id[payer.instrument].name
            yield Fault("horizon.years", "paid_after_plan", remedy="lengthen_plan", name=name, last=last)


def _termless(case: FundingCase, given: Assumptions, arriving: Arrivals) -> Iterator[Fault]:
    known = {one.instrument for one in given.loans}
    for payer in arriving:
        paying = case.instrument_by_id[payer.instrument] if payer.instrument else None
        if paying is not None and paying.kind in LENT and (slug := instrument_slug(paying.id)) not in known:
            yield Fault("loans", "loan_without_terms", remedy="give_rate_grace_and_years", slug=slug)


def _unknown_variables(plan: Plan, given: Assumptions) -> Iterator[Fault]:
    """Find what no plan of these assumptions has; loan rates may well be uncertain where this mix has no loan."""
    known = variables(plan)
    for n, one in enumerate(given.uncertain):
        if one.variable not in {*known, *OF_ANY_PLAN}:
            yield Fault(
                f"uncertain[{n}].variable",
                "no_variable",
                remedy="take_one_of",
                variable=one.variable,
                known=tuple(known),
            )


def _calendar(given: Assumptions) -> range:
    return range(given.horizon.first_year, given.horizon.first_year + given.horizon.years)


def _placed(fault: Fault, loans: dict[int, str]) -> Fault:
    """Name a place of the plan as the assumptions name it; all but loans are named alike."""
    found = _OF_A_SOURCE.match(fault.place)
    place = loans.get(int(found[1])) if found else None
    return fault.at(fault.place.replace(found[0], place, 1)) if found and place else fault
