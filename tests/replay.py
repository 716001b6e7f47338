"""What a factory makes is made once in each worker, by moves; a test that asks for it again gets the same rows copied.

A factory under `@replayed` takes a session, or a world that has one. Its first call is made and watched: which rows it
adds, changes and takes away, and which files it writes. Another call with the same arguments, on an installation that
holds exactly what that one held, writes those rows and files instead. Whether it holds that is known without looking:
an installation begins empty, and a statement that writes past the factories ends the knowledge until the next begins.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Column, Engine, Table, event, inspect, tuple_
from sqlalchemy.orm import Mapper, class_mapper, object_mapper
from sqlmodel import Session, SQLModel, select

from states import clock
from states.backups.rows import count_on
from states.changes.recording import write_records
from states.rights.authors import present_author
from states.schema import METADATA
from states.seals import tie_seals
from states.search import write_entries
from states.settings import settings
from states.storage import Json
from tests.unrecorded import count_as_recorded

P = ParamSpec("P")
T = TypeVar("T")
Row = tuple[Any, ...]
Key = tuple[type[SQLModel], Row]
Recipe = Callable[[Session, Mapping[Key, SQLModel]], Any]

# Settings that differ from installation to installation, and make no difference to rows.
_OF_EACH = {"clock_file", "database_url", "home", "smtp_url", "store_url"}


class NotKept(Exception):
    """An argument that says nothing of itself, or a result that is no row: such a call is made each time."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a call did to one table: whole rows, as the driver gives and takes them."""

    table: Table
    added: list[Row]
    changed: list[Row]
    gone: list[Row]


@dataclass(frozen=True, slots=True)
class Call:
    """What a call left behind, under its number."""

    number: int
    changes: list[Changes]
    files: Mapping[str, bytes]
    keys: list[Key]
    result: Recipe


class Tape:
    """The calls of this worker, and which of them the present installation holds."""

    def __init__(self) -> None:
        self._calls: dict[Hashable, Call] = {}
        self._held: int | None = None  # the number of the last call; 0: nothing yet; None: more than calls left
        self._watching = False
        self._listeners: dict[str, Callable[..., None]] = {
            "before_cursor_execute": self._note_statement,
            "rollback": self._forget,
            "rollback_savepoint": self._forget,
        }
        for name, listener in self._listeners.items():
            event.listen(Engine, name, listener)

    def end(self) -> None:
        """Listen no more."""
        for name, listener in self._listeners.items():
            event.remove(Engine, name, listener)

    def rewind(self) -> None:
        """Begin with an empty installation."""
        self._held = 0

    def play(self, session: Session, key: Hashable, make: Callable[[], T]) -> T:
        """Return what a call makes: made and watched, or brought back."""
        write_entries(session)
        write_records(session)
        tie_seals(session)
        if self._held is None or self._watching:
            return make()
        place = (session.get_bind().dialect.name, self._held, key)  # rows are as this engine has them
        call = self._calls.get(place)
        if call is None:
            return self._watch(session, place, make)
        if not _fits(call.files):
            return make()
        result: T = _bring_back(session, call)
        self._held = call.number
        return result

    def _watch(self, session: Session, place: Hashable, make: Callable[[], T]) -> T:
        rows, files = _rows(session), _files()
        self._held, self._watching = None, True
        try:
            made = make()
            write_entries(session)  # what is found of its rows, and the records of its changes, it leaves behind too
            write_records(session)
            tie_seals(session)
        finally:
            self._watching = False
        keys: list[Key] = []
        try:
            result = _recipe(made, keys)
        except NotKept:
            return made
        self._held = len(self._calls) + 1
        written = {name: content for name, content in _files().items() if files.get(name) != content}
        self._calls[place] = Call(self._held, _changes(rows, _rows(session)), written, keys, result)
        return made

    def _note_statement(self, _: object, __: object, statement: str, *___: object) -> None:
        if statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            self._held = None

    def _forget(self, *_: object) -> None:
        self._held = None


TAPE = Tape()


def replayed(make: Callable[P, T]) -> Callable[P, T]:
    """Make once what this factory makes; its first argument is a session, or has one as `session`."""

    @wraps(make)
    def played(*args: P.args, **options: P.kwargs) -> T:
        first: Any = args[0]
        session: Session = first if isinstance(first, Session) else first.session
        try:
            key = (make.__module__, make.__qualname__, _said(args), _said(options), _surroundings())
        except NotKept:
            return make(*args, **options)
        return TAPE.play(session, key, lambda: make(*args, **options))

    return played


def _surroundings() -> Hashable:
    """Return what a factory goes by besides its arguments: author, day, simulated instant and settings."""
    simulated = clock.now() if settings().clock_file else clock._recorded.get()
    return _said(present_author()), clock.today(), simulated, _said(settings().model_dump(exclude=_OF_EACH))


def _said(value: object) -> Hashable:
    """Return what stands for an argument: for a row its table and key."""
    if isinstance(value, Session):
        return None
    if (key := _key(value)) is not None:
        return key
    if isinstance(value, Mapping):
        return tuple((name, _said(part)) for name, part in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_said, value))
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), tuple(_said(getattr(value, one.name)) for one in fields(value))
    if type(value).__hash__ is not None and type(value).__eq__ is not object.__eq__:
        return type(value), value
    if isinstance(value, Enum) or value is None:
        return value
    raise NotKept


