"""Columns and values in words: what ids lead to by name, amounts and dates as people write them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    FromClause,
    Select,
    String,
    Table,
    TypeDecorator,
    cast,
    literal,
    select,
    union_all,
)
from sqlmodel import Session, SQLModel

from states.storage import Cents, Instant
from states.texts import Text
from states.texts.formats import fill
from states.texts.text import Value, spoken_language

_NAMED = {  # by what people know a row to which an id leads
    "partnership": "name",
    "region": "name",
    "working_area": "name",
    "organisation": "name",
    "collaboration": "title",
    "instrument": "name",
    "scenario": "name",
    "review_round": "panel",
    "partnership_event": "name",
    "protocol_version": "number",
    "cost_line": "title",
    "deadline": "title",
    "profile": "title",
    "role_grant": "role",
}
_OF_ORGANISATIONS = ("member", "sign_off", "accounts", "aid_granted", "participant")
PERSON, SECTION = "person", "section_draft"
_IN_WORDS = ("review_round", "role_grant")
_INITIALS = frozenset({"iag", "wgra", "nuts", "sme", "vat", "pic", "nace", "url", "eur", "trl"})

Names = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Held:
    """A field with its word, what stands there for a machine, and as people read it."""

    field: str
    label: str
    value: object
    shown: str


def table_named(noun: str) -> Table | None:
    """Return the table of that name, if this release has it."""
    return SQLModel.metadata.tables.get(noun)


def label_of(field: str) -> str:
    """Return the word for a column in the language of who reads, or its name in words where another release had it."""
    try:
        return str(Text("field", field))
    except LookupError:
        return _in_words_of(field)


def _in_words_of(field: str) -> str:
    name = field.removesuffix("_id") if field != "id" else "identifier"
    words = [word.upper() if word in _INITIALS else word for word in name.split("_")]
    return " ".join(words).capitalize() if words[0].islower() else " ".join(words)


def references(noun: str, fields: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    """Yield the rows to which the fields of a row lead: table and id."""
    for name, value in fields.items():
        target = _target(noun, name)
        if target and isinstance(value, str):
            yield target, value


def _target(noun: str, field: str) -> str:
    table = table_named(noun)
    if table is None or field not in table.columns:
        return ""
    column: Column[Any] = table.columns[field]
    return next((foreign.column.table.name for foreign in column.foreign_keys), "")


def names_of(session: Session, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return how rows are called, by table and id, in one statement; people are not among them.

    A section is called by its playbook's edition and its key, with a # between.
    """
    keys = {noun: sorted({key for table, key in wanted if table == noun}) for noun, _ in wanted}
    queries = [_names(noun, keys[noun]) for noun in (*_NAMED, *_OF_ORGANISATIONS, SECTION) if keys.get(noun)]
    rows = session.execute(union_all(*queries)) if queries else ()
    return {(noun, key): in_words(name) if noun in _IN_WORDS else name for noun, key, name in rows}


def _names(noun: str, keys: Sequence[str]) -> Select[tuple[str, str, str]]:
    """Return the query for the names of some rows of a table; those without one go by their organisation's."""
    table = SQLModel.metadata.tables[noun]
    called: ColumnElement[str]
    if noun in _NAMED:
        source: FromClause = table
        called = cast(table.c[_NAMED[noun]], String)
    elif noun == SECTION:
        case = SQLModel.metadata.tables["collaboration"]
        source, called = table.join(case, case.c.id == table.c.collaboration_id), case.c.playbook + "#" + table.c.key
    else:
        organisation = SQLModel.metadata.tables["organisation"]
        source = table.join(organisation, organisation.c.id == table.c.organisation_id)
        called = organisation.c.name
    return select(literal(noun), cast(table.c.id, String), called).select_from(source).where(table.c.id.in_(keys))


def in_words(key: str) -> str:
    """Return a key as people read it."""
    return " ".join(word.upper() if word in _INITIALS else word for word in key.split("_"))


def shown(noun: str, field: str, value: object, names: Names) -> str:
    """Return a value as people read it; nothing where there is none."""
    target = _target(noun, field)
    if target and isinstance(value, str):
        return names.get((target, value), value)
    table = table_named(noun)
    column = table.columns.get(field) if table is not None else None
    match value:
        case None | "":
            return ""
        case bool():
            return str(Text("word", "yes" if value else "no"))
        case str():
            return _of_column(column, value)
        case list() if all(not isinstance(one, (dict, list)) for one in value):
            return ", ".join(shown(noun, "", one, names) for one in value)
        case list():
            return "; ".join(shown(noun, "", one, names) for one in value)
        case dict():
            held = ((in_words(str(key)), shown(noun, "", one, names)) for key, one in value.items())
            return ", ".join(f"{key}: {text}" for key, text in held if text)
        case _:
            return str(value)


def _of_column(column: "Column[Any] | None", value: str) -> str:
    if column is None:
        return value
    try:
        match column.type:
            case Cents():
                return written("eur", Decimal(value))
            case Instant():
                return written("", datetime.fromisoformat(value))
            case Date():
                return written("", date.fromisoformat(value))
            case TypeDecorator(impl=String()):  # a word of an enumeration
                return in_words(value)
    except (ValueError, InvalidOperation):
        pass
    return value


def written(form: str, value: Value) -> str:
    """Return an amount (`eur`), a day or an instant as who reads it writes it."""
    pattern = f"{{value:{form}}}" if form else "{value}"
    return fill(pattern, {"value": value}, spoken_language(), word=lambda _, code: code)


def held(noun: str, fields: Mapping[str, object], names: Names, *, without: Sequence[str] = ()) -> list[Held]:
    """Return the fields of a row in the order of its table; what is empty is left out."""
    table = table_named(noun)
    known = [column.name for column in table.columns] if table is not None else []
    order = [name for name in dict.fromkeys((*known, *sorted(fields))) if name in fields and name not in without]
    return [
        Held(name, label_of(name), fields[name], text)
        for name in order
        if (text := shown(noun, name, fields[name], names))
    ]
