"""When a person may be written to: outside quiet hours, on a working day, by the clock on that person's wall."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from states.mail.tables import MailPreference
from states.places.working_days import is_working_day

_TICK = timedelta(seconds=1)  # offsets change on whole seconds


def opening(at: datetime, *, preference: MailPreference, time_zone: str, nuts: str) -> datetime:
    """Return the first instant (UTC), at or after `at`, on a working day at `nuts` and outside the quiet hours.

    By the wall clock of the IANA zone: hours that a change of the clock skips are never waited for, and one that comes
    twice is quiet, or open, both times.
    """
    zone = ZoneInfo(time_zone)
    if _open(at, zone, preference, nuts):
        return at.astimezone(UTC)
    first = at.astimezone(zone).date()
    for days in count():
        found = [
            instant
            for instant in _turns(first + timedelta(days=days), zone, preference)
            if instant >= at and _open(instant, zone, preference, nuts)
        ]
        if found:
            return min(found)
    raise AssertionError("the days do not end")


def hour_of_digest(at: datetime, *, preference: MailPreference, time_zone: str) -> datetime:
    """Return when (UTC) the digest of the local day of `at` is due: at its hour; where that is quiet, as quiet ends."""
    wall = time(preference.digest_at)
    if _quiet(wall, preference):
        wall = preference.quiet_until
    zone = ZoneInfo(time_zone)
    return datetime.combine(at.astimezone(zone).date(), wall, tzinfo=zone).astimezone(UTC)


def _open(instant: datetime, zone: ZoneInfo, preference: MailPreference, nuts: str) -> bool:
    local = instant.astimezone(zone)
    return not _quiet(local.time(), preference) and is_working_day(local.date(), nuts=nuts)


def _quiet(wall: time, preference: MailPreference) -> bool:
    start, end = preference.quiet_from, preference.quiet_until
    return start <= wall < end if start <= end else wall >= start or wall < end


def _turns(day: date, zone: ZoneInfo, preference: MailPreference) -> Iterator[datetime]:
    """Yield when a quiet time may end on a local day: at midnight, at its hour, and where the clock changes."""
    for wall in (time(), preference.quiet_until):
        for fold in (0, 1):
            local = datetime.combine(day, wall, zone).replace(fold=fold)
            instant = local.astimezone(UTC)
            if instant.astimezone(zone).replace(tzinfo=None, fold=0) == local.replace(tzinfo=None, fold=0):
                yield instant
    changed = _change_of_clock(day, zone)
    if changed is not None:
        yield changed


def _change_of_clock(day: date, zone: ZoneInfo) -> datetime | None:
    """Return the instant at which the zone's offset changes between this midnight and the next, if it does."""
    before = datetime.combine(day, time(), zone).astimezone(UTC) - timedelta(hours=1)
    after = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) + timedelta(hours=1)
    old = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == old:
        return None
    while after - before > _TICK:
        middle = before + ((after - before) // 2 // _TICK or 1) * _TICK
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
