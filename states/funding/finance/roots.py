"""All real internal rates of return of a cash flow, found exactly: Sturm's theorem on whole cents."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import gcd

Polynomial = list[int]  # whole coefficients, the lowest power first, the last one not zero

_CLOSE = Fraction(1, 10**12)  # of the discount factor: ten digits of 1 + rate


def rates(cents: Sequence[int]) -> list[Decimal]:
    """Return every rate above -1 (a ratio) at which the present value of whole cents is zero, ascending, each once.

    The present value is a polynomial in v = 1 / (1 + rate): its roots above zero are counted, never guessed.
    """
    polynomial = _trimmed(cents)
    changes = _changes(polynomial)
    if changes == 0:  # Descartes: no root above zero
        return []
    bound = 2 + max(map(abs, polynomial)) // abs(polynomial[-1])  # Cauchy: no root lies beyond
    alone = [(Fraction(0), Fraction(bound))]
    if changes > 1:  # with one change of sign there is one root
        polynomial = _divided(polynomial, _common(polynomial, _derivative(polynomial)))
        alone = _isolated(_chain(polynomial), *alone[0])
    factors = [_refined(polynomial, low, high) for low, high in alone]
    return sorted(Decimal(v.denominator) / Decimal(v.numerator) - 1 for v in factors)


def _trimmed(coefficients: Sequence[int]) -> Polynomial:
    """Drop years of nothing at both ends: neither moves a root."""
    filled = [power for power, coefficient in enumerate(coefficients) if coefficient]
    return _primitive(list(coefficients[filled[0] : filled[-1] + 1])) if filled else []


def _primitive(coefficients: Polynomial) -> Polynomial:
    while coefficients and not coefficients[-1]:
        coefficients = coefficients[:-1]
    divisor = gcd(*coefficients) or 1
    return [coefficient // divisor for coefficient in coefficients]


def _derivative(polynomial: Polynomial) -> Polynomial:
    return _primitive([power * coefficient for power, coefficient in enumerate(polynomial)][1:])


def _remainder(dividend: Polynomial, divisor: Polynomial) -> Polynomial:
    """Return the remainder times a factor above zero, so that its signs are right and its coefficients whole."""
    rest, lead = dividend, abs(divisor[-1])
    while len(rest) >= len(divisor):
        times = rest[-1] if divisor[-1] > 0 else -rest[-1]
        shift = len(rest) - len(divisor)
        rest = [lead * one for one in rest]
        for power, coefficient in enumerate(divisor):
            rest[shift + power] -= times * coefficient
        rest = _primitive(rest)
    return rest


def _common(left: Polynomial, right: Polynomial) -> Polynomial:
    while right:
        left, right = right, _remainder(left, right)
    return left


def _divided(dividend: Polynomial, divisor: Polynomial) -> Polynomial:
    """Divide by a factor of it: what is left has the same roots, each once."""
    rest = [Fraction(one) for one in dividend]
    quotient: list[Fraction] = []
    while len(rest) >= len(divisor):
        quotient.append(rest[-1] / divisor[-1])
        shift = len(rest) - len(divisor)
        for power, coefficient in enumerate(divisor):
            rest[shift + power] -= quotient[-1] * coefficient
        rest.pop()
    whole = abs(divisor[-1]) ** len(quotient)
    return _primitive([int(one * whole) for one in reversed(quotient)])


def _chain(polynomial: Polynomial) -> list[Polynomial]:
    chain = [polynomial, _derivative(polynomial)]
    while rest := _remainder(chain[-2], chain[-1]):
        chain.append([-one for one in rest])
    return chain


def _isolated(chain: list[Polynomial], low: Fraction, high: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Return intervals (low, high] above zero with one root each; bisected until each stands alone."""
    found, open_ones = [], [(low, high, _variations(chain, low), _variations(chain, high))]
    while open_ones:
        low, high, below, above = open_ones.pop()
        if below - above == 1:
            found.append((low, high))
        elif below > above:
            middle = (low + high) / 2
            between = _variations(chain, middle)
            open_ones += [(low, middle, below, between), (middle, high, between, above)]
    return found


def _variations(chain: list[Polynomial], at: Fraction) -> int:
    return _changes([_sign(polynomial, at) for polynomial in chain])


def _changes(numbers: Sequence[int]) -> int:
    signs = [number > 0 for number in numbers if number]
    return sum(one is not other for one, other in pairwise(signs))


def _sign(polynomial: Polynomial, at: Fraction) -> int:
    """Return the polynomial's value times a power of the denominator: its sign is exact, and no fraction is made."""
    value, scale = 0, 1
    for coefficient in reversed(polynomial):
        value = value * at.numerator + coefficient * scale
        scale *= at.denominator
    return value


def _refined(polynomial: Polynomial, low: Fraction, high: Fraction) -> Fraction:
    at_high = _sign(polynomial, high)
    if not at_high:
        return high
    while high - low > low * _CLOSE:
        middle = (low + high) / 2
        value = _sign(polynomial, middle)
        if not value:
            return middle
        low, high = (low, middle) if (value > 0) is (at_high > 0) else (middle, high)
    return (low + high) / 2
