"""Sealed copies of documents: asked for, recorded beside the document, handed out in its place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from states.archive.store import Kept, verify
from states.archive.tables import DocumentSeal, IssuedDocument, SealLevel
from states.clock import now
from states.errors import Refusal, Refused
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage
from states.settings import settings

SEAL_REQUESTED = "document.seal_requested"
"""The message that asks for a seal."""

SEALER = "seal_document"
"""The consumer that makes it."""


class NoSeal(Refused):
    """No seal of this document can be asked for."""

    code = "document_seal_refused"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed copy as it was made: its bytes, and by whom and how."""

    content: bytes
    level: SealLevel
    signer: str
    certificate_sha256: str
    authority: str
    sealed_at: datetime = field(default_factory=now)


def ask_for_seal(session: Session, row: IssuedDocument) -> OutboxMessage:
    """Ask that a document be sealed; a flow does it. Raise `NoSeal` where there is no key, or an intact sealed copy."""
    if settings().seal_key is None:
        raise NoSeal([Refusal("no_seal_key")])
    newest = seals_of(session, [row.id]).get(row.id)
    if newest is not None and verify(newest.sha256) is Kept.INTACT:
        raise NoSeal([Refusal("document_sealed", where=f"documents/{row.id}", signer=newest.signer)])
    return request_seal(session, row)


def request_seal(session: Session, row: IssuedDocument) -> OutboxMessage:
    """Publish the message that asks for a seal."""
    return publish(
        session,
        SEAL_REQUESTED,
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
        document_id=row.id,
        kind=row.kind.value,
    )


def record_seal(session: Session, row: IssuedDocument, made: Sealed) -> DocumentSeal:
    """Record a sealed copy whose bytes are in the store; earlier ones stay what they are."""
    copy = DocumentSeal(
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
        document_id=row.id,
        sha256=sha256(made.content).hexdigest(),
        size=len(made.content),
        level=made.level,
        signer=made.signer,
        certificate_sha256=made.certificate_sha256,
        authority=made.authority,
        sealed_at=made.sealed_at,
    )
    session.add(copy)
    session.flush()
    return copy


def seals_of(session: Session, keys: Collection[str]) -> dict[str, DocumentSeal]:
    """Return the last seal of each of these documents that has one."""
    query = select(DocumentSeal).where(col(DocumentSeal.document_id).in_(keys))
    rows = session.exec(query.order_by(col(DocumentSeal.sealed_at), col(DocumentSeal.id))) if keys else ()
    return {row.document_id: row for row in rows}


def unsealed(session: Session, *conditions: ColumnElement[bool]) -> Sequence[IssuedDocument]:
    """Return the documents that have no seal."""
    has_seal = select(DocumentSeal.id).where(DocumentSeal.document_id == col(IssuedDocument.id)).exists()
    query = select(IssuedDocument).where(~has_seal, *conditions)
    return session.exec(query.order_by(col(IssuedDocument.issued_at), col(IssuedDocument.id))).all()
