"""From a funding case, a mix and assumptions to a financial plan, with every fault at its place in the assumptions."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from states.errors import Fault
from states.funding.case.case import FundingCase
from states.funding.case.gathering import instrument_slug
from states.funding.case.scenario import FundingScenario
from states.funding.case.vocabulary import CostCategory, FinanceKind
from states.funding.finance.arrivals import Arrivals, arrivals, spent_in
from states.funding.finance.plan import Plan
from states.funding.finance.plan_sources import LENT, sources_of
from states.funding.finance.reading import PlanInvalid, plan_of
from states.funding.finance.sensitivity import OF_ANY_PLAN, variables
from states.funding.inputs.assumptions import Assumptions, assumption_faults
from states.places import nuts

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
    spent: dict[tuple[str, str, CostCategory, int], Decimal] = defaultdict(Decimal)
    for item in case.cost_items:
        for year, amount in spent_in(given, item).items():
            spent[case.partner_of(item).name, case.site_of(item).region, item.cost_category, year] += amount
    for (partner, region, category, year), amount in ((key, amount) for key, amount in spent.items() if amount):
        asset, kept = assets.get(category), category is CostCategory.LAND
        yield {
            "partner": partner,
            "region": region,
            "category": category.value,
            "year": year,
            "amount": amount,
            "life": asset.life if asset else None if kept else 0,
            "in_service": max(asset.in_service, year) if asset and asset.in_service else None,
        }


def _strangers(case: FundingCase, given: Assumptions) -> Iterator[Fault]:
    """Find what names nobody and nothing of the case."""
    slugs = {instrument_slug(one.id): one.kind for one in case.instruments}
    for n, one in enumerate(given.spending):
        if one.item not in case.item_by_id:
            yield Fault(f"spending[{n}].item", f"there is no cost line {one.item!r}", "name one of the case")
    for n, terms in enumerate(given.loans):
        if terms.instrument not in slugs:
            yield Fault(
                f"loans[{n}].instrument", f"there is no instrument {terms.instrument!r}", "name one of the case"
            )
        elif slugs[terms.instrument] is FinanceKind.GUARANTEE and None in (terms.cover, terms.premium):
            yield Fault(f"loans[{n}].cover", "a guarantee needs its cover and premium", "give both, in percent")
    for n, job in enumerate(given.jobs):
        if job.partner not in case.partner_by_id:
            yield Fault(f"jobs[{n}].partner", f"there is no partner {job.partner!r}", "name one of the case")
        try:
            nuts.unit(job.region)
        except nuts.UnknownNutsCode as error:
            message = f"{job.region!r} is not a code of NUTS 2024"
            yield Fault(f"jobs[{n}].region", message, error.faults[0].remedy)


def _early(case: FundingCase, given: Assumptions) -> Iterator[Fault]:
    """Find cost lines that start outside the plan, and of which `spending` does not say when they are spent."""
    told = {one.item for one in given.spending}
    for item in case.cost_items:
        if item.id not in told and item.starts.year not in _calendar(given):
            message = f"{item.id} starts in {item.starts.year}, outside the plan"
            yield Fault("spending", message, "say when it is spent, or mend the horizon")


def _late(case: FundingCase, given: Assumptions, arriving: Arrivals) -> Iterator[Fault]:
    for payer, by_region in arriving.items():
        last = max(year for years in by_region.values() for year in years)
        if payer.instrument is not None and last not in _calendar(given):
            name = case.instrument_by_id[payer.instrument].name
            yield Fault("horizon.years", f"{name} pays in {last}, after the plan's last year", "lengthen the plan")


def _termless(case: FundingCase, given: Assumptions, arriving: Arrivals) -> Iterator[Fault]:
    known = {one.instrument for one in given.loans}
    for payer in arriving:
        paying = case.instrument_by_id[payer.instrument] if payer.instrument else None
        if paying is not None and paying.kind in LENT and (slug := instrument_slug(paying.id)) not in known:
            yield Fault("loans", f"{slug} lends, and nobody says under which terms", "give rate, grace and years")


def _unknown_variables(plan: Plan, given: Assumptions) -> Iterator[Fault]:
    """Find what no plan of these assumptions has; loan rates may well be uncertain where this mix has no loan."""
    known = variables(plan)
    for n, one in enumerate(given.uncertain):
        if one.variable not in {*known, *OF_ANY_PLAN}:
            yield Fault(f"uncertain[{n}].variable", f"there is no {one.variable!r}", f"take {', '.join(known)}")


def _calendar(given: Assumptions) -> range:
    return range(given.horizon.first_year, given.horizon.first_year + given.horizon.years)


def _placed(fault: Fault, loans: dict[int, str]) -> Fault:
    """Name a place of the plan as the assumptions name it; all but loans are named alike."""
    found = _OF_A_SOURCE.match(fault.place)
    place = loans.get(int(found[1])) if found else None
    return Fault(fault.place.replace(found[0], place, 1), fault.message, fault.remedy) if found and place else fault
