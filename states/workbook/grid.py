"""A table as a file has it: its name, its heading, and its rows with the numbers that the file gives them."""

from dataclasses import dataclass, field

from states.errors import Fault, Invalid
from states.workbook.cells import Raw

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


class FileInvalid(Invalid):
    """The file cannot be read as a workbook or a table."""

    code = "file_invalid"


def refuse_file(place: str, message: str, remedy: str) -> FileInvalid:
    return FileInvalid(faults=[Fault(place, message, remedy)])


def letters(column: int) -> str:
    """Return the letters of a column: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
