"""Engines as the tests use them: all of one kind share what was compiled of statements, and none waits for the disk.

A test has a database of its own, and so an engine of its own, whose statements would all be compiled anew: half of a
test's time. Processes that a test starts have the engines of an office.
"""

import sqlite3
from importlib import import_module
from typing import Any

from sqlalchemy import Engine

made_in: Any = import_module("states.storage.engine")

_STATEMENTS = 10_000
_first: dict[str, Engine] = {}
_create, _prepare = made_in.create_engine, made_in._prepare_sqlite


def _create_alike(*args: Any, **options: Any) -> Engine:
    made: Engine = _create(*args, query_cache_size=_STATEMENTS, **options)
    first = _first.setdefault(made.dialect.name, made)
    made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
    return made


def _prepare_without_waiting(connection: sqlite3.Connection, entry: Any) -> None:
    _prepare(connection, entry)
    connection.execute("PRAGMA synchronous=OFF")  # no test ends with the power


def install() -> None:
    """Let every engine that is made from now on be such a one."""
    made_in.create_engine, made_in._prepare_sqlite = _create_alike, _prepare_without_waiting
