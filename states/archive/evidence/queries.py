"""Reads of filed evidence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as plain
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.archive.evidence.states import REMOVED
from states.archive.evidence.tables import (
    Evidence,
    EvidenceDownload,
    EvidenceRequest,
    EvidenceState,
    EvidenceSubject,
    FrozenEvidence,
)
from states.archive.tables import DocumentClass, DocumentSeal, IssuedDocument
from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.partners.tables import Region
from states.rights.actors import Role
from states.storage import Keys, PlainSelect, Reading, columns_of
from states.storage.paging import Order

ORDERS: dict[str, Order] = {"filed": col(Evidence.filed_at), "dated": col(Evidence.dated_on)}
"""By what a list of evidence is sorted."""
REVIEWING = (Role.IAG_MEMBER, Role.WGRA_MEMBER, Role.IAG_CHAIR, Role.WGRA_CHAIR)
"""Who relies on what they have read."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence in force, as far as moves depend on it."""

    id: str
    kind: str
    organisation_id: str | None
    region_id: str | None
    dated_on: date


@dataclass(frozen=True, slots=True)
class NamedRegion:
    """A region of the partnership: where it lies, by its NUTS codes, and since when it takes part."""

    id: str
    name: str
    codes: list[str]


def _pieces(keys: Keys) -> PlainSelect:
    row = columns_of(Evidence)
    read = [row[name] for name in Piece.__slots__]
    return plain(row.collaboration_id, *read).where(row.collaboration_id.in_(keys), row.state == EvidenceState.FILED)


def _regions(keys: Keys) -> PlainSelect:
    row, region = columns_of(Collaboration), columns_of(Region)
    read = [region[name] for name in NamedRegion.__slots__]
    return plain(row.id, *read).where(row.id.in_(keys), region.partnership_id == row.partnership_id)


PIECES = Reading(Piece, _pieces)
REGIONS = Reading(NamedRegion, _regions)


def evidence_by_id(session: Session, key: str) -> Evidence:
    """Return a piece of evidence, or raise `Missing`."""
    found = session.get(Evidence, key)
    if found is None:
        raise Missing("evidence", key)
    return found


def request_by_id(session: Session, key: str) -> EvidenceRequest:
    """Return what an organisation was asked for, or raise `Missing`."""
    found = session.get(EvidenceRequest, key)
    if found is None:
        raise Missing("evidence_request", key)
    return found


def requests_of(session: Session, collaboration_id: str) -> list[EvidenceRequest]:
    """Return what organisations were asked for in a case, the newest first."""
    query = select(EvidenceRequest).where(EvidenceRequest.collaboration_id == collaboration_id)
    return list(session.exec(query.order_by(col(EvidenceRequest.asked_at).desc(), col(EvidenceRequest.id))))


def find_evidence(
    partnership_id: str,
    *conditions: ColumnElement[bool],
    collaboration_ids: Collection[str] | None = None,
    kind: str | None = None,
    state: EvidenceState | None = None,
    subject: EvidenceSubject | None = None,
    organisation_id: str | None = None,
    evidence_class: DocumentClass | None = None,
    dated_before: date | None = None,
) -> SelectOfScalar[Evidence]:
    """Return the query of a partnership's evidence, to be read in one of the `ORDERS`."""
    query = select(Evidence).where(Evidence.partnership_id == partnership_id, *conditions)
    if collaboration_ids is not None:
        query = query.where(col(Evidence.collaboration_id).in_(collaboration_ids))
    wanted = {
        Evidence.kind: kind,
        Evidence.state: state,
        Evidence.subject: subject,
        Evidence.organisation_id: organisation_id,
        Evidence.evidence_class: evidence_class,
    }
    query = query.where(*(col(column) == value for column, value in wanted.items() if value is not None))
    return query if dated_before is None else query.where(col(Evidence.dated_on) < dated_before)


listed_evidence = lru_cache(maxsize=128)(find_evidence)
"""The same query where the same list is asked for again: its statements are made once."""


def evidence_in_force(session: Session, collaboration_id: str) -> list[Evidence]:
    """Return what is filed of a collaboration and neither superseded nor gone, the oldest first."""
    query = select(Evidence).where(Evidence.collaboration_id == collaboration_id, Evidence.state == EvidenceState.FILED)
    return list(session.exec(query.order_by(col(Evidence.filed_at), col(Evidence.id))))


def frozen_with(session: Session, version_ids: Collection[str]) -> dict[str, list[FrozenEvidence]]:
    """Return what frozen versions hold of evidence, by version."""
    found: dict[str, list[FrozenEvidence]] = {key: [] for key in version_ids}
    query = select(FrozenEvidence).where(col(FrozenEvidence.protocol_version_id).in_(version_ids))
    for row in session.exec(query.order_by(col(FrozenEvidence.evidence_id))):
        found[row.protocol_version_id].append(row)
    return found


def downloads_of(session: Session, evidence_ids: Sequence[str]) -> dict[str, int]:
    """Return how often the bytes of each were had."""
    query = (
        select(EvidenceDownload.evidence_id, func.count())
        .where(col(EvidenceDownload.evidence_id).in_(evidence_ids))
        .group_by(col(EvidenceDownload.evidence_id))
    )
    return dict.fromkeys(evidence_ids, 0) | dict(session.exec(query).all())


def is_relied_on(session: Session, row: Evidence) -> bool:
    """Tell whether a frozen version holds it, or somebody who reviews or decides has read it."""
    frozen = select(FrozenEvidence.id).where(FrozenEvidence.evidence_id == row.id).limit(1)
    read = select(EvidenceDownload.id).where(
        EvidenceDownload.evidence_id == row.id, col(EvidenceDownload.role).in_(REVIEWING)
    )
    return session.exec(frozen).first() is not None or session.exec(read.limit(1)).first() is not None


def is_used(session: Session, digest: str) -> bool:
    """Tell whether any row still needs these bytes: evidence that is not gone, or a document."""
    filed = select(Evidence.id).where(Evidence.sha256 == digest, col(Evidence.state).not_in(REMOVED)).limit(1)
    issued = select(IssuedDocument.id).where(IssuedDocument.sha256 == digest).limit(1)
    sealed = select(DocumentSeal.id).where(DocumentSeal.sha256 == digest).limit(1)
    return any(session.exec(query).first() is not None for query in (filed, issued, sealed))


def not_removed(session: Session) -> list[tuple[str, str]]:
    """Return id and digest of evidence that is gone while its bytes may still be there."""
    query = select(Evidence.id, Evidence.sha256).where(
        col(Evidence.state).in_(REMOVED), col(Evidence.bytes_removed_at).is_(None)
    )
    return list(session.exec(query).all())
