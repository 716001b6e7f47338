"""The figures by which banks and authorities judge a plan, always recomputed from its statements."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from states.funding.finance.plan import Plan
from states.funding.finance.returns import Flows, cent, cumulated_shares, discounted, four, irr, mirr, npv, payback
from states.funding.finance.sources import Grant
from states.funding.finance.statements import Cash, Profit, Statements, spent, statements


@dataclass(frozen=True, slots=True)
class Region:
    """One region's part of a plan: EUR of cost and of grants, full-time equivalents."""

    region: str
    cost: Decimal
    grant: Decimal
    jobs: Decimal


def regions(plan: Plan) -> list[Region]:
    """Split cost, grants and jobs by region, in the order of the codes; the parts add up to the whole.

    A grant without a region of its own is spread over all regions by their cost.
    """
    cost: defaultdict[str, Decimal] = defaultdict(Decimal)
    grants: defaultdict[str, Decimal] = defaultdict(Decimal)
    jobs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for use in plan.uses:
        cost[use.region] += use.amount
    for job in plan.jobs:
        jobs[job.region] += job.fte
    for grant in plan.of(Grant):
        amount = sum(grant.payments.values(), Decimal(0))
        if grant.region is not None:
            grants[grant.region] += amount
        else:
            for region, part in zip(cost, cumulated_shares(amount, list(cost.values())), strict=True):
                grants[region] += part
    return [Region(code, cost[code], grants[code], jobs[code]) for code in sorted({*cost, *jobs})]


@dataclass(frozen=True, slots=True)
class GrantEquivalent:
    """EUR of aid in a source or guarantee, on the award; None where a rate is missing, and which."""

    name: str
    amount: Decimal | None
    missing: str = ""


def grant_equivalents(plan: Plan, made: Statements) -> list[GrantEquivalent]:
    """Compute the aid in every public grant, loan and guarantee.

    A grant is its instalments, a loan the interest saved against its market rate, a guarantee the premium saved, each
    year on what is owed at its beginning; all discounted to the award at the reference rate, and never below zero.
    Public equity is left out: whether it is aid is a matter of its terms.
    """
    found = [
        _worth(plan, one.name, [one.payments.get(year, Decimal(0)) for year in plan.calendar])
        for one in plan.of(Grant)
        if one.public
    ]
    owed = {one.loan.name: one.opening for one in made.loans}
    for loan in (one.loan for one in made.loans if one.loan.public):
        if loan.market_rate is None:
            found.append(GrantEquivalent(loan.name, None, "market_rate"))
        else:
            saved = loan.market_rate - loan.rate
            found.append(_worth(plan, loan.name, [opening * saved / 100 for opening in owed[loan.name]]))
    for one in (guarantee for guarantee in plan.guarantees if guarantee.public):
        if one.market_premium is None:
            found.append(GrantEquivalent(one.name, None, "market_premium"))
        else:
            saved = (one.market_premium - one.premium) * one.cover / 100
            found.append(_worth(plan, one.name, [opening * saved / 100 for opening in owed[one.loan]]))
    return found


def _worth(plan: Plan, name: str, advantages: list[Decimal]) -> GrantEquivalent:
    if plan.reference_rate is None:
        return GrantEquivalent(name, None, "reference_rate")
    factor, award = 1 + plan.reference_rate / 100, plan.award_year or plan.first_year
    worth = sum(
        (amount * factor ** (award - year) for year, amount in zip(plan.calendar, advantages, strict=True)), Decimal(0)
    )
    return GrantEquivalent(name, max(cent(worth), Decimal(0)))


