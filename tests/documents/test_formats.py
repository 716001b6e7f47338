"""How values are written."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from documents import formats
from documents.parts import CellKind


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "0.00"),
        ("999.9", "999.90"),
        ("1234567.89", "1\u202f234\u202f567.89"),
        ("-1000.00", "\u22121\u202f000.00"),
    ],
)
def test_money(amount: str, written: str) -> None:
    assert formats.money(Decimal(amount)) == written


@pytest.mark.parametrize(("value", "written"), [("70.00", "70"), ("12.50", "12.5"), ("100", "100"), ("0.00", "0")])
def test_percent_drops_needless_zeros(value: str, written: str) -> None:
    assert formats.percent(Decimal(value)) == f"{written}\u202f%"


@pytest.mark.parametrize(("value", "written"), [("3", "3.0"), ("3.50", "3.5"), ("3.67", "3.67")])
def test_score(value: str, written: str) -> None:
    assert formats.score(Decimal(value)) == written


def test_share_of_nothing_is_empty() -> None:
    assert (formats.share(Decimal(1), Decimal(3)), formats.share(Decimal(1), Decimal(0))) == ("33.3\u202f%", "")


def test_instant_is_written_by_its_day_in_utc() -> None:
    late = datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))

    assert formats.day(late) == "28\u00a0February 2026"
    assert formats.short_day(datetime(2026, 3, 1, tzinfo=UTC)) == "1\u00a0Mar\u00a02026"
    assert formats.moment(late) == "28\u00a0Feb\u00a02026, 23:30"


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        (None, CellKind.MONEY, ""),
        ("Total", CellKind.DATE, "Total"),
        (Decimal("1000"), CellKind.MONEY, "1\u202f000.00"),
        (date(2026, 1, 2), CellKind.DATE, "2\u00a0Jan\u00a02026"),
        (2027, CellKind.INTEGER, "2027"),
        (-12000, CellKind.INTEGER, "\u221212\u202f000"),
    ],
)
def test_cell(value: str | int | Decimal | date | None, kind: CellKind, written: str) -> None:
    assert formats.cell(value, kind) == written


def test_paragraphs_and_lists_of_people_are_escaped() -> None:
    written = formats.paragraphs("One <b>line</b>\nstill one\n\nTwo:\n- a & b\n- c\n")

    assert written == (
        "<p>One &lt;b&gt;line&lt;/b&gt; still one</p>\n<p>Two:</p>\n<ul><li>a &amp; b</li><li>c</li></ul>"
    )


def test_no_text_makes_no_paragraph() -> None:
    assert formats.paragraphs(" \n\n ") == ""


@pytest.mark.parametrize(("key", "written"), [("iag_chair", "IAG chair"), ("sme", "SME"), ("own_cash", "own cash")])
def test_keys_in_words(key: str, written: str) -> None:
    assert formats.in_words(key) == written
