"""What a lender asks of a plan: less revenue, dearer work, a late start, dearer loans, a grant that does not come."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from states.funding.finance.indicators import coverage, owner_flows, plan_npv, project_flows
from states.funding.finance.plan import Plan
from states.funding.finance.returns import cent, four, irr
from states.funding.finance.sources import Grant, Loan, Yearly
from states.funding.finance.statements import statements

Change = Callable[[Plan], Plan]


@dataclass(frozen=True, slots=True)
class Stress:
    """A plan after a change: NPV and IRR of the project, NPV of the owners, the least debt cover, its year.

    `missing` is the most EUR by which cash is below zero at the end of a year (`missing_in`). EUR and percent; `irr`
    is None where there is no rate or several, `cover` without debt.
    """

    name: str
    npv: Decimal
    irr: Decimal | None
    owners: Decimal
    cover: Decimal | None
    cover_in: int | None
    missing: Decimal
    missing_in: int | None


def stresses(plan: Plan) -> list[Stress]:
    """Return the plan as it is, then after each change that applies to it, at last after three of them together."""
    return [stressed(name, change(plan)) for name, change in _changes(plan)]


def stressed(name: str, plan: Plan) -> Stress:
    """Return the figures of a plan by which a lender judges it."""
    made = statements(plan)
    flows = project_flows(plan, made)
    rates, cover = irr(flows), coverage(plan, made)
    least = min(cover.dscr.items(), key=lambda one: one[1], default=None)
    short = max(made.shortfalls.items(), key=lambda one: one[1], default=None)
    return Stress(
        name=name,
        npv=plan_npv(plan, flows),
        irr=four(rates[0]) if len(rates) == 1 else None,
        owners=plan_npv(plan, owner_flows(plan, made)),
        cover=least[1] if least else None,
        cover_in=least[0] if least else None,
        missing=short[1] if short else Decimal("0.00"),
        missing_in=short[0] if short else None,
    )


def _changes(plan: Plan) -> Iterator[tuple[str, Change]]:
    yield "As planned", lambda one: one
    if plan.revenues:
        yield "Revenue 10 % lower", lambda one: less_revenue(one, Decimal(10))
        yield "Revenue 20 % lower", lambda one: less_revenue(one, Decimal(20))
        yield "First revenue a year later", a_year_later
    yield "Investment 10 % dearer", lambda one: dearer(one, Decimal(10))
    yield "Investment 20 % dearer", lambda one: dearer(one, Decimal(20))
    if plan.of(Loan):
        yield "Loan rates 2 points higher", lambda one: dearer_loans(one, Decimal(2))
    if plan.of(Grant):
        yield "The largest grant does not come", without_largest_grant
    if plan.revenues:
        yield (
            "Revenue 10 % lower and a year later, investment 10 % dearer",
            lambda one: dearer(a_year_later(less_revenue(one, Decimal(10))), Decimal(10)),
        )


def less_revenue(plan: Plan, percent: Decimal) -> Plan:
    """Return the plan with less of all revenue, and of the cost that moves with it."""
    factor = 1 - percent / 100

    def less(by_year: Yearly) -> Yearly:
        return {year: cent(amount * factor) for year, amount in by_year.items()}

    return _with_series(plan, less)


def a_year_later(plan: Plan) -> Plan:
    """Return the plan with all revenue, and the cost that moves with it, a year later; other cost stays."""
    last = plan.calendar[-1]
    return _with_series(
        plan, lambda by_year: {year + 1: amount for year, amount in by_year.items() if year + 1 <= last}
    )


def _with_series(plan: Plan, change: Callable[[Yearly], Yearly]) -> Plan:
    revenues = tuple(one.model_copy(update={"by_year": change(one.by_year)}) for one in plan.revenues)
    costs = tuple(
        one.model_copy(update={"by_year": change(one.by_year)}) if one.variable else one for one in plan.operating_costs
    )
    return plan.model_copy(update={"revenues": revenues, "operating_costs": costs})


def dearer(plan: Plan, percent: Decimal) -> Plan:
    """Return the plan with dearer uses (not those in kind); no source pays for what they cost more."""
    factor = 1 + percent / 100
    uses = tuple(
        one if one.in_kind else one.model_copy(update={"amount": cent(one.amount * factor)}) for one in plan.uses
    )
    return plan.model_copy(update={"uses": uses})


def dearer_loans(plan: Plan, points: Decimal) -> Plan:
    """Return the plan with the rate of each loan so many points higher."""
    sources = tuple(
        one.model_copy(update={"rate": one.rate + points}) if isinstance(one, Loan) else one for one in plan.sources
    )
    return plan.model_copy(update={"sources": sources})


def without_largest_grant(plan: Plan) -> Plan:
    """Return the plan without the grant that pays most."""
    largest = max(plan.of(Grant), key=lambda one: sum(one.payments.values(), Decimal(0)))
    return plan.model_copy(update={"sources": tuple(one for one in plan.sources if one is not largest)})
