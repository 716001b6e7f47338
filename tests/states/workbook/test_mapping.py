"""A participants' export of another platform goes in through a table of columns."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from states.clock import at
from states.matchmaking.event_day.tables import Participant
from states.partners.tables import Organisation
from states.workbook.files import read_file
from states.workbook.importing import ImportInvalid, import_workbook, read_workbook
from states.workbook.mapping import MappingInvalid, apply_mapping, read_mapping
from tests.states.workbook.sheets_in import FULL, a_partnership, bring_in, counts

sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "workbook.md"
TABLE = (
    "Company;Company type;Country;City region;Job title;Department;First name;Here\r\n"
    "Bone Wörks;Company;Poland;PL22;Head;Research;A;on site\r\n"
    "Bone Wörks;Company;Poland;PL22;Buyer;;B;online\r\n"
    "Polar Lab;Something;Finland;FI1D7;Head;Laboratory;C;online\r\n"
)


def _mapping() -> str:
    """Return the mapping that the guide shows, written for this very table."""
    return GUIDE.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]


@sqlite
def test_an_export_goes_in_by_the_mapping_of_the_guide_and_twice_changes_nothing(session: Session) -> None:
    partnership = a_partnership(session)
    mapping = read_mapping(_mapping(), source="mapping.yaml")
    with at(datetime(2026, 4, 2, tzinfo=UTC)):
        bring_in(session, partnership, {"events": FULL["events"]})
        grids = apply_mapping(mapping, [*read_file(TABLE.encode(), name="participants.csv")])
        first, again = (import_workbook(session, partnership, read_workbook(grids)) for _ in range(2))

    assert counts(first) == {"organisations": (2, 0, 0), "availabilities": (3, 0, 0)}
    assert counts(again) == {"organisations": (0, 0, 2), "availabilities": (0, 0, 3)}
    organisations = session.exec(select(Organisation).order_by(Organisation.slug)).all()
    assert [(row.slug, row.kind.value, row.country) for row in organisations] == [
        ("bone-works", "sme", "PL"),
        ("polar-lab", "other", "FI"),
    ]
    labels = [row.label for row in session.exec(select(Participant))]
    assert sorted(labels) == ["Buyer", "Head, Laboratory", "Head, Research"]


@sqlite
def test_a_fault_is_found_in_the_row_of_the_other_table(session: Session) -> None:
    mapping = read_mapping(
        "sheets: {organisations: "
        "{slug: {column: Company, as: slug}, name: Company, kind: {value: sme}, nuts: City region}}",
        source="mapping.yaml",
    )
    table = TABLE.replace("FI1D7", "nowhere")

    with pytest.raises(ImportInvalid) as caught:
        import_workbook(
            session,
            a_partnership(session),
            read_workbook(apply_mapping(mapping, [*read_file(table.encode(), name="x.csv")])),
        )

    assert [fault.place for fault in caught.value.faults] == ["organisations, row 4, nuts (D4)"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sheets: {people: {email: {value: x, column: y}}}", "sheets.people.email"),
        ("sheets: {crowd: {email: E}}", "sheets.crowd"),
        ("sheets: {people: {mail: E}}", "sheets.people.mail"),
        ("sheets: {}", "sheets"),
        ("- x", "mapping.yaml"),
        ("a: [", "mapping.yaml:1"),
        ("sheets:\n  people: 2026-13-45", "mapping.yaml:2"),
        ("[" * 100_000, "mapping.yaml:1"),
    ],
)
def test_a_mapping_that_says_something_else_is_refused(text: str, place: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        read_mapping(text, source="mapping.yaml")

    assert [fault.place for fault in caught.value.faults] == [place]


@pytest.mark.parametrize(
    ("text", "place"),
    [("sheets: {people: {email: Nothing}}", "Nothing"), ("from: Other\nsheets: {people: {email: Company}}", "from")],
)
def test_a_mapping_that_does_not_fit_the_file_is_refused(text: str, place: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        apply_mapping(read_mapping(text, source="m.yaml"), [*read_file(TABLE.encode(), name="x.csv")])

    assert [fault.place for fault in caught.value.faults] == [place]
