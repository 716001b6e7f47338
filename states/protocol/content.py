"""The content of protocol sections: checked against the playbook, counted, added up, digested. Pure functions.

A section's content maps field keys to a text, or to the rows of a table; a row maps column keys to text.
Money stands there as "1250000.00", a percentage as "62.50", a date as "2020-06-30".
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from urllib.parse import urlsplit

from states.errors import Fault, Invalid
from states.partners.partial_dates import InvalidPartialDate, read_day
from states.partners.registry_faults import code_fault, site_code
from states.places import nuts
from states.protocol.definition import Column, ColumnKind, FieldSpec, SectionSpec
from states.storage.amounts import NumberUnreadable, read_number
from states.texts.titles import TitlePath

Row = dict[str, str]
Content = dict[str, object]
"""Field key -> str, or list[Row]."""

_CENT = Decimal("0.01")


class SectionInvalid(Invalid):
    """The section's content does not fit its definition."""

    code = "protocol_section_invalid"


def checked(content: Mapping[str, object], *, section: SectionSpec) -> Content:
    """Return the content in its stored form, or raise `SectionInvalid` with every fault and its place."""
    faults = [
        Fault(f"{section.key}.{key}", "no_such_field", remedy="fields_are", fields=tuple(f.key for f in section.fields))
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
            faults.append(Fault(place, "text_expected", remedy="give_string"))
        return value
    if not isinstance(value, list):
        faults.append(Fault(place, "table_expected", remedy="give_list_rows"))
        return value
    if field.max_rows is not None and len(value) > field.max_rows:
        faults.append(Fault(place, "too_many_rows", remedy="take_rows_out", rows=len(value), most=field.max_rows))
    return [_row(row, field, f"{place}[{number}]", faults) for number, row in enumerate(value, start=1)]


def _row(row: object, field: FieldSpec, place: str, faults: list[Fault]) -> Row:
    if not isinstance(row, Mapping):
        faults.append(Fault(place, "row_mapping_columns", remedy="columns_are", columns=_column_keys(field)))
        return {}
    faults.extend(
        Fault(f"{place}.{key}", "no_such_column", remedy="columns_are", columns=_column_keys(field))
        for key in row
        if key not in {column.key for column in field.columns}
    )
    stored: Row = {}
    for column in field.columns:
        raw = row.get(column.key)
        if raw is None or not str(raw).strip():
            _, remedy = _READERS[column.kind]
            if column.required:
                faults.append(Fault(f"{place}.{column.key}", "empty", remedy=remedy))
            continue
        found = read_cell(column, raw)
        if isinstance(found, Fault):
            faults.append(found.at(f"{place}.{column.key}"))
        else:
            stored[column.key] = found
    return stored


def read_cell(column: Column, raw: object) -> str | Fault:
    """Return a cell that is not empty in its stored form, or what is wrong with it."""
    read, remedy = _READERS[column.kind]
    try:
        if isinstance(raw, bool | list | Mapping):
            raise ValueError(raw)
        return _chosen(str(raw), column.choices) if column.kind is ColumnKind.CHOICE else read(str(raw))
    except InvalidPartialDate as error:
        return Fault("", "no_day", remedy=remedy, why=error.why)
    except (NumberUnreadable, NutsUnknown) as error:
        return error.fault
    except (ValueError, InvalidOperation):
        return Fault("", "value_does_not_fit", remedy=remedy, value=str(raw))


def _column_keys(field: FieldSpec) -> tuple[str, ...]:
    return tuple(column.key for column in field.columns)


def _money(text: str) -> str:
    amount = read_number(text)
    if amount < 0 or amount != amount.quantize(_CENT):
        raise ValueError(text)
    return str(abs(amount).quantize(_CENT))  # a zero has no sign


def _percent(text: str) -> str:
    rate = read_number(text)
    if not 0 <= rate <= 100 or rate != rate.quantize(_CENT):
        raise ValueError(text)
    return str(abs(rate).quantize(_CENT))


def _whole(text: str) -> str:
    if not re.fullmatch(r" *[-+]?[0-9]{1,18} *", text):
        raise ValueError(text)
    return str(int(text))


class NutsUnknown(ValueError):
    """The text is no code of NUTS 2024; the fault says what may have been meant."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def _nuts(text: str) -> str:
    code = site_code(text.strip(" "))
    if (fault := code_fault("", code)) is not None:
        raise NutsUnknown(fault)
    return nuts.unit(code).code


def _number(text: str) -> str:
    """Return a number without zeros that say nothing; but three decimals have a fourth, or they might be thousands."""
    number = read_number(text)
    if number == number.to_integral():
        return f"{number.quantize(Decimal(1)) + 0:f}"  # a zero has no sign
    plain = f"{number.normalize():f}"
    return f"{plain}0" if re.search(r"\.[0-9]{3}$", plain) else plain


def _months(text: str) -> str:
    """Return the months of a plan from the first to the last, counted from 1: "3-14", or "7" for one alone."""
    found = re.fullmatch(r" *M?([0-9]{1,3})(?: *[-\u2013] *M?([0-9]{1,3}))? *", text, re.IGNORECASE)
    if found is None:
        raise ValueError(text)
    first, last = int(found[1]), int(found[2] or found[1])
    if not 1 <= first <= last:
        raise ValueError(text)
    return f"{first}-{last}" if last > first else str(first)


def _url(text: str) -> str:
    plain = text.strip()
    parts = urlsplit(plain)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", plain):
        raise ValueError(text)
    return plain


def _chosen(text: str, choices: Sequence[str]) -> str | Fault:
    """Return the word that is meant, whatever its case."""
    found = next((one for one in choices if one.casefold() == text.strip().casefold()), None)
    return found or Fault("", "value_does_not_fit", remedy="one_of", value=text, known=tuple(choices))


_READERS: dict[ColumnKind, tuple[Callable[[str], str], str]] = {
    ColumnKind.TEXT: (str, "give_a_text"),
    ColumnKind.MONEY: (_money, "give_eur"),
    ColumnKind.PERCENT: (_percent, "give_a_percentage"),
    ColumnKind.INTEGER: (_whole, "give_a_whole_number"),
    ColumnKind.DATE: (lambda text: read_day(text).isoformat(), "give_a_date"),
    ColumnKind.NUTS: (_nuts, "give_a_nuts_code"),
    ColumnKind.NUMBER: (_number, "give_a_number"),
    ColumnKind.MONTHS: (_months, "give_months"),
    ColumnKind.PARTNER: (str, "give_a_partner"),
    ColumnKind.URL: (_url, "give_an_address"),
    ColumnKind.CHOICE: (str, "give_a_word_of_the_column"),
}


def need_within_limits(content: Mapping[str, object], *, section: SectionSpec, standing: Mapping[str, object]) -> None:
    """Raise `SectionInvalid` with every text that is longer than its field allows; what stands already may stay."""
    faults = [
        Fault(f"{section.key}.{field.key}", "too_many_characters", remedy="at_most", length=len(text), most=field.limit)
        for field in section.fields
        if field.limit is not None
        and isinstance(text := content.get(field.key), str)
        and len(text) > field.limit
        and text != standing.get(field.key)
    ]
    if faults:
        raise SectionInvalid(faults=faults)


def unfilled(content: Mapping[str, Content], *, sections: Sequence[SectionSpec]) -> tuple[str, ...]:
    """Return the mandatory fields that are empty, as "Section: Field"."""
    return tuple(
        TitlePath.of(section.title, field.title)
        for section in sections
        for field in section.fields
        if field.mandatory and not filled(content, section=section, field=field)
    )


def filled(content: Mapping[str, Content], *, section: SectionSpec, field: FieldSpec) -> bool:
    """Tell whether a field has a text that is not blank, or as many rows as it needs."""
    value = content.get(section.key, {}).get(field.key)
    if isinstance(value, list):
        return len(value) >= field.min_rows
    return isinstance(value, str) and bool(value.strip())


def used(content: Mapping[str, object], field: FieldSpec) -> int:
    """Return how many characters a text has, or how many rows a table."""
    value = content.get(field.key)
    return len(value) if isinstance(value, str | list) else 0


def column_sums(content: Mapping[str, Content], *, sections: Sequence[SectionSpec]) -> dict[str, Decimal]:
    """Return the sum of every money column in EUR, by section.field.column."""
    return {
        f"{section.key}.{field.key}.{column.key}": sum(
            (Decimal(row.get(column.key, 0)) for row in table_rows(content, section.key, field.key)), Decimal("0.00")
        )
        for section in sections
        for field in section.fields
        for column in field.columns
        if column.kind is ColumnKind.MONEY
    }


def table_rows(content: Mapping[str, object], section: str, field: str) -> Iterator[Row]:
    """Yield the rows of a table field; none where it is empty."""
    fields = content.get(section)
    rows = fields.get(field) if isinstance(fields, Mapping) else None
    if isinstance(rows, list):
        yield from rows


def digest(content: Mapping[str, Content]) -> str:
    """Return the SHA-256 of the canonical JSON of a protocol; empty sections do not count."""
    kept = {key: value for key, value in content.items() if value}
    canonical = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()
