"""The half-years on which a partnership reports."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Self

from states.errors import Invalid

_WRITTEN = re.compile(r"([1-9]\d{3})-H([12])")
_MONTHS_IN_HALF = 6
_NAMES = {1: "January - June", 2: "July - December"}


class PeriodInvalid(Invalid):
    """The text names no half-year, or one that has not begun."""

    code = "period_invalid"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A half-year: 1 is January to June, 2 is July to December; `str()` gives "2020-H1"."""

    year: int
    half: int

    def __post_init__(self) -> None:
        if not _WRITTEN.fullmatch(str(self)):
            raise PeriodInvalid("no_half_year", field="period", remedy="write_as_2020_h1_or_2020_h2", period=str(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2020-H1"; raise `PeriodInvalid`."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise PeriodInvalid("half_year_unreadable", field="period", remedy="write_as_2020_h1_or_2020_h2", text=text)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, 1 if day.month <= _MONTHS_IN_HALF else 2)

    @property
    def starts(self) -> date:
        """The first day."""
        return date(self.year, 1 if self.half == 1 else 7, 1)

    @property
    def ends(self) -> date:
        """The last day."""
        return date(self.year, 6, 30) if self.half == 1 else date(self.year, 12, 31)

    @property
    def previous(self) -> "Period":
        return Period(self.year, 1) if self.half == 2 else Period(self.year - 1, 2)

    @property
    def label(self) -> str:
        """The choice as the form words it: January - June 2020."""
        return f"{_NAMES[self.half]} {self.year}"

    def __str__(self) -> str:
        return f"{self.year}-H{self.half}"


def six_months_before(day: date) -> date:
    """Return the day six months earlier; where that month is shorter, its last day."""
    months = day.year * 12 + day.month - 1 - _MONTHS_IN_HALF
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
