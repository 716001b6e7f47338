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
    Dialect,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    cast,
    false,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy import literal_column as literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import CompoundSelect
from sqlalchemy.types import NULLTYPE, TypeEngine
from sqlmodel import Session, SQLModel

Item = TypeVar("Item", covariant=True)
Keys = Select[tuple[str]] | Sequence[BindParameter[str]]
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
    union = _union(readings, single)
    keys = {f"keys{number}": of[0] if single else json.dumps(list(of)) for number, of in enumerate(wanted.values())}
    found: dict[Reading[Any], dict[str, list[Any]]] = {
        reading: {key: [] for key in wanted[reading]} for reading in readings
    }
    result = session.connection().execute(union.statement, keys)
    assert result.cursor is not None
    codes = [column[1] for column in result.cursor.description]
    dialect = session.get_bind().dialect
    takers = [
        (found[reading], reading.shape, one.take, one.readers(dialect, codes))
        for reading, one in zip(readings, union.places, strict=True)
    ]
    for row in result.all():
        rows, shape, take, readers = takers[row[0]]
        values = [*take(row)]
        for place, read in readers:
            values[place] = read(values[place])
        rows[row[1]].append(shape(*values))
    return found


def is_value(column: ColumnElement[str | None] | Mapped[str | None], value: str | None) -> ColumnElement[bool]:
    """Return the condition that a column holds a value: false, never NULL, where either is missing."""
    return false() if value is None else and_(column.is_not(None), column == value)


def is_among(column: ColumnElement[str | None] | Mapped[str | None], keys: Select[tuple[str]]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of the keys of a query: false, never NULL, where it holds none."""
    return and_(column.is_not(None), column.in_(keys))


def is_one_of(
    column: ColumnElement[str] | Mapped[str] | Mapped[str | None], keys: Collection[str]
) -> ColumnElement[bool]:
    """Return the condition that a column holds one of thousands of keys: one parameter, and the same statement each
    time, where `in_` writes a parameter for each.
    """
    return column.in_(_texts_of(bindparam(None, json.dumps(list(keys)), type_=String())))


def _texts_of(keys: BindParameter[str]) -> Select[tuple[str]]:
    """Return the texts of a JSON list, as rows."""
    return select(_Texts(keys).table_valued("value").c.value)


class _Texts(FunctionElement[str]):
    inherit_cache = True
    type = String()


@compiles(_Texts, "sqlite")
def _in_sqlite(element: _Texts, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Texts, "postgresql")
def _in_postgresql(element: _Texts, compiler: Any, **options: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS json))"


class Length(FunctionElement[int]):
    """How many values a column's JSON list has."""

    inherit_cache = True
    type = Integer()


@compiles(Length, "sqlite")
def _length_in_sqlite(element: Length, compiler: Any, **options: Any) -> str:
    return f"json_array_length({compiler.process(element.clauses, **options)})"


@compiles(Length, "postgresql")
def _length_in_postgresql(element: Length, compiler: Any, **options: Any) -> str:
    return f"jsonb_array_length({compiler.process(element.clauses, **options)})"


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a model, to be read plainly."""
    return model.__table__  # type: ignore[attr-defined,no-any-return]


def names_set(row: object) -> Collection[str]:
    """Return which attributes of a row were set since it was read or written; to the same value, perhaps."""
    return instance_state(row).committed_state


def columns_of(model: type[SQLModel]) -> ReadOnlyColumnCollection[str, Any]:
    """Return the columns of a model's table."""
    return table_of(model).c


class _Place:
    """Where the columns of one of the selects stand in a row of all, but for number and key."""

    def __init__(self, types: Sequence[TypeEngine[Any]], slots: Sequence[int]) -> None:
        self._types, self._slots = types, slots
        self.take: Callable[[Sequence[Any]], Sequence[Any]] = (
            itemgetter(*slots) if len(slots) > 1 else lambda row: [row[slot] for slot in slots]
        )
        self._readers: dict[str, list[tuple[int, Callable[[Any], Any]]]] = {}

    def readers(self, dialect: Dialect, codes: Sequence[Any]) -> list[tuple[int, Callable[[Any], Any]]]:
        """Return what makes values of what the driver gives, by place; `codes` are its names of the columns' types."""
        if dialect.name not in self._readers:
            read = [
                of.dialect_impl(dialect).result_processor(dialect, codes[slot])
                for of, slot in zip(self._types, self._slots, strict=True)
            ]
            self._readers[dialect.name] = [(place, one) for place, one in enumerate(read) if one is not None]
        return self._readers[dialect.name]


@dataclass(frozen=True, slots=True)
class _Union:
    """Selects as one, each with its number before it."""

    statement: PlainSelect | CompoundSelect[Any]
    places: Sequence[_Place]


@lru_cache(maxsize=512)
def _union(readings: tuple[Reading[Any], ...], single: bool) -> _Union:
    """Return the selects as one.

    Columns of one type share their places, so that a row is hardly wider than the widest of them. SQLAlchemy would
    convert every place of every row, so it knows no type of them: a row's own are converted by its `_Place`.
    """
    names = [f"keys{number}" for number, _ in enumerate(readings)]
    keys: list[Keys] = [[bindparam(name)] if single else _texts_of(bindparam(name, type_=String())) for name in names]
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
    numbered, found = [], []
    for number, one in enumerate(selects):
        filled = list(places)
        for slot, column in zip(slots[number], one.selected_columns, strict=True):
            filled[slot] = column
        named = [type_coerce(column, NULLTYPE).label(f"c{slot}") for slot, column in enumerate(filled)]
        numbered.append(one.with_only_columns(literal(str(number), Integer).label("reading"), *named))
        _, *types = [column.type for column in one.selected_columns]
        found.append(_Place(types, [slot + 1 for slot in slots[number][1:]]))
    return _Union(numbered[0] if len(numbered) == 1 else union_all(*numbered), found)
