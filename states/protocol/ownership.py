"""What a partner may write of a section: its own rows, and what was given to it; the rest stands as it is."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from states.errors import Fault, Invalid
from states.protocol.content import Row
from states.protocol.definition import FieldSpec, SectionSpec
from states.protocol.parts import Owners


class PartOfAnother(Invalid):
    """The write changes what belongs to others; `faults` name each row or field, and whose it is."""

    code = "part_of_another"


@dataclass(frozen=True, slots=True)
class Writer:
    """A partner that writes its own part alone; `given` are sections and `section.field`s that it may write besides."""

    organisation_id: str
    given: frozenset[str] = frozenset()

    def may_write(self, section: SectionSpec, field: FieldSpec) -> bool:
        """Tell whether a text, or a table of nobody's rows, was given to it."""
        return section.key in self.given or f"{section.key}.{field.key}" in self.given


def need_own_part(
    owners: Owners, section: SectionSpec, before: Mapping[str, object], wanted: Mapping[str, object], *, writer: Writer
) -> None:
    """Raise `PartOfAnother` where a write changes, adds or leaves out what is not the writer's."""
    faults: list[Fault] = []
    for field in section.fields:
        place = f"{section.key}.{field.key}"
        was, now = before.get(field.key) or "", wanted.get(field.key) or ""
        if field.owner_column is not None:
            faults += _row_faults(owners, field.owner_column, _rows(was), _rows(now), place=place, writer=writer)
        elif was != now and not writer.may_write(section, field):
            lead = owners.lead.name if owners.lead else ""
            faults.append(Fault(place, "field_of_lead", remedy="leave_out_or_ask_for_section", lead=lead))
    if faults:
        raise PartOfAnother(faults=faults)


def _rows(value: object) -> Sequence[Row]:
    return value if isinstance(value, list) else ()


def _row_faults(
    owners: Owners, column: str, was: Sequence[Row], now: Sequence[Row], *, place: str, writer: Writer
) -> Iterator[Fault]:
    standing = _of_others(owners, column, was, writer)
    left = Counter(_key(row, owner) for _, row, owner in standing)
    for number, row, owner in _of_others(owners, column, now, writer):
        if left[_key(row, owner)]:
            left[_key(row, owner)] -= 1
        else:
            yield Fault(f"{place}[{number}]", "row_of_another", remedy="leave_row_as_it_stands", owner=owner)
    for _, row, owner in standing:
        if left[_key(row, owner)]:
            left[_key(row, owner)] -= 1
            yield Fault(place, "row_of_another_gone", remedy="leave_row_as_it_stands", owner=owner, row=_said(row))


def _of_others(owners: Owners, column: str, rows: Sequence[Row], writer: Writer) -> list[tuple[int, Row, str]]:
    """Return the rows that are not the writer's, by number, each without the owner's cell, and whose it is."""
    found = []
    for number, row in enumerate(rows, start=1):
        owner = owners.of_row(row, column)
        if owner is None or owner.id != writer.organisation_id:
            cells = {key: cell for key, cell in row.items() if key != column}
            found.append((number, cells, owner.name if owner else row.get(column, "")))
    return found


def _key(row: Row, owner: str) -> tuple[object, ...]:
    return (owner, *sorted(row.items()))


def _said(row: Row) -> str:
    return ", ".join(row.values())
