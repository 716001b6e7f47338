"""What a file of a protocol holds, before anybody looks what it means: cells and texts, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from states import characters
from states.errors import Fault
from states.protocol_files.base import Base
from states.workbook.cells import Raw, tidy


def plain(text: str) -> str:
    """Return a text as a file gives it back: without what no office program keeps."""
    return tidy(characters.tidy(text))


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands at a place of the file."""

    raw: Raw
    place: str


@dataclass(slots=True)
class FiledRow:
    """A row of a table, by the keys of its columns."""

    place: str
    cells: dict[str, Cell] = field(default_factory=dict)

    def is_empty(self) -> bool:
        """Tell whether nothing stands in it."""
        return all(cell.raw is None or not str(cell.raw).strip() for cell in self.cells.values())


@dataclass(slots=True)
class FiledField:
    """A field: a text in one piece or several, or the rows of a table."""

    place: str
    pieces: list[Cell] = field(default_factory=list)
    rows: list[FiledRow] = field(default_factory=list)


@dataclass(slots=True)
class Filed:
    """A file as it was read: its base, its fields by section and key, and what is wrong with it so far."""

    base: Base
    fields: dict[tuple[str, str], FiledField] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def of_section(self, key: str) -> Iterator[tuple[str, FiledField]]:
        """Yield the fields of a section, by their keys."""
        yield from ((name, found) for (section, name), found in self.fields.items() if section == key)
