"""What a plan's uses cost each year: at once, or written off over the life of an asset."""

from decimal import Decimal

from states.funding.finance.plan import Plan, Use
from states.funding.finance.rounding import cent


def spent(plan: Plan, *, assets: bool | None = None, eligible: bool | None = None) -> list[Decimal]:
    """Add up what is paid for uses, EUR for each year; of assets or other cost, eligible or not, alone if asked."""
    chosen = [
        use
        for use in plan.uses
        if (assets is None or use.is_asset is assets) and (eligible is None or use.eligible is eligible)
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
