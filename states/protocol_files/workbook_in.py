"""Reads a protocol from a workbook: fields are found by the keys in the hidden column, else by their headings."""

import re
from collections.abc import Sequence

from states.errors import Fault
from states.protocol.definition import FieldSpec, SectionSpec
from states.protocol_files.base import Base, ProtocolFileInvalid, read_base
from states.protocol_files.heads import columns_of
from states.protocol_files.shapes import Cell, Filed, FiledField, FiledRow, plain
from states.protocol_files.workbook_out import BASE_SHEET, COLUMNS, GUIDE, HEADS, MORE, ROW
from states.workbook.cells import Raw, shown
from states.workbook.files import Grid, letters, read_xlsx

_KEY = re.compile(rf"([a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?({COLUMNS}|{HEADS}|{ROW}|\{MORE})?")
_MOST_COMMENTS = 100  # that are named
_FIRST = 2  # the column of titles, and the first of a table


def read_workbook(data: bytes, sections: Sequence[SectionSpec]) -> Filed:
    """Return what a workbook holds; raise `ProtocolFileInvalid`, or `FileInvalid` where it cannot be opened."""
    grids = read_xlsx(data, comments=True)
    base = _base(grids)
    filed = Filed(base)
    specs = {section.key: section for section in sections}
    for grid in grids:
        if grid.name == GUIDE or grid.name.startswith("_") or not grid.cells:
            continue
        section = _section(grid, sections)
        if section is None:
            filed.faults.append(Fault(_sheet(grid), "no_section_of_protocol", remedy="put_heading_back_or_underscore"))
        elif section.key not in base.versions:
            filed.faults.append(Fault(_sheet(grid), "section_not_in_this_file", remedy="take_file_out_anew"))
        elif any((section.key, field.key) in filed.fields for field in section.fields):
            filed.faults.append(Fault(_sheet(grid), "heading_twice", remedy="keep_one_of_them", heading=section.title))
        else:
            _Reader(grid, section, filed).read()
    seen = {key for key, _ in filed.fields}
    missing = [key for key in base.versions if key not in seen]
    if missing and not any(fault.code == "no_section_of_protocol" for fault in filed.faults):
        for key in missing:
            title = specs[key].title if key in specs else key
            filed.faults.append(Fault("file", "sheet_missing", remedy="take_file_out_anew", heading=title))
    return filed


def _base(grids: Sequence[Grid]) -> Base:
    for grid in grids:
        if grid.name.strip().lower() == BASE_SHEET:
            return read_base(shown(grid.cells.get(1, {}).get(1)))
    raise ProtocolFileInvalid(faults=[Fault("file", "names_no_protocol", remedy="take_file_out_anew")])


def _sheet(grid: Grid) -> str:
    return f"sheet {grid.name[:60]}"


def _section(grid: Grid, sections: Sequence[SectionSpec]) -> SectionSpec | None:
    """Return whose sheet it is: by its key, else by any key below it, else by its name or first heading."""
    keys = [shown(row.get(1)).strip() for _, row in sorted(grid.cells.items())]
    for key in keys:
        found = _KEY.fullmatch(key)
        section = next((one for one in sections if found and one.key == found[1]), None)
        if section is not None:
            return section
    said = {grid.name.strip(), *(shown(row.get(_FIRST)).strip() for row in grid.cells.values())}
    fitting = [one for one in sections if plain(one.title) in said]
    return fitting[0] if len(fitting) == 1 else None


