"""What two people wrote from one base, put together: what does not touch is merged, the rest stays a conflict.

Pure functions. Nothing that either wrote is lost: a conflict holds what both wrote, and the base.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from states.protocol.content import Content, Row
from states.protocol.definition import FieldSpec, SectionSpec

_MOST_PAIRS = 2_000_000  # of equal words: beyond that a text is compared as a whole

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place that both changed, each in another way; None where nothing stands there."""

    place: str
    base: object
    yours: object
    theirs: object


@dataclass(frozen=True, slots=True)
class Merged:
    """A section put together; where there are conflicts, `content` has theirs."""

    content: Content
    conflicts: tuple[Conflict, ...] = ()


def merge(
    section: SectionSpec, *, base: Mapping[str, object], yours: Mapping[str, object], theirs: Mapping[str, object]
) -> Merged:
    """Merge two contents of a section field by field: texts word by word, tables row by row."""
    content: Content = {}
    conflicts: list[Conflict] = []
    for field in section.fields:
        place, was, mine, other = f"{section.key}.{field.key}", *(one.get(field.key) for one in (base, yours, theirs))
        found = _value(field, place, was, mine, other, conflicts)
        if found is not None:
            content[field.key] = found
    return Merged(content, tuple(conflicts))


def _value(
    field: FieldSpec, place: str, base: object, yours: object, theirs: object, conflicts: list[Conflict]
) -> object:
    if yours in (base, theirs):
        return theirs
    if theirs == base:
        return yours
    if all(isinstance(one, list) for one in (base or [], yours, theirs)) and field.columns:
        table = _Table(field, base or [], yours, theirs)  # type: ignore[arg-type]
        rows, apart = table.merged(place)
        conflicts += apart
        return rows
    if isinstance(yours, str) and isinstance(theirs, str):
        text = merge_texts(base if isinstance(base, str) else "", yours, theirs)
        if text is not None:
            return text
    conflicts.append(Conflict(place, base, yours, theirs))
    return theirs


def merge_texts(base: str, yours: str, theirs: str) -> str | None:
    """Merge two changes of a text word by word; None where they touch, or are too many to tell."""
    words = _words(base)
    mine, others = _edits(words, _words(yours)), _edits(words, _words(theirs))
    if mine is None or others is None:
        return None
    only_mine = [edit for edit in mine if edit not in others]
    if any(edit.touches(other) for edit in only_mine for other in others):
        return None
    for edit in sorted([*only_mine, *others], key=lambda one: one.begin, reverse=True):
        words[edit.begin : edit.end] = edit.words
    return "".join(words)


@dataclass(frozen=True, slots=True)
class _Edit:
    """Words from `begin` to before `end` of the base become others."""

    begin: int
    end: int
    words: tuple[str, ...]

    def touches(self, other: "_Edit") -> bool:
        return self.begin <= other.end and other.begin <= self.end


def _words(text: str) -> list[str]:
    return re.findall(r"\S+\s*|\s+", text)


def _edits(base: Sequence[str], changed: Sequence[str]) -> list[_Edit] | None:
    counted = Counter(changed)
    if sum(counted[word] for word in base) > _MOST_PAIRS:
        return None
    codes = SequenceMatcher(None, base, changed, autojunk=False).get_opcodes()
    return [_Edit(begin, end, tuple(changed[at:to])) for code, begin, end, at, to in codes if code != "equal"]


class _Table:
    """Three states of a table, whose rows are known again by the first columns that tell them apart in each state."""

    def __init__(self, field: FieldSpec, base: list[Row], yours: list[Row], theirs: list[Row]) -> None:
        self._columns = [column.key for column in field.columns]
        self._states = base, yours, theirs

    def merged(self, place: str) -> tuple[list[Row], list[Conflict]]:
        base, yours, theirs = self._states
        width = self._width()
        if width is None:
            return theirs, [Conflict(place, base, yours, theirs)]
        was, mine, others = (self._by_key(rows, width) for rows in self._states)
        # A row that is gone on both sides may be one that somebody calls otherwise now: nobody can tell.
        added = (mine.keys() ^ others.keys()) - was.keys()
        if added and was.keys() - mine.keys() - others.keys():
            return theirs, [Conflict(place, base, yours, theirs)]
        rows: dict[Key, Row] = {}
        conflicts: list[Conflict] = []
        for key in dict.fromkeys([*others, *mine, *was]):
            at = f"{place}[{', '.join(key)}]"
            row = self._row(at, was.get(key), mine.get(key), others.get(key), conflicts)
            if row is not None:
                rows[key] = row
        order = _order(list(was), list(mine), list(others), kept=rows)
        if order is None:
            return theirs, [Conflict(place, base, yours, theirs)]
        return [rows[key] for key in order], conflicts

    def _width(self) -> int | None:
        """Return how many columns tell the rows apart; None where some rows are the same."""
        for width in range(1, len(self._columns) + 1):
            if all(len(self._by_key(rows, width)) == len(rows) for rows in self._states):
                return width
        return None

    def _by_key(self, rows: Iterable[Row], width: int) -> dict[Key, Row]:
        return {tuple(row.get(column, "") for column in self._columns[:width]): row for row in rows}

    def _row(
        self, place: str, base: Row | None, yours: Row | None, theirs: Row | None, conflicts: list[Conflict]
    ) -> Row | None:
        if yours in (base, theirs):
            return theirs
        if theirs == base:
            return yours
        if base is None or yours is None or theirs is None:
            conflicts.append(Conflict(place, base, yours, theirs))
            return theirs or yours
        return dict(self._cells(place, base, yours, theirs, conflicts))

    def _cells(
        self, place: str, base: Row, yours: Row, theirs: Row, conflicts: list[Conflict]
    ) -> Iterator[tuple[str, str]]:
        for column in self._columns:
            was, mine, other = (row.get(column, "") for row in (base, yours, theirs))
            if mine not in (was, other) and other != was:
                conflicts.append(Conflict(f"{place}.{column}", was, mine, other))
            yield column, mine if other == was else other


def _order(base: list[Key], yours: list[Key], theirs: list[Key], *, kept: Mapping[Key, Row]) -> list[Key] | None:
    """Return the kept rows in one order; None where both put those that were there into another one."""
    common = set(base) & set(yours) & set(theirs)
    was, mine, others = ([key for key in keys if key in common] for keys in (base, yours, theirs))
    if mine not in (was, others) and others != was:
        return None
    first, second = (yours, theirs) if others == was else (theirs, yours)
    order = [key for key in first if key in kept]
    for before, key in zip([None, *second], second, strict=False):
        if key in kept and key not in order:
            order.insert(order.index(before) + 1 if before in order else 0, key)
    return order
