"""Blocks that several documents show: partners, sections with typed tables, versions, history."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationInfo, field_validator

from documents.meta import Line, Named, Plain, Sha256, Text
from states.playbooks.definition import Direction
from states.rights.blinding import Name, Prose

Euro = Annotated[Decimal, Field(max_digits=18, decimal_places=2)]
Percent = Annotated[Decimal, Field(ge=0, max_digits=7, decimal_places=2)]
Cell = str | int | Decimal | date | None


class CellKind(StrEnum):
    """How the cells of a column are read, aligned and written."""

    TEXT = "text"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    INTEGER = "integer"


_READERS: dict[CellKind, TypeAdapter[Cell]] = {
    CellKind.TEXT: TypeAdapter(str | None),
    CellKind.MONEY: TypeAdapter(Euro | None),
    CellKind.PERCENT: TypeAdapter(Percent | None),
    CellKind.DATE: TypeAdapter(date | None),
    CellKind.INTEGER: TypeAdapter(int | None),
}


class Column(Plain):
    """One column of a table; `weight` is its share of the width among its neighbours."""

    title: Line
    kind: CellKind = CellKind.TEXT
    weight: int = Field(default=2, ge=1, le=12)


class Table(Plain):
    """A table with typed columns; None is an empty cell, `totals` one closing row."""

    caption: Line
    columns: tuple[Column, ...] = Field(min_length=1)
    rows: Annotated[tuple[tuple[Cell, ...], ...], Prose] = ()
    totals: tuple[Cell, ...] | None = None
    illustrative: bool = False
    note: str = ""

    @field_validator("rows", mode="after")
    @classmethod
    def _type_rows(cls, rows: tuple[tuple[Cell, ...], ...], info: ValidationInfo) -> tuple[tuple[Cell, ...], ...]:
        columns = info.data.get("columns", ())
        return tuple(_typed(row, columns, place=f"row {number}") for number, row in enumerate(rows, start=1))

    @field_validator("totals", mode="after")
    @classmethod
    def _type_totals(cls, totals: tuple[Cell, ...] | None, info: ValidationInfo) -> tuple[Cell, ...] | None:
        # The first cell of the totals is their label, whatever the column holds.
        if totals is None:
            return None
        columns = info.data.get("columns", ())
        return (totals[:1] + _typed((None, *totals[1:]), columns, place="totals")[1:]) if totals else None


def _typed(row: tuple[Cell, ...], columns: tuple[Column, ...], *, place: str) -> tuple[Cell, ...]:
    if len(row) != len(columns):
        raise ValueError(f"{place} has {len(row)} cells for {len(columns)} columns")
    return tuple(_READERS[column.kind].validate_python(cell) for cell, column in zip(row, columns, strict=True))


class LabelledText(Plain):
    """A field of a section: its label, and the text that was written there."""

    label: Line
    text: Text = ""


class Section(Plain):
    """A numbered section of an investment protocol with what is written and what is missing in it."""

    number: int = Field(ge=1)
    key: Line
    title: Line
    complete: bool
    fields: tuple[LabelledText, ...] = ()
    tables: tuple[Table, ...] = ()
    missing: tuple[str, ...] = ()
    illustrative: bool = False


class Identity(Plain):
    """Which collaboration a document is about."""

    acronym: Text = ""
    title: Annotated[Line, Prose]
    summary: Text = ""
    working_area: str = ""
    lead_organisation: Annotated[str, Name] = ""
    lead_region_code: str = ""
    lead_region_name: str = ""
    stage: str = ""


class Partner(Plain):
    """A member organisation; eligibility hangs on its site (NUTS 3), not on the region a partnership names."""

    name: Named
    kind: Line
    role: Line
    site_nuts3: str = ""
    site_name: str = ""
    region_code: Line
    region_name: Line
    country: str = ""
    size_class: str = ""
    commitment: Text = ""


class Completeness(Plain):
    """How many sections are complete, and which are not."""

    done: int = Field(ge=0)
    total: int = Field(ge=1)
    missing: tuple[str, ...] = ()


class VersionLine(Plain):
    """A frozen version of a protocol, known by the hash of its content."""

    label: Line
    frozen_at: AwareDatetime
    sha256: Sha256
    by_role: str = ""
    note: str = ""


class HistoryLine(Plain):
    """One move of a collaboration; who made it appears by role only."""

    at: AwareDatetime
    move: Line
    from_stage: Line
    to_stage: Line
    direction: Direction = Direction.FORWARD
    by_role: Line
    reason: str = ""


class Evidence(Plain):
    """A document that supports a claim, known by its hash."""

    name: Line
    sha256: Sha256
    dated: date | None = None
    owner: str = ""
    confidentiality: str = ""
