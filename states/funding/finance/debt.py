"""What loans cost and when they are paid back, to the cent."""

from dataclasses import dataclass
from decimal import Decimal

from states.funding.finance.plan import Plan
from states.funding.finance.rounding import cent
from states.funding.finance.sources import Loan, Repayment


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
