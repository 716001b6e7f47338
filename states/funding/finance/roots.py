"""All real internal rates of return of a cash flow: numpy proposes where they lie, whole cents prove it."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

Polynomial = list[int]  # whole coefficients, the lowest power first, neither end zero

_CLOSE = Fraction(1, 10**12)  # of the discount factor: ten digits of 1 + rate


def rates(cents: Sequence[int]) -> list[Decimal]:
    """Return every rate above -1 (a ratio) at which the present value of whole cents is zero, ascending, each once.

    The present value is a polynomial in v = 1 / (1 + rate), of which the roots above zero are sought.
    """
    years = [year for year, amount in enumerate(cents) if amount]  # years of nothing at either end move no root
    factors = _roots(list(cents[years[0] : years[-1] + 1])) if years else []
    return sorted(Decimal(v.denominator) / Decimal(v.numerator) - 1 for v in factors)


def _roots(polynomial: Polynomial) -> list[Fraction]:
    """Return the roots above zero: Descartes' rule, exact on each interval, says where one lies and where none.

    numpy's roots only choose the first intervals; where they mislead, halving finds what they missed.
    """
    found: list[Fraction] = []
    changes = _changes(polynomial)
    intervals = _intervals(polynomial) if changes else []
    while intervals and len(found) < changes:
        low, high = intervals.pop()
        inside = _changes(_within(polynomial, low, high))
        if not _value(polynomial, high):
            found.append(high)
        if not inside:
            continue
        narrow = high - low <= low * _CLOSE
        if narrow and inside == 1:
            found.append((low + high) / 2)
        elif narrow and len(simple := _simple(polynomial)) < len(polynomial):
            return _roots(simple)
        else:
            middle = (low + high) / 2
            intervals += [(low, middle), (middle, high)]
    return found


def _intervals(polynomial: Polynomial) -> list[tuple[Fraction, Fraction]]:
    """Cut the line from zero to Cauchy's bound around numpy's real roots, the narrowest interval last."""
    from numpy.polynomial.polynomial import polyroots  # slow to import

    largest = max(map(abs, polynomial))
    bound = Fraction(2 + largest // abs(polynomial[-1]))
    marks = {Fraction(0), bound}
    for root in polyroots([coefficient / largest for coefficient in polynomial]):
        if abs(root.imag) < root.real / 10**4:
            marks |= {Fraction(root.real) * (1 + side * _CLOSE / 3) for side in (-1, 1)}
    inner = sorted(mark for mark in marks if mark <= bound)
    return sorted(pairwise(inner), key=lambda ends: ends[0] / ends[1])


def _within(polynomial: Polynomial, low: Fraction, high: Fraction) -> Polynomial:
    """Return (1 + x)^n p((high + low x) / (1 + x)) times a factor: for x above zero, p between the two bounds."""
    scale = lcm(low.denominator, high.denominator)
    degree = len(polynomial) - 1
    spread = [coefficient * scale ** (degree - power) for power, coefficient in enumerate(polynomial)]
    from_low = _shifted(spread, int(low * scale))
    width = int((high - low) * scale)
    return _shifted([coefficient * width**power for power, coefficient in enumerate(from_low)][::-1], 1)


def _shifted(polynomial: Polynomial, by: int) -> Polynomial:
    shifted = list(polynomial)
    for start in range(len(shifted) - 1):
        for power in range(len(shifted) - 2, start - 1, -1):
            shifted[power] += by * shifted[power + 1]
    return shifted


def _value(polynomial: Polynomial, at: Fraction) -> Fraction:
    value = Fraction(0)
    for coefficient in reversed(polynomial):
        value = value * at + coefficient
    return value


def _changes(numbers: Sequence[int]) -> int:
    signs = [number > 0 for number in numbers if number]
    return sum(one is not other for one, other in pairwise(signs))


def _simple(polynomial: Polynomial) -> Polynomial:
    """Return a polynomial with the same roots, each once."""
    common, rest = polynomial, [power * coefficient for power, coefficient in enumerate(polynomial)][1:]
    while rest:
        common, rest = rest, _divided(common, rest)[1]
    return _divided(polynomial, common)[0]


def _divided(dividend: Polynomial, divisor: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Return quotient and remainder, each up to a factor."""
    rest = [Fraction(coefficient) for coefficient in dividend]
    quotient: list[Fraction] = []
    while len(rest) >= len(divisor):
        quotient.insert(0, rest.pop() / divisor[-1])
        for power, coefficient in enumerate(divisor[:-1], len(rest) - len(divisor) + 1):
            rest[power] -= quotient[0] * coefficient
    while rest and not rest[-1]:
        rest.pop()
    return _whole(quotient), _whole(rest)


def _whole(coefficients: list[Fraction]) -> Polynomial:
    scale = lcm(*(coefficient.denominator for coefficient in coefficients))
    whole = [int(coefficient * scale) for coefficient in coefficients]
    return [coefficient // gcd(*whole) for coefficient in whole]
