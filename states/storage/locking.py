"""The optimistic lock: a change claims the version that it read."""

from typing import Protocol

from sqlalchemy import Table, update
from sqlalchemy.orm import object_mapper
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session

from states.errors import Stale


class Versioned(Protocol):
    """A row with an `id` and a counted `version`."""

    id: str
    version: int


def bump_version(session: Session, row: Versioned, *, expected: int | None = None) -> None:
    """Raise the row's version by one, or raise `Stale` if another writer was faster.

    `expected` is the version that the caller read (over HTTP: If-Match); without it, the loaded one.
    """
    read = row.version if expected is None else expected
    table = object_mapper(row).local_table
    assert isinstance(table, Table)
    claimed = session.execute(
        update(table).where(table.c.id == row.id, table.c.version == read).values(version=read + 1)
    )
    if not claimed.rowcount:  # type: ignore[attr-defined]
        raise Stale(table.name, expected=read, actual=row.version if row.version != read else None)
    set_committed_value(row, "version", read + 1)
