"""Profit and loss, cash flow and balance of a plan, year by year, to the cent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate

from states.funding.finance.plan import Plan, Use
from states.funding.finance.returns import cent
from states.funding.finance.sources import Equity, Grant, Loan, OwnCash, Repayment


def spent(
    plan: Plan, *, assets: bool | None = None, eligible: bool | None = None, in_kind: bool | None = None
) -> list[Decimal]:
    """Add up what uses cost, EUR for each year; of assets or other cost, eligible or not, in kind or not, if asked."""
    chosen = [
        use
        for use in plan.uses
        if (assets is None or use.is_asset is assets)
        and (eligible is None or use.eligible is eligible)
        and (in_kind is None or use.in_kind is in_kind)
    ]
    return plan.summed({use.year: use.amount} for use in chosen)


def depreciation(plan: Plan) -> list[Decimal]:
    """Add up what is written off, EUR for each year; the parts of an asset add up to its cost."""
    return plan.summed(_written_off(use) for use in plan.uses)


def _written_off(use: Use) -> dict[int, Decimal]:
    if not use.life:
        return {}
    marks = [cent(use.amount * part / use.life) for part in range(use.life + 1)]
    begins = use.in_service or use.year
    return {begins + part: marks[part + 1] - marks[part] for part in range(use.life)}


def released(plan: Plan, charged: list[Decimal], received: list[Decimal]) -> list[Decimal]:
    """Return the grants that become income, EUR for each year, as what they pay for becomes cost.

    Never more than has been received; what pays for land stays deferred.
    """
    total = sum((use.amount for use in plan.uses), Decimal(0))
    share = sum(received, Decimal(0)) / total if total else Decimal(0)
    parts: list[Decimal] = []
    cost = paid = given = Decimal(0)
    for charge, grant in zip(charged, received, strict=True):
        cost, paid = cost + charge, paid + grant
        parts.append(max(min(paid, cent(share * cost)) - given, Decimal(0)))
        given += parts[-1]
    return parts


@dataclass(frozen=True, slots=True)
class Schedule:
    """A loan in EUR, one figure for each year of the plan: owed at its beginning, paid out, interest, paid back."""

    loan: Loan
    opening: tuple[Decimal, ...]
    drawn: tuple[Decimal, ...]
    interest: tuple[Decimal, ...]
    repaid: tuple[Decimal, ...]

    @property
    def closing(self) -> tuple[Decimal, ...]:
        """EUR owed at the end of each year."""
        years = zip(self.opening, self.drawn, self.repaid, strict=True)
        return tuple(opening + drawn - repaid for opening, drawn, repaid in years)


def schedule(plan: Plan, loan: Loan) -> Schedule:
    """Compute a loan's life; the last repayment is what is left, so that nothing stays owed by rounding."""
    owed, payment = Decimal(0), Decimal(0)
    rows: list[tuple[Decimal, Decimal, Decimal, Decimal]] = []
    for year in plan.calendar:
        drawn = loan.payments.get(year, Decimal(0))
        interest = cent(owed * loan.rate / 100)
        repaid = Decimal(0)
        if year == loan.first_repayment:
            payment = _payment(loan, owed)
        if loan.first_repayment <= year < loan.last_repayment:
            repaid = min(owed, payment if loan.repayment is Repayment.LINEAR else payment - interest)
        elif year == loan.last_repayment:
            repaid = owed
        rows.append((owed, drawn, interest, repaid))
        owed += drawn - repaid
    opening, paid_out, interests, paid_back = zip(*rows, strict=True)
    return Schedule(loan, opening, paid_out, interests, paid_back)


def _payment(loan: Loan, owed: Decimal) -> Decimal:
    """Return EUR a year: with interest in an annuity, without it in a linear loan."""
    rate = loan.rate / 100
    if loan.repayment is Repayment.LINEAR or not rate:
        return cent(owed / loan.years)
    return cent(owed * rate / (1 - (1 + rate) ** -loan.years))


