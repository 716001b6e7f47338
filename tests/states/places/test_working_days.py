"""Working days are those of the site: a holiday in Stuttgart is a working day in Gliwice."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.places.working_days import is_working_day, shift
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
