"""How seals follow the rows: each flush seals what it writes; before the commit it is counted in the tips of the cases.

What is written on top of something whose seal did not fit keeps the doubt: nobody launders a changed row by saving it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Table, bindparam, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapper, Session, UOWTransaction, class_mapper, object_mapper
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.base import PassiveFlag

from states.clock import entered
from states.seals.declared import INSTALLATION, SEALED, Sealed, SealedRow, case_columns, scope_name
from states.seals.seal import Mark, Verdict, judge, make_seal, weight_of
from states.seals.tables import SealTip
from states.storage import OfTransaction, Reading, columns_of, names_set, table_of

_TIPS: Table = table_of(SealTip)
_NOUN = "seal_tip"
UNDER = ("scope", "parent", "kinds", "doubts", "notes", "sealed_at")
SCOPES = "scope"
MODULUS = 1 << 256
_MOST_DOUBTS = 20
_INSERTS: dict[str, Callable[[Table], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}

Tip = Mapping[str, Any]
Kinds = Mapping[str, tuple[int, int]]


class FrozenRow(TypeError):
    """The program would change what is only ever added: a fault of the program."""


class UnsealedRow(TypeError):
    """A row of a chain was not sealed by who made it: a fault of the program."""


@dataclass(slots=True)
class _Written:
    """A sealed row that a flush wrote: its seal before, or nothing, and after."""

    spec: Sealed
    row: object
    before: str
    after: str
    doubtful: bool = False


@dataclass(slots=True)
class _Pending:
    """What a session's transaction has sealed; `tied` of it are counted in the tips already."""

    written: list[_Written] = field(default_factory=list)
    tied: int = 0
    tips: dict[str, Tip] = field(default_factory=dict)

    def mark(self) -> tuple[int, int]:
        return len(self.written), self.tied

    def go_back(self, mark: tuple[int, int]) -> None:
        kept, self.tied = mark
        del self.written[kept:]
        self.tips.clear()


_PENDING = OfTransaction(_Pending, mark=_Pending.mark, go_back=_Pending.go_back)


def seal_next(row: SealedRow, *, previous: str) -> None:
    """Seal a new row of a chain after the seal of the one before it; the first has none before it."""
    spec = SEALED[str(row.__tablename__)]
    row.seal = make_seal(spec.noun, spec.values_of(row), previous=previous)


def _tips_of(keys: Any) -> Any:
    tip = columns_of(SealTip)
    collaboration = SEALED["collaboration"].table.c
    named = tip.scope == "collaboration:" + collaboration.id
    return select(collaboration.id, *(tip[name] for name in (*UNDER, "seal"))).where(collaboration.id.in_(keys), named)


TIPS = Reading(lambda *values: dict(zip((*UNDER, "seal"), values, strict=True)), _tips_of)
"""The tips of collaborations, to be read together with what else a write asks."""


def expect_tip(session: Session, tip: Tip) -> None:
    """Spare the commit a read of a tip that was read a moment ago; another writer's is noticed."""
    _PENDING.of(session).tips[tip["scope"]] = tip


def seal_inserted(session: Session, noun: str, rows: Iterable[dict[str, Any]], *, mark: Mark = Mark.MADE) -> None:
    """Seal new rows that a statement writes past the unit of work, and count them; each gets its `seal`."""
    spec, written = SEALED[noun], _PENDING.of(session).written
    for values in rows:
        values["seal"] = make_seal(noun, {name: values.get(name) for name in spec.columns}, mark=mark)
        written.append(_Written(spec, SimpleNamespace(**values), "", values["seal"]))


