"""Numbers as people write them: one reader for every door, which would rather refuse than cut a sum a thousandfold."""

import re
from decimal import Decimal

from states.errors import Fault

_NUMBER = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}[.,][0-9]{3}")
_GROUPING = re.compile(r"(?<=[0-9])[ \u00a0\u202f\u2009'’](?=[0-9]{3})")
# Points between thousands, with a comma before decimals or several of them (1.234,56, 1.000.000); and the other way.
_POINTED = re.compile(r"[-+]?[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]+|(?:\.[0-9]{3}){2,})")
_COMMAED = re.compile(r"[-+]?[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]+|(?:,[0-9]{3}){2,})")
_EURO = re.compile(r"^(?:€|EUR)[ \u00a0\u202f]*|[ \u00a0\u202f]*(?:€|EUR)$")
_RATE = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,12})?")
MOST_DIGITS = 20


class NumberUnreadable(ValueError):
    """The text is no number, or may be one of two; the fault says which, and what to do."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def read_number(text: str) -> Decimal:
    """Return the number that a text says, with a point or a comma before decimals and blanks between thousands.

    A euro sign or EUR may stand beside it, no other currency. Whatever may be thousands or decimals (400.000), or is
    written as machines do (1e5, 1_000), raises `NumberUnreadable`.
    """
    plain = _GROUPING.sub("", _EURO.sub("", text.strip(" "), count=1)).replace("\N{MINUS SIGN}", "-")
    if _POINTED.fullmatch(plain):
        plain = plain.replace(".", "")
    elif _COMMAED.fullmatch(plain):
        plain = plain.replace(",", "")
    else:
        _need_one_reading(plain)
    if len(plain) > MOST_DIGITS:
        raise NumberUnreadable(Fault("", "too_large_number", remedy="at_most_17_digits"))
    return Decimal(plain.replace(",", "."))


def read_rate(text: str) -> Decimal:
    """Return the rate of a currency that a text says, or raise `NumberUnreadable`.

    What stands behind a single point or comma are decimals: no rate is given in thousands.
    """
    return Decimal(text.strip().replace(",", ".")) if _RATE.fullmatch(text.strip()) else read_number(text)


def _need_one_reading(plain: str) -> None:
    if _THOUSANDS.fullmatch(plain):
        raise NumberUnreadable(Fault("", "may_be_thousands_or_decimals", remedy="write_1200_or_1_20"))
    if not _NUMBER.fullmatch(plain):
        raise NumberUnreadable(Fault("", "not_a_number", remedy="digits_with_point_before_decimals"))
