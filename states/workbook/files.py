"""Reads files of unknown origin, workbooks and tables: values only, never more than is allowed, nothing evaluated.

The library that writes our workbooks trusts what it reads: it builds every cell before anybody can count them, and
fails in any way it likes. This reads the few parts of XLSX that hold values (ECMA-376) as a stream.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePath
from xml.etree.ElementTree import ParseError

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel
from openpyxl.utils.escape import unescape

from states.errors import Fault
from states.packages import UNREADABLE, refuse_file
from states.workbook.cells import MOST_CHARACTERS, Oddity, Raw
from states.workbook.encodings import decoded, is_wide
from states.workbook.labels import meant
from states.workbook.package import MOST_NAMED, Tags, Target, WorkbookPackage, relations_of
from states.workbook.sheets import NAMES, SHEETS

# Bounds of what is read: a partnership's workbook comes nowhere near them.
MOST_BYTES = 16 << 20
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_CELLS = 1_000_000
MOST_TEXT = 32 << 20  # characters in all cells of a file


@dataclass(slots=True)
class Grid:
    """Filled cells by row and column, both from 1; `merged` are ranges of cells as the file writes them.

    `comments` are the cells that have one, where these are asked for.
    """

    name: str
    cells: dict[int, dict[int, Raw]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    hidden: bool = False
    comments: list[str] = field(default_factory=list)


def letters(column: int) -> str:
    """Return the letters of a column: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


