"""The periods on which partners report: of equal length in months since the first agreement began."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class ProgressPeriod:
    """From day to day, both included; `number` counts from 1."""

    number: int
    starts_on: date
    ends_on: date


def periods_between(start: date, end: date, *, months: int, whole: bool = False) -> Iterator[ProgressPeriod]:
    """Yield the periods from the first day to the last; the last one may be shorter, unless all are `whole`."""
    number = 1
    while (begins := months_after(start, (number - 1) * months)) <= end:
        last = months_after(start, number * months) - timedelta(days=1)
        yield ProgressPeriod(number, begins, last if whole else min(last, end))
        number += 1


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last one where it has no such day."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
