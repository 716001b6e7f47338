"""The first moment at which a person may be written to, held to a walk over every minute."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from states.mail.tables import MailPreference
from states.mail.windows import opening
from states.places.working_days import is_working_day
from tests.laws import often

MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/Brussels",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # changes its clock by half an hour
    "America/Havana",  # skips midnight
    "Pacific/Chatham",
)


def preference(start: time, end: time) -> MailPreference:
    return MailPreference(person_id="p", quiet_from=start, quiet_until=end)


DEFAULT = MailPreference(person_id="p")


def local(wall: str, zone: str = "Europe/Brussels", *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-11T12:00", "2026-03-11T12:00"),  # a Wednesday
        ("2026-03-11T18:59:59", "2026-03-11T18:59:59"),
        ("2026-03-11T19:00", "2026-03-12T07:00"),
        ("2026-03-11T03:00", "2026-03-11T07:00"),
        ("2026-03-13T20:00", "2026-03-16T07:00"),  # over the weekend
        ("2026-04-02T19:00", "2026-04-03T07:00"),  # Good Friday is a working day in Belgium
        ("2026-04-03T19:00", "2026-04-07T07:00"),  # Easter Monday is none
        ("2026-03-27T20:00", "2026-03-30T07:00"),  # over the weekend on which summer time begins
        ("2026-10-23T20:00", "2026-10-26T07:00"),
    ],
)
def test_it_opens_in_the_morning_of_the_next_working_day(at: str, expected: str) -> None:
    assert opening(local(at), preference=DEFAULT, time_zone="Europe/Brussels", nuts="BE1") == local(expected)


def test_holidays_are_those_of_the_site_and_hours_those_of_the_clock() -> None:
    epiphany = local("2026-01-06T10:00", "America/New_York")

    found = [opening(epiphany, preference=DEFAULT, time_zone="America/New_York", nuts=nuts) for nuts in ("DE1", "DE3")]

    assert found == [local("2026-01-07T07:00", "America/New_York"), epiphany]


def test_without_quiet_hours_only_days_count() -> None:
    always = preference(time(9), time(9))

    found = opening(local("2026-03-14T12:00"), preference=always, time_zone="Europe/Brussels", nuts="BE1")

    assert found == local("2026-03-16T00:00")


def first_open_minute(
    at: datetime, wishes: MailPreference, zone: str, nuts: str, works: Callable[..., bool] = is_working_day
) -> datetime:
    """Walk from minute to minute, by the rule as it is written."""
    while True:
        there = at.astimezone(ZoneInfo(zone))
        wall, start, end = there.time(), wishes.quiet_from, wishes.quiet_until
        quiet = start <= wall < end if start <= end else wall >= start or wall < end
        if not quiet and works(there.date(), nuts=nuts):
            return at
        at += MINUTE


@settings(max_examples=often(25), deadline=None)
@example(date(2026, 3, 28), 1200, time(20), time(2, 30), "Europe/Brussels")
@example(date(2026, 10, 24), 1200, time(20), time(2, 30), "Europe/Brussels")
@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    minute=st.integers(0, 1439),
    start=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    end=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
)
def test_it_is_the_first_open_minute(day: date, minute: int, start: time, end: time, zone: str) -> None:
    at = datetime.combine(day, time(), UTC) + timedelta(minutes=minute)
    wishes = preference(start, end)

    found = opening(at, preference=wishes, time_zone=zone, nuts="PL22")

    assert found == first_open_minute(at, wishes, zone, "PL22")


def every_day(day: date, *, nuts: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Brussels", date(2026, 3, 29)),
        ("Europe/Brussels", date(2026, 10, 25)),
        ("America/Havana", date(2026, 3, 8)),
    ],
)
@pytest.mark.parametrize(
    "quiet", [(time(20), time(2, 30)), (time(2, 30), time(0)), (time(1), time(2)), (time(2), time(3))]
)
def test_it_is_the_first_open_minute_on_the_days_on_which_the_clock_changes(
    zone: str, day: date, quiet: tuple[time, time], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("states.mail.windows.is_working_day", every_day)  # clocks change on Sundays
    wishes = preference(*quiet)
    midnight = datetime.combine(day, time(), UTC) - timedelta(hours=2)

    for minutes in range(0, 26 * 60, 10):
        at = midnight + timedelta(minutes=minutes)
        expected = first_open_minute(at, wishes, zone, "", works=every_day)
        assert opening(at, preference=wishes, time_zone=zone, nuts="") == expected
