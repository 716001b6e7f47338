"""What a series of yearly cash flows is worth: present values, rates of return, payback. Flows in EUR."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate

from states.funding.finance.roots import rates

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


Flows = Sequence[Decimal]


def discounted(flows: Flows, rate: Decimal, *, first: int = 0) -> list[Decimal]:
    """Discount flows at a rate in percent, the first of them by `first` years; unrounded EUR."""
    factor = 1 + rate / 100
    return [flow * factor ** -(first + t) for t, flow in enumerate(flows)]


def npv(flows: Flows, rate: Decimal, *, first: int = 0) -> Decimal:
    """Return the net present value in EUR, rounded once, to the cent."""
    return cent(sum(discounted(flows, rate, first=first), Decimal(0)))


def irr(flows: Flows) -> tuple[Decimal, ...]:
    """Return every internal rate of return above -100 percent, ascending: none, one or several.

    In percent to four places. Flows must be whole cents, as those of statements are.
    """
    return tuple(four(100 * rate) for rate in rates([int(flow.scaleb(2)) for flow in flows]))


def mirr(flows: Flows, *, finance: Decimal, reinvest: Decimal) -> Decimal | None:
    """Return the modified rate in percent: outlays discounted at one rate, returns compounded at the other.

    None where there is no outlay or no return.
    """
    last, grown = len(flows) - 1, 1 + reinvest / 100
    outlay = -sum(discounted([min(flow, Decimal(0)) for flow in flows], finance), Decimal(0))
    returned = sum((max(flow, Decimal(0)) * grown ** (last - t) for t, flow in enumerate(flows)), Decimal(0))
    if not outlay or not returned:
        return None
    return four(100 * ((returned / outlay) ** (Decimal(1) / last) - 1))


def payback(flows: Flows) -> Decimal | None:
    """Return the years until the cumulated flow is first zero or more after an outlay, interpolated within the year.

    None if it never is; 0 if nothing is ever laid out. For the discounted payback give discounted flows.
    """
    before = Decimal(0)
    for t, total in enumerate(accumulate(flows)):
        if before < 0 <= total:
            return four(t - 1 + before / (before - total))
        before = total
    return None if before < 0 else Decimal(0)
