"""What an office sees of the law: shipped sets and maps beside its own documents, their texts, and how two differ."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from io import StringIO

from ruamel.yaml import YAML
from sqlmodel import Session

from states.errors import Fault, Missing
from states.funding.rules.comparison import Difference, compare_documents, compare_sets
from states.funding.rules.definition import Book, Identity, SetSpec
from states.funding.rules.documents import Document, MapDocument, SetDocument, shelf_with
from states.funding.rules.library import RulesInvalid, Shelf, shipped
from states.funding.rules.queries import document_by_key, document_of, documents_of, shelf_for, shelf_with_document
from states.funding.rules.tables import DocumentState, RuleDocument, RuleText

SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as it is listed; what is shipped has the state `shipped` and the row version 0."""

    key: str
    kind: str
    slug: str
    number: int
    title: str
    eli: str
    valid_from: date
    valid_to: date | None
    state: str
    holds: bool
    added_as: str = ""
    added_at: datetime | None = None
    verified_as: str = ""
    verified_at: datetime | None = None
    reason: str = ""
    version: int = 0


def entries_of(session: Session, partnership_id: str, *, on: date) -> list[Entry]:
    """Return what is shipped, then an office's own documents, the newest version of each first."""
    shelf = shelf_for(session, partnership_id)
    own = [_own(row, shelf, on) for row in documents_of(session, partnership_id)]
    return [*shipped_entries(on=on, shelf=shelf), *own]


def shipped_entries(*, on: date, shelf: Shelf | None = None) -> list[Entry]:
    """Return what is shipped, beside an office's own shelf."""
    known = shipped()
    maps = [book for book in known.books.values() if book.aid_map]
    entries = [_shipped(one, "rule_set", shelf or known, on) for one in known.calendar]
    return [*entries, *(_shipped(one, "aid_map", shelf or known, on) for one in maps)]


def shipped_entry(key: str, *, on: date) -> Entry:
    """Return what is shipped under an id or id@version; raise `Missing`."""
    return _entry(shipped_entries(on=on), key)


def entry_named(session: Session, partnership_id: str, key: str, *, on: date) -> Entry:
    """Return an entry by its id or id@version, an own document before what is shipped; raise `Missing`."""
    return _entry(entries_of(session, partnership_id, on=on), key)


def _entry(entries: list[Entry], key: str) -> Entry:
    found = [one for one in entries if key in (one.key, one.slug)]
    if not found:
        raise Missing("rule_document", key)
    ranks = {DocumentState.IN_FORCE.value: 0, SHIPPED: 2}
    return min(found, key=lambda one: ranks.get(one.state, 1))


def text_of(session: Session, partnership_id: str, entry: Entry) -> str:
    """Return the YAML of an entry; of what is shipped a document to begin one's own with."""
    if entry.state != SHIPPED:
        row = document_by_key(session, partnership_id, entry.key)
        return session.get_one(RuleText, row.text_digest).text
    return shipped_text(entry.slug)


def shipped_text(key: str) -> str:
    """Return a shipped set or map as a document: its first act in full, the others by their ids."""
    known = shipped()
    if key in known.sets:
        spec = known.sets[key]
        first, *others = (known.books[one] for one in spec.books)
        content = {name: getattr(first, name) for name in ("rules", "articles", "size_limits")}
        identity = {name: getattr(spec, name) for name in Identity.model_fields}
        books = tuple(one.id for one in others if not one.aid_map)
        return _yaml(SetDocument(**identity, **content, kind="rule_set", books=books))
    if key in known.books and known.books[key].aid_map:
        book = known.books[key]
        identity = {name: getattr(book, name) for name in Identity.model_fields}
        return _yaml(MapDocument(**identity, kind="aid_map", aid_map=book.aid_map))
    raise Missing("rule_document", key)


def shelf_under(session: Session, partnership_id: str, key: str) -> tuple[str, Shelf]:
    """Return the name of a rule set, and the shelf on which it is: an own document in any state, or what is shipped."""
    try:
        row = document_by_key(session, partnership_id, key)
    except Missing:
        shelf = shelf_for(session, partnership_id)
        if key not in shelf.sets:
            raise Missing("rule_set", key) from None
        return key, shelf
    if row.kind != "rule_set":
        raise Missing("rule_set", key)
    return row.slug, shelf_with_document(session, row)


