"""Keep issued documents: the bytes content-addressed in the store, the record in the database."""

from dataclasses import dataclass
from hashlib import sha256

import fsspec
from sqlmodel import Session, select

from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.clock import now
from states.errors import Missing
from states.outbox.service import publish
from states.settings import settings
from states.storage import new_id


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as it came from the renderer."""

    kind: DocumentKind
    document_class: DocumentClass
    title: str
    subject_id: str
    context_sha256: str
    content: bytes


def keep_bytes(content: bytes) -> str:
    """Put bytes into the store under their SHA-256 and return it; the same bytes are kept once."""
    digest = sha256(content).hexdigest()
    filesystem, root = fsspec.url_to_fs(settings().store)
    path = _path(root, digest)
    if not filesystem.exists(path):
        filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
        part = f"{path}.{new_id()}"  # its own, so that two who keep the same bytes at once do not take it away
        filesystem.pipe_file(part, content)
        filesystem.mv(part, path)  # never a half-written file under a true name
    return digest


def read_bytes(digest: str) -> bytes:
    """Return the bytes of that SHA-256, or raise `Missing`; bytes that do not fit their name count as missing."""
    filesystem, root = fsspec.url_to_fs(settings().store)
    try:
        content = bytes(filesystem.cat_file(_path(root, digest)))
    except FileNotFoundError as error:
        raise Missing("stored_file", digest) from error
    if sha256(content).hexdigest() != digest:
        raise Missing("intact_stored_file", digest)
    return content


def _path(root: str, digest: str) -> str:
    return f"{root}/{digest[:2]}/{digest}"


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
