"""What an amount as people have it is worth: in its own currency and in EUR, without and with VAT.

Each step is exact; only what it ends with is rounded, half up: VAT to the smallest amount of the currency, EUR to the
cent. So net and VAT add up to gross in both.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from states.funding.money.currencies import EURO, smallest

_CENT = Decimal("0.01")


class Stated(Protocol):
    """A cost line as far as it says how it was stated."""

    @property
    def currency(self) -> str: ...
    @property
    def stated(self) -> Decimal | None: ...
    @property
    def rate(self) -> Decimal | None: ...
    @property
    def rate_on(self) -> date | None: ...
    @property
    def rate_source(self) -> str: ...
    @property
    def vat_percent(self) -> Decimal | None: ...
    @property
    def vat_included(self) -> bool: ...


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


def came_about(line: Stated) -> str:
    """Say how the EUR of a line came about: `PLN 850000 at 4.25 of 2026-11-01 (InforEuro), with 23 % VAT`."""
    parts = []
    if line.stated is not None:
        at = f" at {line.rate:f} of {line.rate_on} ({line.rate_source})" if line.rate is not None else ""
        parts.append(f"{line.currency} {line.stated:f}{at}")
    if line.vat_percent is not None:
        parts.append(f"{'with' if line.vat_included else 'before'} {line.vat_percent:f} % VAT")
    return ", ".join(parts)