@event.listens_for(Session, "before_flush")
def _seal(session: Session, _: UOWTransaction, __: object) -> None:
    written = _PENDING.of(session).written
    for row, spec in _sealed(session.new):
        if not spec.chained:
            row.seal = make_seal(spec.noun, spec.values_of(row))
        elif not row.seal:
            raise UnsealedRow(f"{spec.noun} {spec.key_of(row)}")
        written.append(_Written(spec, row, "", row.seal))
    for row, spec in _sealed(session.dirty):
        written_names = names_set(row)
        changed = {
            name: history
            for name in spec.columns
            if name in written_names and (history := get_history(row, name, PassiveFlag.PASSIVE_NO_INITIALIZE)).added
        }
        if changed:
            _need_unfrozen(spec, row)
            known = {name: history.deleted[0] for name, history in changed.items() if history.deleted}
            before = {**spec.values_of(row), **known, **_stored(session, row, changed.keys() - known.keys())}
            doubtful = judge(row.seal, spec.noun, before) is not Verdict.FITS
            old, row.seal = row.seal, make_seal(spec.noun, spec.values_of(row))
            written.append(_Written(spec, row, old, row.seal, doubtful))
    for row, spec in _sealed(session.deleted):
        _need_unfrozen(spec, row)
        doubtful = judge(row.seal, spec.noun, spec.values_of(row)) is not Verdict.FITS
        written.append(_Written(spec, row, row.seal, "", doubtful))


def _sealed(rows: Iterable[object]) -> Iterator[tuple[SealedRow, Sealed]]:
    for row in rows:
        if isinstance(row, SealedRow):
            yield row, SEALED[str(row.__tablename__)]


def _need_unfrozen(spec: Sealed, row: object) -> None:
    if spec.frozen:
        raise FrozenRow(f"{spec.noun} {spec.key_of(row)} never changes")


def _stored(session: Session, row: object, names: Iterable[str]) -> Mapping[str, object]:
    """Return what stands in the database of columns that were set before anybody had read them."""
    asked = sorted(names)
    if not asked:
        return {}
    mapper: Mapper[object] = object_mapper(row)
    columns = mapper.local_table.columns
    key = zip(mapper.primary_key, mapper.primary_key_from_instance(row), strict=True)
    query = select(*(columns[name] for name in asked)).where(*(column == value for column, value in key))
    return dict(zip(asked, session.execute(query).one(), strict=True))


@_PENDING.before_commit
def tie_seals(session: Session) -> None:
    """Count what was sealed so far in the tips of its cases; the commit does it by itself."""
    session.flush()
    pending = _PENDING.of(session)
    fresh = pending.written[pending.tied :]
    pending.tied = len(pending.written)
    if not fresh:
        return
    scopes = _scopes(session, fresh)
    sums: dict[str, dict[str, tuple[int, int]]] = {}
    doubts: dict[str, list[dict[str, str]]] = {}
    at = entered().isoformat()
    for one, scope in zip(fresh, scopes, strict=True):
        kinds = sums.setdefault(scope, {})
        count, total = kinds.get(one.spec.noun, (0, 0))
        count += bool(one.after) - bool(one.before)
        kinds[one.spec.noun] = (count, total + weight_of(one.after) - weight_of(one.before))
        if one.doubtful:
            doubt = {"noun": one.spec.noun, "key": one.spec.key_of(one.row), "at": at}
            doubts.setdefault(scope, []).append(doubt)
    for scope in sorted(sums):
        _advance(session, scope, sums[scope], doubts.get(scope, []))


def _scopes(session: Session, written: list[_Written]) -> list[str]:
    """Return to which scope each row belongs, by itself or by the rows to which it points."""
    wanted: dict[Table, set[str]] = {}
    for one in written:
        if one.spec.by:
            _, table = one.spec.parent
            wanted.setdefault(table, set()).add(getattr(one.row, one.spec.by))
    cases = {table: _cases(session, table, keys) for table, keys in wanted.items()}
    scopes = []
    for one in written:
        if one.spec.by:
            scopes.append(scope_name(cases[one.spec.parent[1]][getattr(one.row, one.spec.by)], None))
        else:
            held = [column is not None and getattr(one.row, column.name) for column in case_columns(one.spec.table)]
            scopes.append(scope_name(*(value or None for value in held)))
    return scopes


def _cases(session: Session, table: Table, keys: set[str]) -> dict[str, str]:
    """Return the collaboration of each of these rows: of loaded ones without asking the database."""
    mapper: Mapper[Any] = class_mapper(SEALED[table.name].model)
    found = {}
    for key in keys:
        row = session.identity_map.get(mapper.identity_key_from_primary_key((key,)))
        if row is not None:
            found[key] = row.collaboration_id
    if missing := sorted(keys - found.keys()):
        query = select(table.c.id, table.c.collaboration_id).where(table.c.id.in_(missing))
        found |= {row.id: row.collaboration_id for row in session.execute(query)}
    return found