def premiums(plan: Plan, schedules: list[Schedule]) -> list[Decimal]:
    """Add up what guarantees cost, EUR for each year of the plan."""
    totals = [Decimal(0)] * plan.years
    for guarantee in plan.guarantees:
        covered = next(one for one in schedules if one.loan.name == guarantee.loan)
        for t, opening in enumerate(covered.opening):
            totals[t] += cent(opening * guarantee.cover * guarantee.premium / 10_000)
    return totals


@dataclass(frozen=True, slots=True)
class Profit:
    """Profit and loss of one year, EUR; `project_cost` is what is spent on uses and not kept as an asset."""

    year: int
    revenue: Decimal
    operating_cost: Decimal
    project_cost: Decimal
    depreciation: Decimal
    grants_released: Decimal
    interest: Decimal
    premiums: Decimal
    tax: Decimal

    @property
    def before_tax(self) -> Decimal:
        costs = self.operating_cost + self.project_cost + self.depreciation + self.interest + self.premiums
        return self.revenue + self.grants_released - costs

    @property
    def after_tax(self) -> Decimal:
        return self.before_tax - self.tax


@dataclass(frozen=True, slots=True)
class Cash:
    """Cash flow of one year, EUR; `working_capital` is what it binds more than the year before."""

    year: int
    opening: Decimal
    revenue: Decimal
    operating_cost: Decimal
    working_capital: Decimal
    tax: Decimal
    uses: Decimal
    grants: Decimal
    paid_in: Decimal
    drawn: Decimal
    repaid: Decimal
    interest: Decimal
    premiums: Decimal

    @property
    def operating(self) -> Decimal:
        """What running the project brings, before tax."""
        return self.revenue - self.operating_cost - self.working_capital

    @property
    def for_debt(self) -> Decimal:
        """Cash flow available for debt service: after tax and premiums; uses and their sources stand apart."""
        return self.operating - self.tax - self.premiums

    @property
    def debt_service(self) -> Decimal:
        return self.interest + self.repaid

    @property
    def net(self) -> Decimal:
        """By how much the cash grows."""
        return self.for_debt - self.uses + self.grants + self.paid_in + self.drawn - self.debt_service

    @property
    def closing(self) -> Decimal:
        """Cash at the end of the year; below zero it is not financed."""
        return self.opening + self.net


@dataclass(frozen=True, slots=True)
class Balance:
    """Balance at the end of one year, EUR."""

    year: int
    fixed_assets: Decimal
    inventories: Decimal
    receivables: Decimal
    cash: Decimal
    payables: Decimal
    loans: Decimal
    deferred_grants: Decimal
    paid_in: Decimal
    retained: Decimal

    @property
    def assets(self) -> Decimal:
        return self.fixed_assets + self.inventories + self.receivables + self.cash

    @property
    def liabilities(self) -> Decimal:
        """What is owed, or not yet earned."""
        return self.payables + self.loans + self.deferred_grants

    @property
    def equity(self) -> Decimal:
        """What was paid in, and all profit since."""
        return self.paid_in + self.retained


@dataclass(frozen=True, slots=True)
class Statements:
    """The three statements, one line for each year of the plan, with the loans behind them."""

    profit: tuple[Profit, ...]
    cash: tuple[Cash, ...]
    balance: tuple[Balance, ...]
    loans: tuple[Schedule, ...]

    @property
    def shortfalls(self) -> dict[int, Decimal]:
        """EUR missing at the end of each year in which cash is below zero."""
        return {one.year: -one.closing for one in self.cash if one.closing < 0}


@dataclass(frozen=True, slots=True)
class _Bound:
    receivables: list[Decimal]
    inventories: list[Decimal]
    payables: list[Decimal]

    @property
    def grown(self) -> list[Decimal]:
        rows = zip(self.receivables, self.inventories, self.payables, strict=True)
        return _differences([owed + stock - owing for owed, stock, owing in rows])


def statements(plan: Plan) -> Statements:
    """Compute the three statements of a plan.

    Cash follows from the flows and retained profit from the profit and loss: that the balance balances is a proof.
    """
    revenue = plan.summed(one.by_year for one in plan.revenues)
    running = plan.summed(one.by_year for one in plan.operating_costs)
    loans = [schedule(plan, loan) for loan in plan.of(Loan)]
    bound = _bound(plan, revenue, running)
    profit = _profit(plan, revenue, running, loans)
    cash = _cash(plan, profit, bound, loans)
    return Statements(tuple(profit), tuple(cash), tuple(_balance(plan, profit, cash, bound, loans)), tuple(loans))


