"""The one rounding rule: a line of a statement to the cent, a figure to four places, both half away from zero."""

from decimal import ROUND_HALF_UP, Decimal

_CENT, _FOUR = Decimal("0.01"), Decimal("0.0001")


def cent(amount: Decimal) -> Decimal:
    """Round EUR to the cent; sums of such lines are exact and never rounded again."""
    return amount.quantize(_CENT, ROUND_HALF_UP) + 0  # never minus zero


def four(figure: Decimal) -> Decimal:
    """Round a ratio, a percentage or a number of years to four places, once, when it is reported."""
    return figure.quantize(_FOUR, ROUND_HALF_UP) + 0


def cumulated_shares(amount: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """Split EUR by weights, so that the parts are whole cents and add up to the amount; no weight, no part."""
    total, parts, so_far, given = sum(weights, Decimal(0)), [], Decimal(0), Decimal(0)
    for weight in weights:
        so_far += weight
        parts.append(cent(amount * so_far / total) - given if total else Decimal(0))
        given += parts[-1]
    return parts
