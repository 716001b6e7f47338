"""The content of protocol sections: checked against the playbook, counted, added up, digested. Pure functions.

A section's content maps field keys to a text, or to the rows of a table; a row maps column keys to text.
Money stands there as "1250000.00", a percentage as "62.50", a date as "2020-06-30".
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from states.errors import Fault, Invalid
from states.protocol.definition import ColumnKind, FieldSpec, SectionSpec

Row = dict[str, str]
Content = dict[str, object]
"""Field key -> str, or list[Row]."""

_CENT = Decimal("0.01")
_NUTS = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")


class SectionInvalid(Invalid):
    """The section's content does not fit its definition."""

    code = "protocol_section_invalid"


def checked(content: Mapping[str, object], *, section: SectionSpec) -> Content:
    """Return the content in its stored form, or raise `SectionInvalid` with every fault and its place."""
    faults = [
        Fault(f"{section.key}.{key}", "no such field", f"fields are {', '.join(f.key for f in section.fields)}")
        for key in content
        if section.field(key) is None
    ]
    stored: Content = {}
    for field in section.fields:
        if field.key in content:
            stored[field.key] = _field(content[field.key], field, f"{section.key}.{field.key}", faults)
    if faults:
        raise SectionInvalid(faults=faults)
    return stored


def _field(value: object, field: FieldSpec, place: str, faults: list[Fault]) -> object:
    if not field.columns:
        if not isinstance(value, str):
            faults.append(Fault(place, "it is a text", "give a string"))
        return value
    if not isinstance(value, list):
        faults.append(Fault(place, "it is a table", "give a list of rows"))
        return value
    return [_row(row, field, f"{place}[{number}]", faults) for number, row in enumerate(value, start=1)]


def _row(row: object, field: FieldSpec, place: str, faults: list[Fault]) -> Row:
    if not isinstance(row, Mapping):
        faults.append(Fault(place, "a row is a mapping of columns", f"columns are {_column_keys(field)}"))
        return {}
    faults.extend(
        Fault(f"{place}.{key}", "no such column", f"columns are {_column_keys(field)}")
        for key in row
        if key not in {column.key for column in field.columns}
    )
    stored: Row = {}
    for column in field.columns:
        raw = row.get(column.key)
        if raw is None or not str(raw).strip():
            faults.append(Fault(f"{place}.{column.key}", "is empty", f"give {_READERS[column.kind][1]}"))
            continue
        read, wanted = _READERS[column.kind]
        try:
            if isinstance(raw, bool | list | Mapping):
                raise ValueError(raw)
            stored[column.key] = read(str(raw))
        except (ValueError, InvalidOperation):
            faults.append(Fault(f"{place}.{column.key}", f"{raw!r} does not fit", f"give {wanted}"))
    return stored


def _column_keys(field: FieldSpec) -> str:
    return ", ".join(column.key for column in field.columns)


def _money(text: str) -> str:
    amount = Decimal(text)
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(_CENT):
        raise ValueError(text)
    return str(abs(amount).quantize(_CENT))  # a zero has no sign


def _percent(text: str) -> str:
    rate = Decimal(text)
    if not 0 <= rate <= 100 or rate != rate.quantize(_CENT):
        raise ValueError(text)
    return str(abs(rate).quantize(_CENT))


def _nuts(text: str) -> str:
    if not _NUTS.fullmatch(text):
        raise ValueError(text)
    return text


_READERS: dict[ColumnKind, tuple[Callable[[str], str], str]] = {
    ColumnKind.TEXT: (str, "a text"),
    ColumnKind.MONEY: (_money, "EUR, not negative, at most two decimals, e.g. 1250000.00"),
    ColumnKind.PERCENT: (_percent, "a percentage from 0 to 100, at most two decimals"),
    ColumnKind.INTEGER: (lambda text: str(int(text)), "a whole number"),
    ColumnKind.DATE: (lambda text: date.fromisoformat(text).isoformat(), "a date as 2020-06-30"),
    ColumnKind.NUTS: (_nuts, "a NUTS code, e.g. PL22"),
}


def unfilled(content: Mapping[str, Content], *, sections: Sequence[SectionSpec]) -> tuple[str, ...]:
    """Return the mandatory fields that are empty, as "Section: Field"."""
    return tuple(
        f"{section.title}: {field.title}"
        for section in sections
        for field in section.fields
        if field.mandatory and not filled(content, section=section, field=field)
    )


def filled(content: Mapping[str, Content], *, section: SectionSpec, field: FieldSpec) -> bool:
    """Tell whether a field has a text that is not blank, or at least one row."""
    value = content.get(section.key, {}).get(field.key)
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def column_sums(content: Mapping[str, Content], *, sections: Sequence[SectionSpec]) -> dict[str, Decimal]:
    """Return the sum of every money column in EUR, by section.field.column."""
    return {
        f"{section.key}.{field.key}.{column.key}": sum(
            (Decimal(row[column.key]) for row in table_rows(content, section.key, field.key)), Decimal("0.00")
        )
        for section in sections
        for field in section.fields
        for column in field.columns
        if column.kind is ColumnKind.MONEY
    }


def table_rows(content: Mapping[str, Content], section: str, field: str) -> Iterator[Row]:
    """Yield the rows of a table field; none where it is empty."""
    rows = content.get(section, {}).get(field)
    if isinstance(rows, list):
        yield from rows


def digest(content: Mapping[str, Content]) -> str:
    """Return the SHA-256 of the canonical JSON of a protocol; empty sections do not count."""
    kept = {key: value for key, value in content.items() if value}
    canonical = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()