def _profit(plan: Plan, revenue: list[Decimal], running: list[Decimal], loans: list[Schedule]) -> list[Profit]:
    expensed, worn = spent(plan, assets=False), depreciation(plan)
    charged = [now + later for now, later in zip(expensed, worn, strict=True)]
    income = released(plan, charged, plan.summed(grant.payments for grant in plan.of(Grant)))
    interest, fees = _columns(plan, (loan.interest for loan in loans)), premiums(plan, loans)
    rows, loss = [], Decimal(0)
    for t, year in enumerate(plan.calendar):
        figures = (revenue[t], running[t], expensed[t], worn[t], income[t], interest[t], fees[t])
        untaxed = Profit(year, *figures, tax=Decimal(0))
        taxable = untaxed.before_tax - loss
        loss = max(-taxable, Decimal(0))
        rows.append(replace(untaxed, tax=cent(max(taxable, Decimal(0)) * plan.tax_rate / 100)))
    return rows


def _cash(plan: Plan, profit: list[Profit], bound: _Bound, loans: list[Schedule]) -> list[Cash]:
    uses, grown = spent(plan, in_kind=False), bound.grown
    grants = plan.summed(grant.payments for grant in plan.of(Grant))
    paid_in = plan.summed(one.payments for one in (*plan.of(Equity), *plan.of(OwnCash)))
    drawn, repaid = _columns(plan, (loan.drawn for loan in loans)), _columns(plan, (loan.repaid for loan in loans))
    rows: list[Cash] = []
    for t, line in enumerate(profit):
        rows.append(
            Cash(
                year=line.year,
                opening=rows[-1].closing if rows else Decimal(0),
                revenue=line.revenue,
                operating_cost=line.operating_cost,
                working_capital=grown[t],
                tax=line.tax,
                uses=uses[t],
                grants=grants[t],
                paid_in=paid_in[t],
                drawn=drawn[t],
                repaid=repaid[t],
                interest=line.interest,
                premiums=line.premiums,
            )
        )
    return rows


def _balance(
    plan: Plan, profit: list[Profit], cash: list[Cash], bound: _Bound, loans: list[Schedule]
) -> Iterator[Balance]:
    bought = list(accumulate(spent(plan, assets=True)))
    worn = list(accumulate(line.depreciation for line in profit))
    deferred = list(accumulate(flow.grants - line.grants_released for flow, line in zip(cash, profit, strict=True)))
    brought = spent(plan, in_kind=True)
    paid_in = list(accumulate(flow.paid_in + kind for flow, kind in zip(cash, brought, strict=True)))
    retained = list(accumulate(line.after_tax for line in profit))
    owed = _columns(plan, (loan.closing for loan in loans))
    for t, flow in enumerate(cash):
        yield Balance(
            year=flow.year,
            fixed_assets=bought[t] - worn[t],
            inventories=bound.inventories[t],
            receivables=bound.receivables[t],
            cash=flow.closing,
            payables=bound.payables[t],
            loans=owed[t],
            deferred_grants=deferred[t],
            paid_in=paid_in[t],
            retained=retained[t],
        )


def _bound(plan: Plan, revenue: list[Decimal], running: list[Decimal]) -> _Bound:
    days = plan.working_capital
    return _Bound(
        receivables=[cent(amount * days.receivable_days / 365) for amount in revenue],
        inventories=[cent(amount * days.inventory_days / 365) for amount in running],
        payables=[cent(amount * days.payable_days / 365) for amount in running],
    )


def _columns(plan: Plan, rows: Iterable[Sequence[Decimal]]) -> list[Decimal]:
    known = list(rows)
    return [sum((row[t] for row in known), Decimal(0)) for t in range(plan.years)]


def _differences(amounts: list[Decimal]) -> list[Decimal]:
    return [now - before for before, now in zip([Decimal(0), *amounts], amounts, strict=False)]
