"""A workbook with every sheet goes in, comes out, and goes in again without an effect."""

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select

from states.calendars.event_announcements import announce_event
from states.clock import at
from states.funding.inputs.tables import Call
from states.funding.queries import instruments_of
from states.matchmaking.event_day.tables import BrokerageEvent, Meeting, MeetingState, Participant
from states.matchmaking.profiles.tables import Profile
from states.partners.event_plans import EventPlan
from states.partners.tables import EventKind
from states.workbook.cells import shown
from states.workbook.files import read_file
from states.workbook.importing import import_workbook, read_workbook
from states.workbook.sheets import NAMES
from states.workbook.writing import CellTooLong, export, template
from tests.states.workbook.sheets_in import FULL, a_partnership, bring_in, counts, dump

EVERY = {name: (len(rows) - 1, 0, 0) for name, rows in FULL.items()}
EVERY["members"] = (0, 2, 0)  # the sheet before has let them join
AGAIN = {name: (0, 0, len(rows) - 1) for name, rows in FULL.items()}
SHOWN = {"_scenarios", "_decisions", "_conditions", "_evidence", "_moves"}


def test_a_workbook_goes_in_out_and_in_again(session: Session) -> None:
    partnership = a_partnership(session)
    with at(datetime(2026, 4, 2, tzinfo=UTC)):
        first = bring_in(session, partnership, FULL)
        before = dump(session)
        again = bring_in(session, partnership, FULL)
        exported = export(session, partnership, language="pl")
        back = import_workbook(session, partnership, read_workbook(read_file(exported, name="export.xlsx")))

    programmes = {"instruments": (0, 0, len(instruments_of(session, partnership.id)))}
    programmes["calls"] = (0, 0, len(session.exec(select(Call)).all()))
    programmes |= {"members": (0, 0, 5), "sources": (0, 0, 0)}
    assert (first, again, counts(back)) == (EVERY, AGAIN, AGAIN | programmes)
    assert dump(session) == before


def test_what_came_in_is_what_the_cells_say(session: Session) -> None:
    partnership = a_partnership(session)
    with at(datetime(2026, 4, 2, tzinfo=UTC)):
        bring_in(session, partnership, FULL)

    offer = session.exec(select(Profile).where(Profile.title == "Coating")).one()
    event = session.exec(select(BrokerageEvent)).one()
    busy = session.exec(select(Participant).where(Participant.label == "head of research")).one()
    meeting = session.exec(select(Meeting)).one()
    assert (offer.reference, offer.summary, offer.trl, offer.countries) == ("TOPL20260402001", "=1+1", 5, ["FI", "FR"])
    assert (event.requests_from, event.slot_minutes) == (datetime(2026, 4, 1, 7, tzinfo=UTC), 20)
    assert (busy.unavailable, busy.booth, busy.person_id) == ([0, 1], 3, offer.author_person_id)
    assert (meeting.state, meeting.priority) == (MeetingState.ACCEPTED, 5)


def test_an_export_says_the_same_in_another_house(session: Session) -> None:
    partnership = a_partnership(session)
    with at(datetime(2026, 4, 2, tzinfo=UTC)):
        bring_in(session, partnership, FULL)
        exported = read_file(export(session, partnership), name="export.xlsx")
        session.rollback()
        other = a_partnership(session)
        import_workbook(session, other, read_workbook(exported))
        again = read_file(export(session, other), name="export.xlsx")

    def cells(grids: object) -> dict[str, list[list[str]]]:
        return {
            grid.name: [
                [shown(raw) for column, raw in row.items() if (grid.name, column) != ("meeting_requests", 1)]
                for row in grid.cells.values()
            ]
            for grid in grids  # type: ignore[attr-defined]
        }

    assert cells(again) == cells(exported)
    assert set(cells(again)) == {"guide", "lists", *NAMES, *SHOWN}


NASTY = ["=1+1", "+1", "-1", "@x", "_x0041_", "a\nb", "'quoted", "#N/A", "1e5", "TRUE", "2026-05-04", '<b>&"]]>', "😀"]


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_text_comes_back_as_it_is_and_never_as_a_formula(session: Session) -> None:
    partnership = a_partnership(session)
    for text in NASTY:
        announce_event(session, partnership, EventPlan(f"x{text}", EventKind.PLENARY, "2019", information=text))

    data = export(session, partnership)

    grids = {grid.name: grid for grid in read_file(data, name="export.xlsx")}
    (column,) = [number for number, raw in grids["events"].cells[1].items() if raw == "information"]
    assert sorted(str(row[column]) for number, row in grids["events"].cells.items() if number > 1) == sorted(NASTY)
    cells = [cell for page in load_workbook(io.BytesIO(data)) for row in page for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n", "d"}
    back = counts(import_workbook(session, partnership, read_workbook(grids.values())))
    assert back["events"] == (0, 0, len(NASTY))


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_text_that_no_cell_keeps_is_named_instead_of_cut(session: Session) -> None:
    partnership = a_partnership(session)
    announce_event(session, partnership, EventPlan("Long", EventKind.PLENARY, "2019", information="x" * 32_768))

    with pytest.raises(CellTooLong) as caught:
        export(session, partnership)

    assert caught.value.faults[0].place == "events, row 2, column F"


def test_the_template_brings_nothing(session: Session) -> None:
    partnership = a_partnership(session)
    before = dump(session)

    reports = import_workbook(
        session, partnership, read_workbook(read_file(template(language="de"), name="template.xlsx"))
    )

    assert counts(reports) == dict.fromkeys(NAMES, (0, 0, 0))
    assert [one.examples for one in reports] == [1] * len(NAMES)
    assert dump(session) == before
