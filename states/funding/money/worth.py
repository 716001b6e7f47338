"""What an amount as people have it is worth: in its own currency and in EUR, without and with VAT.

Each step is exact; only what it ends with is rounded, half up: VAT to the smallest amount of the currency, EUR to the
cent. So net and VAT add up to gross in both.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from states.funding.money.currencies import EURO, smallest

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Amount:
    """What is bought without its VAT, the VAT on it, and both; in one currency."""

    net: Decimal
    vat: Decimal
    gross: Decimal


def rounded(exact: Fraction, unit: Decimal) -> Decimal:
    """Return the multiple of a unit that is nearest to a number that is not negative, half of one upwards."""
    return int(exact / Fraction(unit) + Fraction(1, 2)) * unit


def split_vat(stated: Decimal, currency: str, *, percent: Decimal | None, included: bool) -> Amount:
    """Return an amount with the VAT that is in it, or comes upon it; without a percentage there is none."""
    if percent is None:
        return Amount(stated, Decimal(0), stated)
    base = 100 + Fraction(percent) if included else Fraction(100)
    vat = rounded(Fraction(stated) * Fraction(percent) / base, smallest(currency))
    return Amount(stated - vat, vat, stated) if included else Amount(stated, vat, stated + vat)


def in_euro(amount: Decimal, currency: str, rate: Decimal | None) -> Decimal:
    """Return EUR to the cent; `rate` is how much of the currency EUR 1 is."""
    if currency == EURO or rate is None:
        return rounded(Fraction(amount), _CENT)
    return rounded(Fraction(amount) / Fraction(rate), _CENT)


def euro_of(amount: Amount, currency: str, rate: Decimal | None) -> Amount:
    """Return the same in EUR: net and gross are converted, and VAT is what lies between them."""
    net, gross = in_euro(amount.net, currency, rate), in_euro(amount.gross, currency, rate)
    return Amount(net, gross - net, gross)
