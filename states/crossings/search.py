"""Search over what somebody may read: each reader finds things by those words of them that this reader knows.

A hit never tells of more: what is not read is not searched, neither for the words that are wanted nor for those that
are excluded, and who judges blind finds a collaboration and its documents by their masked texts alone.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, case, false, literal, true, union_all
from sqlalchemy import select as plain
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

import states.crossings.rights.providers  # noqa: F401 - they answer for documents
from states.archive.tables import IssuedDocument
from states.collaborations.tables import Collaboration, Member
from states.crossings.rights.collaborations import belongings, blindings_behind
from states.partners.tables import Organisation
from states.review.access import REVIEWERS
from states.review.tables import ReviewRound, RoundState, Seat
from states.rights.access import Action, Actor, Scope, may
from states.rights.scopes import permitted
from states.search.matching import Level, matches
from states.search.tables import SearchEntry, SearchKind
from states.search.words import Words
from states.storage import PlainSelect, columns_of
from states.storage.paging import Order

Row = TypeVar("Row", Collaboration, IssuedDocument, Organisation)

_ENTRY = columns_of(SearchEntry)


@dataclass(frozen=True, slots=True)
class Readable:
    """Entries of which somebody reads the same parts: which they are, up to which level, and whether blind."""

    which: ColumnElement[bool]
    level: Level
    blind: bool = False


_NOTHING = Readable(false(), Level.TITLE)  # so that there is a select where nothing may be read


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found, by the title by which its reader knows it; an organisation has a short name too."""

    kind: SearchKind
    id: str
    title: str
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, to be read in pages: rows of kind and id, what is found by its title first, then the newest."""

    query: Select[SearchKind, str]
    order: tuple[Order, ...]


def matching(session: Session, kind: SearchKind, words: Words, actor: Actor) -> PlainSelect:
    """Return the ids of what matches as the actor may read it, to be a condition of a list.

    Which of the documents the actor may read at all, the list decides.
    """
    return _ids(session, kind, words, actor, _scopes_apart(session, actor))


def search(session: Session, words: Words, actor: Actor, kinds: Collection[SearchKind]) -> Found:
    """Return what the actor finds of these kinds."""
    apart = _scopes_apart(session, actor)
    parts = [
        one for kind in kinds if kind is not SearchKind.DOCUMENT for one in _entries(session, kind, words, actor, apart)
    ]
    if SearchKind.DOCUMENT in kinds:
        shown = _documents(session, words, actor, apart)
        parts += [one.where(shown) for one in _entries(session, SearchKind.DOCUMENT, words, actor, apart)]
    found = union_all(*parts).subquery()
    return Found(select(found.c.kind, found.c.subject_id), (found.c.rank, found.c.number.desc()))


def hits(session: Session, actor: Actor, found: Sequence[tuple[SearchKind, str]]) -> list[Hit]:
    """Return what was found, titled as the actor may read it, in a fixed number of statements."""
    keys = {kind: [key for of, key in found if of is kind] for kind in SearchKind}
    collaborations = _by_id(session, Collaboration, keys[SearchKind.COLLABORATION])
    documents = _by_id(session, IssuedDocument, keys[SearchKind.DOCUMENT])
    organisations = _by_id(session, Organisation, keys[SearchKind.ORGANISATION])
    behind = [*collaborations, *(row.collaboration_id for row in documents.values())]
    blindings = blindings_behind(session, actor, behind)

    def titled(kind: SearchKind, key: str) -> Hit:
        match kind:
            case SearchKind.COLLABORATION:
                return Hit(kind, key, blindings[key].text(collaborations[key].title))
            case SearchKind.DOCUMENT:
                return Hit(kind, key, blindings[documents[key].collaboration_id].text(documents[key].title))
            case SearchKind.ORGANISATION:
                return Hit(kind, key, organisations[key].name, organisations[key].slug)

    return [titled(kind, key) for kind, key in found]


def _by_id(session: Session, kind: type[Row], keys: Sequence[str]) -> dict[str, Row]:
    return {row.id: row for row in session.exec(select(kind).where(col(kind.id).in_(keys)))} if keys else {}


def _ids(session: Session, kind: SearchKind, words: Words, actor: Actor, apart: Mapping[str, Scope]) -> PlainSelect:
    parts = [one.with_only_columns(_ENTRY.subject_id) for one in _entries(session, kind, words, actor, apart)]
    return plain(union_all(*parts).subquery().c.subject_id)


def _entries(
    session: Session, kind: SearchKind, words: Words, actor: Actor, apart: Mapping[str, Scope]
) -> Iterator[PlainSelect]:
    """Yield selects of the entries that match, none in two of them, by what the actor reads of them."""
    for readable in (*_READABLE[kind](actor, apart), _NOTHING):
        in_title = matches(session, words, Level.TITLE, blind=readable.blind)
        rank = case((in_title, literal(0)), else_=literal(1)).label("rank")
        yield plain(_ENTRY.number, _ENTRY.kind, _ENTRY.subject_id, rank).where(
            _ENTRY.kind == kind,
            _ENTRY.partnership_id == actor.partnership_id,
            readable.which,
            matches(session, words, readable.level, blind=readable.blind),
        )


def _documents(session: Session, words: Words, actor: Actor, apart: Mapping[str, Scope]) -> ColumnElement[bool]:
    """Return the condition that a document, which matches, may be read: what that depends on is asked row by row."""
    matched = col(IssuedDocument.id).in_(_ids(session, SearchKind.DOCUMENT, words, actor, apart))
    rows = session.exec(select(IssuedDocument).where(matched)).all()
    shown: ColumnElement[bool] = _ENTRY.subject_id.in_(
        [row.id for row in permitted(session, actor, rows, Action.READ_DOCUMENT)]
    )
    return shown


def _of_collaborations(actor: Actor, apart: Mapping[str, Scope]) -> Iterator[Readable]:
    """Yield those where a seat, a conflict or the partners matter, by what they open, and all that the role opens."""
    alike: dict[tuple[Level, bool], list[str]] = {}
    for key, scope in apart.items():
        if (level := _level(actor, scope)) is not None:
            alike.setdefault((level, scope.blind), []).append(key)
    for (level, blind), keys in alike.items():
        yield Readable(_ENTRY.subject_id.in_(keys), level, blind)
    if (level := _level(actor, Scope(actor.partnership_id))) is not None:
        yield Readable(_ENTRY.subject_id.not_in(list(apart)), level)


def _level(actor: Actor, scope: Scope) -> Level | None:
    """Return how much of a collaboration the actor reads; None where it is not even its outline."""
    if not may(actor, Action.READ_COLLABORATION, scope):
        return None
    if not may(actor, Action.READ_PROGRESS, scope):
        return Level.OUTLINE
    return Level.INSIDE if may(actor, Action.READ_PROTOCOL, scope) and not scope.blind else Level.DETAILS


def _scopes_apart(session: Session, actor: Actor) -> dict[str, Scope]:
    """Return what rights depend on, by collaboration, wherever it is more than the actor's role.

    That is where the actor has or had a seat, where the own organisation takes part, and for who scores where a round
    is open, which may be blind.
    """
    keys: set[str] = set()
    if actor.person_id is not None:
        seats = select(ReviewRound.collaboration_id).join(Seat, col(Seat.round_id) == col(ReviewRound.id))
        keys.update(session.exec(seats.where(Seat.person_id == actor.person_id)))
    if actor.organisation_id is not None:
        own = select(Member.collaboration_id).where(
            Member.organisation_id == actor.organisation_id, col(Member.left_on).is_(None)
        )
        keys.update(session.exec(own))
    if actor.role in REVIEWERS:
        opened = select(ReviewRound.collaboration_id).where(ReviewRound.state == RoundState.OPEN)
        keys.update(session.exec(opened))
    here = select(Collaboration).where(
        col(Collaboration.id).in_(keys), Collaboration.partnership_id == actor.partnership_id
    )
    rows = session.exec(here).all() if keys else []
    found = belongings(session, actor, [row.id for row in rows], known=rows)
    return {row.id: found[row.id].scope for row in rows}


def _of_organisations(actor: Actor, _: Mapping[str, Scope]) -> Iterator[Readable]:
    """Yield all with their published profiles, as far as the role reads those; of the own one, all profiles."""
    here = Scope(actor.partnership_id)
    level = Level.DETAILS if may(actor, Action.READ_PROFILES, here) else Level.OUTLINE
    if may(actor, Action.READ_PROFILE_CHECKS, here):
        yield Readable(true(), Level.INSIDE)
        return
    own = actor.organisation_id
    if own is not None and may(
        actor, Action.READ_PROFILE_CHECKS, Scope(actor.partnership_id, organisation_ids=frozenset({own}))
    ):
        yield Readable(_ENTRY.subject_id == own, Level.INSIDE)
        yield Readable(_ENTRY.subject_id != own, level)
    else:
        yield Readable(true(), level)


def _of_documents(_: Actor, apart: Mapping[str, Scope]) -> Iterator[Readable]:
    """Yield those of collaborations that the actor judges blind, and all others."""
    blind = [key for key, scope in apart.items() if scope.blind]
    yield Readable(_ENTRY.collaboration_id.in_(blind), Level.OUTLINE, blind=True)
    yield Readable(_ENTRY.collaboration_id.is_(None) | _ENTRY.collaboration_id.not_in(blind), Level.OUTLINE)


_READABLE: dict[SearchKind, Callable[[Actor, Mapping[str, Scope]], Iterator[Readable]]] = {
    SearchKind.COLLABORATION: _of_collaborations,
    SearchKind.ORGANISATION: _of_organisations,
    SearchKind.DOCUMENT: _of_documents,
}
