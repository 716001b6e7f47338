"""Engines for SQLite and PostgreSQL, and `begin`, the only block that commits."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, TypeGuard

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, create_engine

from states.errors import Stale
from states.settings import settings
from states.storage.turns import Place

SQLITE_BUSY_SECONDS = 30
REST_SECONDS = 1
_PLACE = "place"


def make_engine(url: str) -> Engine:
    """Return an engine for `url`; SQLite gets foreign keys, WAL and explicit transactions."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        if address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        made = create_engine(
            address,
            connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False},
            hide_parameters=True,  # in errors, and so in logs: tokens, addresses, what people wrote
        )
        event.listen(made, "do_connect", partial(_make_private, address.database))
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_immediate)
        event.listen(made, "checkin", _leave_queue)
        event.listen(made, "close", _close_queue)
        return made
    made = create_engine(address.set(drivername="postgresql+psycopg"), hide_parameters=True)
    event.listen(made, "checkin", _note_return)
    event.listen(made, "checkout", partial(_ask_after_rest, made.dialect))
    return made


def _note_return(_: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    entry.info["returned"] = monotonic()


def _ask_after_rest(dialect: Dialect, connection: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
    # What was in use a moment ago is there still; after a rest the server is asked, as it may have been restarted.
    if monotonic() - entry.info.get("returned", monotonic()) < REST_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _make_private(path: str | None, *_: object) -> None:
    """Make a new database for its owner alone; SQLite gives its further files the mode of the first."""
    if _is_file(path):
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _is_file(path: str | None) -> TypeGuard[str]:
    return path is not None and path not in ("", ":memory:") and not path.startswith("file:")


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # SQLAlchemy, not the driver, says BEGIN: savepoints need that
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that first reads and then writes fails at once when another writer was
    # faster; taking the write lock first makes it wait its turn instead.
    if connection.get_execution_options().get("read_only"):
        connection.exec_driver_sql("BEGIN")
        return
    if _is_my_turn(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.exec_driver_sql("PRAGMA busy_timeout=0")  # it has waited long enough
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={SQLITE_BUSY_SECONDS * 1000}")


def _is_my_turn(connection: Connection) -> bool:
    """Wait for it; False where that took too long."""
    path = connection.engine.url.database
    if not _is_file(path):
        return True
    if _PLACE not in connection.info:
        try:
            connection.info[_PLACE] = Place(path)
        except OSError:
            return True
    kept: Place = connection.info[_PLACE]
    return kept.wait(SQLITE_BUSY_SECONDS)


def _leave_queue(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    if _PLACE in entry.info:
        entry.info[_PLACE].leave()


def _close_queue(_: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    if _PLACE in entry.info:
        entry.info.pop(_PLACE).close()


@lru_cache(maxsize=4)
def _engine_for(url: str) -> Engine:
    return make_engine(url)


def engine() -> Engine:
    """Return this process's engine for the database in the settings."""
    return _engine_for(settings().database)


class _Session(Session):
    """Writes what is new before each statement, as SQLAlchemy 2.1 does; 2.0 spares itself that before those of Core."""

    def exec(self, *statement: Any, **options: Any) -> Any:
        self._autoflush()
        return super().exec(*statement, **options)

    def execute(self, *statement: Any, **options: Any) -> Any:
        self._autoflush()
        return super().execute(*statement, **options)


@contextmanager
def session_on(bind: Engine, *, read_only: bool = False) -> Iterator[Session]:
    """Yield a session on `bind`; commit at the end of the block, roll back if anything is raised."""
    target = bind.execution_options(read_only=True) if read_only else bind
    with _Session(target, expire_on_commit=False) as session:
        try:
            yield session
            session.commit()
        except StaleDataError as error:  # a row that somebody else has changed since it was read
            session.rollback()
            raise Stale("such_record") from error
        except BaseException:
            session.rollback()
            raise


def reads_only(session: Session) -> bool:
    """Tell whether nothing is written in a session: what was read of it stays as it is."""
    return bool(session.get_bind().get_execution_options().get("read_only"))


@contextmanager
def snapshot() -> Iterator[Session]:
    """Yield a session that sees the database of the settings as it is now, whatever is written meanwhile."""
    bind = engine()
    if bind.dialect.name == "postgresql":
        bind = bind.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with session_on(bind, read_only=True) as session:
        yield session


@contextmanager
def aside() -> Iterator[Session]:
    """Yield a session in which anything may be tried: nothing that it writes is there for others, or afterwards.

    Nobody waits for it: on SQLite, where one writes at a time, it works on a copy of the database.
    """
    bind = engine()
    if bind.dialect.name != "sqlite":
        with session_on(bind) as session:
            yield session
            session.rollback()
        return
    with TemporaryDirectory(prefix="bankable-") as folder:  # its owner's alone
        copy = Path(folder) / "copy.db"
        with closing(sqlite3.connect(copy)) as target, closing(bind.raw_connection()) as source:
            assert isinstance(source.driver_connection, sqlite3.Connection)
            source.driver_connection.backup(target)
        made = make_engine(f"sqlite:///{copy}")
        try:
            with session_on(made) as session:
                yield session
                session.rollback()
        finally:
            made.dispose()


@contextmanager
def begin(*, read_only: bool = False) -> Iterator[Session]:
    """Yield a session in one transaction on the database of the settings; commit at the end of the block."""
    with session_on(engine(), read_only=read_only) as session:
        yield session
