"""The sheet of calls: the window and the budget of an instrument's coming call come in with it, and move."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from states.clock import at
from states.deadlines.tables import Anchor
from states.funding.queries import instruments_of, windows_of
from states.workbook.importing import ImportInvalid
from tests.states.workbook.sheets_in import a_partnership, bring_in

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
NAMES = ["slug", "name", "programme", "kind", "opens_on", "closes_on", "budget"]
GRANTS = ["grants", "Regional grants", "ERDF", "grant"]
TODAY = datetime(2026, 4, 2, tzinfo=UTC)


def test_a_window_comes_in_once_and_moves(session: Session) -> None:
    partnership = a_partnership(session)
    with at(TODAY):
        first = [bring_in(session, partnership, {"calls": [NAMES, line]}) for line in [_line("31.03.2027")] * 2]
        moved = bring_in(session, partnership, {"calls": [["slug", "closes_on"], ["grants", "30.04.2027"]]})

    (row,) = instruments_of(session, partnership.id)
    (call,) = windows_of(session, [row.id])[row.id]
    anchor = session.exec(select(Anchor)).one()
    assert [one["calls"] for one in (*first, moved)] == [(1, 0, 0), (0, 0, 1), (0, 1, 0)]
    assert (call.slug, call.opens_on, call.closes_on, call.budget) == (
        "2027",
        date(2027, 1, 11),
        date(2027, 4, 30),
        Decimal("5000000.00"),
    )
    assert anchor.day == date(2027, 4, 30)


def test_a_window_that_is_over_stays_and_another_is_published(session: Session) -> None:
    partnership = a_partnership(session)
    with at(TODAY):
        bring_in(session, partnership, {"calls": [NAMES, _line("31.03.2027")]})
    with at(TODAY.replace(year=2027)):
        bring_in(session, partnership, {"calls": [["slug", "closes_on"], ["grants", "30.09.2027"]]})

    (row,) = instruments_of(session, partnership.id)
    assert [one.slug for one in windows_of(session, [row.id])[row.id]] == ["2027", "2027-2"]


@pytest.mark.parametrize(("closes", "place"), [("", "closes_on"), ("01.01.2027", "closes_on")])
def test_a_window_that_makes_no_sense_has_its_cell(session: Session, closes: str, place: str) -> None:
    partnership = a_partnership(session)
    with at(TODAY):
        bring_in(session, partnership, {"calls": [NAMES, _line("31.03.2027")]})
        with pytest.raises(ImportInvalid) as refused:
            bring_in(session, partnership, {"calls": [NAMES, _line(closes)]})

    assert [fault.place for fault in refused.value.faults] == [f"calls, row 2, {place} (F2)"]


def _line(closes: str) -> list[str | int | float | bool | date | datetime | None]:
    return [*GRANTS, "11.01.2027", closes, 5_000_000]
