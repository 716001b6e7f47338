"""A line of a sheet on its way in: what stands in its cells, what was read, and what is wrong with it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from states.errors import Fault
from states.workbook.cells import TEXT, Kind, Oddity, Raw, Unreadable, Written, shown

Choice = TypeVar("Choice", bound=StrEnum)
Values = Mapping[str, object]
_MOST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a sheet: its kind, whether it must be filled, its note, and what the example shows.

    `key`: the sheet cannot be read without it; `refers` names the sheet whose first column is named here.
    """

    name: str
    kind: Kind = TEXT
    note: str = ""
    example: Written = None
    required: bool = False
    key: bool = False
    refers: str = ""
    width: int = 18


@dataclass(frozen=True, slots=True)
class CellFault(Fault):
    """A fault with its sheet, its row and column as the file has them, and what stands there."""

    sheet: str = ""
    row: int = 0
    column: str = ""
    value: str = ""


def fault_at(
    sheet: str, row: int, message: str, remedy: str, *, column: str = "", letter: str = "", value: str = ""
) -> CellFault:
    short = value if len(value) <= _MOST_SHOWN else f"{value[:_MOST_SHOWN]}..."
    where = f", {column}" + (f" ({letter}{row})" if letter else "") if column else ""
    said = f"{short!r}: {message}" if short and repr(short) not in message else message
    return CellFault(f"{sheet}, row {row}{where}", said, remedy, sheet, row, column, value)


class Line:
    """One row of a file: cells by column, values as far as they could be read, and every fault."""

    def __init__(self, sheet: str, number: int, cells: Mapping[str, Raw], letters: Mapping[str, str]) -> None:
        self.sheet, self.number, self.cells, self._letters = sheet, number, cells, letters
        self.values: dict[str, object] = {}
        self.faults: list[CellFault] = []
        self.waits = False  # on a line that has faults itself: no second message for the same thing
        self.changed: tuple[str, ...] = ()  # columns in which it differs from what is there

    def read(self, columns: Sequence[Column]) -> None:
        """Read every column that the file has; an empty cell is the column's empty value."""
        for column in columns:
            if column.name not in self.cells:
                continue
            raw = self.cells[column.name]
            self.values[column.name] = column.kind.empty
            if raw is None or (isinstance(raw, str) and not raw.strip()):
                if column.required:
                    self.fault(column.name, "is empty", "fill it")
                continue
            try:
                if isinstance(raw, Oddity):
                    raise Unreadable(raw.message, raw.remedy)
                self.values[column.name] = column.kind.read(raw)
            except Unreadable as error:
                self.fault(column.name, error.message, error.remedy)

    def fault(self, column: str, message: str, remedy: str) -> None:
        """Note what is wrong with a cell, once for each cell; or with the row, where no column is named."""
        if column and not self.ok(column):
            return
        value, letter = shown(self.cells.get(column)), self._letters.get(column, "")
        self.faults.append(
            fault_at(self.sheet, self.number, message, remedy, column=column, letter=letter, value=value)
        )

    def blame(self, faults: Iterable[Fault]) -> None:
        """Note the faults that the domain found, each at its column: `keywords[2]` stands in keywords."""
        for found in faults:
            column = re.split(r"[.\[]", found.place)[0]
            inside = found.place.removeprefix(column)
            self.fault(column, f"{inside} {found.message}".strip(), found.remedy)

    def ok(self, *columns: str) -> bool:
        return not any(known.column in columns for known in self.faults)

    def text(self, name: str) -> str:
        return str(self.values.get(name) or "")

    def many(self, name: str) -> tuple[str, ...]:
        value = self.values.get(name)
        return value if isinstance(value, tuple) else ()

    def whole(self, name: str) -> int | None:
        value = self.values.get(name)
        return value if isinstance(value, int) else None

    def money(self, name: str) -> Decimal | None:
        """Return an amount, or another number with decimals."""
        value = self.values.get(name)
        return value if isinstance(value, Decimal) else None

    def day(self, name: str) -> date | None:
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def clock(self, name: str) -> time | None:
        value = self.values.get(name)
        return value if isinstance(value, time) else None

    def flag(self, name: str) -> bool:
        return self.values.get(name) is True

    def word(self, name: str, options: type[Choice]) -> Choice | None:
        """Return what was chosen, if anything was."""
        return options(text) if (text := self.text(name)) else None

    def words(self, name: str, options: type[Choice]) -> tuple[Choice, ...]:
        return tuple(options(one) for one in self.many(name))
