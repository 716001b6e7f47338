"""Search over what somebody may read: each reader finds things by those words of them that this reader knows.

A hit never tells of more: what is not read is not searched, neither for the words that are wanted nor for those that
are excluded, and who judges blind finds a collaboration and its documents by their masked texts alone.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Protocol, TypeVar

from sqlalchemy import CTE, ColumnElement, and_, case, false, literal, not_, true, union_all
from sqlalchemy import select as plain
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.elements import False_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

import states.crossings.rights.providers  # noqa: F401 - they answer for documents
from states.archive.editions import around
from states.archive.evidence.tables import Evidence, EvidenceState
from states.archive.tables import DocumentKind, IssuedDocument
from states.collaborations.tables import Collaboration
from states.crossings.rights.collaborations import belonging_facts, blindings_behind, circumstances
from states.partners.tables import Organisation
from states.rights.access import Action, Actor, Scope, may
from states.rights.conditions import Fact, permitted_where
from states.search.matching import Level, matches
from states.search.tables import SearchEntry, SearchKind
from states.search.words import Words
from states.storage import PlainSelect, columns_of, table_of
from states.storage.paging import Order

Row = TypeVar("Row", Collaboration, Evidence, IssuedDocument, Organisation)

_ENTRY = columns_of(SearchEntry)


@dataclass(frozen=True, slots=True)
class Readable:
    """Entries of which somebody reads the same parts: which they are, up to which level, and whether blind."""

    which: ColumnElement[bool]
    level: Level
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found, by the title by which its reader knows it; an organisation has a short name too.

    Documents of one collaboration have one title: `document` says which one it is, `edition` which of its editions, and
    `replaced` whether another one counts. Of a file `evidence` is the kind, and `replaced` whether a newer one counts.
    """

    kind: SearchKind
    id: str
    title: str
    slug: str = ""
    document: DocumentKind | None = None
    edition: int | None = None
    replaced: bool | None = None
    evidence: str | None = None


