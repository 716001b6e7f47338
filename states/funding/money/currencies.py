"""Currencies by ISO 4217, and how many decimals an amount in one of them has."""

from decimal import Decimal
from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_precision

from states.errors import Fault

EURO = "EUR"


@cache
def known_currencies() -> frozenset[str]:
    """Return the codes of money that some territory uses or has used; none of a metal, a fund or a test."""
    by_territory = get_global("territory_currencies")
    return frozenset(code for entries in by_territory.values() for code, _, _, tender in entries if tender)


def smallest(currency: str) -> Decimal:
    """Return the smallest amount that is written in a currency: 0.01 for most, 1 for the króna, 0.001 for the dinar."""
    return Decimal(1).scaleb(-get_currency_precision(currency))


def currency_fault(place: str, currency: str) -> Fault | None:
    """Return what is wrong with the code of a currency, if anything is."""
    if currency in known_currencies():
        return None
    return Fault(place, "no_currency", remedy="iso_4217_code", currency=currency)
