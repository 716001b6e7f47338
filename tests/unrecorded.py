"""The strict mode of the tests: every statement that writes a person's row must leave its record of change, and every
one that writes a text that search finds must write the index.

It knows nothing of sessions: it reads the statements on their way to the database, and at each commit compares what was
written with the rows of `change_record` that go with it. `committed` holds the records of this process's commits.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlmodel import Session, SQLModel, col, select

from states.changes.declared import RECORDED
from states.changes.recording import as_json
from states.changes.tables import ChangeRecord, RecordKind
from states.partners.tables import Organisation
from states.seals import SEALED
from states.search.indexing import _WATCHING
from states.search.tables import SearchEntry

_WRITES = re.compile(
    r'(?:INSERT INTO "?(?P<made>\w+)"?'
    r'|UPDATE "?(?P<changed>\w+)"? SET (?P<set>.*?)(?: WHERE | RETURNING |$)'
    r'|DELETE FROM "?(?P<removed>\w+)"?)',
    re.DOTALL,
)
_INFO = "unrecorded"

Row = Mapping[str, Any]
committed: list[Row] = []
_unchanged: set[str] = set()


@contextmanager
def unchanged(*columns: str) -> Iterator[None]:
    """Let these (`table.column`) be written without a record, nor found: in the end they are what they were."""
    _unchanged.update(columns)
    yield
    _unchanged.clear()


@contextmanager
def whole_database() -> Iterator[None]:
    """Compare nothing: a database is put in whole, with the records that it has."""
    event.remove(Engine, "commit", _compare)
    yield
    event.listen(Engine, "commit", _compare)


def count_as_recorded(connection: Connection, made: Iterable[str]) -> None:
    """Count new rows of these tables as recorded: they were written by the driver, their records with them."""
    _of(connection).records += [{"noun": noun, "kind": RecordKind.CREATED, "field": ""} for noun in made]


@dataclass
class _Written:
    """What a transaction wrote: tables with new and removed rows, columns set, those set without a seal; records."""

    made: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    changed: set[tuple[str, str]] = field(default_factory=set)
    unsealed: set[str] = field(default_factory=set)
    records: list[Row] = field(default_factory=list)

    def copy(self) -> "_Written":
        return _Written({*self.made}, {*self.removed}, {*self.changed}, {*self.unsealed}, [*self.records])


def watch() -> None:
    """Compare every commit of this process from now on."""
    event.listen(Engine, "after_cursor_execute", _note)
    event.listen(Engine, "savepoint", _remember)
    event.listen(Engine, "rollback_savepoint", _back_to)
    event.listen(Engine, "release_savepoint", _drop)
    event.listen(Engine, "rollback", _forget)
    event.listen(Engine, "commit", _compare)


def _of(connection: Connection) -> _Written:
    written: _Written = connection.info.setdefault(_INFO, _Written())
    return written


def _savepoints(connection: Connection) -> list[_Written]:
    savepoints: list[_Written] = connection.info.setdefault(f"{_INFO} savepoints", [])
    return savepoints


def _remember(connection: Connection, *_: object) -> None:
    _savepoints(connection).append(_of(connection).copy())


def _back_to(connection: Connection, *_: object) -> None:
    connection.info[_INFO] = _savepoints(connection).pop()


def _drop(connection: Connection, *_: object) -> None:
    _savepoints(connection).pop()


def _forget(connection: Connection) -> None:
    connection.info.pop(_INFO, None)
    _savepoints(connection).clear()


def _note(
    connection: Connection, _: object, statement: str, parameters: Any, context: ExecutionContext, many: bool
) -> None:
    # A test may change what lies in the database by hand, in plain SQL, to see what is made of it.
    if not (context.isinsert or context.isupdate or context.isdelete):  # type: ignore[attr-defined]
        return
    match = _WRITES.search(statement)
    assert match is not None, statement
    written = _of(connection)
    if match["made"] == "change_record":
        written.records += context.compiled_parameters  # type: ignore[attr-defined]
    elif match["made"]:
        written.made.add(match["made"])
    elif match["removed"]:
        written.removed.add(match["removed"])
    else:
        names = set(re.findall(r'(?:^|, )"?(\w+)"? ?=', match["set"]))
        written.changed |= {(match["changed"], name) for name in names}
        if match["changed"] in SEALED and "seal" not in names:
            written.unsealed |= {f"{match['changed']}.{name}" for name in names & {*SEALED[match["changed"]].columns}}


def _compare(connection: Connection) -> None:
    written = _of(connection)
    _forget(connection)
    if "alembic_version" in {*written.made, *written.removed, *(noun for noun, _ in written.changed)}:
        return  # a migration puts rows elsewhere; nobody changed what they say
    assert written.unsealed <= _unchanged, f"written past the unit of work, and not sealed: {sorted(written.unsealed)}"
    kinds = {(row["noun"], row["kind"].value) for row in written.records}
    fields = {(row["noun"], row["field"]) for row in written.records}
    whole = {noun for noun, kind in kinds if kind != "changed"}
    missing = [
        *(f"{noun}: a new row" for noun in written.made - written.removed if (noun, "created") not in kinds),
        *(f"{noun}: a removed row" for noun in written.removed - written.made if (noun, "removed") not in kinds),
        *(
            f"{noun}.{name}"
            for noun, name in written.changed
            if noun in RECORDED and name not in RECORDED[noun].machine and noun not in whole
            if (noun, name) not in fields
        ),
    ]
    unfound = [one for one in _unfound(written) if not {one, f"{one}: a new row"} & _unchanged]
    assert unfound == [], f"written past the unit of work, so that search does not find it: {unfound}"
    missing = sorted(one for one in missing if re.split("[:.]", one)[0] in RECORDED and one not in _unchanged)
    assert missing == [], f"written and not recorded: {missing}"
    committed.extend(written.records)


def _unfound(written: _Written) -> list[str]:
    """Return what was written of texts that are found, where the index for search was not written with it.

    An organisation is left out: it has an entry only where it is a member.
    """
    tables = {*written.made, *written.removed, *(noun for noun, _ in written.changed)}
    if SearchEntry.__tablename__ in tables:
        return []
    columns = {
        (cast(Any, model).__tablename__, name)
        for model, watching in _WATCHING.items()
        for _, watched in watching
        for name in watched.columns
        if watched.lead is None and model is not Organisation
    }
    rows = (written.made | written.removed) & {table for table, _ in columns}
    return sorted([*rows, *(".".join(one) for one in written.changed & columns)])


def unlike(session: Session) -> list[str]:
    """Return every row that is not what its records say, told from the first to the last."""
    told: dict[tuple[str, str], dict[str, object]] = {}
    for row in session.exec(select(ChangeRecord).order_by(col(ChangeRecord.number))):
        key = (row.noun, row.subject_id)
        # What a row keeps for itself may be recorded by hand, as a section's count is: it is not told from here.
        left = RECORDED[row.noun].hidden | RECORDED[row.noun].machine if row.noun in RECORDED else frozenset()
        if row.kind is RecordKind.CREATED:
            told[key] = {name: value for name, value in cast(dict[str, object], row.after).items() if name not in left}
        elif row.kind is RecordKind.REMOVED:
            del told[key]
        elif row.noun in RECORDED and row.field not in left:
            told[key][row.field] = row.after
    held = {
        (name, "/".join(str(row[column.name]) for column in table.primary_key)): {
            column.name: as_json(row[column.name])
            for column in table.columns
            if column.name not in declared.machine | declared.hidden
        }
        for name, declared in RECORDED.items()
        for table in [SQLModel.metadata.tables[name]]
        for row in session.execute(table.select()).mappings()
    }
    return [
        f"{key}: {told.get(key)} is told, {held.get(key)} is there"
        for key in told.keys() | held.keys()
        if {name: value for name, value in told.get(key, {}).items() if value is not None}
        != {name: value for name, value in held.get(key, {}).items() if value is not None}
    ]
