"""Record issued documents, whose bytes lie in the store, and ask for new editions of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session

from states.archive.codes import Stamp
from states.archive.editions import Printing, differences, newest_edition, reasons
from states.archive.queries import REQUESTED, awaited_documents, document_by_id
from states.archive.sealed_copies import request_seal
from states.archive.store import Kept, verify
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument, KeptContext
from states.changes import record
from states.clock import now
from states.errors import Invalid, Refusal, Refused
from states.outbox.service import publish
from states.outbox.tables import OutboxMessage
from states.settings import settings
from states.texts.catalogue import LANGUAGES
from states.texts.text import SOURCE


def offered(language: str) -> str:
    """Return a language in which papers are; raise `Invalid` for another one."""
    if language not in LANGUAGES:
        raise Invalid("language_not_offered", field="language", remedy="one_of", language=language, known=LANGUAGES)
    return language


class NoNewEdition(Refused):
    """No new edition of this document can be asked for."""

    code = "document_edition_refused"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as it came from the renderer; `context` is what it shows, as JSON."""

    kind: DocumentKind
    document_class: DocumentClass
    title: str
    subject_id: str
    context: str
    content: bytes
    printing: Printing
    issued_at: datetime = field(default_factory=now)
    stamp: Stamp | None = None
    language: str = SOURCE

    @property
    def context_sha256(self) -> str:
        """The digest of what it shows."""
        return sha256(self.context.encode()).hexdigest()

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return sha256(self.content).hexdigest()


def is_issued(row: IssuedDocument, context_sha256: str, printing: Printing) -> bool:
    """Tell whether what would be printed is this edition: the same content by the same template, fonts and renderer."""
    return row.context_sha256 == context_sha256 and not differences(row, printing)


def record_document(
    session: Session,
    rendered: Rendered,
    *,
    partnership_id: str,
    collaboration_id: str | None = None,
    newest_is_lost: bool = False,
) -> IssuedDocument:
    """Record a document whose bytes are in the store, as the next edition of its kind, subject and language.

    Where the same content came out as the same bytes it is the current edition, which notes by what it was printed now.
    `newest_is_lost` says that the store has no intact file of the current edition.
    """
    if session.get(KeptContext, rendered.context_sha256) is None:
        session.add(KeptContext(sha256=rendered.context_sha256, content=rendered.context))
    newest = newest_edition(session, rendered.kind, rendered.subject_id, rendered.language)
    printing = rendered.printing
    if newest is not None and (newest.context_sha256, newest.sha256) == (rendered.context_sha256, rendered.sha256):
        if newest.edition == 1 or newest.template:  # the cover of a later one of 0.1.0 says nothing of its edition
            newest.template, newest.fonts, newest.renderer = printing.template, printing.fonts, printing.renderer
        newest.lost_at = None
        return newest
    because = reasons(newest, rendered.context_sha256, printing, is_lost=newest_is_lost)
    if newest is not None and newest_is_lost:
        newest.lost_at = now()
    row = IssuedDocument(
        partnership_id=partnership_id,
        collaboration_id=collaboration_id,
        subject_id=rendered.subject_id,
        kind=rendered.kind,
        language=rendered.language,
        document_class=rendered.document_class,
        title=rendered.title,
        sha256=rendered.sha256,
        size=len(rendered.content),
        context_sha256=rendered.context_sha256,
        issued_at=rendered.issued_at,
        edition=newest.edition + 1 if newest else 1,
        because=[reason.value for reason in because],
        template=printing.template,
        fonts=printing.fonts,
        renderer=printing.renderer,
        code=rendered.stamp.code if rendered.stamp else None,
        verified_at=rendered.stamp.address if rendered.stamp else None,
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
    if settings().seal_key is not None:
        request_seal(session, row)
    return row


def note_loss(session: Session, key: str, *, is_lost: bool) -> IssuedDocument:
    """Note of a document whether the store has no intact file of it that could be made anew."""
    row = document_by_id(session, key)
    row.lost_at = (row.lost_at or now()) if is_lost else None
    return row


def ask_for_edition(session: Session, row: IssuedDocument, printing: Printing) -> OutboxMessage:
    """Ask that a document be printed again by this template, these fonts and this renderer; a flow does it.

    Raise `NoNewEdition` where it was replaced, or where they have printed it already and its file is intact.
    """
    newest = newest_edition(session, row.kind, row.subject_id, row.language)
    if newest is not None and newest.id != row.id:
        raise NoNewEdition([Refusal("edition_replaced", where=f"documents/{newest.id}", edition=newest.edition)])
    if not differences(row, printing) and verify(row.sha256) is Kept.INTACT:
        raise NoNewEdition([Refusal("edition_current", edition=row.edition)])
    return _ask(session, row)


def ask_for_editions(session: Session, rows: Sequence[IssuedDocument]) -> None:
    """Ask that each of these current editions be printed again, unless somebody did."""
    awaited = awaited_documents(session)
    for row in rows:
        if row.id not in awaited:
            _ask(session, row)


def ask_for_healing(session: Session, row: IssuedDocument) -> OutboxMessage:
    """Ask that the file of a document be made anew; it is the machine's own repair and no person's change."""
    return _publish(session, row)


def ask_for_language(session: Session, row: IssuedDocument, language: str) -> OutboxMessage:
    """Ask for the same document in another language, as the rows stand; raise `Invalid` for one that papers lack."""
    return publish(
        session,
        REQUESTED,
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
        kind=row.kind.value,
        subject_id=row.subject_id,
        language=offered(language),
    )


def _ask(session: Session, row: IssuedDocument) -> OutboxMessage:
    record(
        session,
        "issued_document",
        row.id,
        field="edition_asked_for",
        before=None,
        after=row.edition + 1,
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
    )
    return _publish(session, row)


def _publish(session: Session, row: IssuedDocument) -> OutboxMessage:
    return publish(
        session,
        REQUESTED,
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
        kind=row.kind.value,
        subject_id=row.subject_id,
        document_id=row.id,
    )