@dataclass(frozen=True, slots=True)
class Return:
    """A cash flow in EUR, one figure a year, its net present value, and every rate of return in percent."""

    flows: tuple[Decimal, ...]
    npv: Decimal
    irr: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the cash flow pays the debt: ratios by year, their least and mean, and over the life of all loans."""

    dscr: dict[int, Decimal]
    least: Decimal | None
    average: Decimal | None
    llcr: Decimal | None


@dataclass(frozen=True, slots=True)
class FundingGap:
    """Discounted cost that discounted net revenue leaves open, EUR and percent of that cost."""

    cost: Decimal
    net_revenue: Decimal

    @property
    def gap(self) -> Decimal:
        """EUR; net revenue below zero widens no gap beyond the cost."""
        return max(self.cost - max(self.net_revenue, Decimal(0)), Decimal(0))

    @property
    def rate(self) -> Decimal | None:
        """Percent of the cost; None without any."""
        return four(100 * self.gap / self.cost) if self.cost else None


@dataclass(frozen=True, slots=True)
class Leverage:
    """Private and public EUR of all sources; how much private money and investment stand on them."""

    private: Decimal
    public: Decimal
    eu: Decimal
    uses: Decimal

    @property
    def private_per_public(self) -> Decimal | None:
        """Private EUR for each public one."""
        return four(self.private / self.public) if self.public else None

    @property
    def eu_multiplier(self) -> Decimal | None:
        """EUR of investment for each EUR of the Union."""
        return four(self.uses / self.eu) if self.eu else None


@dataclass(frozen=True, slots=True)
class Indicators:
    """All figures of a plan: returns in EUR and percent, times in years, break-even as EUR of revenue by year.

    `project`: after tax, before funding. `on_investment` (FNPV/C, FRR/C): before tax and funding. `on_national_capital`
    (FNPV/K, FRR/K): before tax, after loans and money of the Union. `of_owners`: after everything.
    """

    project: Return
    on_investment: Return
    on_national_capital: Return
    of_owners: Return
    mirr: Decimal | None
    payback: Decimal | None
    discounted_payback: Decimal | None
    coverage: Coverage
    funding_gap: FundingGap
    aid_gap: FundingGap
    break_even: dict[int, Decimal | None]
    leverage: Leverage


def indicators(plan: Plan, made: Statements | None = None) -> Indicators:
    """Compute every figure of a plan, from statements made before if there are any."""
    made = made or statements(plan)
    project = project_flows(plan, made)
    first = int(plan.discount_first_year)
    return Indicators(
        project=_return(plan, project),
        on_investment=_return(plan, _with_residual(plan, [one.operating - one.uses for one in made.cash])),
        on_national_capital=_return(plan, _national_flows(plan, made)),
        of_owners=_return(plan, owner_flows(plan, made)),
        mirr=mirr(project, finance=plan.discount_rate, reinvest=plan.discount_rate),
        payback=payback(project),
        discounted_payback=payback(discounted(project, plan.discount_rate, first=first)),
        coverage=coverage(plan, made),
        funding_gap=_gap(plan, spent(plan), made),
        aid_gap=_gap(plan, spent(plan, eligible=True), made),
        break_even={line.year: _break_even(plan, line) for line in made.profit},
        leverage=_leverage(plan),
    )


def project_flows(plan: Plan, made: Statements) -> list[Decimal]:
    """Return what the project brings each year after the tax of its profit and loss, before all funding."""
    return _with_residual(plan, [one.operating - one.tax - one.uses for one in made.cash])


def owner_flows(plan: Plan, made: Statements) -> list[Decimal]:
    """Return what is left to those who paid in: what they pay, and every change of cash, paid out or not."""
    return _with_residual(plan, [one.net - one.paid_in for one in made.cash])


def plan_npv(plan: Plan, flows: Flows) -> Decimal:
    return npv(flows, plan.discount_rate, first=int(plan.discount_first_year))


def coverage(plan: Plan, made: Statements) -> Coverage:
    """Compute DSCR in the years with debt service, and LLCR at the end of the last year that pays out a loan.

    LLCR discounts at the mean rate of the loans owed then, and looks at the years until nothing is owed.
    """
    dscr = {one.year: one.for_debt / one.debt_service for one in made.cash if one.debt_service}
    return Coverage(
        dscr={year: four(ratio) for year, ratio in dscr.items()},
        least=four(min(dscr.values())) if dscr else None,
        average=four(sum(dscr.values(), Decimal(0)) / len(dscr)) if dscr else None,
        llcr=_llcr(plan, made),
    )


def _llcr(plan: Plan, made: Statements) -> Decimal | None:
    if not made.loans:
        return None
    start = max(max(one.loan.payments) for one in made.loans) - plan.first_year
    end = max(one.loan.last_repayment for one in made.loans) - plan.first_year
    owed = made.balance[start].loans
    if not owed:
        return None
    rate = sum((one.closing[start] * one.loan.rate for one in made.loans), Decimal(0)) / owed
    later = discounted([one.for_debt for one in made.cash[start + 1 : end + 1]], rate, first=1)
    return four(sum(later, Decimal(0)) / owed)


def _return(plan: Plan, flows: Sequence[Decimal]) -> Return:
    return Return(tuple(flows), plan_npv(plan, flows), irr(flows))


def _with_residual(plan: Plan, flows: list[Decimal]) -> list[Decimal]:
    return [*flows[:-1], flows[-1] + plan.residual_value]


def _national_flows(plan: Plan, made: Statements) -> list[Decimal]:
    eu = plan.summed(grant.payments for grant in plan.of(Grant) if grant.eu)
    return _with_residual(plan, [_national(one, grant) for one, grant in zip(made.cash, eu, strict=True)])


def _national(one: Cash, eu_grant: Decimal) -> Decimal:
    return one.operating - one.uses + eu_grant + one.drawn - one.debt_service - one.premiums


def _gap(plan: Plan, cost: list[Decimal], made: Statements) -> FundingGap:
    net_revenue = _with_residual(plan, [one.operating for one in made.cash])
    return FundingGap(plan_npv(plan, cost), plan_npv(plan, net_revenue))


def _break_even(plan: Plan, line: Profit) -> Decimal | None:
    """Return the revenue that covers all cost before grants; None where more revenue covers no more of it."""
    variable = sum((one.by_year.get(line.year, Decimal(0)) for one in plan.operating_costs if one.variable), Decimal(0))
    fixed = line.operating_cost - variable + line.project_cost + line.depreciation + line.interest + line.premiums
    if line.revenue <= variable:
        return None
    return cent(fixed * line.revenue / (line.revenue - variable))


def _leverage(plan: Plan) -> Leverage:
    def total(*, public: bool, eu: bool | None = None) -> Decimal:
        chosen = (one for one in plan.sources if one.public is public and (eu is None or one.eu is eu))
        return sum((sum(one.payments.values(), Decimal(0)) for one in chosen), Decimal(0))

    return Leverage(total(public=False), total(public=True), total(public=True, eu=True), sum(spent(plan), Decimal(0)))
