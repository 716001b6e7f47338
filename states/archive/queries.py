"""Reads of issued documents."""

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.archive.tables import DocumentKind, IssuedDocument
from states.errors import Missing
from states.storage.paging import Order


def document_by_id(session: Session, key: str) -> IssuedDocument:
    """Return the document's record, or raise `Missing`."""
    found = session.get(IssuedDocument, key)
    if found is None:
        raise Missing("document", key)
    return found


ORDERS: dict[str, Order] = {"issued": col(IssuedDocument.issued_at)}
"""By what a list of documents is sorted."""


def find_documents(
    partnership_id: str,
    *conditions: ColumnElement[bool],
    collaboration_id: str | None = None,
    kind: DocumentKind | None = None,
) -> SelectOfScalar[IssuedDocument]:
    """Return the query of a partnership's documents, to be read in one of the `ORDERS`."""
    query = select(IssuedDocument).where(IssuedDocument.partnership_id == partnership_id, *conditions)
    if collaboration_id is not None:
        query = query.where(IssuedDocument.collaboration_id == collaboration_id)
    return query if kind is None else query.where(IssuedDocument.kind == kind)


def documents_of(session: Session, *, partnership_id: str, collaboration_id: str | None = None) -> list[IssuedDocument]:
    """Return the documents of a partnership, or of one collaboration, in the order of their issue."""
    query = find_documents(partnership_id, collaboration_id=collaboration_id)
    return list(session.exec(query.order_by(col(IssuedDocument.issued_at), col(IssuedDocument.id))))