def _advance(session: Session, scope: str, sums: Kinds, doubts: list[dict[str, str]]) -> None:
    """Add sums to a tip; whoever was faster is added to, and a tip that is not there is begun."""
    known = _PENDING.of(session).tips.pop(scope, None) or _read(session, scope)
    if known is None:
        parent = _parent_of(session, scope)
        begun = _next({"scope": scope, "parent": parent, "kinds": {}, "doubts": [], "notes": []}, sums, doubts)
        insert = _INSERTS[session.connection().dialect.name](_TIPS).values(begun).on_conflict_do_nothing()
        if session.execute(insert).rowcount:  # type: ignore[attr-defined]
            if parent:
                _advance(session, parent, {SCOPES: (1, weight_of(scope))}, [])
            return
    elif _write(session, known, sums, doubts):
        return
    current = _read(session, scope, locked=True)
    assert current is not None
    _write(session, current, sums, doubts)


def count_scope(session: Session, scope: str, parent: str) -> None:
    """Count a tip that was written by itself in the tip above it."""
    _advance(session, parent, {SCOPES: (1, weight_of(scope))}, [])


def _write(session: Session, tip: Tip, sums: Kinds, doubts: list[dict[str, str]]) -> bool:
    doubtful = judge_tip(tip) is not Verdict.FITS
    more = [{"noun": _NOUN, "key": tip["scope"], "at": entered().isoformat()}] if doubtful else []
    values = _next(tip, sums, [*more, *doubts])
    here = {"of": tip["scope"], "was": tip["seal"]}
    done = session.execute(_CHANGE, here | {name: values[name] for name in _CHANGING})
    return bool(done.rowcount)  # type: ignore[attr-defined]


_CHANGING = ("kinds", "doubts", "sealed_at", "seal")
_CHANGE = (
    update(_TIPS)
    .where(_TIPS.c.scope == bindparam("of"), _TIPS.c.seal == bindparam("was"))
    .values({name: bindparam(name) for name in _CHANGING})
)


def _next(tip: Tip, sums: Kinds, doubts: list[dict[str, str]]) -> dict[str, Any]:
    kinds = {noun: [count, total] for noun, (count, total) in tip["kinds"].items()}
    for noun, (count, total) in sums.items():
        held, summed = kinds.get(noun, [0, "0"])
        kinds[noun] = [held + count, f"{(int(summed, 16) + total) % MODULUS:x}"]
    known = {(one["noun"], one["key"]) for one in tip["doubts"]}
    more = [one for one in doubts if (one["noun"], one["key"]) not in known]
    return sealed_tip({**tip, "kinds": kinds, "doubts": [*tip["doubts"], *more][:_MOST_DOUBTS]})


def sealed_tip(tip: Tip, *, mark: Mark = Mark.MADE) -> dict[str, Any]:
    """Return a tip as it is written now, with its seal."""
    values = {**tip, "sealed_at": entered()}
    return {**values, "seal": make_seal(_NOUN, {name: values[name] for name in UNDER}, mark=mark)}


def judge_tip(tip: Tip) -> Verdict:
    """Say whether the seal of a tip fits it."""
    return judge(tip["seal"], _NOUN, {name: tip[name] for name in UNDER})


def _read(session: Session, scope: str, *, locked: bool = False) -> Tip | None:
    query = select(_TIPS).where(_TIPS.c.scope == scope)
    found = session.execute(query.with_for_update() if locked else query).mappings().one_or_none()
    return dict(found) if found is not None else None


def _parent_of(session: Session, scope: str) -> str:
    kind, _, key = scope.partition(":")
    if kind == "collaboration":
        table = SEALED["collaboration"].table
        return scope_name(None, session.scalar(select(table.c.partnership_id).where(table.c.id == key)))
    return INSTALLATION if kind == "partnership" else ""
