"""Insert many rows at once: one statement of the driver, which gets columns and not a dict for each row."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, String, Table
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session

_Process = Callable[[Any], Any] | None


def insert_columns(
    session: Session,
    table: Table,
    *,
    each: Mapping[str, Sequence[object]],
    same: Mapping[str, object],
    unless: str = "",
) -> int:
    """Insert rows and return how many: columns with a value `each`, one column at least, and with the `same` for all.

    Every column is named. What has the unique column `unless` in common with a row that is there is left out. For a few
    rows it is slower than a statement for each.
    """
    connection = session.connection()
    insert = _by_arrays if connection.dialect.name == "postgresql" else _one_by_one
    return insert(connection, table, each, same, unless) if len(next(iter(each.values()))) else 0


def _by_arrays(
    connection: Connection,
    table: Table,
    each: Mapping[str, Sequence[object]],
    same: Mapping[str, object],
    unless: str,
) -> int:
    """Let PostgreSQL make rows of columns, each of them one JSON text: neither we nor the driver look at each value."""
    dialect = connection.dialect
    alike = [_texts(dialect, table, name, [value])[0] for name, value in same.items()]
    columns = [json.dumps(_texts(dialect, table, name, values), default=str) for name, values in each.items()]
    sql = _of_columns(dialect, table, tuple(same), tuple(each), unless)
    return connection.exec_driver_sql(sql, (*alike, *columns)).rowcount


@lru_cache(maxsize=64)
def _of_columns(dialect: Dialect, table: Table, same: tuple[str, ...], each: tuple[str, ...], unless: str) -> str:
    types = {name: _type(dialect, table, name) for name in (*same, *each)}
    chosen = [*(f"CAST(%s AS {types[name]})" for name in same), *(f'CAST("{name}" AS {types[name]})' for name in each)]
    rows = ", ".join("json_array_elements_text(%s)" for _ in each)
    given = f"ROWS FROM ({rows}) AS given({_names(each)})"
    return f"{_into(table, (*same, *each))} SELECT {', '.join(chosen)} FROM {given}{_unless(unless)}"


def _one_by_one(
    connection: Connection,
    table: Table,
    each: Mapping[str, Sequence[object]],
    same: Mapping[str, object],
    unless: str,
) -> int:
    """Let SQLite take row after row: nothing lies between it and us."""
    written = [_written(connection.dialect, table, name, values) for name, values in each.items()]
    alike = [_written(connection.dialect, table, name, [value])[0] for name, value in same.items()]
    sql = _of_values(table, (*same, *each), unless)
    return connection.exec_driver_sql(sql, [(*alike, *row) for row in zip(*written, strict=True)]).rowcount


@lru_cache(maxsize=64)
def _of_values(table: Table, names: tuple[str, ...], unless: str) -> str:
    return f"{_into(table, names)} VALUES ({', '.join('?' * len(names))}){_unless(unless)}"


def _into(table: Table, names: Sequence[str]) -> str:
    missing = {column.name for column in table.columns} ^ set(names)
    if missing:
        raise ValueError(f"columns of {table.name} left out, or unknown: {sorted(missing)}")
    return f'INSERT INTO "{table.name}" ({_names(names)})'


def _names(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _unless(name: str) -> str:
    return f' ON CONFLICT ("{name}") DO NOTHING' if name else ""


def _texts(dialect: Dialect, table: Table, name: str, values: Sequence[object]) -> list[Any]:
    """Return values as PostgreSQL reads them from text; of JSON its text, whose null is not the database's."""
    if isinstance(_kind(dialect, table, name), JSON):
        return [json.dumps(value) for value in values]
    return _written(dialect, table, name, values)


def _written(dialect: Dialect, table: Table, name: str, values: Sequence[object]) -> list[Any]:
    """Return values as the driver takes them."""
    process = _process(dialect, table, name)
    if process is None:
        return list(values)
    if isinstance(_kind(dialect, table, name), JSON):
        return [process(value) for value in values]
    known = {value: process(value) for value in set(values)}  # of instants and words there are few
    return [known[value] for value in values]


@lru_cache(maxsize=256)
def _process(dialect: Dialect, table: Table, name: str) -> _Process:
    process: _Process = table.columns[name].type.dialect_impl(dialect).bind_processor(dialect)
    return process


@lru_cache(maxsize=256)
def _type(dialect: Dialect, table: Table, name: str) -> str:
    """Return the type of a column; of texts without their order, which is no part of a value."""
    kind = _kind(dialect, table, name)
    return "TEXT" if isinstance(kind, String) else kind.compile(dialect)


@lru_cache(maxsize=256)
def _kind(dialect: Dialect, table: Table, name: str) -> TypeEngine[Any]:
    kind = table.columns[name].type.dialect_impl(dialect)
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind
