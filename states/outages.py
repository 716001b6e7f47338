"""What is no fault of the thing in hand: something that all work needs is away, and all waits until it is back."""

import errno
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as NoConnection

from states.errors import Outage

_ERRNOS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE}
    | {errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN}
)
_SQLITE = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}
    | {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}
    | {sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOTADB}
)
_PRIMARY = 0xFF  # of an extended result code of SQLite
# Classes of SQLSTATE (PostgreSQL, appendix A): connection, rolled back for others' sake, resources, operator, system.
_SQLSTATES = ("08", "40", "53", "55P03", "57", "58")


def is_outage(error: BaseException) -> bool:
    """Tell whether something is away that everybody needs: disk, database, network, mail server.

    It stops the work and is tried again; it is counted against nothing that was in hand.
    """
    return any(_is_outage(one) for one in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__


def _is_outage(error: BaseException) -> bool:
    match error:
        case Outage() | NoConnection() | DisconnectionError() | ConnectionError() | TimeoutError() | MemoryError():
            return True
        case DBAPIError():
            return error.connection_invalidated or (error.orig is not None and _of_driver(error.orig))
        case OSError():
            return error.errno in _ERRNOS
    return _of_driver(error)


def _of_driver(error: BaseException) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & _PRIMARY in _SQLITE
    if type(error).__module__.partition(".")[0] != "psycopg":
        return False
    state = getattr(error, "sqlstate", None)
    if state:
        return bool(state.startswith(_SQLSTATES))
    return any(kind.__name__ in ("OperationalError", "InterfaceError") for kind in type(error).__mro__)
