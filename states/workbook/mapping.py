"""Turns another platform's table into sheets of ours, by a small YAML file that says which column is which.

from: Participants                 # the sheet to read; left out: the only one
sheets:
  organisations:
    slug: {column: Company, as: slug}
    name: Company
    kind: {column: Type, words: {Company: sme, University: university}, otherwise: other}
    country: Country
    nuts: {value: PL22}
  availabilities:
    participant: {join: [Job title, Department], with: ", "}
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from states.errors import Fault, Invalid
from states.places.name_folding import fold
from states.shapes import Unfit, shape_fault
from states.workbook.cells import Oddity, Raw, shown, tidy
from states.workbook.files import Grid
from states.workbook.sheets import NAMES, SHEETS
from states.yaml_source import read_yaml


class MappingInvalid(Invalid):
    """The mapping names what is not there, or says something else than where a cell comes from."""

    code = "mapping_invalid"


class Source(BaseModel):
    """Where a cell comes from: one column, several joined, or always the same value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str = ""
    join: list[str] = []
    glue: str = Field(default=" ", alias="with")
    value: str = ""
    words: dict[str, str] = {}
    otherwise: str = ""
    split: str = ""
    form: Literal["", "slug"] = Field(default="", alias="as")

    @model_validator(mode="after")
    def _one_origin(self) -> "Source":
        if sum(map(bool, (self.column, self.join, self.value))) != 1:
            raise Unfit("one_of_column_join_value")
        return self

    @property
    def columns(self) -> list[str]:
        return [self.column] if self.column else self.join


def _short(raw: object) -> object:
    return {"column": raw} if isinstance(raw, str) else raw


class TableMap(BaseModel):
    """The whole file: columns of ours by sheet, each with its source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str = Field(default="", alias="from")
    sheets: dict[str, dict[str, Annotated[Source, BeforeValidator(_short)]]] = Field(min_length=1)


def read_mapping(text: str, *, source: str) -> TableMap:
    """Read a mapping; raise `MappingInvalid` with every fault."""
    tree, faults = read_yaml(text, source=source)
    if faults:
        raise MappingInvalid(faults=faults)
    try:
        mapping = TableMap.model_validate(tree)
    except ValidationError as error:
        faults = [shape_fault(one, otherwise=source, remedy="see_docs_workbook") for one in error.errors()]
        raise MappingInvalid(faults=faults) from None
    known = {sheet.name: {column.name for column in sheet.columns} for sheet in SHEETS}
    strange = mapping.sheets.keys() - known
    faults = [Fault(f"sheets.{name}", "no_sheet", remedy="one_of", known=tuple(NAMES)) for name in strange]
    faults += [
        Fault(f"sheets.{name}.{column}", "no_column_sheet", remedy="one_of", known=tuple(sorted(known[name])))
        for name in mapping.sheets.keys() & known
        for column in mapping.sheets[name].keys() - known[name]
    ]
    if faults:
        raise MappingInvalid(faults=faults)
    return mapping


def apply_mapping(mapping: TableMap, grids: Sequence[Grid]) -> list[Grid]:
    """Return our sheets, filled from another platform's table; equal lines become one.

    Rows keep the numbers of that table, so that a fault is found there.
    """
    grid = _origin(mapping, grids)
    top = min(grid.cells, default=0)
    headings = {fold(shown(raw)): number for number, raw in grid.cells.get(top, {}).items()}
    wanted = {name for sources in mapping.sheets.values() for one in sources.values() for name in one.columns}
    if absent := sorted(name for name in wanted if fold(name) not in headings):
        there = tuple(shown(raw)[:40] for raw in grid.cells.get(top, {}).values())
        raise MappingInvalid(
            faults=[Fault(name, "no_column_of_table", remedy="it_has", columns=there) for name in absent]
        )
    return [_mapped(name, sources, grid, headings, top) for name, sources in mapping.sheets.items()]


def _origin(mapping: TableMap, grids: Sequence[Grid]) -> Grid:
    found = [grid for grid in grids if not mapping.origin or fold(grid.name) == fold(mapping.origin)]
    if len(found) != 1:
        code = "no_sheet_of_file" if mapping.origin else "several_sheets"
        raise MappingInvalid(code, field="from", remedy="one_of", known=tuple(grid.name for grid in grids))
    return found[0]


def _mapped(name: str, sources: Mapping[str, Source], grid: Grid, headings: Mapping[str, int], top: int) -> Grid:
    made = Grid(name, {top or 1: dict(enumerate(sources, start=1))})
    seen = set()
    for number in sorted(grid.cells.keys() - {top}):
        row = grid.cells[number]
        values = [_value(source, row, headings) for source in sources.values()]
        key = tuple(shown(value) for value in values)
        if key not in seen:
            seen.add(key)
            made.cells[number] = {at: value for at, value in enumerate(values, start=1) if shown(value)}
    return made


def _value(source: Source, row: Mapping[int, Raw], headings: Mapping[str, int]) -> Raw:
    cells = [row.get(headings[fold(name)]) for name in source.columns]
    odd = next((one for one in cells if isinstance(one, Oddity)), None)
    if odd is not None:
        return odd
    if source.column and not (source.words or source.split or source.form):
        return cells[0]
    text = source.value or source.glue.join(text for one in cells if (text := tidy(shown(one))))
    if source.split:
        text = "\n".join(part.strip() for part in text.split(source.split))
    if source.words:
        words = {fold(word): ours for word, ours in source.words.items()}
        text = "\n".join(words.get(fold(part), source.otherwise or part) for part in text.split("\n"))
    return re.sub(r"\s+", "-", fold(text)) if source.form == "slug" else text
