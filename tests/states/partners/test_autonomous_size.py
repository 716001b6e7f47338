"""The size class at its thresholds, with figures missing, and that more people never make an enterprise smaller."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.partners.autonomous_size import size_class
from states.partners.tables import SizeClass

M = 1_000_000
ORDER = [SizeClass.MICRO, SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE]
AMOUNTS = st.decimals(0, 100 * M, places=2)


def _eur(amount: int | None) -> Decimal | None:
    return None if amount is None else Decimal(amount)


@pytest.mark.parametrize(
    ("headcount", "turnover", "balance_sheet", "expected"),
    [
        (9, 2 * M, 2 * M, SizeClass.MICRO),
        (10, 2 * M, 2 * M, SizeClass.SMALL),
        (9, 2 * M + 1, 2 * M, SizeClass.MICRO),  # one of the two may be exceeded
        (9, 2 * M + 1, 2 * M + 1, SizeClass.SMALL),
        (49, 10 * M, 10 * M, SizeClass.SMALL),
        (50, 10 * M, 10 * M, SizeClass.MEDIUM),
        (249, 50 * M, 44 * M, SizeClass.MEDIUM),
        (249, 51 * M, 43 * M, SizeClass.MEDIUM),
        (249, 51 * M, 44 * M, SizeClass.LARGE),
        (250, 0, 0, SizeClass.LARGE),
        (None, None, None, SizeClass.UNKNOWN),
        (9, None, None, SizeClass.UNKNOWN),
        (9, 2 * M, None, SizeClass.MICRO),  # whatever the balance sheet is
        (9, 3 * M, None, SizeClass.UNKNOWN),
        (None, 1 * M, 1 * M, SizeClass.UNKNOWN),
        (250, None, None, SizeClass.LARGE),
        (None, 51 * M, 44 * M, SizeClass.LARGE),
    ],
)
def test_the_class(headcount: int | None, turnover: int | None, balance_sheet: int | None, expected: SizeClass) -> None:
    assert size_class(headcount=headcount, turnover=_eur(turnover), balance_sheet=_eur(balance_sheet)) is expected


@given(st.integers(0, 300), st.integers(0, 300), AMOUNTS, AMOUNTS)
def test_more_people_never_make_it_smaller(few: int, more: int, turnover: Decimal, balance_sheet: Decimal) -> None:
    smaller, larger = (
        ORDER.index(size_class(headcount=few + plus, turnover=turnover, balance_sheet=balance_sheet))
        for plus in (0, more)
    )

    assert smaller <= larger


@given(st.integers(0, 300), AMOUNTS, AMOUNTS)
def test_a_figure_left_out_never_gives_another_class(headcount: int, turnover: Decimal, balance_sheet: Decimal) -> None:
    known = size_class(headcount=headcount, turnover=turnover, balance_sheet=balance_sheet)

    without = {
        size_class(headcount=None, turnover=turnover, balance_sheet=balance_sheet),
        size_class(headcount=headcount, turnover=None, balance_sheet=balance_sheet),
        size_class(headcount=headcount, turnover=turnover, balance_sheet=None),
    }

    assert without <= {known, SizeClass.UNKNOWN}
