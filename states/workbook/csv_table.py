"""Reads CSV files: their encoding and what stands between their cells is found out."""

import csv
import io
from pathlib import PurePath

from states.workbook.grid import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Grid, refuse_file
from states.workbook.labels import meant
from states.workbook.sheets import NAMES, SHEETS

_DELIMITERS = ",;\t|"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_csv(data: bytes, *, name: str) -> Grid:
    """Return the table of a file; its name is that of the file, or of the sheet whose columns it has."""
    text = _decoded(data)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=lambda one: (_known(first.split(one)), first.count(one)))
    grid = Grid(PurePath(name).stem)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for number, row in enumerate(reader, start=1):
            if number > MOST_ROWS or len(row) > MOST_COLUMNS or number * len(row) > MOST_CELLS:
                most = f"at most {MOST_ROWS} rows and {MOST_COLUMNS} columns"
                raise refuse_file(name, f"is too large at row {number}", most)
            if filled := {column: cell for column, cell in enumerate(row, start=1) if cell.strip()}:
                grid.cells[number] = dict(filled)
    except csv.Error as error:
        raise refuse_file(name, f"is no CSV: {error}", "save it as CSV (UTF-8) once more") from None
    if meant(grid.name, NAMES) is None:
        grid.name = _by_columns(first.split(delimiter)) or grid.name
    return grid


def _decoded(data: bytes) -> str:
    """Return the text: with its mark, as UTF-8, or as Western and then Central European."""
    marked = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    for encoding in marked or ["utf-8", "cp1252", "cp1250"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse_file("file", "has an encoding that nobody knows", "save it as CSV (UTF-8)")


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
