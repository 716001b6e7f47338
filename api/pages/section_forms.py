"""A section of the protocol as a form: its fields by kind, its rows by whose they are, and what was typed read back.

A field is called `section.field`, a cell `section.field.0.column`: so do the faults of the domain call them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi.exceptions import RequestValidationError

from api.pages.forms import Typed, read_as
from api.routes.protocol.protocols import SectionIn, SectionsView
from states.protocol.content import Row, table_rows
from states.protocol.definition import FieldSpec, SectionSpec

SHOWN, REMOVED, CHOICE = "shown", "remove", "choose"
THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row of a table; one that is not `yours` is read alone, and goes along as it stands."""

    number: int
    cells: Mapping[str, str]
    owner: str
    yours: bool
    new: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a section; `text` or `rows` as they are shown, `own` for who names no owner in a row of its own."""

    spec: FieldSpec
    name: str
    writable: bool
    text: str
    rows: Sequence[FormRow]
    own: str

    @property
    def full(self) -> bool:
        """Tell whether no row more fits in."""
        return self.spec.max_rows is not None and len(self.rows) >= self.spec.max_rows


def name_of(section: SectionSpec, field: FieldSpec) -> str:
    """Return what a field is called in its form."""
    return f"{section.key}.{field.key}"


def fields_of(
    section: SectionSpec, view: SectionsView, content: Mapping[str, object], typed: Typed
) -> Iterator[FormField]:
    """Yield the fields of a section: as they stand, or as they were typed where the form failed."""
    for field in section.fields:
        name = name_of(section, field)
        writable = writes(view, section, field)
        text, rows = "", list[FormRow]()
        if field.columns:
            was_typed = f"{name}.{SHOWN}" in typed
            found = rows_typed(typed, name) if was_typed else list(table_rows({"": content}, "", field.key))
            rows = [_row(view, field, number, cells) for number, cells in enumerate(found)]
        else:
            text = str(content.get(field.key) or "")
        own = _own_name(view) if field.owner_column else ""
        yield FormField(field, name, writable, text, rows, own)


def writes(view: SectionsView, section: SectionSpec, field: FieldSpec) -> bool:
    """Tell whether who acts writes something of a field: of a table of everybody's rows the own ones at least."""
    return view.writer is None or field.owner_column is not None or view.writer.may_write(section, field)


def _row(view: SectionsView, field: FieldSpec, number: int, cells: Row) -> FormRow:
    if field.owner_column is None:
        return FormRow(number, cells, "", yours=True)
    written = cells.get(field.owner_column, "")
    owner = view.owners.of_row(cells, field.owner_column)
    # A partner's own row names no owner in its form: nobody else's can be made of it.
    yours = view.writer is None or (owner.id == view.writer.organisation_id if owner else not written)
    return FormRow(number, cells, owner.name if owner else written or _own_name(view), yours)


def _own_name(view: SectionsView) -> str:
    own = view.writer.organisation_id if view.writer else None
    return next((one.name for one in view.owners.members if one.id == own), "")


def rows_typed(typed: Typed, name: str) -> list[Row]:
    """Return the rows of a table as they were typed: without those to be removed, and those with nothing in them."""
    found: dict[int, Row] = {}
    for key, value in typed.fields:
        number, _, column = key.removeprefix(f"{name}.").partition(".")
        if key.startswith(f"{name}.") and column and number.isdecimal() and len(number) < 6:
            found.setdefault(int(number), {})[column] = value
    gone = set(typed.all(REMOVED))
    return [
        cells
        for number, cells in sorted(found.items())
        if f"{name}.{number}" not in gone and any(cell.strip() for cell in cells.values())
    ]


def chosen(typed: Typed) -> Typed:
    """Return what was typed without the fields for which somebody chose what stands: those are not written."""
    left = [key.removeprefix(f"{CHOICE}.") for key, value in typed.fields if _is_choice(key) and value == THEIRS]
    kept = [one for one in typed.fields if not any(one[0] == name or one[0].startswith(f"{name}.") for name in left)]
    return Typed(tuple(kept))


def undecided(typed: Typed) -> bool:
    """Tell whether a conflict was sent back with a field for which nothing was chosen."""
    return any(f"{CHOICE}.{name}" not in typed for name in typed.all("conflict"))


def _is_choice(key: str) -> bool:
    return key.startswith(f"{CHOICE}.")


def content_typed(section: SectionSpec, view: SectionsView, typed: Typed) -> dict[str, object]:
    """Return the fields that were sent, as a write of the section has them; an empty one is taken away."""
    content: dict[str, object] = {}
    for field in section.fields:
        name = name_of(section, field)
        if not writes(view, section, field):
            continue
        if field.columns and f"{name}.{SHOWN}" in typed:
            rows = rows_typed(typed, name)
            owner, own = field.owner_column, _own_name(view)
            content[field.key] = [{owner: own, **row} for row in rows] if owner and own else rows
        elif not field.columns and name in typed:
            content[field.key] = typed.get(name) or None
    return content


def read_section(section: SectionSpec, view: SectionsView, typed: Typed) -> SectionIn:
    """Return what was typed as a write of the section; raise with every fault at its field."""
    content = content_typed(section, view, typed)
    illustrative = "illustrative" in typed if view.writer is None and "illustrative.shown" in typed else None
    try:
        return read_as(SectionIn, {"content": content, "illustrative": illustrative})
    except RequestValidationError as error:
        faults = [{**one, "loc": ("body", section.key, *one["loc"][2:])} for one in error.errors()]
        raise RequestValidationError(faults, body={section.key: content}) from None
