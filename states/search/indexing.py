"""How the index follows the rows: what a flush changes is noted, and its entries are written before the commit.

A room that has something to be found provides `Texts`: which columns of the entries it fills, which rows it reads for
them, and what stands there. Nothing is asked of the database unless a text has changed.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from sqlalchemy import Executable, Table, bindparam, delete, event, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import PassiveFlag, UOWTransaction
from sqlalchemy.orm.attributes import get_history
from sqlmodel import Session, SQLModel

from states.search.tables import SearchEntry, SearchKind
from states.search.words import folded
from states.storage import OfTransaction, names_set, table_of
from states.sweeps.apart import Failed, apart, leave_out

_ENTRIES: Table = table_of(SearchEntry)
_KEY = ("kind", "subject_id", "partnership_id")
_AT_ONCE = 500
# PostgreSQL keeps no more than a megabyte of words of one entry: what goes beyond is not found.
_MOST_BYTES = {"inside": 400_000}
_MOST_BYTES_ELSE = 80_000
_WIDEST = 4  # bytes of a character
_FILLED = ("title", "outline", "details", "inside", "blind_title", "blind_outline", "blind_details")
_INSERTS: dict[str, Callable[[Table], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}

Lead = Callable[[Session, Collection[str]], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Watched:
    """Columns of a table that are read for texts, and whose texts they are.

    `by` names the column with the id of what is found, or with an id from which `lead` leads there.
    """

    columns: frozenset[str]
    by: str
    lead: Lead | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What is found of one thing: texts as people wrote them, by the column that holds them."""

    subject_id: str
    partnership_id: str
    texts: Mapping[str, Sequence[str]]
    collaboration_id: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Texts:
    """Which columns of the entries of a kind somebody fills; whoever fills `title` makes the entries.

    `read` returns the entries of some subjects in a fixed number of statements, `every` the ids of all there are, the
    oldest first.
    """

    kind: SearchKind
    columns: tuple[str, ...]
    watched: Mapping[type[SQLModel], Watched]
    read: Callable[[Session, Sequence[str]], Iterable[Entry]]
    every: Callable[[Session], Iterable[str]]

    @property
    def makes_entries(self) -> bool:
        return "title" in self.columns


@dataclass(slots=True)
class _Pending:
    """What the session's transaction has changed: subjects, rows that lead to subjects, subjects that may be gone."""

    subjects: dict[Texts, set[str]] = field(default_factory=dict)
    leading: dict[tuple[Texts, Lead], set[str]] = field(default_factory=dict)
    gone: dict[SearchKind, set[str]] = field(default_factory=dict)


_PENDING = OfTransaction(_Pending)
_TEXTS: list[Texts] = []
_WATCHING: dict[type, list[tuple[Texts, Watched]]] = {}


def provide(texts: Texts) -> None:
    """Let these texts be found from now on; two that fill one column of a kind are a fault of the program."""
    if any(one.kind is texts.kind and {*one.columns} & {*texts.columns} for one in _TEXTS):
        raise ValueError(f"two fill one column of {texts.kind}")
    _TEXTS.append(texts)
    _TEXTS.sort(key=lambda one: not one.makes_entries)
    for model, watched in texts.watched.items():
        _WATCHING.setdefault(model, []).append((texts, watched))


def rebuild(session: Session) -> int:
    """Make the whole index anew from the rows, and return how many entries it has; what cannot be read has none."""
    session.flush()
    _PENDING.take(session)
    session.execute(delete(_ENTRIES))
    made = 0
    for texts in _TEXTS:
        for outcome in apart(list(dict.fromkeys(texts.every(session))), partial(_write, session, texts)):
            if isinstance(outcome, Failed):
                leave_out(texts.kind.value, outcome.key, outcome.error)
            else:
                made += outcome.result
    return made


def write_subjects(session: Session, kind: SearchKind, keys: Sequence[str]) -> None:
    """Write the entries of some subjects whose rows no flush has seen; of ids that are of another kind none is made."""
    for texts in _TEXTS:
        if texts.kind is kind:
            _write(session, texts, keys)


def is_complete(session: Session) -> bool:
    """Tell whether there is an entry for whatever can be found, and for nothing else."""
    for texts in _TEXTS:
        if texts.makes_entries:
            held = set(session.execute(select(_ENTRIES.c.subject_id).where(_ENTRIES.c.kind == texts.kind)).scalars())
            if held != set(texts.every(session)):
                return False
    return True