class _Matched(Protocol):
    """What `matches` returns for some words, each made once."""

    def __call__(self, level: Level, /, *, blind: bool) -> CTE: ...


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, to be read in pages: rows of kind and id, what is found by its title first, then the newest."""

    query: Select[SearchKind, str]
    order: tuple[Order, ...]


def matching(session: Session, kind: SearchKind, words: Words | None, actor: Actor) -> ColumnElement[bool]:
    """Return the condition of a list that the actor finds a row of it by these words; without any, every row fits."""
    if words is None:
        return true()
    matched = cache(partial(matches, session, words))
    found = union_all(*(one.with_only_columns(_ENTRY.subject_id) for one in _entries(session, kind, matched, actor)))
    fits: ColumnElement[bool] = _ID[kind].in_(plain(found.subquery().c.subject_id))
    return fits


def search(session: Session, words: Words, actor: Actor, kinds: Collection[SearchKind]) -> Found:
    """Return what the actor finds of these kinds."""
    matched = cache(partial(matches, session, words))
    found = union_all(*(one for kind in kinds for one in _entries(session, kind, matched, actor))).subquery()
    return Found(select(found.c.kind, found.c.subject_id), (found.c.rank, found.c.number.desc()))


def hits(session: Session, actor: Actor, found: Sequence[tuple[SearchKind, str]]) -> list[Hit]:
    """Return what was found, titled as the actor may read it, in a fixed number of statements."""
    keys = {kind: [key for of, key in found if of is kind] for kind in SearchKind}
    collaborations = _by_id(session, Collaboration, keys[SearchKind.COLLABORATION])
    documents = _by_id(session, IssuedDocument, keys[SearchKind.DOCUMENT])
    beside = around(session, list(documents.values())) if documents else {}
    organisations = _by_id(session, Organisation, keys[SearchKind.ORGANISATION])
    files = _by_id(session, Evidence, keys[SearchKind.EVIDENCE])
    behind = [*collaborations, *(row.collaboration_id for row in documents.values())]
    blindings = blindings_behind(session, actor, behind)

    def titled(kind: SearchKind, key: str) -> Hit:
        match kind:
            case SearchKind.COLLABORATION:
                return Hit(kind, key, blindings[key].text(collaborations[key].title))
            case SearchKind.DOCUMENT:
                row = documents[key]
                title = blindings[row.collaboration_id].text(row.title)
                replaced = beside[key].replaced_by is not None
                return Hit(kind, key, title, document=row.kind, edition=row.edition, replaced=replaced)
            case SearchKind.ORGANISATION:
                return Hit(kind, key, organisations[key].name, organisations[key].slug)
            case SearchKind.EVIDENCE:
                filed = files[key]
                return Hit(
                    kind, key, filed.title, replaced=filed.state is EvidenceState.SUPERSEDED, evidence=filed.kind
                )

    return [titled(kind, key) for kind, key in found]


def _by_id(session: Session, kind: type[Row], keys: Sequence[str]) -> dict[str, Row]:
    return {row.id: row for row in session.exec(select(kind).where(col(kind.id).in_(keys)))} if keys else {}


def _entries(session: Session, kind: SearchKind, matched: _Matched, actor: Actor) -> list[PlainSelect]:
    """Return selects of the entries that match, none in two of them, by what the actor reads of them."""

    def entries(readable: Readable) -> PlainSelect:
        found, titled = matched(readable.level, blind=readable.blind), matched(Level.TITLE, blind=readable.blind)
        rank = case((_ENTRY.number.in_(plain(titled.c.number)), literal(0)), else_=literal(1)).label("rank")
        joined = found.join(table_of(SearchEntry), found.c.number == _ENTRY.number).join(
            _ID[kind].table, _ID[kind] == _ENTRY.subject_id
        )
        mine = (_ENTRY.kind == kind, _ENTRY.partnership_id == actor.partnership_id)
        return (
            plain(_ENTRY.number, _ENTRY.kind, _ENTRY.subject_id, rank).select_from(joined).where(*mine, readable.which)
        )

    readables = [*_READABLE[kind](session, actor)]
    some = [one for one in readables if not isinstance(one.which, False_)]
    return [entries(readable) for readable in some or readables[:1]]


def _of_collaborations(session: Session, actor: Actor) -> Iterator[Readable]:
    """Yield those of which the actor reads all, all but the protocol, and the outline; the last two blind as well."""
    outline, progress, protocol = (
        permitted_where(session, actor, Collaboration, action)
        for action in (Action.READ_COLLABORATION, Action.READ_PROGRESS, Action.READ_PROTOCOL)
    )
    blind = _blind(session, actor, col(Collaboration.id))
    yield Readable(and_(progress, protocol, not_(blind)), Level.INSIDE)
    for hides, holds in ((False, not_(blind)), (True, blind)):
        yield Readable(and_(progress, holds, true() if hides else not_(protocol)), Level.DETAILS, hides)
        yield Readable(and_(outline, holds, not_(progress)), Level.OUTLINE, hides)


def _of_organisations(_: Session, actor: Actor) -> Iterator[Readable]:
    """Yield all with their published profiles, as far as the role reads those; of the own one, all profiles."""
    here, own = Scope(actor.partnership_id), actor.organisation_id or ""
    level = Level.DETAILS if may(actor, Action.READ_PROFILES, here) else Level.OUTLINE
    everybodys = may(actor, Action.READ_PROFILE_CHECKS, here)
    owns = may(actor, Action.READ_PROFILE_CHECKS, replace(here, organisation_ids=frozenset({own})))
    inside = true() if everybodys else and_(_ENTRY.subject_id == own, true() if owns else false())
    yield Readable(inside, Level.INSIDE)
    yield Readable(not_(inside), level)


def _of_documents(session: Session, actor: Actor) -> Iterator[Readable]:
    """Yield those of collaborations that the actor judges blind, and all others."""
    readable = permitted_where(session, actor, IssuedDocument, Action.READ_DOCUMENT)
    blind = _blind(session, actor, col(IssuedDocument.collaboration_id))
    yield Readable(and_(readable, not_(blind)), Level.OUTLINE)
    yield Readable(and_(readable, blind), Level.OUTLINE, blind=True)


def _of_evidence(session: Session, actor: Actor) -> Iterator[Readable]:
    """Yield those that the actor may read by class, owner and stage."""
    yield Readable(permitted_where(session, actor, Evidence, Action.READ_EVIDENCE), Level.OUTLINE)


def _blind(session: Session, actor: Actor, key: Mapped[str] | Mapped[str | None]) -> ColumnElement[bool]:
    """Return the condition that the actor judges blind the collaboration whose id a column holds."""
    blind = belonging_facts(actor, circumstances(session, actor), key).get(Fact.BLIND)
    return false() if blind is None else blind()


_READABLE: dict[SearchKind, Callable[[Session, Actor], Iterator[Readable]]] = {
    SearchKind.COLLABORATION: _of_collaborations,
    SearchKind.ORGANISATION: _of_organisations,
    SearchKind.DOCUMENT: _of_documents,
    SearchKind.EVIDENCE: _of_evidence,
}
_ID = {
    SearchKind.COLLABORATION: columns_of(Collaboration).id,
    SearchKind.ORGANISATION: columns_of(Organisation).id,
    SearchKind.DOCUMENT: columns_of(IssuedDocument).id,
    SearchKind.EVIDENCE: columns_of(Evidence).id,
}
