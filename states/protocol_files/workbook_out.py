"""Writes a protocol as a workbook: a sheet a section, keys in a hidden column, and the base on a hidden sheet."""

import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from states.clock import is_in_reach
from states.protocol.content import read_cell, table_rows
from states.protocol.definition import Column, ColumnKind, FieldSpec, SectionSpec
from states.protocol_files.heads import OWNER
from states.protocol_files.shapes import plain
from states.protocol_files.showing import Shown
from states.workbook.cells import MOST_CHARACTERS
from states.workbook.writing import CellTooLong

BASE_SHEET = "_bankable"
GUIDE = "guide"
COLUMNS, HEADS, ROW, MORE = "#columns", "#heads", "#row", "+"
LONGEST_PIECE = 16_000  # characters in a cell: 32,767 of UTF-16 fit
_EMPTY_ROWS = 8
_LONGEST_NAME = 31  # of a sheet
_BOLD, _LARGE, _FAINT = Font(bold=True), Font(bold=True, size=14), Font(italic=True, color="6B7280")
_HEAD, _ENTRY = PatternFill("solid", fgColor="DCE6F1"), PatternFill("solid", fgColor="FFFBEB")
_TOP = Alignment(wrap_text=True, vertical="top")
_FORMATS = {
    ColumnKind.MONEY: "#,##0.00",
    ColumnKind.PERCENT: "0.00",
    ColumnKind.INTEGER: "0",
    ColumnKind.NUMBER: "General",
    ColumnKind.DATE: "yyyy-mm-dd",
}
_NUMBERS = {ColumnKind.MONEY, ColumnKind.PERCENT, ColumnKind.INTEGER, ColumnKind.NUMBER}
_LIKE_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_MOST_EXACT = 10**12
_RULES = (
    "Write into the yellow cells. Insert rows into a table where you need more; delete rows that are to go.",
    "Leave names of sheets, headings and the hidden column A as they are: by them the fields are found again.",
    "Amounts are EUR as numbers, dates are dates, or text such as 2026-05-04. Formulas are not read: write values.",
    "Sheets whose name begins with _ are left alone, and nothing is taken before you have seen what would change.",
)


def write_workbook(shown: Shown) -> bytes:
    """Return the workbook; brought in again as it is, it changes nothing."""
    book = Workbook()
    guide = book.worksheets[0]
    guide.title = GUIDE
    guide.column_dimensions["A"].width = 110
    for number, line in enumerate((shown.title, *_RULES), start=1):
        _text(guide.cell(number, 1), line)
    guide["A1"].font = _LARGE
    taken = {GUIDE, BASE_SHEET}
    for section in shown.sections:
        page = book.create_sheet(_sheet_name(section.title, taken))
        _Page(page, shown, section).fill()
    base = book.create_sheet(BASE_SHEET)
    base.sheet_state = "hidden"
    _text(base.cell(1, 1), shown.base.written())
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


