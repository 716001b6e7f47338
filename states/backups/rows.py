"""Rows as lines of JSON, the same on both engines: tables are read as the database itself describes them."""

import json
import warnings
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    ForeignKeyConstraint,
    MetaData,
    Numeric,
    Table,
    Time,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import SAWarning

_OF_THE_SCHEMA = "alembic_version"
_AT_ONCE = 500

Row = dict[str, Any]


def tables_of(bind: Engine | Connection) -> list[Table]:
    """Return the tables of the database that hold rows of their own, each after those to which it points."""
    found = MetaData()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # an index over an expression is not reflected; nobody asks for it
        found.reflect(bind)
    kept = set(found.tables) - _virtual(bind) - {_OF_THE_SCHEMA}
    return [table for table in found.sorted_tables if table.name in kept]


def _virtual(bind: Engine | Connection) -> set[str]:
    """Return the tables that SQLite keeps for a full-text index: they follow from the others."""
    if bind.dialect.name != "sqlite":
        return set()
    statement = text("SELECT name FROM pragma_table_list WHERE type IN ('virtual', 'shadow')")
    if isinstance(bind, Engine):
        with bind.connect() as connection:
            return set(connection.scalars(statement))
    return set(bind.scalars(statement))


def columns_in(table: Table) -> list[Column[Any]]:
    """Return the columns that are written; those that the database computes follow from them."""
    return [column for column in table.columns if column.computed is None]


def lines_of(connection: Connection, table: Table) -> Iterator[str]:
    """Yield each row of a table as a line of JSON, in the order of its key."""
    columns = columns_in(table)
    query = select(*columns).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        yield json.dumps([_written(value) for value in row], ensure_ascii=False, separators=(",", ":")) + "\n"


def put(connection: Connection, table: Table, lines: Iterable[str]) -> None:
    """Insert rows from lines. A reference to a row of the same table is set afterwards."""
    columns, later = columns_in(table), _own_references(table)
    waiting: list[Row] = []
    batch: list[Row] = []
    for line in lines:
        row = {one.name: _read(value, one) for one, value in zip(columns, json.loads(line), strict=True)}
        held = {name: row[name] for name in later if row[name] is not None}
        if held:
            waiting.append({f"_{one.name}": row[one.name] for one in table.primary_key.columns} | held)
            row |= dict.fromkeys(held)
        batch.append(row)
        if len(batch) == _AT_ONCE:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    for held in waiting:
        key = [column == bindparam(f"_{column.name}") for column in table.primary_key.columns]
        names: Row = {name: bindparam(name) for name in held if not name.startswith("_")}
        connection.execute(update(table).where(*key).values(names), held)


def count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number the next row after those that were put in; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        highest = connection.scalar(select(func.max(column))) if sequence else None
        if highest is not None:
            connection.execute(select(func.setval(sequence, highest)))


def _own_references(table: Table) -> list[str]:
    keys = (one for one in table.constraints if isinstance(one, ForeignKeyConstraint) and one.referred_table is table)
    return [column.name for key in keys for column in key.columns if column.nullable]


def _written(value: object) -> object:
    match value:
        case datetime():  # SQLite keeps UTC without saying so
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
        case _:
            return value


def _read(value: Any, column: Column[Any]) -> object:
    if value is None:
        return None
    match column.type:
        case DateTime():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case Time():
            return time.fromisoformat(value)
        case Boolean():
            return bool(value)
        case Numeric():
            return Decimal(value)
        case _:
            return value
