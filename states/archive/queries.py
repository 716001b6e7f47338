"""Reads of issued documents."""

from collections.abc import Collection, Mapping
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.archive.editions import Printing
from states.archive.tables import DocumentKind, IssuedDocument
from states.errors import Missing
from states.outbox.tables import OutboxMessage
from states.storage.paging import Order


def document_by_id(session: Session, key: str) -> IssuedDocument:
    """Return the document's record, or raise `Missing`."""
    found = session.get(IssuedDocument, key)
    if found is None:
        raise Missing("document", key)
    return found


REQUESTED = "document.requested"
"""The message that asks for a document, or that one be printed again."""

ORDERS: dict[str, Order] = {"issued": col(IssuedDocument.issued_at)}
"""By what a list of documents is sorted."""


def find_documents(
    partnership_id: str,
    *conditions: ColumnElement[bool],
    collaboration_id: str | None = None,
    merged_ids: Collection[str] = (),
    kind: DocumentKind | None = None,
    replaced: bool | None = None,
) -> SelectOfScalar[IssuedDocument]:
    """Return the query of a partnership's documents, to be read in one of the `ORDERS`.

    `merged_ids` are the collaborations that went over into the one of the `collaboration_id`: theirs stand beside.

    `replaced` asks for the editions that were replaced, or for those that were not.
    """
    query = select(IssuedDocument).where(IssuedDocument.partnership_id == partnership_id, *conditions)
    if collaboration_id is not None:
        query = query.where(col(IssuedDocument.collaboration_id).in_([collaboration_id, *merged_ids]))
    if replaced is not None:
        query = query.where(~is_current() if replaced else is_current())
    return query if kind is None else query.where(IssuedDocument.kind == kind)


listed_documents = lru_cache(maxsize=128)(find_documents)
"""The same query where the same list is asked for again: its statements are made once."""


def is_current() -> ColumnElement[bool]:
    """Return the condition of an edition that none has replaced."""
    later = aliased(IssuedDocument)
    return ~(
        select(later.id)
        .where(
            later.kind == col(IssuedDocument.kind),
            later.subject_id == col(IssuedDocument.subject_id),
            later.language == col(IssuedDocument.language),
            later.edition > col(IssuedDocument.edition),
        )
        .exists()
    )


def find_outdated(
    session: Session,
    partnership_id: str,
    kind: DocumentKind,
    printings: Mapping[str, Printing],
    *conditions: ColumnElement[bool],
) -> SelectOfScalar[IssuedDocument]:
    """Return the query of a partnership's current documents of a kind that another template, other fonts or another
    renderer have printed; without those that are asked to be printed again. `printings` are by language."""
    otherwise = or_(*(_printed_otherwise(language, printing) for language, printing in printings.items()))
    unasked = col(IssuedDocument.id).not_in(awaited_documents(session))
    return find_documents(partnership_id, otherwise, unasked, *conditions, kind=kind, replaced=False)


def _printed_otherwise(language: str, printing: Printing) -> ColumnElement[bool]:
    differs = or_(
        col(IssuedDocument.template) != printing.template,
        col(IssuedDocument.fonts) != printing.fonts,
        col(IssuedDocument.renderer) != printing.renderer,
    )
    return and_(col(IssuedDocument.language) == language, differs)


def documents_of(session: Session, *, partnership_id: str, collaboration_id: str | None = None) -> list[IssuedDocument]:
    """Return the documents of a partnership, or of one collaboration, in the order of their issue."""
    query = find_documents(partnership_id, collaboration_id=collaboration_id)
    return list(session.exec(query.order_by(col(IssuedDocument.issued_at), col(IssuedDocument.id))))


def awaited_documents(session: Session) -> frozenset[str]:
    """Return the ids of documents that are asked to be printed again, and are not yet: also where that was given up."""
    query = select(OutboxMessage).where(OutboxMessage.name == REQUESTED, col(OutboxMessage.done_at).is_(None))
    return frozenset(row.payload["document_id"] for row in session.exec(query) if "document_id" in row.payload)
