"""Working days are those of the site: a holiday in Stuttgart is a working day in Gliwice."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.places import nuts
from states.places.working_days import _parts, is_working_day, shift
from tests.laws import often

BADEN, SILESIA, NAVARRA, GREECE, BRUSSELS = "DE111", "PL22", "ES220", "EL30", ""
FRIDAY, SATURDAY, MONDAY = date(2020, 9, 4), date(2020, 9, 5), date(2020, 9, 7)


@pytest.mark.parametrize(
    ("day", "working", "resting"),
    [
        (date(2020, 6, 11), [BRUSSELS, "FRL04"], [BADEN, SILESIA]),  # Corpus Christi
        (date(2020, 10, 10), [], [BADEN, SILESIA]),  # a Saturday
        (date(2022, 10, 3), [SILESIA, BRUSSELS], [BADEN, "DE300"]),  # German unity
        (date(2020, 11, 11), [BADEN, GREECE], [SILESIA, BRUSSELS, "FRL04"]),  # armistice, independence
        (date(2021, 1, 6), ["DE300", BRUSSELS], [BADEN, SILESIA]),  # Epiphany: in the south of Germany
        (date(2021, 3, 25), [SILESIA], [GREECE]),  # Greek independence; NUTS writes EL
        (date(2021, 12, 3), ["ES300", BRUSSELS], [NAVARRA]),  # a day of Navarra's own
        (date(2026, 6, 19), ["DK011", "NO081"], ["SE110", "FI1B1"]),  # the eve of midsummer
        (date(2026, 12, 24), ["DE111"], ["SE224", "PL22", "CZ010"]),  # Christmas Eve
        (date(2026, 12, 31), ["PL22", "DK011"], ["SE332"]),  # the last day of the year
        (date(2020, 7, 21), [SILESIA], [BRUSSELS, "XX"]),  # an unknown country counts as Brussels
    ],
)
def test_holidays_of_a_site(day: date, working: list[str], resting: list[str]) -> None:
    assert [site for site in working if not is_working_day(day, nuts=site)] == []
    assert [site for site in resting if is_working_day(day, nuts=site)] == []


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (FRIDAY, 0, FRIDAY),
        (SATURDAY, 0, MONDAY),
        (FRIDAY, 1, MONDAY),
        (SATURDAY, 1, MONDAY),
        (MONDAY, -1, FRIDAY),
        (SATURDAY, -1, FRIDAY),
        (FRIDAY, 5, date(2020, 9, 11)),
        (date(2020, 9, 11), -5, FRIDAY),
    ],
)
def test_shifts_over_a_weekend(start: date, days: int, expected: date) -> None:
    assert shift(start, days, nuts=BRUSSELS) == expected


def test_the_same_shift_ends_apart_at_two_sites() -> None:
    before = date(2022, 9, 30)
    assert shift(before, 1, nuts=BADEN) == date(2022, 10, 4)
    assert shift(before, 1, nuts=SILESIA) == date(2022, 10, 3)


@given(
    day=st.dates(date(2019, 1, 1), date(2027, 12, 31)),
    days=st.integers(-60, 60),
    nuts=st.sampled_from([BADEN, SILESIA, NAVARRA, GREECE, BRUSSELS]),
)
@settings(max_examples=often(60), deadline=None, database=None)
def test_a_shift_counts_working_days(day: date, days: int, nuts: str) -> None:
    reached = shift(day, days, nuts=nuts)
    first, last = sorted((day, reached))
    between = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    counted = [one for one in between if one != day and is_working_day(one, nuts=nuts)]
    assert is_working_day(reached, nuts=nuts)
    if days:
        assert (len(counted), reached > day) == (abs(days), days > 0)
    else:
        assert counted == ([] if reached == day else [reached])


@pytest.mark.parametrize(
    ("where", "day", "worked"),
    [
        ("UKN06", date(2026, 3, 17), False),  # St Patrick's Day
        ("UKM75", date(2026, 11, 30), False),  # St Andrew's Day
        ("UKI31", date(2026, 11, 30), True),
        ("UKL22", date(2026, 4, 6), False),  # Easter Monday, not in Scotland
        ("UKM82", date(2026, 4, 6), True),
        ("FRF11", date(2026, 12, 26), False),
        ("FRF21", date(2025, 12, 26), True),
        ("FRF33", date(2025, 12, 26), False),
        ("FRY10", date(2026, 5, 27), False),  # abolition of slavery in Guadeloupe
        ("ITC4C", date(2026, 12, 7), False),  # Sant'Ambrogio
        ("ITI14", date(2026, 6, 24), False),
        ("ITI43", date(2026, 6, 29), False),
        ("ITH10", date(2026, 5, 25), False),  # Whit Monday
        ("ITH20", date(2026, 5, 25), True),
        ("PT200", date(2026, 5, 25), False),
        ("PT300", date(2026, 7, 1), False),
        ("PT1A0", date(2026, 7, 1), True),
        ("CH040", date(2026, 5, 1), False),
        ("CH070", date(2026, 3, 19), False),
        ("CH013", date(2026, 9, 10), False),
        ("FI200", date(2026, 6, 9), False),
        ("DE271", date(2025, 8, 8), False),
        ("DE212", date(2025, 8, 8), True),
        ("ES511", date(2026, 9, 11), False),
        ("HU110", date(2026, 1, 10), True),  # a Saturday, for the second of January
        ("HU110", date(2026, 1, 2), False),
        ("HU110", date(2026, 8, 8), True),
        ("HU110", date(2026, 8, 15), False),
        ("AT130", date(2026, 1, 10), False),
    ],
)
def test_a_part_of_a_country_has_days_off_of_its_own(where: str, day: date, worked: bool) -> None:
    assert is_working_day(day, nuts=where) is worked


def test_every_part_is_one_of_nuts_and_one_with_holidays_known() -> None:
    for prefix, part in _parts().items():
        assert any(code.startswith(prefix) for code in nuts.units()), prefix
        country = {"UK": "GB"}.get(prefix[:2], prefix[:2])
        assert part in holidays.list_supported_countries()[country] + ["Augsburg"]
