"""What a document shows: gathered from the rows as they stand, or as it was when an edition was issued."""

from dataclasses import dataclass
from hashlib import sha256

from pydantic import ValidationError
from sqlmodel import Session

from documents.catalogue import PAPERS
from documents.meta import DocumentContext
from states.archive.tables import DocumentKind, IssuedDocument, KeptContext
from states.texts.text import speaking


@dataclass(frozen=True, slots=True)
class Shown:
    """A context, and the JSON as which it is kept: of an older release it may have fewer fields."""

    context: DocumentContext
    text: str

    @property
    def sha256(self) -> str:
        """The digest by which it is known."""
        return sha256(self.text.encode()).hexdigest()


def gathered(session: Session, kind: DocumentKind, subject_id: str, language: str) -> Shown:
    """Return what a document of this kind and subject shows now, said in a language, or raise `Missing`."""
    with speaking(language):
        context = PAPERS[kind].gather(session, subject_id=subject_id)
    return Shown(context, context.model_dump_json())


def shown_by(session: Session, row: IssuedDocument) -> Shown:
    """Return what an issued document shows.

    It is gathered anew where it was not kept (release 0.1.0), or where this release can no longer print it.
    """
    kept = session.get(KeptContext, row.context_sha256)
    if kept is not None:
        try:
            return Shown(PAPERS[row.kind].context.model_validate_json(kept.content), kept.content)
        except ValidationError:
            pass
    return gathered(session, row.kind, row.subject_id, row.language)
