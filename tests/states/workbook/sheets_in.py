"""Workbooks to bring in: what a cluster's office fills in, written by a program of its own."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from openpyxl import Workbook
from sqlalchemy import select
from sqlmodel import Session

from states.partners.tables import Partnership, PartnershipKind
from states.schema import METADATA
from states.workbook.files import read_file
from states.workbook.importing import SheetReport, import_workbook, read_workbook

Cell = str | int | float | bool | date | datetime | None
Rows = Sequence[Sequence[Cell]]

SESSIONS = (
    "Morning | 2026-05-04 09:00 - 12:00 | 10 tables | breaks 10:20 - 10:40\n"
    "Afternoon | 2026-05-04 14:00 - 16:00 | 8 tables"
)
_NAIVE = datetime(2026, 4, 1, 9, tzinfo=UTC).replace(tzinfo=None)  # as spreadsheets keep times
_LIMITS = ("requests_from", "requests_until", "most_requests")
_SPRING = ("Spring event", date(2026, 5, 4), "brokerage", "Gliwice", "hybrid", "organiser", "Europe/Warsaw", SESSIONS)
_BONE = ("Spring event", "bone", "head of research")
FULL: dict[str, Rows] = {
    "regions": [
        ["slug", "name", "codes", "leading", "valid_from"],
        ["lapland", "Lapland", "FI1D7", "yes", date(2019, 1, 1)],
        ["silesia", "Śląskie", "Śląskie (PL)", "no", None],
    ],
    "working_areas": [
        ["number", "name", "in_charge", "involved", "ended"],
        [1, "Imaging", None, None, "yes"],
        [2, "Implants", "silesia", "lapland", "no"],
    ],
    "organisations": [
        ["slug", "name", "kind", "nuts", "headcount", "turnover", "balance_sheet", "part", "illustrative"],
        ["bone", "Bone Works", "sme", "PL22", 42, 5_300_000, "4 100 000,50", "member", "yes"],
        ["polar", "Polar Lab", "technology centre", "FI1D7", None, None, None, None, "yes"],
        ["arctic", "Arctic cluster", "Cluster", "FI1D7", None, None, None, "cluster_partner", "yes"],
    ],
    "people": [
        ["email", "label", "role", "organisation", "region", "expertise"],
        ["Research@bone.example", "head of research", "partner", "bone", None, "implants; coatings"],
        ["region@silesia.example", "regional office", "wgra_member", None, "silesia", None],
    ],
    "keywords": [
        ["code", "en", "pl"],
        ["BI", "Biomaterials", "Biomateriały"],
        ["BI.IMP", "Implants", None],
        ["BI.IMP.DEN", "Dental implants", "Implanty stomatologiczne"],
    ],
    "profiles": [
        ["reference", "organisation", "type", "title", "summary", "trl", "keywords", "countries", "author"],
        [None, "bone", "technology_offer", "Coating", "=1+1", 5, "BI.IMP.DEN", "Finland; FR", "research@BONE.example"],
        ["TRFI20260301001", "polar", "technology_request", "Animal trials", "Wanted.", "6", None, None, None],
    ],
    "events": [
        ["name", "held_on", "kind", "place", "mode", "scheduling", "time_zone", "sessions", *_LIMITS],
        [*_SPRING, _NAIVE, "2026-04-30 18:00", 12],
        ["Plenary", "May 2027", "plenary"],
    ],
    "availabilities": [
        ["event", "organisation", "participant", "attendance", "unavailable", "person", "cluster", "booth", "state"],
        [*_BONE, "on_site", "2026-05-04 09:10 - 09:30", "research@bone.example", None, 3, "validated"],
        ["Spring event (2026-05-04)", "polar", "laboratory", "online", None, None, "arctic", None, "validated"],
        ["Spring event", "arctic", "manager", "on_site"],
    ],
    "meeting_requests": [
        ["event", "organisation", "participant", "guests", "subject", "priority", "profile", "state"],
        ["Spring event", "polar", "laboratory", "bone/head of research", "Trials", 5, "TRFI20260301001", "accepted"],
    ],
    "collaborations": [
        ["slug", "title", "lead", "partners", "came_from", "held_on", "working_area", "summary"],
        ["coated-stems", "Coated stems", "bone", "polar; arctic", "meeting", "2026-03-20", 2, "A shared line."],
        ["trials", "Animal trials", "polar", "bone", "expression of interest", None, None, None],
    ],
    "members": [
        ["collaboration", "organisation", "part", "contribution"],
        ["coated-stems", "bone", "lead", "implants to test"],
        ["coated-stems", "polar", None, "coatings"],
    ],
    "costs": [
        ["collaboration", "slug", "organisation", "nuts", "activity", "cost_category", "amount", "starts_on"],
        ["coated-stems", "rigs", "bone", "PL22A", "experimental", "equipment", 250_000, "01.03.2027"],
        ["coated-stems", "staff", "polar", "FI1D7", "industrial", None, "80 000,50", None],
    ],
    "instruments": [
        ["slug", "name", "programme", "kind", "territory", "maximum_rate", "maximum_amount", "verified_on"],
        ["grants", "Regional grants", "ERDF", "grant", "PL22", 62.5, 400_000, "04.05.2026"],
    ],
    "calls": [
        ["instrument", "slug", "opens_on", "closes_on", "closes_at", "time_zone", "budget", "months_to_award"],
        ["grants", "2026", "11.01.2026", "31.03.2026", None, None, 1_000_000, None],
        ["grants", "2127", None, date(2127, 3, 31), "17:00", "Europe/Warsaw", None, 6],
    ],
}


def a_workbook(sheets: Mapping[str, Rows]) -> bytes:
    """Return an XLSX file with these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for position, value in enumerate(row, start=1):
                cell = page.cell(number, position, value)
                if isinstance(value, str):
                    cell.data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def a_partnership(session: Session) -> Partnership:
    row = Partnership(slug="medtech", name="Medical technology", kind=PartnershipKind.TSSP, playbook="s3")
    session.add(row)
    session.flush()
    return row


def bring_in(session: Session, partnership: Partnership, sheets: Mapping[str, Rows]) -> dict[str, tuple[int, int, int]]:
    """Bring sheets in; return added, changed and unchanged by sheet."""
    return counts(import_workbook(session, partnership, read_workbook(read_file(a_workbook(sheets), name="file.xlsx"))))


def counts(reports: Sequence[SheetReport]) -> dict[str, tuple[int, int, int]]:
    return {one.sheet: (one.added, one.changed, one.unchanged) for one in reports}


def dump(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    return {
        table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
        for table in METADATA.sorted_tables
    }
