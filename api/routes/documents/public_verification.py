"""Routes for whoever holds a paper: whether it is genuine, by the code on its cover or by the file, without a token.

They tell which kind of document it is, which edition, its dates, and whether a newer one exists; nothing else.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field
from sqlmodel import Session

from api.http.dependencies import Tx
from api.http.schemas import Output
from states.archive.codes import shown_code
from states.archive.editions import newest_edition
from states.archive.tables import DocumentKind, IssuedDocument
from states.archive.verification import Verdict, document_by_code, verify_file
from states.storage import begin

router = APIRouter(tags=["documents"])


class NewerEditionOut(Output):
    edition: int
    issued_at: datetime


class GenuineOut(Output):
    """What anybody may know of a document that was issued here."""

    code: str | None = Field(description="as it is printed on the cover; null: printed by an earlier release")
    kind: DocumentKind
    language: str = Field(description="in which it is written; ISO 639-1")
    edition: int
    issued_at: datetime
    newer: NewerEditionOut | None = Field(description="the edition that counts now; null: it is this one")


class FileVerdictOut(Output):
    verdict: Verdict = Field(
        description="`unaltered`: issued here, and these are its bytes; `extended`: so it begins, and somebody has"
        " added to it; `altered`: it says that it is one of ours, but has other bytes; `unknown`: it is none"
    )
    document: GenuineOut | None


@router.get("/verification/{code}")
def get_public_verification(code: str, session: Tx) -> GenuineOut:
    """Say by the code on its cover what a paper is, and whether a newer edition exists."""
    return genuine(session, document_by_code(session, code))


@router.post("/verification")
def post_public_verification(
    file: Annotated[bytes, Body(media_type="application/pdf", description="the file as it was received")],
) -> FileVerdictOut:
    """Say to anybody whether a file was issued here, byte by byte; nothing of it is kept."""
    return verdict_of(file)


def verdict_of(file: bytes) -> FileVerdictOut:
    """Return what anybody may know of a file."""
    with begin(read_only=True) as session:
        found = verify_file(session, file)
        document = genuine(session, found.document) if found.document is not None else None
        return FileVerdictOut(verdict=found.verdict, document=document)


def genuine(session: Session, row: IssuedDocument) -> GenuineOut:
    """Return what anybody may know of a document."""
    newest = newest_edition(session, row.kind, row.subject_id, row.language)
    newer = newest if newest is not None and newest.edition > row.edition else None
    return GenuineOut(
        code=shown_code(row.code) if row.code else None,
        kind=row.kind,
        language=row.language,
        edition=row.edition,
        issued_at=row.issued_at,
        newer=None if newer is None else NewerEditionOut(edition=newer.edition, issued_at=newer.issued_at),
    )
