"""A file with faults lists every one of them with its cell, and leaves the database as it was."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from states.clock import at
from states.errors import Fault
from states.matchmaking.profiles.tables import Profile, ProfileState
from states.partners.queries import partnership_by_slug
from states.partners.tables import Partnership
from states.rights.access import Role
from states.storage import begin
from states.workbook.files import read_file
from states.workbook.importing import ImportInvalid, import_workbook, read_workbook
from states.workbook.line import CellFault
from states.workbook.sheets import NAMES
from tests.states.workbook.sheets_in import FULL, SESSIONS, Cell, Rows, a_partnership, a_workbook, bring_in, dump

ON = datetime(2026, 4, 2, tzinfo=UTC)
_FAIR = ("name", "held_on", "kind", "mode", "scheduling", "time_zone", "sessions", "requests_from", "requests_until")
BAD: dict[str, Rows] = {
    "regions": [
        ["slug", "name", "codes", "colour"],
        ["Bad Slug", "", "XX99", None],
        ["nordic", "Nordic", "FI1D7", None],
    ],
    "organisations": [
        ["slug", "name", "kind", "nuts", "country", "headcount", "turnover"],
        ["bone", "Bone Works", "factory", "Nowhere", None, "many", "1.200"],
        ["firm", "Firm", "sme", "PL22", "FI", -1, 1],
        ["firm2", "Firm", "sme", "PL22", None, None, 0.001],
    ],
    "people": [
        ["email", "label", "role", "organisation", "language"],
        ["no address", "one", "partner", None, "xx1"],
        ["a@b.example", "two", "king", "nobody", None],
    ],
    "profiles": [
        ["organisation", "type", "title", "trl", "keywords", "countries", "budget", "call_closes_on"],
        ["polar", "technology_offer", "x" * 201, 12, "NO.NE", "Utopia", None, None],
        ["polar", "technology_request", "Request", None, None, None, 5, "31/31/2026"],
    ],
    "events": [
        [*_FAIR],
        ["Fair", "once upon a time", "brokerage", "on_site", "organiser", "Mars/Phobos", "whenever", None, None],
        ["Day", "2026-05-04", "plenary", "on_site", "organiser", "Europe/Warsaw", SESSIONS, "2026-04-02", "2026-04-01"],
    ],
    "availabilities": [
        ["event", "organisation", "participant", "attendance", "unavailable", "state"],
        ["Spring event", "bone", "head of research", "on_site", "2026-05-05 09:10 - 09:30", "rejected"],
        ["Autumn event", "polar", "laboratory", "asleep", None, None],
    ],
    "meeting_requests": [
        ["event", "organisation", "participant", "guests", "subject", "priority"],
        ["Spring event", "arctic", "manager", "polar / laboratory", "x", 6],
        ["Spring event", "polar", "laboratory", "polar / nobody", "x", 1],
    ],
    "instruments": [["slug", "name", "programme", "kind", "maximum_rate"], ["grants2", "Grants", "ERDF", "gift", 101]],
    "calls": [
        ["instrument", "slug", "opens_on", "closes_on", "closes_at", "months_to_award"],
        ["loans", "2027", None, "2027-01-31", "25:00", 1],
        ["grants", "2028", "2028-03-01", "2028-01-31", "17:00", 61],
    ],
    "remarks": [["anything"]],
}
EXPECTED = [
    "remarks",
    "regions, row 1, colour (D1)", "regions, row 2, name (B2)", "regions, row 2, codes (C2)",
    "regions, row 2, slug (A2)", "regions, row 3, codes (C3)",
    "organisations, row 2, kind (C2)", "organisations, row 2, headcount (F2)", "organisations, row 2, turnover (G2)",
    "organisations, row 2, nuts (D2)", "organisations, row 3, country (E3)", "organisations, row 3, headcount (F3)",
    "organisations, row 4, turnover (G4)",
    "people, row 2, email (A2)", "people, row 2, language (E2)", "people, row 2, organisation (D2)",
    "people, row 3, role (C3)", "people, row 3, organisation (D3)",
    "profiles, row 2, countries (F2)", "profiles, row 2, title (C2)", "profiles, row 2, keywords (E2)",
    "profiles, row 2, trl (D2)", "profiles, row 3, call_closes_on (H3)", "profiles, row 3, budget (G3)",
    "events, row 2, held_on (B2)", "events, row 2, requests_from (H2)", "events, row 2, requests_until (I2)",
    "events, row 2, time_zone (F2)", "events, row 3, kind (C3)", "events, row 3, requests_until (I3)",
    "availabilities, row 2, unavailable (E2)", "availabilities, row 2, state (F2)",
    "availabilities, row 3, attendance (D3)", "availabilities, row 3, event (A3)",
    "meeting_requests, row 2, participant (C2)", "meeting_requests, row 2, priority (F2)",
    "meeting_requests, row 3, guests (D3)",
    "instruments, row 2, kind (D2)", "instruments, row 2, maximum_rate (E2)",
    "calls, row 2, closes_at (E2)", "calls, row 2, instrument (A2)",
    "calls, row 3, closes_at (E3)", "calls, row 3, closes_on (D3)", "calls, row 3, months_to_award (F3)",
]  # fmt: skip


def test_every_fault_is_listed_and_the_database_is_as_it_was(installation: Path) -> None:
    with begin() as session, at(ON):
        bring_in(session, a_partnership(session), FULL)
    with begin(read_only=True) as session:
        before = dump(session)

    with pytest.raises(ImportInvalid) as caught:
        _bring_in_at_once(BAD)

    with begin(read_only=True) as session:
        after = dump(session)
    assert [fault.place for fault in caught.value.faults] == EXPECTED
    assert len(EXPECTED) > 30
    assert [fault for fault in caught.value.faults if not fault.message or not fault.remedy] == []
    assert repr(after) == repr(before)


def _bring_in_at_once(sheets: dict[str, Rows]) -> None:
    with begin() as session, at(ON):
        bring_in(session, partnership_by_slug(session, "medtech"), sheets)


@pytest.fixture
def filled(session: Session) -> Partnership:
    partnership = a_partnership(session)
    with at(ON):
        bring_in(session, partnership, FULL)
    return partnership


def _faults(session: Session, partnership: Partnership, name: str, *rows: Sequence[Cell]) -> list[str]:
    with pytest.raises(ImportInvalid) as caught, at(ON):
        bring_in(session, partnership, {name: rows})
    return [str(fault) for fault in caught.value.faults]


sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@sqlite
def test_a_fault_shows_what_stands_in_the_cell(session: Session, filled: Partnership) -> None:
    with pytest.raises(ImportInvalid) as caught:
        bring_in(session, filled, {"instruments": [["slug", "kind"], ["grants", "gift"]]})

    words = ("grant", "loan", "equity", "own_cash", "in_kind")
    fault = Fault("", "none_words_for", remedy="one_of", known=words)
    assert caught.value.faults == (CellFault("instruments", 2, fault, column="kind", letter="B", value="gift"),)
    says = "instruments, row 2, kind (B2): 'gift': is none of the words for this"
    assert list(map(str, caught.value.faults)) == [f"{says} (one of {', '.join(words)})"]


@sqlite
def test_a_fault_is_told_once_and_not_where_others_name_its_line(session: Session, filled: Partnership) -> None:
    sheets: dict[str, Rows] = {
        "organisations": [["slug", "name", "kind", "nuts"], ["new", "New", "sme", "Nowhere"]],
        "people": [["email", "label", "role", "organisation"], ["x@new.example", "office", "partner", "new"]],
        "profiles": [["organisation", "type", "title"], ["new", "business_offer", "Offer"]],
    }
    with pytest.raises(ImportInvalid) as caught:
        bring_in(session, filled, sheets)

    assert [fault.place for fault in caught.value.faults] == ["organisations, row 2, nuts (D2)"]


@sqlite
def test_one_line_for_each_thing(session: Session, filled: Partnership) -> None:
    head = ["slug", "name"]

    assert _faults(session, filled, "organisations", head, ["bone", "Bone"], ["bone", "Works"]) == [
        "organisations, row 3, slug (A3): 'bone': stands in row 2 already (keep one of the lines)"
    ]


@sqlite
def test_what_is_public_is_not_changed_by_a_file(session: Session, filled: Partnership) -> None:
    row = session.get_one(Profile, next(iter(dump(session)["profile"]))[0])
    row.state = ProfileState.PUBLISHED
    session.flush()

    assert _faults(session, filled, "profiles", ["reference", "organisation", "type", "title"],
                   [row.reference, "bone" if "PL" in row.reference else "polar", row.type.value, "Another"]) == [
        "profiles, row 2, title (D2): 'Another': has changed, and the profile is published "
        "(reopen it as a draft, then bring the change)"
    ]  # fmt: skip


@sqlite
def test_a_role_that_may_not_be_given_is_a_fault_but_one_that_is_held_is_none(
    session: Session, filled: Partnership
) -> None:
    people: Rows = [*FULL["people"], ["chair@iag.example", "chair", "iag_chair"]]
    grids = read_file(a_workbook({"people": people}), name="file.xlsx")

    with pytest.raises(ImportInvalid) as caught:
        import_workbook(session, filled, read_workbook(grids), grantable=[Role.PARTNER])

    assert [fault.place for fault in caught.value.faults] == ["people, row 4, role (C4)"]


@sqlite
def test_a_new_line_wants_columns_that_a_known_one_does_not(session: Session, filled: Partnership) -> None:
    changed = bring_in(session, filled, {"organisations": [["slug", "headcount"], ["bone", 43]]})

    assert changed == {"organisations": (0, 1, 0)}
    assert _faults(session, filled, "organisations", ["slug", "headcount"], ["new", 1]) == [
        f"organisations, row 1: there is no column {name} (add it; the template has it)"
        for name in ("kind", "name", "nuts")
    ]


@sqlite
def test_a_file_without_our_sheets_says_so(session: Session, filled: Partnership) -> None:
    assert _faults(session, filled, "_private", ["x"]) == [
        f"file: has no sheet of the workbook (name one of its sheets {', '.join(NAMES)})"
    ]


@pytest.mark.parametrize("state", ["hidden", "veryHidden", "visible"])
def test_a_sheet_of_no_use_is_left_alone(state: str) -> None:
    book = load_workbook(io.BytesIO(a_workbook({"calls": FULL["calls"]})))
    book.create_sheet("Sheet2")
    page = book.create_sheet("Listes déroulantes")
    page.sheet_state = state
    page["A1"] = "sme"
    file = io.BytesIO()
    book.save(file)

    faults = read_workbook(read_file(file.getvalue(), name="file.xlsx")).faults

    assert [one.place for one in faults] == (["Listes déroulantes"] if state == "visible" else [])
