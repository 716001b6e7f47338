"""What an amount in EUR must be: more than zero, or zero, to the cent, within what a case can hold."""

from decimal import Decimal

from states.errors import Fault
from states.storage import fits_cents

MOST = Decimal("9999999999.99")
"""What `case_terms.Euro` holds, so that every sum of a case stays within 64 bits of cents."""


def amount_fault(place: str, amount: Decimal, *, zero: bool = False, most: Decimal | None = MOST) -> Fault | None:
    """Return what is wrong with an amount in EUR, if anything is."""
    if not amount.is_finite() or amount < 0 or (amount == 0 and not zero):
        least = "zero or more" if zero else "more than zero"
        return Fault(place, f"{amount} EUR", f"amounts are {least}")
    if not fits_cents(amount):
        return Fault(place, f"{amount} EUR has more than two decimals, or is too much", "give it to the cent")
    if most is not None and amount > most:
        return Fault(place, f"{amount} EUR is too much", f"at most {most} EUR")
    return None
