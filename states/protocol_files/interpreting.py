"""What a file says of a section, beside what it was made from: whatever reads as it was written is as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from states.errors import Fault
from states.protocol.content import Content, Row, read_cell
from states.protocol.definition import Column, ColumnKind, FieldSpec, SectionSpec
from states.protocol_files.shapes import Cell, Filed, FiledField, FiledRow, plain
from states.workbook.cells import DAY, MONEY, TEXT, Oddity, Unreadable

MOST_CHARACTERS = 20_000  # of a text, as the API takes one
_NUMBERS = {ColumnKind.MONEY, ColumnKind.PERCENT, ColumnKind.INTEGER, ColumnKind.NUMBER}


@dataclass(slots=True)
class Interpreted:
    """A section as the file has it; `places` are those of its fields, rows and cells in the file, by the domain's."""

    content: Content
    places: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def changed(self, base: Mapping[str, object]) -> dict[str, object]:
        """Return the fields that are not as in the base; None takes one away."""
        names = dict.fromkeys((*self.content, *base))
        return {name: self.content.get(name) for name in names if self.content.get(name) != base.get(name)}


def interpret(filed: Filed, section: SectionSpec, base: Content) -> Interpreted:
    """Return what the file says of a section, with every fault at its place in the file."""
    found = Interpreted(dict(base))
    for key, held in filed.of_section(section.key):
        spec = section.field(key)
        if spec is None:
            continue
        place = f"{section.key}.{key}"
        found.places[place] = held.place
        value = _rows(held, spec, base, place, found) if spec.columns else _text(held, spec, base, found)
        if value is None:
            found.content.pop(key, None)
        else:
            found.content[key] = value
    return found


def _text(held: FiledField, spec: FieldSpec, base: Content, found: Interpreted) -> object:
    standing = base.get(spec.key)
    was = standing if isinstance(standing, str) else ""
    written = [cell.raw for cell in held.pieces if isinstance(cell.raw, str)]
    if len(written) == sum(cell.raw is not None for cell in held.pieces) and plain("".join(written)) == plain(was):
        return standing
    most = spec.limit or MOST_CHARACTERS
    texts = []
    for cell in held.pieces:
        try:
            texts.append(_words(cell.raw, whole=len(held.pieces) == 1))
        except Unreadable as error:
            found.faults.append(error.fault.at(f"{held.place}, {cell.place}"))
    text = plain("".join(texts))
    if len(text) > most:
        fault = Fault(held.place, "too_many_characters", remedy="at_most", length=len(text), most=most)
        found.faults.append(fault)
    return text or None


def _words(raw: object, *, whole: bool) -> str:
    """Return the text of a cell; a piece of a longer one keeps the blanks at its ends."""
    if isinstance(raw, Oddity):
        raise _odd(raw)
    read = TEXT.read(raw) if raw is not None else ""  # type: ignore[arg-type] # a cell's
    return raw if isinstance(raw, str) and not whole else str(read)


def _odd(raw: Oddity) -> Unreadable:
    return Unreadable(raw.fault.text, remedy=raw.fault.advice)


def _rows(held: FiledField, spec: FieldSpec, base: Content, place: str, found: Interpreted) -> object:
    standing = base.get(spec.key)
    before: list[Row] = list(standing) if isinstance(standing, list) else []
    left = [(row, said) for row in before if (said := _plain_row(row, spec.columns))]
    filled = [row for row, _ in left]
    rows: list[Row] = []
    for number, filed in enumerate(held.rows, start=1):
        at = f"{place}[{number}]"
        found.places[at] = filed.place
        row = _row(filed, spec.columns, at, found)
        known = next((one for one in left if one[1] == row), None)
        if known is not None:
            left.remove(known)
        if known is None:
            _need_values(filed, spec.columns, found)
        rows.append(known[0] if known else row)
    return standing if rows == filled else rows


def _row(filed: FiledRow, columns: Sequence[Column], at: str, found: Interpreted) -> Row:
    row = {}
    for column in columns:
        cell = filed.cells.get(column.key)
        if cell is None or cell.raw is None or not str(cell.raw).strip():
            if cell is not None:
                found.places[f"{at}.{column.key}"] = cell.place
            continue
        found.places[f"{at}.{column.key}"] = cell.place
        try:
            row[column.key] = _said(cell, column)
        except Unreadable as error:
            found.faults.append(error.fault.at(cell.place))
    return row


def _plain_row(row: Row, columns: Sequence[Column]) -> Row:
    """Return a row as it comes back from a file."""
    return {column.key: said for column in columns if (said := _stored(plain(str(row.get(column.key, ""))), column))}


def _said(cell: Cell, column: Column) -> str:
    """Return what a cell says, in its stored form where it has one; else as it stands, for the fault that comes."""
    raw = cell.raw
    if isinstance(raw, Oddity):
        raise _odd(raw)
    if isinstance(raw, str):
        text = plain(raw)
    elif column.kind in _NUMBERS and not isinstance(raw, bool):
        text = f"{MONEY.read(raw):f}"
    elif column.kind is ColumnKind.DATE:
        text = str(DAY.read(raw))
    else:
        text = str(TEXT.read(raw))
    return _stored(text, column)


def _need_values(filed: FiledRow, columns: Sequence[Column], found: Interpreted) -> None:
    """Note each text of a new or changed row that no text may be, or that is no value of its column."""
    for column in columns:
        cell = filed.cells.get(column.key)
        if cell is None or not isinstance(cell.raw, str) or not cell.raw.strip():
            continue
        try:
            text = str(TEXT.read(cell.raw))
            if len(text) > MOST_CHARACTERS:
                raise Unreadable("too_many_characters", remedy="at_most", length=len(text), most=MOST_CHARACTERS)
            if isinstance(fault := read_cell(column, text), Fault):
                found.faults.append(fault.at(cell.place))
        except Unreadable as error:
            found.faults.append(error.fault.at(cell.place))


def _stored(text: str, column: Column) -> str:
    found = read_cell(column, text) if text else text
    return text if isinstance(found, Fault) else found