@_PENDING.before_commit
def write_entries(session: Session) -> None:
    """Write what has changed so far; the commit does it by itself."""
    session.flush()
    pending = _PENDING.take(session)
    if pending is None:
        return
    for (texts, lead), keys in pending.leading.items():
        pending.subjects.setdefault(texts, set()).update(lead(session, keys))
    for kind, keys in pending.gone.items():
        for some in _parts(sorted(keys)):
            session.execute(delete(_ENTRIES).where(_ENTRIES.c.kind == kind, _ENTRIES.c.subject_id.in_(some)))
    for texts in _TEXTS:
        keys = pending.subjects.get(texts, set()) | pending.gone.get(texts.kind, set())
        _write(session, texts, sorted(keys))


@event.listens_for(Session, "before_flush")
def _note(session: Session, _: UOWTransaction, __: object) -> None:
    for row, texts, watched in _watched(session.new):
        if watched.lead is None or watched.by != "id":  # nothing refers to a new row but others that are new
            _note_row(session, row, texts, watched)
    for row, texts, watched in _watched(session.dirty):
        if any(_is_changed(row, name) for name in watched.columns.intersection(names_set(row))):
            _note_row(session, row, texts, watched)
    for row, texts, watched in _watched(session.deleted):
        _note_row(session, row, texts, watched)
        if texts.makes_entries and watched.lead is None:
            _PENDING.of(session).gone.setdefault(texts.kind, set()).add(getattr(row, watched.by))


def _watched(rows: Iterable[object]) -> Iterator[tuple[object, Texts, Watched]]:
    for row in rows:
        for texts, watched in _WATCHING.get(type(row), ()):
            yield row, texts, watched


def _note_row(session: Session, row: object, texts: Texts, watched: Watched) -> None:
    pending, key = _PENDING.of(session), getattr(row, watched.by)
    if watched.lead is None:
        pending.subjects.setdefault(texts, set()).add(key)
    else:
        pending.leading.setdefault((texts, watched.lead), set()).add(key)


def _is_changed(row: object, name: str) -> bool:
    history = get_history(row, name, passive=PassiveFlag.PASSIVE_NO_INITIALIZE)
    return bool(history.added) and tuple(history.added) != tuple(history.deleted or ())


def _write(session: Session, texts: Texts, keys: Sequence[str]) -> int:
    written = 0
    for some in _parts(keys):
        rows = [_row(texts, entry) for entry in texts.read(session, some)]
        if rows:
            session.connection().execute(_statement(texts, session.get_bind().dialect.name), rows)
            written += len(rows) if texts.makes_entries else 0
    return written


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[begin : begin + _AT_ONCE] for begin in range(0, len(keys), _AT_ONCE))


def _row(texts: Texts, entry: Entry) -> dict[str, object]:
    columns = {name: _bounded(name, folded(*entry.texts.get(name, ()))) for name in texts.columns}
    keys = {"kind": texts.kind, "subject_id": entry.subject_id, "partnership_id": entry.partnership_id}
    if texts.makes_entries:
        return {**dict.fromkeys(_FILLED, ""), **columns, **keys, "collaboration_id": entry.collaboration_id}
    return {**columns, **{f"of_{name}": value for name, value in keys.items()}}


def _bounded(name: str, text: str) -> str:
    most = _MOST_BYTES.get(name, _MOST_BYTES_ELSE)
    return text if len(text) * _WIDEST <= most else text.encode()[:most].decode(errors="ignore")


@cache
def _statement(texts: Texts, dialect: str) -> Executable:
    """Return what writes these columns of an entry: of one that is made, or of one that others have made."""
    if not texts.makes_entries:
        return update(_ENTRIES).where(*(_ENTRIES.c[name] == bindparam(f"of_{name}") for name in _KEY))
    made = _INSERTS[dialect](_ENTRIES)
    changed = {name: made.excluded[name] for name in texts.columns}
    differs = or_(*(_ENTRIES.c[name].is_distinct_from(value) for name, value in changed.items()))
    return made.on_conflict_do_update(index_elements=_KEY, set_=changed, where=differs)
