"""Find the documents whose file is missing or damaged, and ask for what makes it good."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from states.archive.queries import awaited_documents
from states.archive.service import ask_for_healing
from states.archive.store import Kept, verify
from states.archive.tables import IssuedDocument
from states.storage import begin

HEALED_UNASKED = 20
"""So many damaged files are one disk's fault. More mean that the store is away, and nobody prints into its absence."""


@dataclass(frozen=True, slots=True)
class UnfitFile:
    """A document, and what the store has of its file: MISSING or DAMAGED, or INTACT where it was thought lost."""

    document: IssuedDocument
    kept: Kept


def unfit_files() -> list[UnfitFile]:
    """Read every object that a document names, outside of any transaction, and return those that are not as on record.

    A document whose file is known to be lost is named again only when the file has come back, as from a backup.
    """
    with begin(read_only=True) as session:
        query = select(IssuedDocument).order_by(col(IssuedDocument.issued_at), col(IssuedDocument.id))
        rows = session.exec(query).all()
    found = {digest: verify(digest) for digest in {row.sha256 for row in rows}}
    return [
        UnfitFile(row, found[row.sha256])
        for row in rows
        if (found[row.sha256] is Kept.INTACT) is not (row.lost_at is None)
    ]


def heal(session: Session, files: Sequence[UnfitFile]) -> int:
    """Ask that these documents be printed again, unless somebody did; return of how many it is asked now."""
    asked = awaited_documents(session)
    unasked = [one.document for one in files if one.document.id not in asked]
    for row in unasked:
        ask_for_healing(session, row)
    return len(unasked)
