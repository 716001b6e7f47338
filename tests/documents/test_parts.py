"""Typed tables: cells are read as their column says."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from documents.parts import CellKind, Column, Table

COLUMNS = (
    Column(title="Item"),
    Column(title="EUR", kind=CellKind.MONEY),
    Column(title="From", kind=CellKind.DATE),
)


def test_cells_are_read_as_their_column_says() -> None:
    table = Table.model_validate(
        {"caption": "x", "columns": COLUMNS, "rows": [["a", "12.30", "2026-01-02"], ["b", None, None]]}
    )

    assert table.rows == (("a", Decimal("12.30"), date(2026, 1, 2)), ("b", None, None))


def test_totals_begin_with_a_label_in_any_column() -> None:
    table = Table(caption="x", columns=COLUMNS[1:], totals=("All", None))

    assert table.totals == ("All", None)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("a", Decimal("1.005"), None), "no more than 2 decimal places"),
        (("a", "twelve", None), "valid decimal"),
        (("a", Decimal(1)), "row 1 has 2 cells for 3 columns"),
    ],
)
def test_cell_that_does_not_fit_is_an_error(row: tuple[object, ...], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Table.model_validate({"caption": "x", "columns": COLUMNS, "rows": [row]})
