"""Dates known in part: what is read, how it is stored and shown, and what is refused."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from states.errors import Invalid
from states.partners.partial_dates import FORMS, InvalidPartialDate, Part, PartialDate


@pytest.mark.parametrize(
    ("written", "stored", "text"),
    [
        ("24/10/19", "2019-10-24", "24 October 2019"),
        ("24.10.2019", "2019-10-24", "24 October 2019"),
        ("2020-10-24", "2020-10-24", "24 October 2020"),
        ("2020/1/5", "2020-01-05", "5 January 2020"),
        ("24th of October 2019", "2019-10-24", "24 October 2019"),
        ("October 24, 2019", "2019-10-24", "24 October 2019"),
        ("March 2020", "2020-03", "March 2020"),
        ("2020-03", "2020-03", "March 2020"),
        ("3/2020", "2020-03", "March 2020"),
        ("2020", "2020", "2020"),
        ("Mid-2020", "2020~mid", "mid-2020"),
        ("end of 2021", "2021~late", "late 2021"),
        ("early Nov 2018", "2018-11~early", "early November 2018"),
        ("Q2 2020", "2020~Q2", "Q2 2020"),
        ("second quarter of 2020", "2020~Q2", "Q2 2020"),
        ("first half of 2020", "2020~H1", "H1 2020"),
        ("2. Halbjahr 2020", "2020~H2", "H2 2020"),
        ("24. Oktober 2019", "2019-10-24", "24 October 2019"),
        ("Anfang März 2020", "2020-03~early", "early March 2020"),
        ("1er août 2019", "2019-08-01", "1 August 2019"),
        ("giugno 2020", "2020-06", "June 2020"),
        ("października 2020", "2020-10", "October 2020"),
        ("31/12/69", "2069-12-31", "31 December 2069"),
        ("31/12/70", "1970-12-31", "31 December 1970"),
    ],
)
def test_what_people_write_is_read(written: str, stored: str, text: str) -> None:
    read = PartialDate.parse(written)

    assert (str(read), read.text) == (stored, text)


@pytest.mark.parametrize(
    ("written", "earliest", "latest"),
    [
        ("2020-10-24", date(2020, 10, 24), date(2020, 10, 24)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("late February 2021", date(2021, 2, 21), date(2021, 2, 28)),
        ("early Nov 2018", date(2018, 11, 1), date(2018, 11, 10)),
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("mid-2020", date(2020, 5, 1), date(2020, 8, 31)),
        ("Q4 2020", date(2020, 10, 1), date(2020, 12, 31)),
        ("H1 2020", date(2020, 1, 1), date(2020, 6, 30)),
    ],
)
def test_the_days_it_may_mean(written: str, earliest: date, latest: date) -> None:
    read = PartialDate.parse(written)

    assert (read.earliest, read.latest) == (earliest, latest)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", "it has no year of four digits"),
        ("March", "it has no year of four digits"),
        ("soon 2020", "'soon' names no part of a date"),
        ("jui 2020", "'jui' names several months"),
        ("March April 2020", "it has two months"),
        ("early mid 2020", "it has two parts of a year"),
        ("2020-00", "there is no month 0"),
        ("13/2020", "there is no month 13"),
        ("10/24/2019", "there is no month 24"),
        ("31/02/2020", "February 2020 has no day 31"),
        ("2019-02-29", "February 2019 has no day 29"),
        ("0999", "there is no year 999"),
        ("5 2020", "a day needs its month"),
        ("Q2 March 2020", "Q2 does not go with a month"),
        ("early 5 March 2020", "early does not go with a day"),
        ("2020~soon", "'soon' is no part of a year or month"),
    ],
)
def test_what_is_no_date_is_refused(written: str, fault: str) -> None:
    with pytest.raises(InvalidPartialDate) as caught:
        PartialDate.parse(written)

    assert isinstance(caught.value, Invalid)
    assert str(caught.value) == f"'{written}' is not a date: {fault}"
    assert caught.value.faults[0].remedy == f"write it as one of: {FORMS}"


def test_a_date_that_does_not_exist_cannot_be_built() -> None:
    with pytest.raises(InvalidPartialDate):
        PartialDate(2021, 2, 29)


def test_dates_order_by_their_first_day_then_their_last() -> None:
    written = ["2020-03", "mid-2020", "24/10/19", "2020", "2020-01-01", "Q1 2020"]

    ordered = [str(read) for read in sorted(map(PartialDate.parse, written))]

    assert ordered == ["2019-10-24", "2020-01-01", "2020~Q1", "2020", "2020-03", "2020~mid"]


@st.composite
def partial_dates(draw: st.DrawFn) -> PartialDate:
    year = draw(st.integers(1000, 9999))
    month = draw(st.none() | st.integers(1, 12))
    day = draw(st.none() | st.integers(1, 28)) if month else None
    parts = [Part.EARLY, Part.MID, Part.LATE] if month else list(Part)
    part = None if day else draw(st.none() | st.sampled_from(parts))
    return PartialDate(year, month, day, part)


@given(partial_dates())
def test_stored_and_shown_forms_are_read_back(written: PartialDate) -> None:
    assert PartialDate.parse(str(written)) == written
    assert PartialDate.parse(written.text) == written


@given(partial_dates(), partial_dates())
def test_order_is_total_and_agrees_with_the_days(one: PartialDate, other: PartialDate) -> None:
    assume(one != other)

    assert (one < other) != (other < one)
    if one.latest < other.earliest:
        assert one < other


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidPartialDate):
        read = PartialDate.parse(text)

        assert read.earliest <= read.latest
