"""Rows of issued documents; their bytes lie content-addressed in the store."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, Json, new_id, new_list


class DocumentClass(StrEnum):
    """Who may read a document."""

    PUBLIC = "public"
    CONFIDENTIAL = "confidential"


BETWEEN = ".."
"""What stands between ids: of a redline's two versions, a proposal's scenario and reader, a briefing's version and
region, and the scenarios of a comparison."""

MOST_COMPARED = 5
"""Scenarios that stand side by side in one comparison."""


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
    REDLINE = "redline"
    TEASER = "teaser"
    BRIEFING = "briefing"
    COMPARISON = "comparison"
    CERTIFICATE = "certificate"
    PORTFOLIO = "portfolio"


class Because(StrEnum):
    """Why an edition took the place of the one before it."""

    CONTENT = "content"
    TEMPLATE = "template"
    FONTS = "fonts"
    RENDERER = "renderer"
    UNRECORDED = "unrecorded"
    FILE = "file"


class KeptContext(SQLModel, table=True):
    """What documents show, as JSON, by its digest: so that they can be printed again when the rows have moved on."""

    __tablename__ = "document_context"

    sha256: str = Field(primary_key=True)
    content: str


@sealed(apart="lost_at language")
class IssuedDocument(SealedRow, table=True):
    """An edition of a document: what it is, of which subject, of what it was made and by what it was printed.

    Editions of one kind, subject and language are numbered from 1; the highest is the current one, and has replaced the
    others. The language stands in the context, whose digest is under the seal.
    """

    __tablename__ = "issued_document"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "language", "edition", name="uq_issued_document_edition"),
        Index("ix_issued_document_code", "code", unique=True),
        Index("ix_issued_document_sha256", "sha256"),
        Index("ix_issued_document_by_issue", "partnership_id", "issued_at", "id"),
        Index("ix_issued_document_by_kind", "partnership_id", "kind", "issued_at", "id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str | None = Field(default=None, foreign_key="collaboration.id", index=True)
    subject_id: str = Field(
        description="the version, round, evaluation, scenario, report, event or participant, or several of them"
    )
    kind: DocumentKind = Field(sa_type=EnumText(DocumentKind))
    language: str = Field(default="en", description="ISO 639-1: one of `states.texts.catalogue.LANGUAGES`")
    document_class: DocumentClass = Field(sa_type=EnumText(DocumentClass))
    title: str
    sha256: str
    size: int = Field(description="bytes")
    context_sha256: str
    issued_at: datetime = Field(sa_type=Instant)
    edition: int = 1
    because: list[str] = Field(default_factory=new_list, sa_type=Json, description="why it replaced the one before")
    template: str = Field(default="", description="SHA-256; empty: issued by 0.1.0, which did not record it")
    fonts: str = Field(default="", description="SHA-256")
    renderer: str = Field(default="", description="libraries with their versions, and the house's own layout code")
    lost_at: datetime | None = Field(
        default=None, sa_type=Instant, description="since when the store has no intact file that could be made anew"
    )
    code: str | None = Field(default=None, description="on its cover; null: printed by an earlier release")
    verified_at: str | None = Field(default=None, description="the address to which the QR code on its cover leads")


class SealLevel(StrEnum):
    """How long a seal can be checked (ETSI EN 319 142-1): as long as its certificate, by a time, or by itself."""

    BASIC = "B-B"
    TIMED = "B-T"
    LONG_TERM = "B-LT"


@sealed(frozen=True)
class DocumentSeal(SealedRow, table=True):
    """A copy of a document with an electronic seal; the last one is handed out, the document's own bytes stay."""

    __tablename__ = "document_seal"
    __table_args__ = (
        Index("ix_document_seal_sha256", "sha256"),
        Index("ix_document_seal_in_order", "document_id", "sealed_at", "id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str | None = Field(default=None, foreign_key="collaboration.id", index=True)
    document_id: str = Field(foreign_key="issued_document.id")
    sha256: str
    size: int = Field(description="bytes")
    level: SealLevel = Field(sa_type=EnumText(SealLevel))
    signer: str = Field(description="whom the certificate names")
    certificate_sha256: str
    authority: str = Field(default="", description="who stamped the time; empty: nobody did")
    sealed_at: datetime = Field(sa_type=Instant)
