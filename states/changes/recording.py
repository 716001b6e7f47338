"""What a transaction changes, read at each flush and written in one statement before the commit."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from typing import Any

from sqlalchemy import Column, Table, event, insert, select
from sqlalchemy.orm import Mapper, Session, UOWTransaction, object_mapper
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.base import PassiveFlag
from sqlmodel import SQLModel

from states.changes.authors import author_of
from states.changes.declared import BOOKKEEPING, RECORDED, Recorded
from states.changes.tables import RecordKind
from states.clock import entered
from states.rights.authors import Author, present_route
from states.seals import seal_inserted
from states.storage import OfTransaction, names_set, new_id

Held = Callable[[str], Any]
_RECORDS: Table = SQLModel.metadata.tables["change_record"]


@dataclass(slots=True)
class _Seen:
    """What became of one row since the last flush; `fields` has before and after by name."""

    noun: str
    key: str
    kind: RecordKind
    fields: Mapping[str, tuple[object, object]]
    where: "_Where"
    author: Author


@dataclass(slots=True)
class _Where:
    """Where a row belongs: found at once, or by the parent that leads there."""

    partnership_id: str | None = None
    collaboration_id: str | None = None
    parent: tuple[Table, str] | None = None


@dataclass(slots=True)
class _Pending:
    """What is to be recorded of a session's transaction; `written` of it are in the database already."""

    seen: list[_Seen] = field(default_factory=list)
    written: int = 0

    def mark(self) -> tuple[int, int]:
        return len(self.seen), self.written

    def go_back(self, mark: tuple[int, int]) -> None:
        kept, self.written = mark
        del self.seen[kept:]


_PENDING = OfTransaction(_Pending, mark=_Pending.mark, go_back=_Pending.go_back)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the rows of a mapped class are recorded."""

    noun: str
    columns: tuple[str, ...]
    hidden: frozenset[str]
    parent: Column[object] | None
    partnership: str
    collaboration: str


def record(
    session: Session,
    noun: str,
    subject_id: str,
    *,
    field: str,
    before: object,
    after: object,
    partnership_id: str | None = None,
    collaboration_id: str | None = None,
) -> None:
    """Record a person's change that no flush sees: of a statement, or of a row that is the machine's otherwise."""
    where = _Where(partnership_id, collaboration_id)
    change = {field: (as_json(before), as_json(after))}
    _PENDING.of(session).seen.append(_Seen(noun, subject_id, RecordKind.CHANGED, change, where, author_of(session)))


def record_made(session: Session, table: Table, rows: Iterable[Mapping[str, object]]) -> None:
    """Record rows that a statement has made; each names every column of its table."""
    plan = _plan(_mapper_of(table))
    assert plan is not None  # what is the machine's own is not recorded
    seen, author = _PENDING.of(session).seen, author_of(session)
    for row in rows:
        seen.append(_new(plan, str(row["id"]), row.__getitem__, author))


def write_records(session: Session) -> None:
    """Write what is to be recorded so far; the commit does it by itself."""
    session.flush()
    _write(session)


_PENDING.before_commit(write_records, first=True)  # the records are sealed as well, and counted with all the rest


@event.listens_for(Session, "before_flush")
def _read_what_was(session: Session, _: UOWTransaction, __: object) -> None:
    _PENDING.of(session).seen += [*_changed(session), *_removed(session)]


@event.listens_for(Session, "after_flush")
def _read_what_is_new(session: Session, _: UOWTransaction) -> None:
    _PENDING.of(session).seen += _made(session)  # now that the database has numbered those that it numbers


@cache
def _plan(mapper: Mapper[object]) -> _Plan | None:
    """Return how rows of this class are recorded; None for the machine's own. A table that is not declared raises."""
    table = mapper.local_table
    assert isinstance(table, Table)
    if table.name in BOOKKEEPING:
        return None
    declared: Recorded = RECORDED[table.name]
    columns = table.columns
    return _Plan(
        noun=table.name,
        columns=tuple(name for name in columns.keys() if name not in declared.machine),  # noqa: SIM118 - by name
        hidden=declared.hidden,
        parent=columns[declared.parent] if declared.parent else None,
        partnership="id" if table.name == "partnership" else "partnership_id" if "partnership_id" in columns else "",
        collaboration="id"
        if table.name == "collaboration"
        else "collaboration_id"
        if "collaboration_id" in columns
        else "",
    )


