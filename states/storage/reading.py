"""Several small reads in one statement, each of plain columns, built once: what a move asks comes in one trip."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    cast,
    false,
    null,
    union_all,
)
from sqlalchemy import literal_column as literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import CompoundSelect
from sqlmodel import Session, SQLModel

Item = TypeVar("Item", covariant=True)
Keys = BindParameter[Sequence[str]] | Sequence[BindParameter[str]]
PlainSelect = Select[Any]


@dataclass(frozen=True, eq=False)
class Reading(Generic[Item]):
    """A select by keys: its first column is the key to which a row belongs, the others are what `shape` takes.

    Its order does not come through: whoever needs one sorts.
    """

    shape: Callable[..., Item]
    by: Callable[[Keys], PlainSelect]


class Readings:
    """What was read, by reading and key."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: dict[Reading[Any], dict[str, list[Any]]] = {}

    def of(self, reading: Reading[Item], key: str) -> list[Item]:
        """Return what there is of a key, read now if it was not read with others."""
        if key not in self._found.get(reading, {}):
            self.load({reading: [key]})
        return self._found[reading][key]

    def load(self, wanted: Mapping[Reading[Any], Collection[str]]) -> None:
        """Read, in one statement, what was not read before."""
        missing = {
            reading: [key for key in dict.fromkeys(keys) if key not in self._found.get(reading, {})]
            for reading, keys in wanted.items()
        }
        found = read_together(self._session, {reading: keys for reading, keys in missing.items() if keys})
        for reading, rows in found.items():
            self._found.setdefault(reading, {}).update(rows)


def read_together(
    session: Session, wanted: Mapping[Reading[Any], Sequence[str]]
) -> dict[Reading[Any], dict[str, list[Any]]]:
    """Return what there is by reading and key, in one statement; without anything to read, none is sent."""
    if not wanted:
        return {}
    session.flush()  # plain columns are read past the session: what it holds goes first
    readings = tuple(wanted)
    single = all(len(keys) == 1 for keys in wanted.values())
    union, places = _union(readings, single)
    keys = {f"keys{number}": of[0] if single else of for number, of in enumerate(wanted.values())}
    found: dict[Reading[Any], dict[str, list[Any]]] = {
        reading: {key: [] for key in wanted[reading]} for reading in readings
    }
    for row in session.connection().execute(union, keys).all():
        number, key, *values = places[row[0]](row)
        found[readings[number]][key].append(readings[number].shape(*values))
    return found


def is_value(column: ColumnElement[str | None] | Mapped[str | None], value: str | None) -> ColumnElement[bool]:
    """Return the condition that a column holds a value: false, never NULL, where either is missing."""
    return false() if value is None else and_(column.is_not(None), column == value)


def is_among(column: ColumnElement[str | None] | Mapped[str | None], keys: Select[tuple[str]]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of the keys of a query: false, never NULL, where it holds none."""
    return and_(column.is_not(None), column.in_(keys))


def is_one_of(column: ColumnElement[str] | Mapped[str], keys: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of thousands of keys: one parameter, and the same statement each
    time, where `in_` writes a parameter for each.
    """
    return column.op("IN", is_comparison=True)(_Keys(bindparam(None, json.dumps(list(keys)), type_=String())))


class _Keys(FunctionElement[str]):
    """The texts of a JSON list, as rows."""

    inherit_cache = True
    type = String()


@compiles(_Keys, "sqlite")
def _in_sqlite(element: _Keys, compiler: Any, **options: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **options)}))"


@compiles(_Keys, "postgresql")
def _in_postgresql(element: _Keys, compiler: Any, **options: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS json)))"


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a model, to be read plainly."""
    return model.__table__  # type: ignore[attr-defined,no-any-return]


def names_set(row: object) -> Collection[str]:
    """Return which attributes of a row were set since it was read or written; to the same value, perhaps."""
    return instance_state(row).committed_state


def columns_of(model: type[SQLModel]) -> ReadOnlyColumnCollection[str, Any]:
    """Return the columns of a model's table."""
    return table_of(model).c


@lru_cache(maxsize=512)
def _union(
    readings: tuple[Reading[Any], ...], single: bool
) -> tuple[PlainSelect | CompoundSelect[Any], list[Callable[[Sequence[Any]], tuple[Any, ...]]]]:
    """Return the selects as one, each with its number before it, and what takes number and columns of each from a row.

    Columns of one type share their places, so that a row is hardly wider than the widest of them. Where each is by a
    `single` key, no list of keys is written out anew each time.
    """
    names = [f"keys{number}" for number, _ in enumerate(readings)]
    keys: list[Keys] = [[bindparam(name)] if single else bindparam(name, expanding=True) for name in names]
    selects = [reading.by(of) for reading, of in zip(readings, keys, strict=True)]
    places: list[ColumnElement[Any]] = []
    by_type: defaultdict[str, list[int]] = defaultdict(list)
    slots: list[list[int]] = []
    for one in selects:
        used: defaultdict[str, int] = defaultdict(int)
        slots.append([])
        for column in one.selected_columns:
            kind = repr(column.type)
            if used[kind] == len(by_type[kind]):
                by_type[kind].append(len(places))
                places.append(cast(null(), column.type))
            slots[-1].append(by_type[kind][used[kind]])
            used[kind] += 1
    numbered = []
    for number, one in enumerate(selects):
        filled = list(places)
        for slot, column in zip(slots[number], one.selected_columns, strict=True):
            filled[slot] = column
        named = [column.label(f"c{slot}") for slot, column in enumerate(filled)]
        numbered.append(one.with_only_columns(literal(str(number), Integer).label("reading"), *named))
    whole = numbered[0] if len(numbered) == 1 else union_all(*numbered)
    return whole, [itemgetter(0, *(slot + 1 for slot in row)) for row in slots]