def _recipe(value: object, keys: list[Key]) -> Recipe:
    """Return how to have a result again, from a session and the rows of these keys."""
    if isinstance(value, Session):
        return lambda session, _: session
    if (key := _key(value)) is not None:
        keys.append(key)
        return lambda _, rows: rows[key]
    if isinstance(value, dict):
        entries = {name: _recipe(part, keys) for name, part in value.items()}
        return lambda *of: {name: entry(*of) for name, entry in entries.items()}
    if type(value) in (list, tuple):
        kind, parts = type(value), [_recipe(part, keys) for part in value]  # type: ignore[attr-defined]
        return lambda *of: kind(part(*of) for part in parts)  # type: ignore[call-arg]
    if is_dataclass(value) and not isinstance(value, type):
        make, of_fields = type(value), {one.name: _recipe(getattr(value, one.name), keys) for one in fields(value)}
        return lambda *of: make(**{name: entry(*of) for name, entry in of_fields.items()})
    if value is None or isinstance(value, bool | int | str | Enum):
        return lambda *_: value
    raise NotKept


def _key(value: object) -> Key | None:
    if not isinstance(value, SQLModel):
        return None
    mapper: Mapper[SQLModel] | None = inspect(type(value), raiseerr=False)
    return None if mapper is None else (type(value), tuple(mapper.primary_key_from_instance(value)))


def _files() -> dict[str, bytes]:
    """Return the files of the installation by path, but those of its database and its clock."""
    home = settings().home
    paths = [path for path in home.rglob("*") if path.is_file() and not path.name.startswith(("bankable.db", "clock"))]
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in paths}


def _fits(files: Mapping[str, bytes]) -> bool:
    """Say whether these files can be written: none is there with another content."""
    paths = {settings().home / name: content for name, content in files.items()}
    return all(path.read_bytes() == content for path, content in paths.items() if path.exists())


def _cursor(session: Session) -> Any:
    """Return a cursor of the driver in the session's transaction: no type is converted, and no statement noted."""
    return session.connection().connection.cursor()


def _rows(session: Session) -> dict[Table, list[Row]]:
    """Return every row; JSON as text on PostgreSQL, whose driver takes the null in it for the absence of a value."""
    found, cursor, lite = {}, _cursor(session), _is_lite(session)
    for table in METADATA.sorted_tables:
        read = [
            _name(one) if lite or not isinstance(one.type, Json) else f"{_name(one)}::text" for one in table.columns
        ]
        found[table] = cursor.execute(f"SELECT {', '.join(read)} FROM {_name(table)}").fetchall()
    return found


def _is_lite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _changes(before: Mapping[Table, list[Row]], after: Mapping[Table, list[Row]]) -> list[Changes]:
    found = []
    for table in after:
        if before[table] != after[table]:
            was, now = ({_key_in(table, row): row for row in rows[table]} for rows in (before, after))
            added = [row for key, row in now.items() if key not in was]
            changed = [row for key, row in now.items() if key in was and was[key] != row]
            found.append(Changes(table, added, changed, [row for key, row in was.items() if key not in now]))
    return found


def _bring_back(session: Session, call: Call) -> Any:
    cursor, lite = _cursor(session), _is_lite(session)
    if lite:
        cursor.execute("PRAGMA defer_foreign_keys=ON")  # rows of one table may refer to each other

    def run(statement: str, rows: Iterable[Row]) -> None:
        if values := list(rows):
            cursor.executemany(statement, values)

    for one in call.changes:
        table = one.table
        marks = ["?" if lite else "%s::jsonb" if isinstance(column.type, Json) else "%s" for column in table.columns]
        columns = [_name(column) for column in table.columns]
        where = " AND ".join(f"{columns[place]} = {marks[place]}" for place in _places(table))
        sets = ", ".join(map(" = ".join, zip(columns, marks, strict=True)))
        run(f"DELETE FROM {_name(table)} WHERE {where}", (_key_in(table, row) for row in one.gone))
        run(f"INSERT INTO {_name(table)} ({', '.join(columns)}) VALUES ({', '.join(marks)})", one.added)
        run(f"UPDATE {_name(table)} SET {sets} WHERE {where}", ((*row, *_key_in(table, row)) for row in one.changed))
        if one.added and table.autoincrement_column is not None:
            count_on(session.connection(), table)  # what is made next is numbered after these
    for name, content in call.files.items():
        path = settings().home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)
    count_as_recorded(session.connection(), (one.table.name for one in call.changes if one.added))
    _renew(session, call.changes)
    return call.result(session, _found(session, call.keys))


def _renew(session: Session, changes: Iterable[Changes]) -> None:
    """Read anew what the session has of rows that were changed; let go of those that are gone."""
    stale = {(one.table, _key_in(one.table, row)) for one in changes for row in (*one.changed, *one.gone)}
    gone = {(one.table, _key_in(one.table, row)) for one in changes for row in one.gone}
    for row in list(session):
        mapper = object_mapper(row)
        place = (mapper.local_table, tuple(mapper.primary_key_from_instance(row)))
        if place in gone:
            session.expunge(row)
        elif place in stale:
            session.refresh(row)


def _found(session: Session, keys: Iterable[Key]) -> dict[Key, SQLModel]:
    """Return rows by their keys, with one statement for each class."""
    found: dict[Key, SQLModel] = {}
    for kind in dict.fromkeys(kind for kind, _ in keys):
        mapper = class_mapper(kind)
        columns = mapper.primary_key
        wanted = tuple_(*columns).in_([key for one, key in keys if one is kind])
        for row in session.exec(select(kind).where(wanted)):
            found[kind, tuple(mapper.primary_key_from_instance(row))] = row
    return found


@cache
def _places(table: Table) -> tuple[int, ...]:
    return tuple(number for number, column in enumerate(table.columns) if column.primary_key)


def _key_in(table: Table, row: Row) -> Row:
    return tuple(row[place] for place in _places(table))


def _name(of: Table | Column[Any]) -> str:
    return f'"{of.name}"'