class _Page:
    """The sheet of a section, filled from its top."""

    def __init__(self, page: Worksheet, shown: Shown, section: SectionSpec) -> None:
        self._page, self._shown, self._section, self._at = page, shown, section, 1

    def fill(self) -> None:
        """Write the section's title, then field by field."""
        widths = {"B": 34, "C": 60, "D": 18, "E": 18, "F": 18, "G": 18, "H": 26}
        for letter, width in widths.items():
            self._page.column_dimensions[letter].width = width
        self._page.column_dimensions["A"].hidden = True
        self._line(self._section.key, self._section.title, font=_LARGE)
        for field in self._section.fields:
            self._at += 1
            if field.columns:
                self._table(field)
            else:
                self._field(field)

    def _line(self, key: str, title: str = "", *, font: Font | None = None) -> None:
        _text(self._page.cell(self._at, 1), key)
        if title:
            _text(self._page.cell(self._at, 2), title, font=font)
        self._at += 1

    def _field(self, field: FieldSpec) -> None:
        key = f"{self._section.key}.{field.key}"
        first = self._at
        for number, piece in enumerate(pieces_of(plain(self._shown.text(self._section, field)))):
            cell = self._page.cell(self._at, 3)
            _text(cell, piece, fill=_ENTRY)
            self._line(f"{key}{MORE}" if number else key, "" if number else field.title, font=_BOLD)
        counted = "+".join(f"LEN(C{number})" for number in range(first, self._at))
        self._page.cell(first, 4, f"={counted}").font = _FAINT
        if field.limit:
            _text(self._page.cell(first, 5), f"of {field.limit}", font=_FAINT)
        _text(self._page.cell(first, 6), self._shown.says(self._section, field), font=_FAINT)

    def _table(self, field: FieldSpec) -> None:
        key = f"{self._section.key}.{field.key}"
        _text(self._page.cell(self._at, 3), self._shown.says(self._section, field), font=_FAINT)
        self._line(key, field.title, font=_BOLD)
        self._page.row_dimensions[self._at].hidden = True
        for number, column in enumerate(field.columns, start=2):
            _text(self._page.cell(self._at, number), column.key)
        self._line(f"{key}{COLUMNS}")
        titles = [column.title for column in field.columns] + ([OWNER] if field.owner_column else [])
        for number, title in enumerate(titles, start=2):
            _text(self._page.cell(self._at, number), title, font=_BOLD, fill=_HEAD)
        self._line(f"{key}{HEADS}")
        rows = list(table_rows(self._shown.content, self._section.key, field.key))
        owners = self._shown.owners.get((self._section.key, field.key), ())
        for number, row in enumerate([*rows, *({} for _ in range(_EMPTY_ROWS))]):
            for position, column in enumerate(field.columns, start=2):
                _value(self._page.cell(self._at, position), column, row.get(column.key, ""))
            if number < len(owners):
                _text(self._page.cell(self._at, len(field.columns) + 2), owners[number], font=_FAINT)
            self._line(f"{key}{ROW}")


def pieces_of(text: str) -> Iterator[str]:
    """Yield a text in pieces that a cell holds; at least one."""
    for begin in range(0, max(len(text), 1), LONGEST_PIECE):
        yield text[begin : begin + LONGEST_PIECE]


def _value(cell: Cell | MergedCell, column: Column, text: str) -> None:
    """Fill a cell of a table by its kind; what does not fit there, or would lose digits, stays a text."""
    value: Decimal | date | str = plain(text)
    read = read_cell(column, text) if text.strip() else ""
    if isinstance(read, str) and read:
        if column.kind in _NUMBERS and abs(Decimal(read)) < _MOST_EXACT:
            value = Decimal(read)
        elif column.kind is ColumnKind.DATE and is_in_reach(date.fromisoformat(read)):
            value = date.fromisoformat(read)
    if isinstance(value, str):
        _text(cell, value, fill=_ENTRY)
    else:
        cell.value = value
        cell.fill, cell.alignment = _ENTRY, _TOP
    cell.number_format = _FORMATS.get(column.kind, "@")


def _text(cell: Cell | MergedCell, text: str, *, font: Font | None = None, fill: PatternFill | None = None) -> None:
    """Fill a cell with a plain text, which is never a formula, whatever it begins with."""
    if len(text.encode("utf-16-le")) > 2 * MOST_CHARACTERS:
        place = f"{cell.parent.title}, cell {cell.coordinate}"
        raise CellTooLong("cell_too_long", field=place, remedy="shorten_text", length=len(text), most=MOST_CHARACTERS)
    if text:
        cell.value = _LIKE_ESCAPE.sub("_x005F_", text)
        cell.data_type = "s"
    cell.number_format, cell.alignment = "@", _TOP
    if font:
        cell.font = font
    if fill:
        cell.fill = fill


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a name that a sheet may have, and no other has: neither case nor some signs tell sheets apart."""
    fitting = re.sub(r"[\[\]:*?/\\']", " ", plain(title)).strip() or "Section"
    name, number = fitting[:_LONGEST_NAME].strip(), 1
    while name.lower() in {one.lower() for one in taken} or name.startswith("_"):
        number += 1
        name = f"{fitting.lstrip('_ ')[: _LONGEST_NAME - 4].strip()} {number}"
    taken.add(name)
    return name
