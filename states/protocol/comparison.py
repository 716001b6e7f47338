"""Two states of a protocol compared: section by section, field by field, row by row, word by word. Pure functions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from states.changes.words import Run, compare_texts
from states.protocol.content import Content, Row
from states.protocol.definition import ORGANISATION, Column, ColumnKind, FieldSpec, SectionSpec

_ALIKE = 0.5


class Became(StrEnum):
    """What became of a row or a field."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that is another one now."""

    column: str
    title: str
    kind: ColumnKind
    before: str
    after: str
    runs: list[Run]


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that came, went or changed; `key` is by what people know it, `was` and `now` its number from 1."""

    became: Became
    key: str
    was: int | None
    now: int | None
    cells: list[CellChange]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that changed: the runs of its text, or the rows of its table."""

    section: str
    section_title: str
    field: str
    title: str
    became: Became
    runs: list[Run]
    rows: list[RowChange]


@dataclass(frozen=True, slots=True)
class SectionDifference:
    """What becomes of a section."""

    key: str
    title: str
    fields: list[FieldChange]


def compare_protocols(
    before: Mapping[str, Content], after: Mapping[str, Content], *, sections: Sequence[SectionSpec]
) -> list[FieldChange]:
    """Return every field that differs, in the order of the playbook; what this does not know comes last, by its key."""
    specs = {section.key: section for section in sections}
    unknown = [key for key in dict.fromkeys((*before, *after)) if key not in specs]
    return [
        change
        for key in (*specs, *unknown)
        for change in compare_sections(before.get(key, {}), after.get(key, {}), key=key, section=specs.get(key))
    ]


def compare_sections(
    before: Content, after: Content, *, key: str, section: SectionSpec | None
) -> Iterator[FieldChange]:
    """Yield every field of a section that differs; an empty text or table and none at all are one."""
    known = {field.key: field for field in section.fields} if section is not None else {}
    for name in dict.fromkeys((*known, *before, *after)):
        old, new = before.get(name) or "", after.get(name) or ""
        if old == new:
            continue
        spec = known.get(name) or FieldSpec(key="field", title=name)
        became = Became.ADDED if not old else Became.REMOVED if not new else Became.CHANGED
        is_table = isinstance(old or new, list)
        runs = [] if is_table else compare_texts(str(old), str(new))
        rows = list(compare_rows(_rows(old), _rows(new), columns=spec.columns)) if is_table else []
        if runs or rows:
            yield FieldChange(key, section.title if section else key, name, spec.title, became, runs, rows)


def _rows(value: object) -> list[Row]:
    return cast(list[Row], value) if isinstance(value, list) else []


def compare_rows(before: Sequence[Row], after: Sequence[Row], *, columns: Sequence[Column]) -> Iterator[RowChange]:
    """Yield what became of the rows of a table, in the order of the new one; a row that only moved did not change.

    Rows are known again where they are equal, then by their key, then by at least half of their cells.
    """
    pairs = _pairs(before, after, columns)
    for new, row in enumerate(after):
        old = pairs.get(new)
        if old is None:
            yield RowChange(Became.ADDED, _key(row, columns), None, new + 1, list(_cells({}, row, columns)))
        elif before[old] != row:
            cells = list(_cells(before[old], row, columns))
            yield RowChange(Became.CHANGED, _key(before[old], columns), old + 1, new + 1, cells)
    for old, row in enumerate(before):
        if old not in pairs.values():
            yield RowChange(Became.REMOVED, _key(row, columns), old + 1, None, list(_cells(row, {}, columns)))


def _pairs(before: Sequence[Row], after: Sequence[Row], columns: Sequence[Column]) -> dict[int, int]:
    """Return the place that each row had before, by its place now."""
    found: dict[int, int] = {}
    left = dict(enumerate(before))
    for new, row in enumerate(after):
        old = next((place for place, one in left.items() if one == row), None)
        if old is not None:
            found[new] = old
            del left[old]
    keys = Counter(_key(row, columns) for row in left.values())
    for new, row in enumerate(after):
        key = _key(row, columns)
        if new not in found and keys[key] == 1:
            old = next((place for place, one in left.items() if _key(one, columns) == key), None)
            if old is not None:
                found[new] = old
                del left[old]
    for new, row in enumerate(after):
        if new not in found and left:
            likeness, old = max((_likeness(one, row), -place) for place, one in left.items())
            if likeness >= _ALIKE:
                found[new] = -old
                del left[-old]
    return found


def _key(row: Row, columns: Sequence[Column]) -> str:
    """Return by what people know a row: whose it is, and its first cell that is a text."""
    names = [column.key for column in columns] or list(row)
    first = next((name for name in names if name != ORGANISATION and row.get(name)), "")
    return " · ".join(filter(None, (row.get(ORGANISATION, ""), row.get(first, ""))))


def _likeness(one: Row, other: Row) -> float:
    names = one.keys() | other.keys()
    return sum(one.get(name) == other.get(name) for name in names) / len(names) if names else 1.0


def _cells(before: Row, after: Row, columns: Sequence[Column]) -> Iterator[CellChange]:
    known = {column.key: column for column in columns}
    for name in dict.fromkeys((*known, *before, *after)):
        old, new = before.get(name, ""), after.get(name, "")
        if old == new:
            continue
        spec = known.get(name) or Column(key="column", title=name)
        runs = compare_texts(old, new) if spec.kind is ColumnKind.TEXT and old and new else []
        yield CellChange(name, spec.title, spec.kind, old, new, runs)
