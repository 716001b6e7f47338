"""Seal what lies there already: at the upgrade, by another secret, or anew because somebody takes it as it is."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, bindparam, select, update
from sqlmodel import Session

from states.clock import entered
from states.errors import BankableError, Stale
from states.seals.checking import check_scopes
from states.seals.declared import INSTALLATION, SEALED, Sealed, scope_name
from states.seals.reading import AT_ONCE, TIPS, Row, Tip, children_of, rows_of, tips, tips_named
from states.seals.seal import Mark, Values, Verdict, judge, make_seal, mark_of, weight_of
from states.seals.sealing import MODULUS, SCOPES, count_scope, seal_inserted, sealed_tip, tie_seals

_CHAIN = "history_line"
_START_OF_0_1_0 = "0" * 64
_RECORDS_AT_ONCE = 1000

MarkOf = Callable[[Sealed, Row, str], Mark]


class SealsUnfit(BankableError):
    """What does not fit its seal is not sealed by another secret: nobody would notice any more."""

    code = "seals_unfit"


class TipMissing(BankableError):
    """Nothing is sealed under that name."""

    code = "nothing_sealed"


def seal_at_upgrade(connection: Connection) -> None:
    """Seal, and mark as sealed at the upgrade, what a release without seals has left; only where nothing is sealed.

    Lines of the history that do not fit the checksum of that release are marked as unfit.
    """
    collaborations = SEALED["collaboration"].table.c
    sealed = select(collaborations.id).where(collaborations.seal != "").limit(1)
    if connection.scalar(select(TIPS.c.scope).limit(1)) or connection.scalar(sealed):
        return
    for part, parents in _all_scopes(connection):
        rows = _rows(connection, part)
        if not any(rows.values()) and INSTALLATION in part:
            return  # an empty installation
        for scope in part:
            tip = _sealed_rows(connection, rows[scope], _mark_at_upgrade)
            children = [] if scope.startswith("collaboration:") else list(children_of(connection, scope))
            if children:
                tip[SCOPES] = [len(children), f"{sum(map(weight_of, children)) % MODULUS:x}"]
            if tip:
                made = {"scope": scope, "parent": parents[scope], "kinds": tip, "doubts": [], "notes": []}
                connection.execute(TIPS.insert().values(sealed_tip(made, mark=Mark.UPGRADE)))


def _all_scopes(connection: Connection) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Yield every scope with the one above it, those below before those above."""
    collaborations, last = SEALED["collaboration"].table.c, ""
    partnerships = SEALED["progress_report"].table.metadata.tables["partnership"].c
    while True:
        query = select(collaborations.id, collaborations.partnership_id).where(collaborations.id > last)
        found = connection.execute(query.order_by(collaborations.id).limit(AT_ONCE)).all()
        if not found:
            break
        last = found[-1].id
        above = {scope_name(row.id, None): scope_name(None, row.partnership_id) for row in found}
        yield list(above), above
    for key in connection.scalars(select(partnerships.id).order_by(partnerships.id)).all():
        yield [scope_name(None, key)], {scope_name(None, key): INSTALLATION}
    yield [INSTALLATION], {INSTALLATION: ""}


def _mark_at_upgrade(spec: Sealed, row: Row, previous: str) -> Mark:
    fits = spec.noun != _CHAIN or row.seal == _checksum_of_0_1_0(row.values or {}, previous)
    return Mark.UPGRADE if fits else Mark.UNFIT


def _checksum_of_0_1_0(line: Values, previous: str) -> str:
    """Return what release 0.1.0 wrote as the seal of a line of the history: without any secret."""
    at = line["at"]
    assert isinstance(at, datetime)
    names = ("move", "from_stage", "to_stage", "actor_role", "actor_person_id", "reason")
    facts = [previous or _START_OF_0_1_0, line["collaboration_id"], line["number"], at.isoformat()]
    facts += [line[name] for name in names]
    return sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def seal_records_at_upgrade(connection: Connection) -> None:
    """Seal, and mark as sealed at the upgrade, the records of change that were written before they were sealed.

    Whoever empties a seal to have it made anew here leaves its count in the tip, and is found by it.
    """
    spec = SEALED["change_record"]
    table = spec.table
    put = update(table).where(table.c.number == bindparam("key")).values(seal=bindparam("made"))
    columns = [table.c.number, *(table.c[name] for name in spec.columns)]
    unsealed = select(*columns).where(table.c.seal == "").order_by(table.c.number).limit(_RECORDS_AT_ONCE)
    with Session(connection) as session:
        while rows := [dict(row) for row in connection.execute(unsealed).mappings()]:
            seal_inserted(session, spec.noun, rows, mark=Mark.UPGRADE)
            connection.execute(put, [{"key": row["number"], "made": row["seal"]} for row in rows])
        tie_seals(session)


def seal_by_secret_in_force(session: Session, scopes: Sequence[str]) -> int:
    """Seal some scopes by the secret in force, with the marks that they have; return how many seals were made.

    Raise `SealsUnfit` where something does not fit, or cannot be checked, and `Stale` where somebody else was faster.
    """
    connection = session.connection()
    held = tips_named(connection, scopes)
    checked = check_scopes(connection, held)
    if checked.breached or checked.keys:
        said = tuple(f"{one.scope}: {one.said}" for one in checked.breaches) or tuple(checked.keys)
        raise SealsUnfit(breaches=said[:_MOST_SAID], count=len(said))
    for tip in held:
        _reseal(connection, tip, _same_mark, tip["notes"])
    return checked.rows + checked.scopes


