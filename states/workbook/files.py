"""Reads a file of any kind that is taken: a workbook or a table."""

from collections.abc import Sequence

from states.workbook.csv_table import read_csv
from states.workbook.grid import MOST_BYTES, Grid, refuse_file
from states.workbook.xlsx import read_xlsx

_ZIP = b"PK\x03\x04"


def read_file(data: bytes, *, name: str) -> Sequence[Grid]:
    """Return the tables of an XLSX or CSV file, told apart by what it holds; raise `FileInvalid`."""
    if len(data) > MOST_BYTES:
        raise refuse_file(name, f"has {len(data) >> 20} MiB", f"at most {MOST_BYTES >> 20} MiB")
    if data.startswith(_ZIP):
        return read_xlsx(data)
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse_file(name, "is neither a workbook nor a table", "an .xlsx or .csv file; .xls is too old")
    return [read_csv(data, name=name)]
