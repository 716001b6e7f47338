"""The gross grant equivalent: what public money is worth as a grant on the day of its award."""

from dataclasses import dataclass
from decimal import Decimal

from states.funding.finance.plan import Plan
from states.funding.finance.rounding import cent
from states.funding.finance.sources import Grant
from states.funding.finance.statements import Statements


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
