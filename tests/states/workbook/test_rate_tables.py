"""Rates as they are published: each shape is read, and each fault has its row and column."""

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

from states.errors import Invalid
from states.workbook.rate_tables import read_month, read_rates

NOVEMBER = date(2026, 11, 1)
PLN = ("PLN", NOVEMBER, Decimal("4.2583"))
SEK = ("SEK", NOVEMBER, Decimal("11.003"))


def _read(data: bytes, name: str = "rates.csv", month: date | None = NOVEMBER) -> list[tuple[str, date, Decimal]]:
    return [(one.currency, one.month, one.rate) for one in read_rates(data, name=name, month=month)]


def _monthly(code: str, value: object) -> dict[str, object]:
    return {"country": "A country", "currency": "Its money", "isoA3Code": code, "isoA2Code": "AA", "value": value}


def _xlsx(*rows: tuple[str | float | date, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def test_the_rates_of_a_month_are_read_exactly() -> None:
    listed = [_monthly("PLN", 4.2583), _monthly("SEK", 11.003), _monthly("SEK", 11.003), _monthly("EUR", 1)]

    assert _read(json.dumps(listed).encode()) == [PLN, SEK, SEK]


def test_the_history_of_a_currency_names_its_months() -> None:
    entry = {"currencyIso": "PLN", "refCurrencyIso": "EUR", "dateEnd": "not read"}
    history = [
        {**entry, "amount": 4.2583, "dateStart": "01/11/2026"},
        {**entry, "amount": 4.3, "dateStart": "01/10/2026"},
    ]

    assert _read(json.dumps(history).encode(), month=None) == [PLN, ("PLN", date(2026, 10, 1), Decimal("4.3"))]


@pytest.mark.parametrize(
    "table",
    [
        b"Country,Currency,ISO code,Value\nPoland,Zloty,PLN,4.2583\nSweden,Krona,SEK,11.003\n",
        b"ISO A3 Code;Currency;Rate\nPLN;Zloty;4,2583\nSEK;Krona;11,003\n",
        b"currency;month;amount\nPLN;2026-11;4.2583\nSEK;11/2026;11.003\nEUR;2026-11;1\n",
        _xlsx(("Rates",), ("Currency", "ISO code", "Value"), ("Zloty", "PLN", 4.2583), ("K", "SEK", 11.003), ("Note",)),
        _xlsx(("month", "code", "rate"), (date(2026, 11, 1), "PLN", 4.2583), ("2026-11", "SEK", "11.003")),
    ],
)
def test_tables_are_read_by_their_headings(table: bytes) -> None:
    assert _read(table) == [PLN, SEK]


_CODE = "(the code by ISO 4217, such as PLN or SEK)"
_UNITS = "(how many units of the currency EUR 1 is: more than 0, at most ten decimals)"
_SHAPE = "(give rates as the Commission publishes them: code of the currency, rate for EUR 1, month)"


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (
            b"ISO code,Value\nPLN,about four\nzloty,4.2\nSEK,\n",
            [
                "rates, row 2, rate (B2): is no number (digits, with a point before decimals)",
                f"rates, row 3, currency (A3): 'ZLOTY' is no currency {_CODE}",
                f"rates, row 4, rate (B4): is missing {_UNITS}",
            ],
        ),
        (
            b"ISO code,Value,Month\nPLN,4.2,soon\nEUR,2,2026-11\n",
            [
                "rates, row 2, month (C2): 'soon' is no month "
                "(write it as 2026-11, or say for the whole file which month it is of)",
                f"rates, row 3, rate (B3): EUR 1 is 2 EUR here {_UNITS}",
            ],
        ),
        (
            b"Country;Currency\nPoland;Zloty\n",
            [
                "rates, row 1: no heading names the currency's code and its rate "
                "(name the columns, such as isoA3Code and value)"
            ],
        ),
        (
            b'[{"isoA3Code": "PLN", "value": "4.2"}, {"isoA3Code": "SEK"}, 7]',
            [
                f"rates.csv[2].rate: is missing {_SHAPE}",
                f"rates.csv[3]: is no mapping of keys to values {_SHAPE}",
            ],
        ),
    ],
)
def test_each_fault_has_its_place(data: bytes, faults: list[str]) -> None:
    with pytest.raises(Invalid) as error:
        _read(data)

    assert [str(one) for one in error.value.faults] == faults


def test_a_file_without_a_month_wants_one() -> None:
    with pytest.raises(Invalid) as error:
        _read(b"ISO code,Value\nPLN,4.2\n", month=None)

    assert [(one.place, one.code) for one in error.value.faults] == [("rates, row 2", "month_missing")]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-11", NOVEMBER),
        ("2026-11-30", NOVEMBER),
        ("30/11/2026", NOVEMBER),
        ("11/2026", NOVEMBER),
        ("01.11.2026", NOVEMBER),
        ("2026-13", None),
        ("November", None),
    ],
)
def test_months_are_read_as_people_write_them(text: str, month: date | None) -> None:
    assert read_month(text) == month
