"""Reads of issued documents."""

from sqlmodel import Session, col, select

from states.archive.tables import IssuedDocument
from states.errors import Missing
from states.storage import PlainSelect


def document_by_id(session: Session, key: str) -> IssuedDocument:
    """Return the document's record, or raise `Missing`."""
    found = session.get(IssuedDocument, key)
    if found is None:
        raise Missing("document", key)
    return found


def documents_of(
    session: Session,
    *,
    partnership_id: str,
    collaboration_id: str | None = None,
    among: PlainSelect | None = None,
) -> list[IssuedDocument]:
    """Return the documents of a partnership, or of one collaboration, in their order, `among` those of these ids."""
    query = select(IssuedDocument).where(IssuedDocument.partnership_id == partnership_id)
    if collaboration_id is not None:
        query = query.where(IssuedDocument.collaboration_id == collaboration_id)
    if among is not None:
        query = query.where(col(IssuedDocument.id).in_(among))
    return list(session.exec(query.order_by(col(IssuedDocument.issued_at), col(IssuedDocument.id))))
