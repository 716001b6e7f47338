"""Reads of protocol drafts and versions."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from states.errors import Missing
from states.protocol.tables import ProtocolVersion, SectionDraft


def drafts_of(session: Session, collaboration_ids: Sequence[str]) -> dict[str, list[SectionDraft]]:
    """Return the sections written so far, by collaboration."""
    found: dict[str, list[SectionDraft]] = {key: [] for key in collaboration_ids}
    query = select(SectionDraft).where(col(SectionDraft.collaboration_id).in_(collaboration_ids))
    for draft in session.exec(query):
        found[draft.collaboration_id].append(draft)
    return found


def versions_of(session: Session, collaboration_id: str) -> list[ProtocolVersion]:
    """Return the frozen versions, oldest first."""
    query = select(ProtocolVersion).where(ProtocolVersion.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(ProtocolVersion.number))))


def latest_versions(session: Session, collaboration_ids: Sequence[str]) -> dict[str, ProtocolVersion]:
    """Return the latest frozen version by collaboration, where there is one."""
    query = select(ProtocolVersion).where(col(ProtocolVersion.collaboration_id).in_(collaboration_ids))
    return {row.collaboration_id: row for row in session.exec(query.order_by(col(ProtocolVersion.number)))}


def version_by_id(session: Session, key: str) -> ProtocolVersion:
    """Return the version, or raise `Missing`."""
    found = session.get(ProtocolVersion, key)
    if found is None:
        raise Missing("protocol version", key)
    return found
