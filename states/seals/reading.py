"""Sealed rows as they lie in the database, case by case; what cannot be read is given as such, and stops nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, false, func, null, or_, select

from states.seals.declared import INSTALLATION, Sealed, case_columns, scope_name
from states.seals.seal import Values
from states.seals.tables import SealTip
from states.storage import table_of

TIPS = table_of(SealTip)
AT_ONCE = 100

Tip = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A sealed row: its key, seal and scope; `values` are None where they cannot be read at all."""

    key: tuple[object, ...]
    number: int
    seal: str
    scope: str
    values: Values | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where rows of a table belong, as columns; either is NULL where they have none."""

    source: FromClause
    collaboration: ColumnElement[Any]
    partnership: ColumnElement[Any]


def tips(connection: Connection, *, after: str = "", limit: int = AT_ONCE) -> list[Tip]:
    """Return the next tips by scope."""
    return _tips(connection, select(TIPS.c.scope).where(TIPS.c.scope > after).order_by(TIPS.c.scope).limit(limit))


def newest_tips(connection: Connection, *, limit: int) -> list[Tip]:
    """Return the tips that were sealed last."""
    return _tips(connection, select(TIPS.c.scope).order_by(TIPS.c.sealed_at.desc(), TIPS.c.scope).limit(limit))


def tips_named(connection: Connection, scopes: Sequence[str]) -> list[Tip]:
    """Return the tips of these scopes, as far as there are any; of one that cannot be read the scope alone."""
    return _tips(connection, select(TIPS.c.scope).where(TIPS.c.scope.in_(scopes)).order_by(TIPS.c.scope))


def _tips(connection: Connection, query: Select[tuple[str]]) -> list[Tip]:
    scopes: list[str] = [row.scope for row in connection.execute(query)]
    try:
        found = connection.execute(select(TIPS).where(TIPS.c.scope.in_(scopes))).mappings().all()
    except _UNREADABLE:
        return [tip for scope in scopes for tip in _tip(connection, scope)]
    by_scope = {row["scope"]: dict(row) for row in found}
    return [by_scope[scope] for scope in scopes]


def _tip(connection: Connection, scope: str) -> Iterator[Tip]:
    try:
        yield dict(connection.execute(select(TIPS).where(TIPS.c.scope == scope)).mappings().one())
    except _UNREADABLE:
        yield {"scope": scope, "seal": ""}


def children_of(connection: Connection, scope: str) -> Iterator[str]:
    """Yield the scopes that are counted in a tip."""
    query = select(TIPS.c.scope).where(TIPS.c.parent == scope).execution_options(yield_per=AT_ONCE)
    yield from (row.scope for row in connection.execute(query))


def rows_of(connection: Connection, spec: Sealed, scopes: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a table that belong to some scopes, those of a chain in its order."""
    place = _place(spec)
    keys: dict[str, list[str]] = {"collaboration": [], "partnership": [], INSTALLATION: []}
    for scope in scopes:
        kind, _, key = scope.partition(":")
        keys[kind].append(key)
    here = or_(
        place.collaboration.in_(keys["collaboration"]),
        and_(place.collaboration.is_(None), place.partnership.in_(keys["partnership"])),
        and_(place.collaboration.is_(None), place.partnership.is_(None)) if keys[INSTALLATION] else false(),
    )
    yield from _read(connection, spec, place, here)


def orphans_of(connection: Connection, spec: Sealed, *, limit: int) -> list[Row]:
    """Return rows whose case has no tip, or that belong to no case that is there."""
    place = _place(spec)
    here = func.coalesce("collaboration:" + place.collaboration, "partnership:" + place.partnership, INSTALLATION)
    query = _select(spec, place).where(here.not_in(select(TIPS.c.scope))).limit(limit)
    return [_row(spec, row, None) for row in connection.execute(query)]


def _place(spec: Sealed) -> _Place:
    table: FromClause = spec.table
    if spec.by:
        column, parent = spec.parent
        joined = table.join(parent, parent.c.id == column, isouter=True)
        return _Place(joined, parent.c.collaboration_id, null())
    collaboration, partnership = case_columns(spec.table)
    return _Place(
        table,
        collaboration if collaboration is not None else null(),
        partnership if partnership is not None else null(),
    )


def _select(spec: Sealed, place: _Place, *more: ColumnElement[Any]) -> Select[Any]:
    table = spec.table
    number = table.c.number if "number" in table.c else null()
    head = (*table.primary_key, number, table.c.seal, place.collaboration, place.partnership)
    # Named by place: a column may stand there twice.
    return select(*(one.label(f"c{at}") for at, one in enumerate((*head, *more)))).select_from(place.source)


def _read(connection: Connection, spec: Sealed, place: _Place, here: ColumnElement[bool]) -> Iterator[Row]:
    table = spec.table
    order = (place.collaboration, table.c.number) if spec.chained else tuple(table.primary_key)
    values = [table.c[name] for name in spec.columns]
    query = _select(spec, place, *values).where(here).order_by(*order)
    width = len(table.primary_key) + 4
    try:
        found = connection.execute(query).all()
    except _UNREADABLE:
        for row in connection.execute(_select(spec, place).where(here).order_by(*order)).all():
            key = [column == value for column, value in zip(table.primary_key, row, strict=False)]
            try:
                held = connection.execute(select(*values).where(*key)).one()
            except _UNREADABLE:
                yield _row(spec, row, None)
            else:
                yield _row(spec, row, dict(zip(spec.columns, held, strict=True)))
        return
    for row in found:
        yield _row(spec, row, dict(zip(spec.columns, row[width:], strict=True)))


_UNREADABLE = (ValueError, TypeError, ArithmeticError, LookupError)
"""What the types of columns raise for what nobody here has written."""


def _row(spec: Sealed, row: Sequence[Any], values: Values | None) -> Row:
    width = len(spec.table.primary_key)
    number, seal, collaboration, partnership = row[width : width + 4]
    return Row(tuple(row[:width]), number or 0, seal, scope_name(collaboration, partnership), values)
