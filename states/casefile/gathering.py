"""Reads a case as it lies in the database: its own rows, and those to which they point."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, select
from sqlmodel import Session

from states.archive.evidence.states import REMOVED
from states.casefile.declared import (
    REFERENCED,
    ROOT,
    Place,
    belonging,
    is_numbered,
    place_of,
    targets_of,
    way_to_case,
)
from states.casefile.values import Row
from states.schema import METADATA

_AT_ONCE = 500

Narrow = Callable[[Table], ColumnElement[bool] | None]


@dataclass(slots=True)
class Case:
    """The rows of a case by table, as Python holds them and with all their columns, and those to which they point."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    references: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def collaboration(self) -> Row:
        return self.rows[ROOT][0]

    def of(self, table: str) -> list[Row]:
        return self.rows.get(table, [])

    @property
    def files(self) -> set[str]:
        """The digests of the evidence whose bytes are kept."""
        return {row["sha256"] for row in self.of("evidence") if row["state"] not in REMOVED}

    @property
    def documents(self) -> set[str]:
        return {row["sha256"] for row in self.of("issued_document")}


def gather(session: Session, collaboration_id: str, *, narrow: Narrow | None = None) -> Case:
    """Return a case in a fixed order; `narrow` gives the condition on the rows of a table, none of those it hides.

    The session should see one state of the database (`snapshot`).
    """
    connection = session.connection()
    case = Case()
    keys: dict[str, list[Any]] = {}
    for table in belonging():
        way = way_to_case(table)
        if table.name == ROOT:
            rows = _read(connection, table, table.c.id, [collaboration_id])
        elif way is not None and way.name == "collaboration_id":
            rows = _read(connection, table, way, [collaboration_id])
        else:
            assert way is not None
            (foreign,) = way.foreign_keys
            rows = _read(connection, table, way, keys.get(foreign.column.table.name, []))
        # What hangs on a row that is hidden is judged by itself: its own condition says whether it is shown.
        keys[table.name] = [row["id"] for row in rows if "id" in row]
        if narrow is not None:
            rows = _narrowed(connection, table, rows, narrow(table))
        if rows:
            case.rows[table.name] = rows
    case.references = _references(connection, case)
    return case


def _narrowed(
    connection: Connection, table: Table, rows: list[Row], condition: ColumnElement[bool] | None
) -> list[Row]:
    if condition is None or not rows:
        return []
    key = next(iter(table.primary_key))
    seen: set[object] = set()
    for part in _parts([row[key.name] for row in rows]):
        seen |= set(connection.scalars(select(key).where(key.in_(part), condition)))
    return [row for row in rows if row[key.name] in seen]


def _read(connection: Connection, table: Table, column: Column[Any], keys: Sequence[object]) -> list[Row]:
    found: list[Row] = []
    for part in _parts(keys):
        found += [dict(row) for row in connection.execute(select(table).where(column.in_(part))).mappings()]
    return in_order(table, found)


def in_order(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Return rows in the order of their keys, which is the same on both engines."""
    names = [column.name for column in table.primary_key]
    if is_numbered(table):
        return sorted(rows, key=lambda row: int(row[names[0]]))
    return sorted(rows, key=lambda row: tuple(str(row[name]) for name in names))


def _parts(keys: Sequence[object]) -> Iterable[Sequence[object]]:
    return (keys[begin : begin + _AT_ONCE] for begin in range(0, len(keys), _AT_ONCE))


def _references(connection: Connection, case: Case) -> dict[str, list[Row]]:
    """Return what the rows point to, and what that points to; of organisations also their place in the partnership."""
    asked: dict[str, set[object]] = {name: set() for name in REFERENCED}
    for name, rows in case.rows.items():
        _ask(asked, METADATA.tables[name], rows)
    found: dict[str, list[Row]] = {}
    for name in reversed(REFERENCED):
        if name == "membership":
            continue
        table = METADATA.tables[name]
        key = next(iter(table.primary_key))
        found[name] = _read(connection, table, key, sorted(asked[name], key=str))
        _ask(asked, table, found[name])
    memberships = METADATA.tables["membership"]
    house = case.collaboration["partnership_id"]
    taken = _read(connection, memberships, memberships.c.organisation_id, sorted(asked["organisation"], key=str))
    found["membership"] = [row for row in taken if row["partnership_id"] == house]
    return {name: found[name] for name in REFERENCED if found[name]}


def _ask(asked: Mapping[str, set[object]], table: Table, rows: Collection[Row]) -> None:
    for column in table.columns:
        for target in targets_of(table, column):
            if place_of(target) is Place.REFERENCED:
                asked[target.name] |= {row[column.name] for row in rows if row[column.name] is not None}