_DELIMITERS = ",;\t|"
_SAID = re.compile(r'[\r\n]*"?sep=([^\w\s"]|\t)"?[ ,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)  # as Excel wants it told


def read_csv(data: bytes, *, name: str, encoding: str = "") -> Grid:
    """Return the table of a file; its name is that of the file, or of the sheet whose columns it has.

    Rows keep the numbers of the file, also after a first line that only names the delimiter.
    """
    text = decoded(data, name=name, encoding=encoding).lstrip("\ufeff")
    said = _SAID.match(text)
    if said:
        text = "\n" * len(said[0].splitlines()) + text[said.end() :]
    start = len(text) - len(text.lstrip("\r\n"))
    first = re.split(r"[\r\n]", text[start : start + MOST_CHARACTERS], maxsplit=1)[0]
    likeliest = max(_DELIMITERS, key=lambda one: (_known(first.split(one, MOST_COLUMNS)), first.count(one)))
    delimiter = said[1] if said else likeliest
    grid, number = Grid(PurePath(name).stem), 0
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for number, row in enumerate(reader, start=1):
            if number > MOST_ROWS or len(row) > MOST_COLUMNS or number * len(row) > MOST_CELLS:
                raise refuse_file(
                    name,
                    "too_large_at_row",
                    remedy="at_most_rows_and_columns",
                    row=number,
                    rows=MOST_ROWS,
                    columns=MOST_COLUMNS,
                )
            if filled := {column: cell for column, cell in enumerate(row, start=1) if cell.strip()}:
                grid.cells[number] = dict(filled)
    except csv.Error:  # a quote that never ends makes a field of more than 128 KiB
        raise refuse_file(f"{name}, row {number + 1}", "no_csv", remedy="save_as_csv_utf_8_once_more") from None
    if meant(grid.name, NAMES) is None:
        grid.name = _by_columns(first.split(delimiter)) or grid.name
    return grid


def _known(headings: list[str]) -> int:
    columns = {column.name for sheet in SHEETS for column in sheet.columns}
    return sum(meant(heading.strip(' "'), columns) is not None for heading in headings)


def _by_columns(headings: list[str]) -> str:
    fitting = [
        sheet.name
        for sheet in SHEETS
        if all(meant(heading.strip(' "\r'), [column.name for column in sheet.columns]) for heading in headings)
    ]
    return fitting[0] if len(fitting) == 1 else ""


_MOST_SHEETS = 50
_MOST_MERGED = 2_000
_FAR = 10  # digits of a number that is beyond every row
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


def read_xlsx(data: bytes, *, comments: bool = False) -> list[Grid]:
    """Return the sheets of a workbook; raise `FileInvalid` where it is none, or holds more than is read."""
    try:
        return _read(WorkbookPackage(data), comments=comments)
    except (ParseError, *UNREADABLE):
        raise refuse_file("file", "no_workbook_that_can_be_read", remedy="save_as_xlsx_once_more") from None


def _read(package: WorkbookPackage, *, comments: bool) -> list[Grid]:
    roots = relations_of(package, "")
    main = next((path for path, kind in roots.values() if kind == "officeDocument"), "xl/workbook.xml")
    workbook = package.show(main, Tags("sheet", "workbookPr"), optional=not roots)
    relations = relations_of(package, main)
    paths = {kind: path for path, kind in relations.values()}
    budget = _Budget()
    strings = package.show(paths["sharedStrings"], _Strings(budget)).found if "sharedStrings" in paths else []
    wanted = Tags("numFmt", "cellXfs", "xf", "cellStyleXfs")
    styles = package.show(paths["styles"], wanted) if "styles" in paths else wanted
    epoch = MAC_EPOCH if any(one.get("date1904") in ("1", "true") for _, one in workbook.found) else WINDOWS_EPOCH
    dates = _date_styles(styles.found)
    listed = [one for tag, one in workbook.found if tag == "sheet"]
    if not listed:
        raise refuse_file("file", "neither_workbook_nor_table", remedy="xlsx_or_csv_file_xls_too_old")
    if len(listed) > _MOST_SHEETS:
        raise refuse_file("file", "too_many_sheets", remedy="at_most", sheets=len(listed), most=_MOST_SHEETS)
    grids = []
    for one in listed:
        path, kind = relations.get(one.get("id", ""), ("", ""))
        if kind == "worksheet":
            grid = Grid(one.get("name", ""), hidden=one.get("state", "visible").strip() != "visible")
            target = _Sheet(grid, strings, dates, epoch, budget)
            grids.append(package.show(path, target).grid)
            if comments:
                grid.comments = _comments(package, path)
    return grids


def _comments(package: WorkbookPackage, sheet: str) -> list[str]:
    """Return the cells of a sheet that have a comment, of the older or the newer kind."""
    parts = [path for path, kind in relations_of(package, sheet).values() if kind in ("comments", "threadedComment")]
    found = [package.show(path, Tags("comment", "threadedComment")).found for path in parts]
    return list(dict.fromkeys(one.get("ref", "?") for tags in found for _, one in tags))


def _date_styles(found: Sequence[tuple[str, Mapping[str, str]]]) -> frozenset[int]:
    """Return the numbers of the cell formats that show a number as a date."""
    formats = dict(BUILTIN_FORMATS)
    formats |= {int(one["numFmtId"]): one.get("formatCode", "") for tag, one in found if _is_format(tag, one)}
    sections = [number for number, (tag, _) in enumerate(found) if tag == "cellXfs"]
    after = found[sections[0] + 1 :] if sections else []
    numbers = [one.get("numFmtId", "0") for tag, one in after if tag == "xf"]
    return frozenset(
        number for number, key in enumerate(numbers) if key.isdecimal() and is_date_format(formats.get(int(key)))
    )


def _is_format(tag: str, attributes: Mapping[str, str]) -> bool:
    return tag == "numFmt" and attributes.get("numFmtId", "").isdecimal()


class _Piece(Target):
    """Collects the text of what is read; of one that is longer than a cell holds, no more than shows it."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[str] = []
        self._size, self._reading = 0, False

    def take(self, text: str) -> None:
        """Take what belongs to a text."""
        if self._reading:
            self._size += len(text)
            if self._size <= MOST_CHARACTERS or not self._pieces:
                self._pieces.append(text[:MOST_CHARACTERS])

    def _clear(self) -> None:
        self._pieces, self._size = [], 0

    def _text(self) -> str | Oddity:
        """Return what was read, or what is wrong with it."""
        text = unescape("".join(self._pieces))
        if self._size <= MOST_CHARACTERS:
            return text
        fault = Fault("", "too_many_characters", remedy="at_most", length=self._size, most=MOST_CHARACTERS)
        return Oddity(text[:MOST_NAMED], fault)


class _Strings(_Piece):
    """Collects shared strings; the readings above a text in Japanese are left out."""

    def __init__(self, budget: "_Budget") -> None:
        super().__init__()
        self.found: list[str | Oddity] = []
        self._budget = budget
        self._above = False

    def begin(self, name: str, _: Mapping[str, str]) -> None:
        """Begin a string, or a piece of it."""
        if name == "si":
            self._clear()
        elif name == "rPh":
            self._above = True
        self._reading = name == "t" and not self._above

    def finish(self, name: str) -> None:
        """End a string, or a piece of it."""
        if name == "si":
            self._budget.need_string(len(self.found))
            self.found.append(self._text())
        elif name == "rPh":
            self._above = False
        self._reading = False


@dataclass(slots=True)
class _Budget:
    """What all sheets of a file may still hold."""

    cells: int = MOST_CELLS
    text: int = MOST_TEXT
    strings: int = MOST_CELLS

    def need_string(self, number: int) -> None:
        """Raise `FileInvalid` where there are more shared strings than cells could show."""
        if number >= self.strings:
            raise refuse_file("file", "has_more_than_cells", remedy="bring_in_in_parts", most=self.strings)

    def spend(self, place: str, length: int) -> None:
        """Count a text against what is left, or raise `FileInvalid` at its place."""
        self.text -= length
        if self.text < 0:
            raise refuse_file(place, "too_much_text", remedy="bring_in_in_parts", most=MOST_TEXT)


class _Sheet(_Piece):
    """Fills a grid from the cells of a sheet."""

    def __init__(
        self, grid: Grid, strings: Sequence[str | Oddity], dates: frozenset[int], epoch: datetime, budget: _Budget
    ) -> None:
        super().__init__()
        self.grid = grid
        self._strings, self._dates, self._epoch, self._budget = strings, dates, epoch, budget
        self._row = self._column = 0
        self._kind = self._style = ""
        self._formula = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin a row, a cell or its value."""
        if name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() and len(number) < _FAR else self._row + 1
            self._column = 0
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._formula = True
        elif name == "mergeCell" and len(self.grid.merged) < _MOST_MERGED:
            self.grid.merged.append(attributes.get("ref", "?")[:MOST_NAMED])
        self._reading = name in ("v", "t")

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = _PLACE.fullmatch(attributes.get("r", ""))
        self._column += 1
        if place:
            self._row, self._column = int(place[2]), 0
            for letter in place[1]:
                self._column = self._column * 26 + ord(letter) - ord("A") + 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")[:_FAR]
        self._formula = False
        self._clear()
        self._budget.cells -= 1
        if self._budget.cells < 0:
            raise refuse_file(self.grid.name, "has_more_than_cells", remedy="bring_in_in_parts", most=MOST_CELLS)

    def finish(self, name: str) -> None:
        """End a cell: keep it where something stands in it."""
        self._reading = False
        if name != "c":
            return
        value = self._value() if self._size or self._formula else None
        if value is None or (isinstance(value, str) and not value.strip()):
            return
        if self._row > MOST_ROWS or self._column > MOST_COLUMNS:
            raise refuse_file(
                self.grid.name,
                "too_far_out",
                remedy="at_most_rows_and_columns",
                row=self._row,
                column=self._column,
                rows=MOST_ROWS,
                columns=MOST_COLUMNS,
            )
        if isinstance(value, str):
            self._budget.spend(f"{self.grid.name}, {letters(self._column)}{self._row}", len(value))
        self.grid.cells.setdefault(self._row, {})[self._column] = value

    def _value(self) -> Raw:
        if self._size > MOST_CHARACTERS:
            return self._text()
        text = "".join(self._pieces)
        if self._formula and not text:
            return Oddity("a formula", Fault("", "formula", remedy="copy_and_paste_value"))
        if self._kind == "s":
            known = text.isdecimal() and len(text) < 10 and int(text) < len(self._strings)
            return (
                self._strings[int(text)]
                if known
                else Oddity(text, Fault("", "refers_to_no_text", remedy="write_it_anew"))
            )
        if self._kind == "b":
            return text.strip() in ("1", "true")
        if self._kind == "e":
            return Oddity(text, Fault("", "error_of_a_formula", remedy="write_value"))
        return self._number(text) if self._kind == "n" else unescape(text)

    def _number(self, text: str) -> Raw:
        try:
            number = float(text)
            if self._style.isdecimal() and int(self._style) in self._dates:
                return _instant(number, self._epoch)
        except (ValueError, OverflowError):
            return text
        whole = number.is_integer() and abs(number) < 2**53
        return int(number) if whole else number


def _instant(number: float, epoch: datetime) -> Raw:
    """Return the time that a number means in a cell that shows dates; a time of day alone is a text."""
    found = from_excel(number, epoch)
    if isinstance(found, datetime):
        return (found + timedelta(milliseconds=500)).replace(microsecond=0)
    return str(found)


_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_OTHERS = (_OLD, b"<", b"%PDF", b"{\\rtf")  # and what calls itself .xls and is a web page


def read_file(data: bytes, *, name: str, encoding: str = "") -> Sequence[Grid]:
    """Return the tables of an XLSX or CSV file, told apart by what it holds; raise `FileInvalid`.

    `encoding` is that of a CSV file; where it is empty, it is found out.
    """
    if len(data) > MOST_BYTES:
        raise refuse_file(name, "file_too_large", remedy="at_most_mib", size=len(data) >> 20, most=MOST_BYTES >> 20)
    if data.startswith(_ZIP):
        if encoding:
            raise refuse_file("encoding", "encoding_of_workbook", remedy="leave_it_out")
        return read_xlsx(data)
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_OTHERS) or (b"\0" in data and not is_wide(data)):
        raise refuse_file(name, "neither_workbook_nor_table", remedy="xlsx_or_csv_file_xls_too_old")
    return [read_csv(data, name=name, encoding=encoding)]