def compare_keys(session: Session, partnership_id: str, key: str, other: str) -> list[Difference]:
    """Return what differs between two entries of one kind."""
    first, second = (comparable_named(session, partnership_id, one) for one in (key, other))
    return compare(first, second)


Comparable = tuple[str, Shelf] | Document
"""A rule set by its name on a shelf, or a document of another kind."""


def comparable(document: Document) -> Comparable:
    """Return a document of a file as it is compared."""
    return (document.id, shelf_with([document])) if isinstance(document, SetDocument) else document


def compare(before: Comparable, after: Comparable) -> list[Difference]:
    """Return what differs between two rule sets, two maps or two lists of categories."""
    if isinstance(before, tuple) and isinstance(after, tuple):
        (name, shelf), (later, other) = before, after
        return compare_sets(shelf.rule_set(name), other.rule_set(later), shelf, other)
    if isinstance(before, tuple) or isinstance(after, tuple) or before.kind != after.kind:
        raise RulesInvalid(faults=[Fault("with", "kinds_differ", remedy="name_two_of_one_kind")])
    return compare_documents(before, after)


def comparable_named(session: Session, partnership_id: str, key: str) -> Comparable:
    """Return a document by its key, own or shipped, as it is compared; raise `Missing`."""
    try:
        row = document_by_key(session, partnership_id, key)
    except Missing:
        return shipped_comparable(key)
    if row.kind == "rule_set":
        return row.slug, shelf_with_document(session, row)
    return document_of(session, row)


def shipped_comparable(key: str) -> Comparable:
    """Return a shipped set or map as it is compared."""
    known, (slug, _, _) = shipped(), key.partition("@")
    if slug in known.sets:
        return slug, known
    if slug in known.books and known.books[slug].aid_map:
        book = known.books[slug]
        identity = {name: getattr(book, name) for name in Identity.model_fields}
        return MapDocument(**identity, kind="aid_map", aid_map=book.aid_map)
    raise Missing("rule_document", key)


def _shipped(one: SetSpec | Book, kind: str, shelf: Shelf, on: date) -> Entry:
    replaced = one.id in shelf.documents
    identity = (f"{one.id}@{one.version}", kind, one.id, one.version, one.title, one.eli or "")
    holds = not replaced and _holds(one, one.id, shelf, on)
    reason = f"replaced by {shelf.documents[one.id]}" if replaced else ""
    return Entry(*identity, one.valid_from, one.valid_to, SHIPPED, holds, reason=reason)


def _own(row: RuleDocument, shelf: Shelf, on: date) -> Entry:
    key = f"{row.slug}@{row.number}"
    used = row.state is DocumentState.IN_FORCE and shelf.documents.get(row.slug) == key
    unread = shelf.unread.get(row.slug) == key
    return Entry(
        *(key, row.kind, row.slug, row.number, row.title, row.eli, row.valid_from, row.valid_to, row.state.value),
        holds=used and not unread and _holds(row, row.slug, shelf, on),
        added_as=row.added_as,
        added_at=row.added_at,
        verified_as=row.verified_as,
        verified_at=row.verified_at,
        reason="it cannot be read: add it anew as the next version" if unread else row.reason,
        version=row.version,
    )


def _holds(one: SetSpec | Book | RuleDocument, slug: str, shelf: Shelf, on: date) -> bool:
    """Tell whether it counts on a day: of the sets the one that the day picks, else by its dates."""
    if slug in shelf.sets:
        found = shelf.holding(on)
        return found is not None and found.id == slug
    return one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)


def _yaml(document: SetDocument | MapDocument) -> str:
    tree = _plain(document.model_dump(exclude_defaults=True, exclude={"kind", "id", "version"}))
    assert isinstance(tree, dict)
    writer, out = YAML(typ="safe", pure=True), StringIO()
    writer.default_flow_style, writer.width = False, 110
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.representer.ignore_aliases = lambda _: True
    writer.dump({"kind": document.kind, "id": document.id, "version": document.version, **tree}, out)
    return out.getvalue()


def _plain(value: object) -> object:
    """Return a value as people write it in YAML: 50 and 7.5 rather than 50.00."""
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case tuple() | list() | frozenset():
            return [_plain(one) for one in value]
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case StrEnum():
            return value.value
        case _:
            return value
