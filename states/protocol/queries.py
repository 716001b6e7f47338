"""Reads of protocol drafts and versions, of what partners signed, and of risk reviews."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from states.errors import Missing
from states.partners.tables import Organisation
from states.protocol.tables import ProtocolVersion, RiskReview, SectionDraft, SignOff


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


def versions_by_id(session: Session, keys: Collection[str]) -> dict[str, ProtocolVersion]:
    """Return those of the versions that exist, by id."""
    return {row.id: row for row in session.exec(select(ProtocolVersion).where(col(ProtocolVersion.id).in_(keys)))}


def sign_off_by_id(session: Session, key: str) -> SignOff:
    """Return what is asked of an organisation, or raise `Missing`."""
    found = session.get(SignOff, key)
    if found is None:
        raise Missing("sign-off", key)
    return found


def sign_offs_of(session: Session, version_id: str) -> list[tuple[SignOff, Organisation]]:
    """Return what each organisation was asked to sign in a version, by the organisation's name."""
    query = (
        select(SignOff, Organisation)
        .join(Organisation, col(Organisation.id) == col(SignOff.organisation_id))
        .where(SignOff.protocol_version_id == version_id)
    )
    return list(session.exec(query.order_by(col(Organisation.name), col(SignOff.id))))


def signed_by(session: Session, version_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return the ids of the organisations that have signed, by version."""
    query = select(SignOff).where(
        col(SignOff.protocol_version_id).in_(version_ids), col(SignOff.signed_at).is_not(None)
    )
    found: dict[str, set[str]] = {key: set() for key in version_ids}
    for row in session.exec(query):
        found[row.protocol_version_id].add(row.organisation_id)
    return found


def risk_reviews_of(session: Session, collaboration_id: str) -> list[RiskReview]:
    """Return when the risks of a collaboration were looked at, oldest first."""
    query = select(RiskReview).where(RiskReview.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(RiskReview.number))))
