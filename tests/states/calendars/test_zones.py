"""A zone as told in a calendar is the zone of the tz database, for readers that know nothing but the calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from icalendar import Calendar
from vobject.icalendar import registerTzid

from states.calendars.ics import clock, on_the_clock

BRUSSELS = ZoneInfo("Europe/Brussels")
ZONES = [
    "Europe/Brussels",
    "Europe/Dublin",  # winter time is the exception there
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Africa/Casablanca",  # four changes a year
    "Australia/Lord_Howe",  # half an hour
]


@pytest.mark.parametrize("name", ZONES)
def test_every_hour_of_two_years_has_its_offset(name: str) -> None:
    told = clock(name, first=2025, last=2028)
    calendar = Calendar()
    calendar.add_component(told)
    registerTzid(name, None)  # it keeps the rules of the last calendar that it read
    readers = [vobject.readOne(calendar.to_ical().decode()).vtimezone.tzinfo, told.to_tz(lookup_tzid=False)]
    begins, zone = datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo(name)
    hours = [(begins + timedelta(hours=number)).astimezone(zone) for number in range(2 * 365 * 24)]

    wrong = [
        local
        for local in hours
        for reader in readers
        if not local.fold and local.replace(tzinfo=reader).utcoffset() != local.utcoffset()
    ]

    assert wrong == []


def test_summer_time_begins_by_the_clock_as_it_ran_before() -> None:
    told = clock("Europe/Brussels", first=2026, last=2026).to_ical().decode().split("BEGIN:DAYLIGHT\r\n")[1]

    assert told.splitlines()[:2] == ["DTSTART:20260329T020000", "TZNAME:CEST"]


@pytest.mark.parametrize(
    ("local", "shown"),
    [
        (datetime(2026, 10, 25, 2, 30, tzinfo=BRUSSELS), "2026-10-25T02:30:00+02:00"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=BRUSSELS, fold=1), "2026-10-25T01:30:00+00:00"),
        (datetime(2026, 3, 29, 2, 30, tzinfo=BRUSSELS), "2026-03-29T03:30:00+02:00"),
        (datetime(2026, 3, 29, 17, 0, tzinfo=BRUSSELS), "2026-03-29T17:00:00+02:00"),
    ],
)
def test_an_instant_is_shown_so_that_none_is_in_doubt(local: datetime, shown: str) -> None:
    assert on_the_clock(local).isoformat() == shown
