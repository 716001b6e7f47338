"""The list of operations: what is funded, and who does it, as managing authorities publish it and keep.eu hosts it.

Two sheets. The columns of operations are the data of Article 49(3) of Regulation (EU) 2021/1060 (which Article 36(4) of
Regulation (EU) 2021/1059 asks of Interreg programmes), those of beneficiaries what its annex XVII has of each. An
operation is a collaboration with a signed agreement. What a programme alone knows (fund, specific objective, type of
intervention) is given for all rows; what is missing then is told row by row.
"""

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from sqlmodel import Session, col, select

from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration, MemberPart
from states.errors import Fault
from states.funding.awards.tables import Agreement
from states.funding.inputs.tables import CostLine
from states.funding.tables import Instrument
from states.partners.tables import Organisation, Partnership

Cell = str | Decimal | date | None

OPERATIONS = (
    "Operation ID",
    "Operation name",
    "Purpose and achievements",
    "Start date",
    "Date of completion",
    "Total cost",
    "Fund",
    "Specific objective",
    "Union co-financing rate",
    "Location",
    "Country",
    "Type of intervention",
)
BENEFICIARIES = (
    "Operation ID",
    "Name",
    "Role",
    "Country",
    "NUTS",
    "VAT or other number",
    "PIC",
    "Kind",
    "Total cost",
)
_OPTIONAL = frozenset({"PIC"})
_PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Programme:
    """What the programme says of all operations: its fund, specific objective, type of intervention, and rate."""

    fund: str = ""
    objective: str = ""
    intervention: str = ""
    rate: Decimal | None = None


@dataclass(slots=True)
class ListOfOperations:
    """The rows of both sheets, by column, and each cell that is missing, at its sheet, row and column."""

    operations: list[Mapping[str, Cell]] = field(default_factory=list)
    beneficiaries: list[Mapping[str, Cell]] = field(default_factory=list)

    @property
    def missing(self) -> list[Fault]:
        """What has to be said before the list can be published."""
        return [
            Fault(f"{sheet}, row {number}, {name}", "missing", remedy=_REMEDIES.get(name, "say_in_organisation"))
            for sheet, rows in (("Operations", self.operations), ("Beneficiaries", self.beneficiaries))
            for number, row in enumerate(rows, start=2)
            for name, value in row.items()
            if value in (None, "") and name not in _OPTIONAL
        ]


_REMEDIES = {
    "Purpose and achievements": "say_in_summary",
    "Start date": "say_in_agreement",
    "Date of completion": "say_in_agreement",
    "Total cost": "enter_costs",
    "Fund": "give_for_all_operations",
    "Specific objective": "give_for_all_operations",
    "Union co-financing rate": "give_for_all_operations",
    "Type of intervention": "give_for_all_operations",
}


def list_operations(session: Session, partnership: Partnership, programme: Programme) -> ListOfOperations:
    """Return the funded collaborations of a partnership, by short name; made-up ones of a demonstration too."""
    agreements = _agreements(session, partnership)
    rows = session.exec(select(Collaboration).where(col(Collaboration.id).in_(agreements))).all()
    costs = _costs(session, list(agreements))
    members = members_of(session, list(agreements))
    own = select(Instrument).where(Instrument.partnership_id == partnership.id)
    instruments = {row.id: row for row in session.exec(own)}
    found = ListOfOperations()
    for row in sorted(rows, key=lambda row: row.slug):
        key, entries = f"{partnership.slug}-{row.slug}", members[row.id]
        granted = agreements[row.id]
        total = sum(costs[row.id].values(), Decimal(0))
        known = [instruments[one.instrument_id].programme for one in granted if one.instrument_id in instruments]
        sites = sorted({one.organisation.nuts for one in entries if one.organisation.nuts})
        found.operations.append(
            dict(
                zip(
                    OPERATIONS,
                    (
                        key,
                        row.title,
                        row.summary,
                        min((one.starts_on or one.agreed_on for one in granted if one.agreed_on), default=None),
                        max((one.ends_on for one in granted if one.ends_on), default=None),
                        total or None,
                        programme.fund or "; ".join(sorted(set(known))),
                        programme.objective,
                        programme.rate if programme.rate is not None else _rate(granted, total),
                        "; ".join(sites),
                        "; ".join(sorted({one.organisation.country for one in entries})),
                        programme.intervention,
                    ),
                    strict=True,
                )
            )
        )
        for one in entries:
            spent = costs[row.id].get(one.organisation.id)
            found.beneficiaries.append(
                dict(zip(BENEFICIARIES, (key, *_beneficiary(one.organisation, one.member.part), spent), strict=True))
            )
    return found


def _agreements(session: Session, partnership: Partnership) -> dict[str, list[Agreement]]:
    """Return the agreements that were signed and not withdrawn, by collaboration."""
    query = select(Agreement).join(Collaboration, col(Collaboration.id) == col(Agreement.collaboration_id))
    signed = (col(Agreement.agreed_on).is_not(None), col(Agreement.withdrawn_on).is_(None))
    found: dict[str, list[Agreement]] = defaultdict(list)
    for row in session.exec(query.where(Collaboration.partnership_id == partnership.id, *signed)):
        found[row.collaboration_id].append(row)
    return found


def _costs(session: Session, keys: Sequence[str]) -> dict[str, dict[str, Decimal]]:
    """Return what each partner spends, by collaboration and organisation."""
    found: dict[str, dict[str, Decimal]] = {key: defaultdict(Decimal) for key in keys}
    for line in session.exec(select(CostLine).where(col(CostLine.collaboration_id).in_(keys))):
        found[line.collaboration_id][line.organisation_id] += line.amount
    return found


def _rate(granted: Sequence[Agreement], total: Decimal) -> Decimal | None:
    """Return the percentage of the cost that instruments pay; nothing where a lender alone pays."""
    paid = sum((one.amount for one in granted if one.instrument_id is not None), Decimal(0))
    return (paid * 100 / total).quantize(_PERCENT, ROUND_HALF_UP) if paid and total else None


def _beneficiary(row: Organisation, part: MemberPart) -> tuple[Cell, ...]:
    role = "lead partner" if part is MemberPart.LEAD else "partner"
    number = row.vat_number or row.registration_number
    return (row.legal_name or row.name, role, row.country, row.nuts, number, row.pic, row.kind.value)


def written(found: ListOfOperations) -> bytes:
    """Return the list as a workbook of two sheets; amounts are EUR, rates percent."""
    book = Workbook()
    for page, (title, names, rows) in zip(
        (book.worksheets[0], book.create_sheet()),
        (("Operations", OPERATIONS, found.operations), ("Beneficiaries", BENEFICIARIES, found.beneficiaries)),
        strict=True,
    ):
        page.title, page.freeze_panes = title, "B2"
        for position, name in enumerate(names, start=1):
            page.cell(1, position, name).font = Font(bold=True)
            page.column_dimensions[get_column_letter(position)].width = 24
        for number, row in enumerate(rows, start=2):
            for position, (value, style) in enumerate(_styled(row.values()), start=1):
                cell = page.cell(number, position, value)
                cell.number_format = style
                if isinstance(value, str):
                    cell.data_type = "s"  # never a formula
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _styled(values: Iterable[Cell]) -> Iterator[tuple[Cell, str]]:
    for value in values:
        style = "#,##0.00" if isinstance(value, Decimal) else "yyyy-mm-dd" if isinstance(value, date) else "@"
        yield value, style
