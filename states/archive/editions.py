"""Editions of a document: by what it was printed, why one replaced another, and what came before and after it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from states.archive.codes import Stamp
from states.archive.tables import Because, DocumentKind, IssuedDocument


@dataclass(frozen=True, slots=True)
class Printing:
    """By what a document is printed: the digests of its template and of the fonts, and the renderer in words."""

    template: str
    fonts: str
    renderer: str


def printing_of(row: IssuedDocument) -> Printing | None:
    """Return by what a document was printed; None for one of release 0.1.0, which did not record it."""
    return Printing(row.template, row.fonts, row.renderer) if row.template else None


def stamp_of(row: IssuedDocument) -> Stamp | None:
    """Return what the cover of a document says of where it can be checked; None for one of an earlier release."""
    return Stamp(row.code, row.verified_at) if row.code and row.verified_at else None


def differences(row: IssuedDocument, printing: Printing) -> tuple[Because, ...]:
    """Return in what this printing differs from the one on record."""
    if (recorded := printing_of(row)) is None:
        return (Because.UNRECORDED,)
    found = {
        Because.TEMPLATE: recorded.template != printing.template,
        Because.FONTS: recorded.fonts != printing.fonts,
        Because.RENDERER: recorded.renderer != printing.renderer,
    }
    return tuple(reason for reason, differs in found.items() if differs)


def reasons(
    newest: IssuedDocument | None, context_sha256: str, printing: Printing, *, is_lost: bool
) -> tuple[Because, ...]:
    """Return why what is printed takes the place of the current edition; of a first one there is nothing to say."""
    if newest is None:
        return ()
    found = {
        Because.CONTENT: newest.context_sha256 != context_sha256,
        **dict.fromkeys(differences(newest, printing), True),
        Because.FILE: is_lost,
    }
    return tuple(reason for reason, holds in found.items() if holds)


@dataclass(frozen=True, slots=True)
class Around:
    """The edition before and the one after."""

    replaces: IssuedDocument | None
    replaced_by: IssuedDocument | None


def around(session: Session, rows: Sequence[IssuedDocument]) -> dict[str, Around]:
    """Return by id what each of these replaced and by what it was replaced, in one statement."""
    subjects = {row.subject_id for row in rows}
    found = session.exec(select(IssuedDocument).where(col(IssuedDocument.subject_id).in_(subjects))) if rows else ()
    known = {(row.kind, row.subject_id, row.language, row.edition): row for row in found}

    def beside(row: IssuedDocument, step: int) -> IssuedDocument | None:
        return known.get((row.kind, row.subject_id, row.language, row.edition + step))

    return {row.id: Around(beside(row, -1), beside(row, 1)) for row in rows}


def editions_of(session: Session, kind: DocumentKind, subject_id: str, language: str) -> list[IssuedDocument]:
    """Return all editions of a document in a language, the first one first."""
    query = select(IssuedDocument).where(
        IssuedDocument.kind == kind, IssuedDocument.subject_id == subject_id, IssuedDocument.language == language
    )
    return list(session.exec(query.order_by(col(IssuedDocument.edition))))


def newest_edition(session: Session, kind: DocumentKind, subject_id: str, language: str) -> IssuedDocument | None:
    """Return the edition that counts, or None where none was issued."""
    editions = editions_of(session, kind, subject_id, language)
    return editions[-1] if editions else None
