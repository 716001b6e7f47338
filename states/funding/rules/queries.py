"""What an office has of law: its documents, the shelf that they make, and the texts that frozen cases keep."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as rows_of

from states.errors import Fault, Missing
from states.funding.rules.definition import SetSpec
from states.funding.rules.documents import Document, kept_document, shelf_with
from states.funding.rules.library import RuleSet, RulesInvalid, Shelf, kept_set, shipped
from states.funding.rules.tables import DocumentState, RuleDocument, RuleText
from states.storage import Keys, PlainSelect, Reading, Readings, columns_of
from states.sweeps.apart import Failed, attempt
from states.texts import Text


@dataclass(frozen=True, slots=True)
class Known:
    """A document of an office, as far as cases depend on it."""

    slug: str
    number: int
    kind: str
    title: str
    text_digest: str
    state: DocumentState
    valid_from: date
    valid_to: date | None
    reason: str
    added_by: str

    @property
    def key(self) -> str:
        return f"{self.slug}@{self.number}"


def _documents(keys: Keys) -> PlainSelect:
    document = columns_of(RuleDocument)
    read = [document[name] for name in Known.__slots__]
    return select(document.partnership_id, *read).where(document.partnership_id.in_(keys))


def _texts(keys: Keys) -> PlainSelect:
    text = columns_of(RuleText)
    return select(text.digest, text.text).where(text.digest.in_(keys))


DOCUMENTS = Reading(Known, _documents)
TEXTS = Reading(str, _texts)

_MOST = 64
# What this process has read, by the digests of texts, which never change.
_READ: dict[str, Document] = {}
_KEPT: dict[str, RuleSet] = {}
_SHELVES: dict[tuple[tuple[str, bool], ...], Shelf] = {}


def shelf_of(read: Readings, partnership_id: str) -> Shelf:
    """Return every text of law that a partnership may use: what is shipped, and its own that is in force."""
    held = [one for one in read.of(DOCUMENTS, partnership_id) if one.state is DocumentState.IN_FORCE]
    return _shelf(read, held)


def shelf_for(session: Session, partnership_id: str) -> Shelf:
    """Return the same for one who reads nothing else."""
    return shelf_of(Readings(session), partnership_id)


def document_of(session: Session, row: RuleDocument) -> Document:
    """Return what a document says; raise `RulesInvalid` where it cannot be read."""
    found = _read_all(Readings(session), [row.text_digest])
    if row.text_digest not in found:
        key = f"{row.slug}@{row.number}"
        raise RulesInvalid(faults=[Fault("text", "cannot_be_read", remedy="add_document_anew", word=key)])
    return found[row.text_digest]


def shelf_with_document(session: Session, row: RuleDocument) -> Shelf:
    """Return a partnership's shelf as it would be with a document in force, whatever its state."""
    read = Readings(session)
    documents = read.of(DOCUMENTS, row.partnership_id)
    others = [one for one in documents if one.state is DocumentState.IN_FORCE and one.slug != row.slug]
    return _shelf(read, [*others, *(one for one in documents if one.key == f"{row.slug}@{row.number}")])


def kept_rules(read: Readings, digest: str) -> RuleSet:
    """Return the set that was kept under a digest, whatever has become of its documents; raise `Missing`."""
    if digest not in _KEPT:
        found = read.of(TEXTS, digest)
        if not found:
            raise Missing("rule_text", digest)
        _make_room(_KEPT)
        _KEPT[digest] = kept_set(found[0])
    return _KEPT[digest]


def rules_ended(rules: RuleSet, documents: Iterable[Known], shelf: Shelf) -> Iterator[str]:
    """Yield why what a frozen case rests on holds no longer: a document that was superseded or withdrawn since."""
    known = {one.key: one for one in documents}
    for key in rules.documents:
        one = known.get(key)
        if one is not None and one.state is DocumentState.WITHDRAWN:
            yield f"{rules.id}: {Text('why', 'rules_withdrawn', key=key, reason=one.reason)}"
        elif one is not None and one.state is DocumentState.SUPERSEDED:
            yield f"{rules.id}: {Text('why', 'rules_superseded', key=key, reason=one.reason)}"
    successor = shelf.documents.get(rules.id)
    if successor is not None and not any(key.startswith(f"{rules.id}@") for key in rules.documents):
        yield f"{rules.id}: {Text('why', 'rules_replaced', key=rules.id, successor=successor)}"


def documents_of(session: Session, partnership_id: str) -> list[RuleDocument]:
    """Return a partnership's documents by their short names, the newest version of each first."""
    query = rows_of(RuleDocument).where(RuleDocument.partnership_id == partnership_id)
    return list(session.exec(query.order_by(col(RuleDocument.slug), col(RuleDocument.number).desc())))


def document_by_key(session: Session, partnership_id: str, key: str) -> RuleDocument:
    """Return a document by id@version; by its id alone the one in force, else the newest. Raise `Missing`."""
    slug, _, number = key.partition("@")
    rows = [row for row in documents_of(session, partnership_id) if row.slug == slug]
    found = [row for row in rows if number in ("", str(row.number))]
    if not found:
        raise Missing("rule_document", key)
    return next((row for row in found if row.state is DocumentState.IN_FORCE), found[0])


def _shelf(read: Readings, documents: Iterable[Known]) -> Shelf:
    held = sorted(documents, key=lambda one: one.text_digest)
    if not held:
        return shipped()
    found = _read_all(read, [one.text_digest for one in held])
    wanted = tuple((one.text_digest, one.text_digest in found) for one in held)
    if wanted not in _SHELVES:
        _make_room(_SHELVES)
        unread = [one for one in held if one.text_digest not in found]
        _SHELVES[wanted] = _with_unread(shelf_with(found.values()), unread)
    return _SHELVES[wanted]


def _with_unread(shelf: Shelf, unread: Iterable[Known]) -> Shelf:
    """Keep the places of documents that cannot be read, so that nothing else is taken for one of them."""
    keys = {one.slug: one.key for one in unread}
    sets = {one.slug: _as_set(one) for one in unread if one.kind == "rule_set"}
    maps = tuple(key for key in shelf.maps if key not in keys)
    documents = {**shelf.documents, **keys}
    return replace(shelf, sets={**shelf.sets, **sets}, maps=maps, documents=documents, unread=keys)


def _as_set(one: Known) -> SetSpec:
    return SetSpec(
        id=one.slug,
        version=one.number,
        title=one.title,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        books=(one.slug,),
    )


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= _MOST:
        kept.clear()


def _read_all(read: Readings, digests: Iterable[str]) -> dict[str, Document]:
    """Return the documents by the digests of their texts; those that cannot be read are not among them."""
    wanted = tuple(digests)
    read.load({TEXTS: [digest for digest in wanted if digest not in _READ]})
    found = dict[str, Document]()
    for digest in wanted:
        document = _READ.get(digest) or _read(digest, read.of(TEXTS, digest))
        if document is not None:
            found[digest] = document
    _make_room(_READ)
    _READ.update(found)
    return found


def _read(digest: str, texts: list[str]) -> Document | None:
    """Return a document; None where its text is not the one that was kept, or has no shape that this release knows."""
    if not texts or sha256(texts[0].encode()).hexdigest() != digest:
        return None
    document = attempt(lambda: kept_document(texts[0]))
    return None if isinstance(document, Failed) else document
