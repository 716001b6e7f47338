"""What a financial plan assumes, in words, each line with where it is from."""

from collections.abc import Iterator
from decimal import Decimal

from documents.formats import DASH, euro, in_words, percent, plain, signed
from documents.meta import Line, Plain
from states.funding.case.gathering import instrument_slug
from states.funding.finance.scenario_finances import Finances
from states.funding.finance.sources import Yearly
from states.funding.inputs.assumptions import Assumptions, LoanTerms, Sourced, Uncertainty


class AssumptionLine(Plain):
    """One assumption: what it is about, what it says, and its source; made up where it is illustrative."""

    what: Line
    says: Line
    source: str = ""
    illustrative: bool = False


def assumption_lines(found: Finances) -> tuple[AssumptionLine, ...]:
    """Return every assumption of a plan in words, in the order in which they are asked for."""
    return tuple(
        AssumptionLine(what=what, says=says, source=one.source, illustrative=one.illustrative)
        for one, what, says in (*_frame(found.given), *_money(found), *_life(found), *_chance(found.given))
    )


Said = Iterator[tuple[Sourced, str, str]]


def _frame(given: Assumptions) -> Said:
    years, rates = given.horizon, given.rates
    last = years.first_year + years.years - 1
    yield (
        years,
        "Years and prices",
        f"{years.first_year}{DASH}{last}, {years.prices.value} prices of {years.price_year}",
    )
    first = ", the first year too" if rates.discount_first_year else ""
    yield rates, "Discount rate and tax", f"{percent(rates.discount)}{first}; tax {percent(rates.tax)}"
    if rates.reference is not None:
        day = f", discounted to {rates.award_year}" if rates.award_year else ""
        yield rates, "Reference rate for aid", f"{percent(rates.reference)}{day}"


def _money(found: Finances) -> Said:
    case, given = found.case, found.given
    names = {instrument_slug(one.id): one.name for one in case.instruments}
    for spent in given.spending:
        item = case.item_by_id[spent.item]
        whose = f"{case.partner_of(item).name}, {in_words(item.cost_category.value)}"
        by_year = "; ".join(f"{year}: {percent(part)}" for year, part in sorted(spent.by_year.items()))
        yield spent, f"Spending of {whose}", by_year
    for asset in given.lives:
        begins = f", in service from {asset.in_service}" if asset.in_service else ""
        yield asset, f"Life of {in_words(asset.category.value)}", f"{asset.life} years{begins}"
    for terms in given.loans:
        yield terms, f"Terms: {names[terms.instrument]}", _terms(terms)


def _terms(terms: LoanTerms) -> str:
    said = [f"{percent(terms.rate)} a year", f"{terms.repayment.value} over {terms.years} years"]
    said += [f"{terms.grace} of grace"] if terms.grace else []
    said += [f"market rate {percent(terms.market_rate)}"] if terms.market_rate is not None else []
    if terms.cover is not None and terms.premium is not None:
        said.append(f"{percent(terms.cover)} covered at {percent(terms.premium)}")
    return ", ".join(said)


def _life(found: Finances) -> Said:
    given = found.given
    for earned in given.revenues:
        yield earned, f"Revenue: {earned.name}", _series(earned.by_year)
    for cost in given.operating_costs:
        moves = "; moves with the revenue" if cost.variable else ""
        yield cost, f"Operating cost: {cost.name}", f"{_series(cost.by_year)}{moves}"
    if bound := given.working_capital:
        days = {"of revenue owed": bound.receivable_days, "of cost in stock": bound.inventory_days}
        days["of cost owing"] = bound.payable_days
        yield (
            bound,
            "Working capital",
            "; ".join(f"{count} days {what}" for what, count in days.items() if count) or "none",
        )
    for job, planned in zip(given.jobs, found.plan.jobs, strict=True):
        yield job, f"Jobs: {planned.partner}", f"{plain(planned.fte)} full-time equivalents in {planned.region}"
    if given.residual:
        yield given.residual, "Residual value", euro(given.residual.amount)


def _series(by_year: Yearly) -> str:
    if not by_year:
        return euro(Decimal(0))
    first, last = min(by_year), max(by_year)
    if first == last:
        return f"{euro(by_year[first])} in {first}"
    return f"{euro(by_year[first])} in {first} to {euro(by_year[last])} in {last}"


def _chance(given: Assumptions) -> Said:
    for one in given.uncertain:
        yield one, f"Uncertain: {one.variable}", _range(one)


def _range(one: Uncertainty) -> str:
    return f"{signed(one.low)} to {signed(one.high)}, most likely {signed(one.likely)}"
