"""When a mix is spent and whose money comes when: each cost line year by year, split over those who pay for it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from states.funding.case.case import CostItem, FundingCase
from states.funding.case.partners import AidReceived
from states.funding.case.scenario import FundingScenario
from states.funding.finance.rounding import cumulated_shares
from states.funding.inputs.assumptions import Assumptions

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
    return found


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