def _made(session: Session) -> Iterator[_Seen]:
    for row, plan, key in _of_people(session.new):
        yield _new(plan, key, partial(getattr, row), author_of(session))


def _new(plan: _Plan, key: str, held: Held, author: Author) -> _Seen:
    values = {name: as_json(held(name)) for name in plan.columns if name not in plan.hidden}
    fields = {name: (None, value) for name, value in values.items() if value is not None}
    return _Seen(plan.noun, key, RecordKind.CREATED, fields, _where(held, plan), author)


def _removed(session: Session) -> Iterator[_Seen]:
    for row, plan, key in _of_people(session.deleted):
        held = {name: as_json(getattr(row, name)) for name in plan.columns if name not in plan.hidden}
        fields = {name: (value, None) for name, value in held.items() if value is not None}
        where = _where(partial(getattr, row), plan)
        yield _Seen(plan.noun, key, RecordKind.REMOVED, fields, where, author_of(session))


def _changed(session: Session) -> Iterator[_Seen]:
    for row, plan, key in _of_people(session.dirty):
        fields: dict[str, tuple[object, object]] = {}
        unknown: list[str] = []
        written = names_set(row)
        for name in plan.columns:
            if name not in written:
                continue
            # What is not loaded was not changed either: nothing is read for it.
            history = get_history(row, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
            if not history.added:
                continue
            if not history.deleted:
                unknown.append(name)  # it was set before anybody had read it
            before = history.deleted[0] if history.deleted else None
            fields[name] = (as_json(before), as_json(history.added[0]))
        for name, before in _stored(session, row, unknown):
            fields[name] = (as_json(before), fields[name][1])
        fields = {
            name: (None, None) if name in plan.hidden else change
            for name, change in fields.items()
            if change[0] != change[1]
        }
        if fields:
            where = _where(partial(getattr, row), plan)
            yield _Seen(plan.noun, key, RecordKind.CHANGED, fields, where, author_of(session))


def _stored(session: Session, row: object, names: list[str]) -> Iterator[tuple[str, object]]:
    if names:
        mapper = object_mapper(row)
        columns = mapper.local_table.columns
        key = zip(mapper.primary_key, mapper.primary_key_from_instance(row), strict=True)
        query = select(*(columns[name] for name in names)).where(*(column == value for column, value in key))
        yield from zip(names, session.execute(query).one(), strict=True)


def _of_people(rows: Iterable[object]) -> Iterator[tuple[object, _Plan, str]]:
    for row in rows:
        mapper = object_mapper(row)
        plan = _plan(mapper)
        if plan is not None:
            yield row, plan, "/".join(map(str, mapper.primary_key_from_instance(row)))


def _where(held: Held, plan: _Plan) -> _Where:
    where = _Where(
        held(plan.partnership) if plan.partnership else None,
        held(plan.collaboration) if plan.collaboration else None,
    )
    if plan.parent is not None and where.partnership_id is None:
        (foreign,) = plan.parent.foreign_keys
        where.parent = (foreign.column.table, held(plan.parent.name))
    return where


def _write(session: Session) -> None:
    pending = _PENDING.of(session)
    fresh = pending.seen[pending.written :]
    pending.written = len(pending.seen)
    records = list(_records(session, fresh))
    if records:
        seal_inserted(session, _RECORDS.name, records)
        session.execute(insert(_RECORDS), records)


def _records(session: Session, seen: list[_Seen]) -> Iterator[dict[str, object]]:
    """Yield a record for each field that changed, and for each row that was made or removed."""
    merged = _merge(seen)
    changes: Iterable[tuple[str, object, object]]
    if not merged:
        return
    _find_parents(session, [one.where for one in merged])
    act, at, route = new_id(), entered(), present_route()
    for one in merged:
        common = {
            "act": act,
            "at": at,
            "via": one.author.via,
            "key": one.author.key,
            "route": route,
            "role": one.author.role,
            "person_id": one.author.person_id,
            "organisation_id": one.author.organisation_id,
            "operator": one.author.operator,
            "noun": one.noun,
            "subject_id": one.key,
            "partnership_id": one.where.partnership_id or one.author.partnership_id,
            "collaboration_id": one.where.collaboration_id,
            "kind": one.kind,
        }
        if one.kind is RecordKind.CHANGED:
            changes = [(name, *change) for name, change in one.fields.items()]
        else:
            made = one.kind is RecordKind.CREATED
            held = {name: change[made] for name, change in one.fields.items()}
            changes = [("", None, held) if made else ("", held, None)]
        for name, before, after in changes:
            yield {**common, "field": name, "before": before, "after": after}


def _merge(seen: list[_Seen]) -> list[_Seen]:
    """Return one entry for each row, from what it was before the first of several flushes to what it is after the last.

    Left out is what came to nothing: a row made and removed again, a field that is what it was.
    """
    rows: dict[tuple[str, str], list[_Seen]] = {}
    for one in seen:
        rows.setdefault((one.noun, one.key), []).append(one)
    return [merged for entries in rows.values() if (merged := _merge_row(entries)) is not None]


def _merge_row(entries: list[_Seen]) -> _Seen | None:
    noun, key = entries[0].noun, entries[0].key
    fields: dict[str, tuple[object, object]] = {}
    for one in entries:
        for name, (before, after) in one.fields.items():
            fields[name] = (fields[name][0] if name in fields else before, after)
    was, stays = entries[0].kind is not RecordKind.CREATED, entries[-1].kind is not RecordKind.REMOVED
    where, author = entries[-1].where, entries[-1].author
    if was and stays:
        hidden = RECORDED[noun].hidden if noun in RECORDED else frozenset()
        fields = {name: change for name, change in fields.items() if change[0] != change[1] or name in hidden}
        return _Seen(noun, key, RecordKind.CHANGED, fields, where, author) if fields else None
    if stays:
        fields = {name: change for name, change in fields.items() if change[1] is not None}
        return _Seen(noun, key, RecordKind.CREATED, fields, where, author)
    if was:
        fields = {name: change for name, change in fields.items() if change[0] is not None}
        return _Seen(noun, key, RecordKind.REMOVED, fields, where, author)
    return None


def _find_parents(session: Session, wheres: list[_Where]) -> None:
    """Fill in partnership and collaboration by the rows above: loaded ones, or one statement a table and level."""
    while open_ones := [where for where in wheres if where.parent is not None]:
        wanted: dict[Table, set[str]] = {}
        for where in open_ones:
            assert where.parent is not None
            wanted.setdefault(where.parent[0], set()).add(where.parent[1])
        found = {table.name: _parents(session, table, keys) for table, keys in wanted.items()}
        for where in open_ones:
            assert where.parent is not None
            table, key = where.parent
            above = found[table.name][key]
            where.partnership_id = where.partnership_id or above.partnership_id
            where.collaboration_id = where.collaboration_id or above.collaboration_id
            where.parent = above.parent


def _parents(session: Session, table: Table, keys: set[str]) -> dict[str, _Where]:
    mapper = _mapper_of(table)
    plan = _plan(mapper)
    assert plan is not None  # what people's rows hang on is people's
    loaded = {
        key: row
        for key in keys
        if (row := session.identity_map.get(mapper.identity_key_from_primary_key((key,)))) is not None
    }
    missing = keys - set(loaded)
    if missing:
        rows = session.scalars(select(mapper.class_).where(table.c.id.in_(missing)))
        loaded |= {mapper.primary_key_from_instance(row)[0]: row for row in rows}
    return {key: _where(partial(getattr, row), plan) for key, row in loaded.items()}


@cache
def _mapper_of(table: Table) -> Mapper[object]:
    return next(mapper for mapper in SQLModel._sa_registry.mappers if mapper.local_table is table)


def as_json(value: object) -> object:
    """Return a column's value as JSON keeps it: money and numbers as text with two decimals, instants in UTC.

    Every column of decimals keeps two places: 30 that is written is 30.00 when it is read.
    """
    match value:
        case Enum():
            return value.value
        case None | str() | bool() | int() | float() | dict() | list():
            return value
        case Decimal():
            return f"{value:.2f}"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            raise TypeError(f"{type(value).__name__} is not recorded: teach it here")
