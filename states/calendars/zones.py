"""Time zones as a calendar tells them: every change of the clock in some years, as the tz database has it.

The package's own reckoning puts the beginning of summer time an hour late (RFC 5545, section 3.6.5: an onset is told by
the clock as it ran before), so that a reader that trusts it is wrong for that hour.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAY = timedelta(days=1)
_TICK = timedelta(seconds=1)  # offsets change on whole seconds


def on_the_clock(instant: datetime) -> datetime:
    """Return the same instant as a local time that every reader understands; in UTC where the local time comes twice.

    A time that the clock skips is the one that it shows instead.
    """
    local = instant.astimezone(UTC).astimezone(instant.tzinfo)
    return local.astimezone(UTC) if local.fold else local


@lru_cache(maxsize=256)
def clock(name: str, *, first: int, last: int) -> Timezone:
    """Return a zone with its changes from the beginning of the year `first` to the end of `last`; not to be changed."""
    zone = ZoneInfo(name)
    begins = datetime(first, 1, 1, tzinfo=zone).astimezone(UTC)
    ends = datetime(last + 1, 1, 1, tzinfo=zone).astimezone(UTC)
    found = Timezone()
    found.add("TZID", name)
    for instant in (begins, *_changes(zone, begins, ends)):
        after = instant.astimezone(zone)
        before = after if instant == begins else (instant - _TICK).astimezone(zone)
        # One part for each onset: some readers keep only the first date of a part that lists several (RDATE).
        part = TimezoneDaylight() if after.dst() else TimezoneStandard()
        part.add("DTSTART", (instant + _offset(before)).replace(tzinfo=None))
        part.add("TZOFFSETFROM", _offset(before))
        part.add("TZOFFSETTO", _offset(after))
        part.add("TZNAME", after.tzname() or name)
        found.add_component(part)
    return found


def _changes(zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """Yield the instants from which another offset is in force."""
    day = begins
    while day < ends:
        old, after = _offset(day.astimezone(zone)), day + _DAY
        if _offset(after.astimezone(zone)) != old:
            before = day
            while after - before > _TICK:
                middle = before + (after - before) // 2 // _TICK * _TICK
                if _offset(middle.astimezone(zone)) == old:
                    before = middle
                else:
                    after = middle
            yield after
        day += _DAY


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()
