"""What is wrong with an amount in EUR, or with a day: beyond what a case can hold and reckon with."""

from datetime import date
from decimal import Decimal

from states.clock import LAST_DAY
from states.errors import Fault
from states.storage import fits_cents

MOST = Decimal("9999999999.99")
"""What `case.vocabulary.Euro` holds, so that every sum of a case stays within 64 bits of cents."""

FIRST_DAY = date(1990, 1, 1)


def amount_fault(place: str, amount: Decimal, *, zero: bool = False, most: Decimal | None = MOST) -> Fault | None:
    """Return what is wrong with an amount in EUR, if anything is."""
    if not amount.is_finite() or amount < 0 or (amount == 0 and not zero):
        remedy = "amounts_zero_or_more" if zero else "amounts_over_zero"
        return Fault(place, "amount_out_of_range", remedy=remedy, amount=amount)
    if not fits_cents(amount):
        return Fault(place, "amount_not_in_cents", remedy="give_to_the_cent", amount=amount)
    if most is not None and amount > most:
        return Fault(place, "amount_too_large", remedy="at_most_eur", amount=amount, most=most)
    return None


def day_fault(place: str, day: date, *, last: date = LAST_DAY) -> Fault | None:
    """Return what is wrong with a day, if it is far away."""
    return (
        None
        if FIRST_DAY <= day <= last
        else Fault(place, "day_out_of_range", remedy="from_to", day=day, first=FIRST_DAY, last=last)
    )
