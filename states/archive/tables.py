"""Rows of issued documents; their bytes lie content-addressed in the store."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, UniqueConstraint

from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, new_id


class DocumentClass(StrEnum):
    """Who may read a document."""

    PUBLIC = "public"
    CONFIDENTIAL = "confidential"


class DocumentKind(StrEnum):
    INVESTMENT_PROTOCOL = "investment-protocol"
    REVIEW_DOSSIER = "review-dossier"
    EVALUATION_REPORT = "evaluation-report"
    CONSENSUS_REPORT = "consensus-report"
    PANEL_MINUTES = "panel-minutes"
    DECISION_LETTER = "decision-letter"
    PROPOSAL = "proposal"
    MONITORING_REPORT_PUBLIC = "monitoring-report-public"
    MONITORING_REPORT_CONFIDENTIAL = "monitoring-report-confidential"
    PERSONAL_AGENDA = "personal-agenda"
    TABLE_PLAN = "table-plan"
    EVENT_BOOKLET = "event-booklet"
    FUNNEL_REPORT = "funnel-report"


@sealed()
class IssuedDocument(SealedRow, table=True):
    """A rendered document: what it is, of which subject, and the digests of its bytes and of what it was made from."""

    __tablename__ = "issued_document"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "context_sha256"),
        Index("ix_issued_document_by_issue", "partnership_id", "issued_at", "id"),
        Index("ix_issued_document_by_kind", "partnership_id", "kind", "issued_at", "id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str | None = Field(default=None, foreign_key="collaboration.id", index=True)
    subject_id: str = Field(
        description="the version, round, evaluation, scenario, report, event or participant that it shows"
    )
    kind: DocumentKind = Field(sa_type=EnumText(DocumentKind))
    document_class: DocumentClass = Field(sa_type=EnumText(DocumentClass))
    title: str
    sha256: str
    size: int = Field(description="bytes")
    context_sha256: str
    issued_at: datetime = Field(sa_type=Instant)
