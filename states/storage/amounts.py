"""Numbers as people write them: one reader for every door, which would rather refuse than cut a sum a thousandfold."""

import re
from decimal import Decimal

from states.errors import Fault

_NUMBER = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}[.,][0-9]{3}")
_GROUPING = re.compile(r"(?<=[0-9])[ \u00a0\u202f\u2009'’](?=[0-9]{3})")
MOST_DIGITS = 20


class NumberUnreadable(ValueError):
    """The text is no number, or may be one of two; the fault says which, and what to do."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def read_number(text: str) -> Decimal:
    """Return the number that a text says, with a point or a comma before decimals and blanks between thousands.

    Whatever may be thousands or decimals (400.000), or is written as machines do (1e5, 1_000), raises
    `NumberUnreadable`.
    """
    plain = _GROUPING.sub("", text.strip(" "))
    if _THOUSANDS.fullmatch(plain):
        raise NumberUnreadable(Fault("", "may_be_thousands_or_decimals", remedy="write_1200_or_1_20"))
    if not _NUMBER.fullmatch(plain):
        raise NumberUnreadable(Fault("", "not_a_number", remedy="digits_with_point_before_decimals"))
    if len(plain) > MOST_DIGITS:
        raise NumberUnreadable(Fault("", "too_large_number", remedy="at_most_17_digits"))
    return Decimal(plain.replace(",", "."))
