"""Whether everything sealed is as it was sealed: every row by its own seal, and by the tip that nothing is gone."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select
from sqlmodel import Session

from states.seals.declared import SEALED, Sealed, scope_name
from states.seals.reading import (
    AT_ONCE,
    TIPS,
    Row,
    Tip,
    children_of,
    newest_tips,
    orphans_of,
    rows_of,
    tips,
    tips_named,
)
from states.seals.seal import Mark, Verdict, judge, key_of, mark_of, weight_of
from states.seals.sealing import MODULUS, SCOPES, judge_tip, tie_seals
from states.texts import Text

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that is not as it was sealed, and in which scope: `collaboration:<id>`, `partnership:<id>` or such."""

    scope: str
    said: Text


@dataclass(slots=True)
class Checked:
    """What was looked at, and what came of it.

    Of `breaches` the first thousand are kept, of `breached` all are counted. `keys` are names of secrets that are not
    here, with how many seals nobody can check without them; `marks` count rows by the occasion of their seal.
    """

    scopes: int = 0
    of_scopes: int = 0
    rows: int = 0
    breached: int = 0
    breaches: list[Breach] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)
    marks: Counter[Mark] = field(default_factory=Counter)
    notes: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def note(self, scope: str, said: Text) -> None:
        self.breached += 1
        if len(self.breaches) < _MOST:
            self.breaches.append(Breach(scope, said))


@dataclass(slots=True)
class _Found:
    """What there is of one kind in one scope."""

    count: int = 0
    total: int = 0
    numbers: set[int] = field(default_factory=set)
    told: bool = False
    previous: str = ""
    last: int = 0


def check_seals(
    connection: Connection, *, newest: int | None = None, tell: Callable[[int, int], None] | None = None
) -> Checked:
    """Check everything sealed, or the cases that were sealed last; `tell` hears how many cases of how many are done."""
    checked = Checked(of_scopes=connection.scalar(select(func.count()).select_from(TIPS)) or 0)
    for part in _parts(connection, newest):
        _check_scopes(connection, checked, part)
        if tell:
            tell(checked.scopes, checked.of_scopes)
    for spec in SEALED.values():
        for row in orphans_of(connection, spec, limit=_MOST):
            checked.note(row.scope, Text("seal", "no_tip", noun=_noun(spec), key=_key(spec, row)))
    return checked


def check_scopes(connection: Connection, part: Sequence[Tip]) -> Checked:
    """Check the rows of some tips."""
    checked = Checked(of_scopes=len(part))
    _check_scopes(connection, checked, part)
    return checked


def breaches_of(session: Session, collaboration_id: str) -> list[str]:
    """Return what is not as it was sealed of a collaboration, in English."""
    tie_seals(session)
    connection = session.connection()
    checked = check_scopes(connection, tips_named(connection, [scope_name(collaboration_id, None)]))
    return [str(breach.said) for breach in checked.breaches] if checked.scopes else ["no tip"]


def _parts(connection: Connection, newest: int | None) -> Iterator[list[Tip]]:
    if newest is not None:
        yield newest_tips(connection, limit=newest)
        return
    part = tips(connection)
    while part:
        yield part
        part = tips(connection, after=part[-1]["scope"]) if len(part) == AT_ONCE else []


def _check_scopes(connection: Connection, checked: Checked, part: Sequence[Tip]) -> None:
    found: dict[tuple[str, str], _Found] = defaultdict(_Found)
    for spec in SEALED.values():
        for row in rows_of(connection, spec, [tip["scope"] for tip in part]):
            _check_row(checked, spec, row, found[row.scope, spec.noun])
    for tip in part:
        checked.scopes += 1
        here = {noun: one for (scope, noun), one in found.items() if scope == tip["scope"]}
        _check_tip(connection, checked, tip, here)


def _check_row(checked: Checked, spec: Sealed, row: Row, found: _Found) -> None:
    checked.rows += 1
    found.count += 1
    found.total += weight_of(row.seal)
    found.numbers.add(row.number)
    gap = spec.chained and row.number != found.last + 1
    verdict = _verdict(spec, row, found.previous)
    found.previous, found.last = row.seal, row.number
    if verdict is Verdict.KEY_ABSENT:
        checked.keys[key_of(row.seal)] += 1
    elif verdict is Verdict.ABSENT:
        checked.note(row.scope, Text("seal", "unsealed", noun=_noun(spec), key=_key(spec, row)))
    elif verdict is Verdict.BROKEN and not gap:  # what follows a gap hangs on what is gone; the tip tells of that
        checked.note(row.scope, Text("seal", "changed", noun=_noun(spec), key=_key(spec, row)))
    elif (mark := mark_of(row.seal)) is not None:
        checked.marks[mark] += 1
        if mark is Mark.UNFIT:
            checked.note(row.scope, Text("seal", "unfit", noun=_noun(spec), key=_key(spec, row)))
        return
    found.told = True


def _verdict(spec: Sealed, row: Row, previous: str) -> Verdict:
    if row.values is None:
        return Verdict.BROKEN
    return judge(row.seal, spec.noun, row.values, previous=previous if spec.chained else "")


def _check_tip(connection: Connection, checked: Checked, tip: Tip, found: dict[str, _Found]) -> None:
    scope = tip["scope"]
    verdict = judge_tip(tip)
    if verdict is Verdict.KEY_ABSENT:
        checked.keys[key_of(tip["seal"])] += 1
    elif verdict is not Verdict.FITS:
        checked.note(scope, Text("seal", "tip_changed"))
        return  # how many rows there were is not known any more
    children = found.setdefault(SCOPES, _Found())
    for child in children_of(connection, scope):
        children.count += 1
        children.total += weight_of(child)
    for noun in sorted({*tip["kinds"], *found}):
        count, total = tip["kinds"].get(noun, (0, "0"))
        _compare(checked, scope, noun, int(count), int(total, 16), found.get(noun, _Found()))
    for doubt in tip["doubts"]:
        checked.note(scope, Text("seal", "doubt", noun=Text("sealed", doubt["noun"]), key=doubt["key"], at=doubt["at"]))
    checked.notes += [(scope, note) for note in tip["notes"]]


def _compare(checked: Checked, scope: str, noun: str, count: int, total: int, found: _Found) -> None:
    named, chained = Text("sealed", noun), noun in SEALED and SEALED[noun].chained
    gone = sorted(set(range(1, count + 1)) - found.numbers) if chained else []
    if gone:
        numbers = f"{gone[0]}" if len(gone) == 1 else f"{gone[0]} to {gone[-1]}"
        checked.note(scope, Text("seal", "lines_missing", count=len(gone), numbers=numbers, of=count))
    elif found.count < count:
        checked.note(scope, Text("seal", "missing", count=count - found.count, noun=named, of=count))
    elif found.count > count:
        checked.note(scope, Text("seal", "added", count=found.count - count, noun=named, of=count))
    elif found.total % MODULUS != total and not found.told:
        checked.note(scope, Text("seal", "replaced", noun=named))


def _noun(spec: Sealed) -> Text:
    return Text("sealed", spec.noun)


def _key(spec: Sealed, row: Row) -> str:
    return f"{row.number}" if spec.chained else "/".join(map(str, row.key))
