"""Reads files of unknown origin, workbooks and tables: values only, never more than is allowed, nothing evaluated.

The library that writes our workbooks trusts what it reads: it builds every cell before anybody can count them, and
fails in any way it likes. This reads the few parts of XLSX that hold values (ECMA-376) as a stream.
"""

import csv
import io
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePath
from posixpath import dirname, join, normpath
from typing import Protocol, TypeVar
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError, XMLParser
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel
from openpyxl.utils.escape import unescape

from states.errors import Fault
from states.workbook.cells import Oddity, Raw
from states.workbook.encodings import decoded
from states.workbook.file_faults import refuse_file
from states.workbook.labels import meant
from states.workbook.sheets import NAMES, SHEETS

# Bounds of what is read: a partnership's workbook comes nowhere near them.
MOST_BYTES = 16 << 20
MOST_UNPACKED = 128 << 20
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_CELLS = 1_000_000


@dataclass(slots=True)
class Grid:
    """Filled cells by row and column, both from 1; `merged` are ranges of cells as the file writes them."""

    name: str
    cells: dict[int, dict[int, Raw]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    hidden: bool = False


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
    text = decoded(data, name=name, encoding=encoding)
    said = _SAID.match(text)
    if said:
        text = "\n" * len(said[0].splitlines()) + text[said.end() :]
    first = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    likeliest = max(_DELIMITERS, key=lambda one: (_known(first.split(one)), first.count(one)))
    delimiter = said[1] if said else likeliest
    grid = Grid(PurePath(name).stem)
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
    except csv.Error:
        raise refuse_file(name, "no_csv", remedy="save_as_csv_utf_8_once_more") from None
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


_MOST_FILES = 2_000
_MOST_SHEETS = 50
_CHUNK = 1 << 16
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


def read_xlsx(data: bytes) -> list[Grid]:
    """Return the sheets of a workbook; raise `FileInvalid` where it is none, or holds more than is read."""
    try:
        with ZipFile(io.BytesIO(data)) as package:
            _need_small(package)
            return _read(package)
    except (BadZipFile, ParseError, zlib.error, EOFError, OSError, RuntimeError, ValueError, LookupError):
        # What these parsers raise: RuntimeError for an encrypted part, LookupError for an encoding nobody knows.
        raise refuse_file("file", "no_workbook_that_can_be_read", remedy="save_as_xlsx_once_more") from None


def _need_small(package: ZipFile) -> None:
    parts = package.infolist()
    unpacked = sum(part.file_size for part in parts)  # no part unpacks to more than it declares here
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise refuse_file("file", "packing_unknown", remedy="save_as_xlsx_once_more")
    if len(parts) > _MOST_FILES or unpacked > MOST_UNPACKED:
        raise refuse_file(
            "file", "unpacks_too_large", remedy="at_most_mib", size=unpacked >> 20, most=MOST_UNPACKED >> 20
        )


def _read(package: ZipFile) -> list[Grid]:
    roots = _relations(package, "")
    main = next((path for path, kind in roots.values() if kind == "officeDocument"), "xl/workbook.xml")
    workbook = _parsed(package, main, _Tags("sheet", "workbookPr"))
    relations = _relations(package, main)
    paths = {kind: path for path, kind in relations.values()}
    strings = _parsed(package, paths["sharedStrings"], _Strings()).found if "sharedStrings" in paths else []
    wanted = _Tags("numFmt", "cellXfs", "xf", "cellStyleXfs")
    styles = _parsed(package, paths["styles"], wanted) if "styles" in paths else wanted
    epoch = MAC_EPOCH if any(one.get("date1904") in ("1", "true") for _, one in workbook.found) else WINDOWS_EPOCH
    dates = _date_styles(styles.found)
    listed = [one for tag, one in workbook.found if tag == "sheet"]
    if len(listed) > _MOST_SHEETS:
        raise refuse_file("file", "too_many_sheets", remedy="at_most", sheets=len(listed), most=_MOST_SHEETS)
    grids = []
    for one in listed:
        path, kind = relations.get(one.get("id", ""), ("", ""))
        if kind == "worksheet":
            grid = Grid(one.get("name", ""), hidden=one.get("state", "visible").strip() != "visible")
            target = _Sheet(grid, strings, dates, epoch)
            grids.append(_parsed(package, path, target).grid)
    return grids


def _relations(package: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Return path and kind of what a part refers to, by the id that it uses."""
    folder = dirname(part)
    named = join(folder, "_rels", f"{part.removeprefix(folder).strip('/')}.rels")
    found = _parsed(package, named, _Tags("Relationship"), optional=True).found
    return {
        one.get("Id", ""): (
            normpath(join("/", folder, unquote(one.get("Target", "").replace("\\", "/")))).lstrip("/"),
            one.get("Type", "").rpartition("/")[2],
        )
        for _, one in found
        if one.get("TargetMode", "Internal") != "External"
    }


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


class _Target(Protocol):
    def start(self, tag: str, attributes: Mapping[str, str]) -> None: ...
    def end(self, tag: str) -> None: ...
    def data(self, text: str) -> None: ...


Target = TypeVar("Target", bound=_Target)


def _part(package: ZipFile, path: str) -> str | None:
    """Return a part as the package writes its name: case does not tell two parts apart (ECMA-376 part 2, 6.2.2.3)."""
    if path in package.NameToInfo:
        return path
    plain = path.casefold()
    names = (one for one in package.namelist() if unquote(one.replace("\\", "/")).lstrip("/").casefold() == plain)
    return next(names, None)


def _parsed(package: ZipFile, path: str, target: Target, *, optional: bool = False) -> Target:
    """Let a target see a part of the package; one that is named and not there is no empty one."""
    part = _part(package, path)
    if part is None:
        if optional:
            return target
        raise refuse_file("file", "part_missing", remedy="save_as_xlsx_once_more", part=path[:100])
    parser = XMLParser(target=target)
    with package.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.feed(chunk)
    parser.close()
    return target


class _NoDocumentType:
    """Part of every target: entities, which grow without end, need a document type."""

    def doctype(self, *_: str | None) -> None:
        raise refuse_file("file", "declares_type_document", remedy="save_as_xlsx_once_more")


class _Tags(_NoDocumentType):
    """Collects the attributes of some tags, without their namespaces."""

    def __init__(self, *tags: str) -> None:
        self._tags, self.found = tags, list[tuple[str, Mapping[str, str]]]()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Keep the attributes of what is wanted."""
        name = tag.rpartition("}")[2]
        if name in self._tags:
            self.found.append((name, {key.rpartition("}")[2]: value for key, value in attributes.items()}))

    def end(self, tag: str) -> None:
        """Let pass."""

    def data(self, text: str) -> None:
        """Let pass."""


class _Strings(_NoDocumentType):
    """Collects shared strings; the readings above a text in Japanese are left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._reading = self._in_text = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin a string, or a piece of it."""
        name = tag.rpartition("}")[2]
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._reading = True
        self._in_text = name == "t" and not self._reading

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if name == "si":
            self.found.append(unescape("".join(self._pieces)))
        elif name == "rPh":
            self._reading = False
        self._in_text = False

    def data(self, text: str) -> None:
        """Take what belongs to a string."""
        if self._in_text:
            self._pieces.append(text)


class _Sheet(_NoDocumentType):
    """Fills a grid from the cells of a sheet."""

    def __init__(self, grid: Grid, strings: Sequence[str], dates: frozenset[int], epoch: datetime) -> None:
        self.grid = grid
        self._strings, self._dates, self._epoch = strings, dates, epoch
        self._row = self._column = self._count = 0
        self._kind = self._style = ""
        self._pieces: list[str] = []
        self._formula = self._in_value = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin a row, a cell or its value."""
        name = tag.rpartition("}")[2]
        if name == "row":
            number = attributes.get("r", "")
            self._row, self._column = int(number) if number.isdecimal() else self._row + 1, 0
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._formula = True
        elif name == "mergeCell" and len(self.grid.merged) < _MOST_FILES:
            self.grid.merged.append(attributes.get("ref", "?"))
        self._in_value = name in ("v", "t")

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = _PLACE.fullmatch(attributes.get("r", ""))
        self._column += 1
        if place:
            self._row, self._column = int(place[2]), 0
            for letter in place[1]:
                self._column = self._column * 26 + ord(letter) - ord("A") + 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._pieces, self._formula = [], False
        self._count += 1
        if self._count > MOST_CELLS:
            raise refuse_file(self.grid.name, "has_more_than_cells", remedy="bring_in_in_parts", most=MOST_CELLS)

    def end(self, tag: str) -> None:
        """End a cell: keep it where something stands in it."""
        self._in_value = False
        if tag.rpartition("}")[2] != "c":
            return
        text = "".join(self._pieces)
        value = self._value(text) if text or self._formula else None
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
        self.grid.cells.setdefault(self._row, {})[self._column] = value

    def data(self, text: str) -> None:
        """Take what belongs to a value."""
        if self._in_value:
            self._pieces.append(text)

    def _value(self, text: str) -> Raw:
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
    grid = None if data.startswith(_OLD) else read_csv(data, name=name, encoding=encoding)
    if grid is None or any("\0" in str(cell) for row in grid.cells.values() for cell in row.values()):
        raise refuse_file(name, "neither_workbook_nor_table", remedy="xlsx_or_csv_file_xls_too_old")
    return [grid]
