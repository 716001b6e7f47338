"""The sheet of calls: each window of an instrument comes in once, and moves with all that hangs on it."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from states.clock import at
from states.deadlines.tables import Anchor
from states.funding.queries import instruments_of, windows_of
from states.workbook.importing import ImportInvalid
from tests.states.workbook.sheets_in import Cell, Rows, a_partnership, bring_in

GRANTS: Rows = [["slug", "name", "programme", "kind"], ["grants", "Regional grants", "ERDF", "grant"]]
NAMES = ["instrument", "slug", "opens_on", "closes_on", "closes_at", "time_zone", "budget"]
TODAY = datetime(2026, 4, 2, tzinfo=UTC)


def test_windows_come_in_once_with_their_instrument_and_move(session: Session) -> None:
    partnership = a_partnership(session)
    sheets: dict[str, Rows] = {
        "instruments": GRANTS,
        "calls": [NAMES, _line("2026", "30.06.2026"), _line("2027", "31.03.2027")],
    }
    with at(TODAY):
        first = [bring_in(session, partnership, sheets)["calls"] for _ in range(2)]
        before = session.exec(select(Anchor)).one().day
        names = ["instrument", "slug", "closes_on"]
        moved = bring_in(session, partnership, {"calls": [names, ["grants", "2026", "31.07.2026"]]})["calls"]

    (row,) = instruments_of(session, partnership.id)
    earlier, later = windows_of(session, [row.id])[row.id]
    assert (first, moved) == ([(2, 0, 0), (0, 0, 2)], (0, 1, 0))
    assert (earlier.slug, earlier.closes_on, earlier.closes_at, earlier.budget) == (
        "2026",
        date(2026, 7, 31),
        time(17),
        Decimal("5000000.00"),
    )
    assert (later.slug, later.closes_on, later.time_zone) == ("2027", date(2027, 3, 31), "Europe/Warsaw")
    assert (before, session.exec(select(Anchor)).one().day) == (date(2026, 6, 30), date(2026, 7, 31))


@pytest.mark.parametrize(
    ("closes", "place"), [("", "closes_on (D2)"), ("01.01.2026", "closes_on (D2)"), ("soon", "closes_on (D2)")]
)
def test_a_window_that_makes_no_sense_has_its_cell(session: Session, closes: str, place: str) -> None:
    partnership = a_partnership(session)
    with at(TODAY):
        bring_in(session, partnership, {"instruments": GRANTS, "calls": [NAMES, _line("2026", "30.06.2026")]})
        with pytest.raises(ImportInvalid) as refused:
            bring_in(session, partnership, {"calls": [NAMES, _line("2026", closes)]})

    assert [fault.place for fault in refused.value.faults] == [f"calls, row 2, {place}"]


def test_the_call_of_an_instrument_with_faults_is_not_blamed_once_more(session: Session) -> None:
    partnership = a_partnership(session)
    bad: Rows = [GRANTS[0], ["grants", "Regional grants", "ERDF", "gift"]]

    with pytest.raises(ImportInvalid) as refused:
        bring_in(session, partnership, {"instruments": bad, "calls": [NAMES, _line("2026", "30.06.2026")]})

    assert [fault.place for fault in refused.value.faults] == ["instruments, row 2, kind (D2)"]


def _line(slug: str, closes: str) -> list[Cell]:
    return ["grants", slug, "11.01.2026", closes, "17:00", "Europe/Warsaw", 5_000_000]