def _same_mark(_: Sealed, row: Row, __: str) -> Mark:
    return mark_of(row.seal) or Mark.MADE


_MOST_SAID = 5


def seal_anew(session: Session, scope: str, *, reason: str, by: str) -> int:
    """Take all of a scope as it is now, and seal it; return how many rows did not fit.

    When, by whom and why is kept with the seals, and said for ever; the rows that did not fit are marked.
    """
    connection = session.connection()
    held = tips_named(connection, [scope])
    if not held:
        raise TipMissing(scope=scope)
    tip, unfit = held[0], 0

    def mark(spec: Sealed, row: Row, previous: str) -> Mark:
        nonlocal unfit
        verdict = judge(row.seal, spec.noun, row.values or {}, previous=previous if spec.chained else "")
        unfit += verdict is not Verdict.FITS
        return (mark_of(row.seal) or Mark.ANEW) if verdict is Verdict.FITS else Mark.ANEW

    note = {"at": entered().isoformat(), "by": by, "reason": reason}
    _reseal(connection, tip, mark, [*tip.get("notes", []), note])
    return unfit


def seal_taken_in(
    session: Session,
    collaboration_id: str,
    *,
    partnership_id: str,
    unfit: Collection[tuple[str, str]],
    doubts: Sequence[dict[str, str]],
    notes: Sequence[dict[str, str]],
) -> None:
    """Seal a case of another installation, marked as taken in, with all that was said of its seals there.

    `unfit` names the rows by table and key, or by place where they are numbered, that did not fit when they were sealed
    there: they stay marked so.
    """
    connection = session.connection()
    scope, parent = scope_name(collaboration_id, None), scope_name(None, partnership_id)

    places: Counter[str] = Counter()

    def mark(spec: Sealed, row: Row, _: str) -> Mark:
        places[spec.noun] += 1
        key = str(places[spec.noun]) if isinstance(row.key[0], int) else "/".join(map(str, row.key))
        return Mark.UNFIT if (spec.noun, key) in unfit else Mark.TAKEN

    kinds = _sealed_rows(connection, _rows(connection, [scope])[scope], mark)
    tip = {"scope": scope, "parent": parent, "kinds": kinds, "doubts": [*doubts], "notes": [*notes]}
    connection.execute(TIPS.insert().values(sealed_tip(tip, mark=Mark.TAKEN)))
    count_scope(session, scope, parent)


def _reseal(connection: Connection, tip: Tip, mark: MarkOf, notes: list[dict[str, str]]) -> None:
    """Seal the rows of a tip, then the tip itself: in that order writers lock them."""
    scope = tip["scope"]
    kinds = _sealed_rows(connection, _rows(connection, [scope])[scope], mark)
    children = list(children_of(connection, scope))
    if children:
        kinds[SCOPES] = [len(children), f"{sum(map(weight_of, children)) % MODULUS:x}"]
    parent = tip.get("parent", "")
    values = sealed_tip({"scope": scope, "parent": parent, "kinds": kinds, "doubts": [], "notes": notes})
    done = connection.execute(update(TIPS).where(TIPS.c.scope == scope, TIPS.c.seal == tip["seal"]).values(values))
    if not done.rowcount:
        raise Stale("seal_tip")


def _rows(connection: Connection, scopes: Sequence[str]) -> dict[str, list[tuple[Sealed, Row]]]:
    found: dict[str, list[tuple[Sealed, Row]]] = defaultdict(list)
    for spec in SEALED.values():
        for row in rows_of(connection, spec, scopes):
            found[row.scope].append((spec, row))
    return found


def _sealed_rows(connection: Connection, rows: Sequence[tuple[Sealed, Row]], mark: MarkOf) -> dict[str, list[object]]:
    """Seal rows, each table in one statement; return how many there are of each kind, and the sum of their seals."""
    kinds: dict[str, tuple[int, int]] = {}
    made: dict[str, list[dict[str, object]]] = defaultdict(list)
    before: dict[str, tuple[str, str]] = {}
    for spec, row in rows:
        old, new = before.get(spec.noun, ("", ""))
        previous = new if spec.chained else ""
        if row.values is None:
            raise SealsUnfit(breaches=(f"{row.scope}: {spec.noun} {'/'.join(map(str, row.key))}",), count=1)
        seal = make_seal(spec.noun, row.values, previous=previous, mark=mark(spec, row, old))
        before[spec.noun] = (row.seal, seal)
        count, total = kinds.get(spec.noun, (0, 0))
        kinds[spec.noun] = (count + 1, total + weight_of(seal))
        key = {f"key{number}": value for number, value in enumerate(row.key)}
        made[spec.noun].append({**key, "was": row.seal, "new": seal})
    for noun, rows_made in made.items():
        table = SEALED[noun].table
        here = [column == bindparam(f"key{number}") for number, column in enumerate(table.primary_key)]
        statement = update(table).where(*here, table.c.seal == bindparam("was")).values(seal=bindparam("new"))
        connection.execute(statement, rows_made)
    return {noun: [count, f"{total % MODULUS:x}"] for noun, (count, total) in kinds.items()}


def scopes_in_parts(connection: Connection) -> Iterator[list[str]]:
    """Yield every scope that is sealed, some at a time."""
    last = ""
    while part := [tip["scope"] for tip in tips(connection, after=last)]:
        yield part
        last = part[-1]