class _Reader:
    """Reads the sheet of a section from its top: a field begins where its key or title stands."""

    def __init__(self, grid: Grid, section: SectionSpec, filed: Filed) -> None:
        self._grid, self._section, self._filed = grid, section, filed
        self._field: FieldSpec | None = None
        self._found: FiledField | None = None
        self._columns: dict[int, str] | None = None  # of the table that is being read

    def read(self) -> None:
        """Read all rows, then say which fields are not there."""
        if self._grid.merged:
            place = f"{_sheet(self._grid)}, cells {', '.join(self._grid.merged[:5])}"
            self._fault(place, "merged", remedy="unmerge_cells_and_fill_each_one")
        for cell in self._grid.comments[:_MOST_COMMENTS]:
            self._fault(f"{_sheet(self._grid)}, cell {cell}", "comment_unresolved", remedy="resolve_comments")
        for number, row in sorted(self._grid.cells.items()):
            self._row(number, row)
        self._end()
        for field in self._section.fields:
            if (self._section.key, field.key) not in self._filed.fields:
                self._fault(_sheet(self._grid), "heading_missing", remedy="put_heading_back", heading=field.title)

    def _row(self, number: int, row: dict[int, Raw]) -> None:
        written, title = shown(row.get(1)).strip(), plain(shown(row.get(_FIRST)))
        key = _KEY.fullmatch(written)
        kind = (key[3] or "") if key else ""
        if written == self._section.key or (
            not written and self._field is None and title == plain(self._section.title)
        ):
            if title != plain(self._section.title):
                self._changed(number, title, self._section.title)
            return
        field = self._section.field(key[2] or "") if key and key[1] == self._section.key else None
        if field is None and not written and self._columns is None:
            field = self._by_title(title)
        if field is None and written:
            place, said = self._place(number, 1), written[:100]
            self._fault(place, "no_heading_of_protocol", remedy="put_heading_back", heading=said)
        elif field is not None and kind == "":
            self._begin(field, number, title, row)
        elif kind in (COLUMNS, HEADS) and field is not self._field:
            self._end()  # its heading is gone, which is said at the end
        elif kind == MORE and field is self._field:
            self._piece(number, row)
        elif kind == COLUMNS:
            self._columns = {at: said for at, raw in row.items() if at >= _FIRST and (said := shown(raw).strip())}
        elif kind == HEADS:
            self._heads(number, row)
        elif self._columns is not None and self._found is not None:
            self._cells(number, row)
        elif any(at >= _FIRST for at in row):
            at = min(at for at in row if at >= _FIRST)
            self._fault(self._place(number, at), "text_outside_fields", remedy="move_into_field_or_delete")

    def _by_title(self, title: str) -> FieldSpec | None:
        """Return the field of a heading whose key is gone."""
        fitting = [one for one in self._section.fields if plain(one.title) == title]
        return fitting[0] if len(fitting) == 1 else None

    def _begin(self, field: FieldSpec, number: int, title: str, row: dict[int, Raw]) -> None:
        self._end()
        place = f"{_sheet(self._grid)}, {field.title} (row {number})"
        if (self._section.key, field.key) in self._filed.fields:
            self._fault(place, "heading_twice", remedy="keep_one_of_them", heading=field.title)
            return
        if title != plain(field.title):
            self._changed(number, title, field.title)
        self._field, self._found = field, FiledField(place)
        self._filed.fields[self._section.key, field.key] = self._found
        if not field.columns:
            self._piece(number, row)

    def _piece(self, number: int, row: dict[int, Raw]) -> None:
        assert self._found is not None
        self._found.pieces.append(Cell(row.get(_FIRST + 1), self._place(number, _FIRST + 1)))

    def _heads(self, number: int, row: dict[int, Raw]) -> None:
        assert self._field is not None
        heads = {at: plain(shown(raw)) for at, raw in row.items() if at >= _FIRST}
        keys = self._columns or {}
        heads |= dict.fromkeys(keys.keys() - heads.keys(), "")
        self._columns, faults = columns_of(self._field, keys, heads, place=lambda at: self._place(number, at))
        self._filed.faults += faults

    def _cells(self, number: int, row: dict[int, Raw]) -> None:
        assert self._columns is not None
        assert self._found is not None
        cells = {key: Cell(row.get(at), self._place(number, at)) for at, key in self._columns.items()}
        filled = FiledRow(f"{_sheet(self._grid)}, row {number}", cells)
        if not filled.is_empty():
            self._found.rows.append(filled)
        beyond = max(self._columns, default=_FIRST) + 1  # whose row it is
        for at in sorted(row):
            if at > beyond:
                self._fault(self._place(number, at), "text_outside_fields", remedy="move_into_field_or_delete")

    def _end(self) -> None:
        """End a field; a table must have had its headings."""
        if self._field is not None and self._found is not None and self._field.columns and self._columns is None:
            self._fault(self._found.place, "table_head_missing", remedy="put_heading_back", heading=self._field.title)
        self._field = self._found = self._columns = None

    def _changed(self, number: int, written: str, title: str, *, at: int = _FIRST) -> None:
        place = self._place(number, at)
        self._fault(place, "heading_changed", remedy="put_heading_back", written=written[:100], heading=title)

    def _place(self, number: int, column: int) -> str:
        return f"{_sheet(self._grid)}, cell {letters(column)}{number}"

    def _fault(self, place: str, code: str, /, *, remedy: str, **parameters: str) -> None:
        self._filed.faults.append(Fault(place, code, remedy=remedy, **parameters))
