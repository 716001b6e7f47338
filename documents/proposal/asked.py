"""What a reader of the figures will ask, answered from the plan itself: value date, payback, residual, replacement."""

from collections.abc import Iterator
from decimal import ROUND_CEILING

from documents.formats import euro, in_words, plain
from documents.meta import Line, Plain
from states.funding.finance.plan import Plan, Prices
from states.funding.finance.scenario_finances import Finances


class Asked(Plain):
    """A question that an authority or a lender will ask, answered from the case, or said to be open."""

    question: Line
    answer: Line


def valued_on(plan: Plan) -> str:
    """Say to which day, in which prices and at which rate values are discounted."""
    day = f"1 January {plan.first_year}" if plan.discount_first_year else f"31 December {plan.first_year}"
    rate = f"{plain(plan.discount_rate)} % a year"
    return f"Net present values on {day}, in {plan.prices.value} prices of {plan.price_year}, at {rate}."


def asked_of_figures(found: Finances) -> Iterator[Asked]:
    """Yield what a lender will ask of a plan's figures."""
    plan, told = found.plan, found.indicators
    yield Asked(question="On which day and in which prices are values?", answer=valued_on(plan) + _inflation(plan))
    if told.payback is not None:
        reached = plan.first_year + int(told.payback.to_integral_value(ROUND_CEILING))
        answer = (
            f"{plain(round(told.payback, 1))} years after the end of {plan.first_year}, in {reached}; undiscounted."
        )
    else:
        answer = f"Not by {plan.calendar[-1]}, the last year of the plan."
    yield Asked(question="When is the investment paid back?", answer=answer)
    if plan.residual_value:
        yield _residual(found)
    yield from _early_revenue(plan)
    yield from _replacement(plan)


def _inflation(plan: Plan) -> str:
    return (
        " No inflation is counted." if plan.prices is Prices.REAL else " Each year's amounts are in that year's prices."
    )


def _residual(found: Finances) -> Asked:
    plan, last = found.plan, found.statements.balance[-1]
    worth, books = plan.residual_value, last.fixed_assets
    answer = f"{euro(worth)} after {last.year}; the books show {euro(books)} then."
    if worth > books:
        answer += f" The {euro(worth - books)} above them rest on the assumption alone."
    return Asked(question="What is left at the end?", answer=answer)


def _early_revenue(plan: Plan) -> Iterator[Asked]:
    """Ask where revenue comes before the first asset is in service."""
    begins = min((use.in_service or use.year for use in plan.uses if use.is_asset), default=None)
    earned = plan.summed(one.by_year for one in plan.revenues)
    early = {
        year: amount for year, amount in zip(plan.calendar, earned, strict=True) if amount and begins and year < begins
    }
    if early:
        said = ", ".join(f"{euro(amount)} in {year}" for year, amount in early.items())
        yield Asked(
            question="Is there revenue before the assets are in service?",
            answer=f"Yes: {said}; the first asset is in service in {begins}. On what it rests is not on record.",
        )


def _replacement(plan: Plan) -> Iterator[Asked]:
    ends: dict[str, int] = {}
    for use in plan.uses:
        if use.life:
            end = (use.in_service or use.year) + use.life - 1
            ends[use.category] = min(ends.get(use.category, end), end)
    worn = {category: year for category, year in ends.items() if year < plan.calendar[-1]}
    if worn:
        said = ", ".join(f"{in_words(category)} by {year}" for category, year in worn.items())
        answer = f"No replacement is planned, though what is bought is written off before the plan ends: {said}."
        yield Asked(question="Is replacement planned?", answer=answer)
