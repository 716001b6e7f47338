"""What a reader of the figures will ask, answered from the plan itself: value date, payback, residual, replacement."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_CEILING

from documents.formats import day, percent, plain, whole_euro
from documents.languages import gettext
from documents.meta import Line, Plain
from documents.words import category
from states.funding.finance.plan import Plan, Prices
from states.funding.finance.scenario_finances import Finances


class Asked(Plain):
    """A question that an authority or a lender will ask, answered from the case, or said to be open."""

    question: Line
    answer: Line


def valued_on(plan: Plan) -> str:
    """Say to which day, in which prices and at which rate values are discounted."""
    first = date(plan.first_year, 1, 1) if plan.discount_first_year else date(plan.first_year, 12, 31)
    values = {
        "day": day(first),
        "prices": prices_said(plan.prices, plan.price_year),
        "rate": percent(plan.discount_rate),
    }
    return gettext("Net present values on %(day)s, in %(prices)s, at %(rate)s a year.") % values


def prices_said(prices: Prices, year: int) -> str:
    """Say in which prices amounts are."""
    said = gettext("real prices of %(year)s") if prices is Prices.REAL else gettext("nominal prices of %(year)s")
    return said % {"year": year}


def asked_of_figures(found: Finances) -> Iterator[Asked]:
    """Yield what a lender will ask of a plan's figures."""
    plan, told = found.plan, found.indicators
    yield Asked(
        question=gettext("On which day and in which prices are values?"), answer=valued_on(plan) + _inflation(plan)
    )
    if told.payback is not None:
        reached = plan.first_year + int(told.payback.to_integral_value(ROUND_CEILING))
        answer = gettext("%(years)s years after the end of %(first)s, in %(reached)s; undiscounted.") % {
            "years": plain(round(told.payback, 1)),
            "first": plan.first_year,
            "reached": reached,
        }
    else:
        answer = gettext("Not by %(year)s, the last year of the plan.") % {"year": plan.calendar[-1]}
    yield Asked(question=gettext("When is the investment paid back?"), answer=answer)
    if plan.residual_value:
        yield _residual(found)
    yield from _early_revenue(plan)
    yield from _replacement(plan)


def _inflation(plan: Plan) -> str:
    if plan.prices is Prices.REAL:
        return " " + gettext("No inflation is counted.")
    return " " + gettext("Each year's amounts are in that year's prices.")


def _residual(found: Finances) -> Asked:
    plan, last = found.plan, found.statements.balance[-1]
    worth, books = plan.residual_value, last.fixed_assets
    answer = gettext("%(worth)s after %(year)s; the books show %(books)s then.") % {
        "worth": whole_euro(worth),
        "year": last.year,
        "books": whole_euro(books),
    }
    if worth > books:
        more = {"more": whole_euro(worth - books)}
        answer += " " + gettext("The %(more)s above them rest on the assumption alone.") % more
    return Asked(question=gettext("What is left at the end?"), answer=answer)


def _early_revenue(plan: Plan) -> Iterator[Asked]:
    """Ask where revenue comes before the first asset is in service."""
    begins = min((use.in_service or use.year for use in plan.uses if use.is_asset), default=None)
    earned = plan.summed(one.by_year for one in plan.revenues)
    early = {
        year: amount for year, amount in zip(plan.calendar, earned, strict=True) if amount and begins and year < begins
    }
    if early:
        said = ", ".join(f"{year}: {whole_euro(amount)}" for year, amount in early.items())
        yield Asked(
            question=gettext("Is there revenue before the assets are in service?"),
            answer=gettext(
                "Yes: %(amounts)s; the first asset is in service in %(year)s. On what it rests is not on record."
            )
            % {"amounts": said, "year": begins},
        )


def _replacement(plan: Plan) -> Iterator[Asked]:
    ends: dict[str, int] = {}
    for use in plan.uses:
        if use.life:
            end = (use.in_service or use.year) + use.life - 1
            ends[use.category] = min(ends.get(use.category, end), end)
    worn = {category: year for category, year in ends.items() if year < plan.calendar[-1]}
    if worn:
        answer = gettext(
            "No replacement is planned, though what is bought is written off before the plan ends: %(what)s."
        )
        said = ", ".join(f"{category(one)} ({year})" for one, year in worn.items())
        yield Asked(question=gettext("Is replacement planned?"), answer=answer % {"what": said})
