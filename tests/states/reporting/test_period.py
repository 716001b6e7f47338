"""Half-years: read, bounded, named, ordered."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.reporting.period import Period, PeriodInvalid, six_months_before

DAYS = st.dates(min_value=date(1001, 1, 1))


@pytest.mark.parametrize(
    ("text", "label", "starts", "ends", "previous"),
    [
        ("2020-H1", "January - June 2020", date(2020, 1, 1), date(2020, 6, 30), "2019-H2"),
        (" 2020-H2 ", "July - December 2020", date(2020, 7, 1), date(2020, 12, 31), "2020-H1"),
    ],
)
def test_a_half_year_is_read(text: str, label: str, starts: date, ends: date, previous: str) -> None:
    period = Period.parse(text)

    assert (period.label, period.starts, period.ends) == (label, starts, ends)
    assert (str(period), str(period.previous)) == (text.strip(), previous)


@pytest.mark.parametrize("text", ["", "2020", "2020-H3", "2020-H0", "2020-h1", "20-H1", "0999-H1", "2020-H1-H2"])
def test_what_is_no_half_year_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(PeriodInvalid) as raised:
        Period.parse(text)

    assert raised.value.faults[0].remedy == "write it as 2020-H1 or 2020-H2"


def test_a_half_year_cannot_be_made_wrong() -> None:
    with pytest.raises(PeriodInvalid, match="2020-H3 is no half-year"):
        Period(2020, 3)


@given(DAYS)
def test_a_day_lies_in_its_half_year_and_in_no_other(day: date) -> None:
    period = Period.of(day)

    assert period.starts <= day <= period.ends
    assert (period.starts - period.previous.ends).days == 1
    assert period.previous < period
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2020, 6, 30), date(2019, 12, 30)),
        (date(2020, 2, 10), date(2019, 8, 10)),
        (date(2020, 8, 31), date(2020, 2, 29)),
        (date(2019, 12, 31), date(2019, 6, 30)),
    ],
)
def test_six_months_before_stays_in_the_month(day: date, before: date) -> None:
    assert six_months_before(day) == before
