"""What bringing a large workbook in and out costs, beside reading the same file with the library that wrote it."""

import io
import resource
from datetime import UTC, datetime
from time import perf_counter

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from states.clock import at
from states.matchmaking.profiles.content import ProfileContent, content_faults
from states.matchmaking.profiles.tables import ProfileType
from states.matchmaking.suggestions.taxonomy import taxonomy
from states.places.nuts import unit
from states.workbook.files import read_file
from states.workbook.importing import import_workbook, read_workbook
from states.workbook.writing import export
from tests.states.workbook.sheets_in import SESSIONS, Cell, Rows, a_partnership, a_workbook, counts

pytestmark = pytest.mark.bench
PROSE = "A porous coating for implants, applied by plasma, that bone grows into within weeks. " * 5


def _profiles(size: int) -> dict[str, Rows]:
    firms: list[list[Cell]] = [[f"firm-{number}", f"Firm {number}", "sme", "PL22"] for number in range(size // 10)]
    head: list[Cell] = ["organisation", "type", "title", "offer_kind", "summary", "description", "keywords", "trl"]
    rows: list[list[Cell]] = [
        [
            f"firm-{n % len(firms)}",
            "technology_offer",
            f"Coating {n}",
            "technology",
            PROSE[:400],
            PROSE,
            "BI.IMP.DEN",
            5,
        ]
        for n in range(size)
    ]
    return {"organisations": [["slug", "name", "kind", "nuts"], *firms], "profiles": [head, *rows]}


def _event(people: int) -> dict[str, Rows]:
    firms: list[list[Cell]] = [[f"firm-{number}", f"Firm {number}", "sme", "PL22"] for number in range(people)]
    head = ["name", "held_on", "kind", "mode", "scheduling", "time_zone", "sessions", "requests_from", "requests_until"]
    days: list[Cell] = ["2026-04-01 09:00", "2026-04-30 18:00"]
    fair: list[Cell] = ["Fair", "2026-05-04", "brokerage", "on_site", "organiser", "Europe/Warsaw", SESSIONS, *days]
    coming: list[list[Cell]] = [["Fair", f"firm-{n}", "manager", "on_site", "validated"] for n in range(people)]
    wanted: list[list[Cell]] = [
        ["Fair", f"firm-{n}", "manager", f"firm-{(n + step) % people}/manager", "Coatings", 3, "requested"]
        for n in range(people)
        for step in range(1, 6)
    ]
    return {
        "organisations": [["slug", "name", "kind", "nuts"], *firms],
        "events": [list(head), fair],
        "availabilities": [["event", "organisation", "participant", "attendance", "state"], *coming],
        "meeting_requests": [
            ["event", "organisation", "participant", "guests", "subject", "priority", "state"],
            *wanted,
        ],
    }


@pytest.mark.parametrize(("what", "size"), [("profiles", 1_250), ("profiles", 5_000), ("event", 200)])
def test_in_out_and_in_again(session: Session, what: str, size: int) -> None:
    partnership = a_partnership(session)
    unit("PL22")  # regions and the taxonomy are loaded once
    content = ProfileContent(type=ProfileType.TECHNOLOGY_OFFER, title="x", keywords=["BI"], languages=["en"])
    content_faults(content, tree=taxonomy())
    data = a_workbook(_profiles(size) if what == "profiles" else _event(size))
    with at(datetime(2026, 4, 2, tzinfo=UTC)):
        began = perf_counter()
        book = read_workbook(read_file(data, name="file.xlsx"))
        read = perf_counter()
        first = import_workbook(session, partnership, book)
        brought = perf_counter()
        exported = export(session, partnership)
        written = perf_counter()
        again = import_workbook(session, partnership, read_workbook(read_file(exported, name="file.xlsx")))
        ended = perf_counter()
    load_workbook(io.BytesIO(data))
    library = perf_counter() - ended
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\n{what} {size:,} ({len(data) >> 10:,} KiB): read {read - began:.2f} s (the library {library:.2f} s), "
        f"brought in {brought - read:.2f} s, exported {written - brought:.2f} s, brought in again unchanged "
        f"{ended - written:.2f} s; {peak:,.0f} MB at the peak of the process\n  {counts(first)}"
    )
    assert all(added == changed == 0 for added, changed, _ in counts(again).values())
