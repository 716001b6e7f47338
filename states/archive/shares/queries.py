"""Reads of shared papers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.archive.shares.tables import DocumentShare, DocumentShareOpening


@dataclass(frozen=True, slots=True)
class Openings:
    """How often a share was opened, and when last."""

    count: int = 0
    last_at: datetime | None = None


def shares_of(document_id: str) -> SelectOfScalar[DocumentShare]:
    """Return the query of a document's shares."""
    return select(DocumentShare).where(DocumentShare.document_id == document_id)


def openings_of(share_id: str) -> SelectOfScalar[DocumentShareOpening]:
    """Return the query of the openings of a share."""
    return select(DocumentShareOpening).where(DocumentShareOpening.share_id == share_id)


def counted(session: Session, keys: Collection[str]) -> dict[str, Openings]:
    """Return how often each of these shares was opened; one that never was is left out."""
    if not keys:
        return {}
    opening = col(DocumentShareOpening.share_id)
    query = select(opening, func.count(), func.max(DocumentShareOpening.at)).where(opening.in_(keys)).group_by(opening)
    return {key: Openings(count, last) for key, count, last in session.exec(query)}
