"""A line of a sheet on its way in: what stands in its cells, what was read, and what is wrong with it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from states.errors import Fault
from states.texts import Value
from states.workbook.cells import TEXT, Kind, Oddity, Raw, Unreadable, Written, shown

Choice = TypeVar("Choice", bound=StrEnum)
Values = Mapping[str, object]
_MOST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a sheet: its kind, whether it must be filled, its note, and what the example shows.

    `key`: the sheet cannot be read without it; `refers` names the sheet whose first column is named here;
    `listed`: what may be chosen are the keywords on the sheet of lists.
    """

    name: str
    kind: Kind = TEXT
    note: str = ""
    example: Written = None
    required: bool = False
    key: bool = False
    refers: str = ""
    listed: bool = False
    width: int = 18


@dataclass(frozen=True, slots=True, init=False)
class CellFault(Fault):
    """A fault with its sheet, its row and column as the file has them, and what stands there.

    The fault's own place is one inside the cell, such as the second of several words: `[2]`.
    """

    sheet: str
    row: int
    column: str
    value: str
    inside: str

    def __init__(
        self, sheet: str, row: int, fault: Fault, *, column: str = "", letter: str = "", value: str = ""
    ) -> None:
        where = f", {column}" + (f" ({letter}{row})" if letter else "") if column else ""
        Fault.__init__(self, f"{sheet}, row {row}{where}", fault.text, remedy=fault.advice)
        own = {"sheet": sheet, "row": row, "column": column, "value": value, "inside": fault.place}
        for name, kept in own.items():
            object.__setattr__(self, name, kept)

    @property
    def message(self) -> str:
        """Say in English what is wrong, and what stands there unless that says it."""
        said = f"{self.inside} {self.text}".strip()
        short = self.value if len(self.value) <= _MOST_SHOWN else f"{self.value[:_MOST_SHOWN]}..."
        return f"{short!r}: {said}" if short and repr(short) not in said else said


class Line:
    """One row of a file: cells by column, values as far as they could be read, and every fault."""

    def __init__(self, sheet: str, number: int, cells: Mapping[str, Raw], letters: Mapping[str, str]) -> None:
        self.sheet, self.number, self.cells, self._letters = sheet, number, cells, letters
        self.values: dict[str, object] = {}
        self.faults: list[CellFault] = []
        self.waits = False  # on a line that has faults itself: no second message for the same thing
        self.changed: tuple[str, ...] = ()  # columns in which it differs from what is there

    def copied(self) -> "Line":
        """Return a line that is read, judged and written without a trace in this one."""
        made = copy(self)
        made.values, made.faults = dict(self.values), list(self.faults)
        return made

    def read(self, columns: Sequence[Column]) -> None:
        """Read every column that the file has; an empty cell is the column's empty value."""
        for column in columns:
            if column.name not in self.cells:
                continue
            raw = self.cells[column.name]
            self.values[column.name] = column.kind.empty
            if raw is None or (isinstance(raw, str) and not raw.strip()):
                if column.required:
                    self.fault(column.name, "empty", remedy="fill_it")
                continue
            if isinstance(raw, Oddity):
                self.note(column.name, raw.fault)
                continue
            try:
                self.values[column.name] = column.kind.read(raw)
            except Unreadable as error:
                self.note(column.name, error.fault)

    def fault(self, column: str, code: str, /, *, remedy: str, **parameters: Value) -> None:
        """Note what is wrong with a cell, or with the row where no column is named."""
        self.note(column, Fault("", code, remedy=remedy, **parameters))

    def note(self, column: str, fault: Fault) -> None:
        """Note a fault, once for each cell; its place is one inside the cell."""
        if column and not self.ok(column):
            return
        value, letter = shown(self.cells.get(column)), self._letters.get(column, "")
        self.faults.append(CellFault(self.sheet, self.number, fault, column=column, letter=letter, value=value))

    def blame(self, faults: Iterable[Fault]) -> None:
        """Note the faults that the domain found, each at its column: `keywords[2]` stands in keywords."""
        for found in faults:
            column = re.split(r"[.\[]", found.place)[0]
            inside = found.place.removeprefix(column)
            self.note(column, found.at(inside))

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
