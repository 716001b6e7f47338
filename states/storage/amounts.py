"""Numbers as people write them: one reader for every door, which would rather refuse than cut a sum a thousandfold."""

import re
from decimal import Decimal

_NUMBER = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}[.,][0-9]{3}")
_GROUPING = re.compile(r"(?<=[0-9])[ \u00a0\u202f\u2009'’](?=[0-9]{3})")
MOST_DIGITS = 20


class NumberUnreadable(ValueError):
    """The text is no number, or may be one of two; `code` says which, `remedy` what to do: codes of the catalogue."""

    def __init__(self, code: str, remedy: str) -> None:
        super().__init__(code)
        self.code, self.remedy = code, remedy


def read_number(text: str) -> Decimal:
    """Return the number that a text says, with a point or a comma before decimals and blanks between thousands.

    Whatever may be thousands or decimals (400.000), or is written as machines do (1e5, 1_000), raises
    `NumberUnreadable`.
    """
    plain = _GROUPING.sub("", text.strip(" "))
    if _THOUSANDS.fullmatch(plain):
        raise NumberUnreadable("may_be_thousands_or_decimals", "write_1200_or_1_20")
    if not _NUMBER.fullmatch(plain):
        raise NumberUnreadable("not_a_number", "digits_with_point_before_decimals")
    if len(plain) > MOST_DIGITS:
        raise NumberUnreadable("too_large_number", "at_most_17_digits")
    return Decimal(plain.replace(",", "."))
