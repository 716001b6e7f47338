"""Record issued documents, whose bytes lie in the store."""

from dataclasses import dataclass
from hashlib import sha256

from sqlmodel import Session, select

from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.clock import now
from states.outbox.service import publish


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as it came from the renderer."""

    kind: DocumentKind
    document_class: DocumentClass
    title: str
    subject_id: str
    context_sha256: str
    content: bytes


def record_document(
    session: Session, rendered: Rendered, *, partnership_id: str, collaboration_id: str | None = None
) -> IssuedDocument:
    """Record a document whose bytes are in the store; the same context of the same subject is recorded once."""
    query = select(IssuedDocument).where(
        IssuedDocument.kind == rendered.kind,
        IssuedDocument.subject_id == rendered.subject_id,
        IssuedDocument.context_sha256 == rendered.context_sha256,
    )
    known = session.exec(query).one_or_none()
    if known is not None:
        return known
    row = IssuedDocument(
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        subject_id=rendered.subject_id,
        kind=rendered.kind,
        document_class=rendered.document_class,
        title=rendered.title,
        sha256=sha256(rendered.content).hexdigest(),
        size=len(rendered.content),
        context_sha256=rendered.context_sha256,
        issued_at=now(),
    )
    session.add(row)
    session.flush()
    publish(
        session,
        "document.issued",
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        document_id=row.id,
        kind=rendered.kind.value,
    )
    return row
