"""Rows of filed evidence; the bytes lie content-addressed in the store of the documents."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from states.archive.tables import DocumentClass
from states.rights.actors import Role
from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, new_id


class EvidenceState(StrEnum):
    FILED = "filed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    REDACTED = "redacted"


class EvidenceSubject(StrEnum):
    """What a piece of evidence shows something of."""

    COLLABORATION = "collaboration"
    ORGANISATION = "organisation"
    COST_LINE = "cost_line"
    CONDITION = "condition"
    SECTION = "section"


class Scan(StrEnum):
    """What a scanner for malware has said of a file."""

    NOT_SCANNED = "not_scanned"
    CLEAN = "clean"


@sealed(apart="title description bytes_removed_at")
class Evidence(SealedRow, table=True):
    """A file that somebody filed; its bytes are never replaced, a newer one supersedes it."""

    __tablename__ = "evidence"
    __table_args__ = (
        Index("ix_evidence_sha256", "sha256"),
        Index("ix_evidence_by_filing", "partnership_id", "filed_at", "id"),
        Index("ix_evidence_of_collaboration", "collaboration_id", "filed_at", "id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    kind: str = Field(description="key of a kind of the playbook")
    subject: EvidenceSubject = Field(sa_type=EnumText(EvidenceSubject))
    subject_id: str = Field(description="of the row that it is about, or the key of the section")
    organisation_id: str | None = Field(
        default=None, foreign_key="organisation.id", index=True, description="whose it is; null: the collaboration's"
    )
    region_id: str | None = Field(default=None, foreign_key="region.id", description="the region that gave it")
    evidence_class: DocumentClass = Field(sa_type=EnumText(DocumentClass))
    title: str
    description: str = ""
    dated_on: date = Field(description="the day that the document itself bears")
    sha256: str
    size: int = Field(description="bytes")
    media_type: str = Field(description="by its content")
    file_name: str = Field(description="cleaned")
    scan: Scan = Field(sa_type=EnumText(Scan))
    state: EvidenceState = Field(default=EvidenceState.FILED, sa_type=EnumText(EvidenceState))
    superseded_by: str | None = Field(default=None, foreign_key="evidence.id")
    reason: str = Field(default="", description="why it was withdrawn or redacted")
    filed_by: str | None = Field(default=None, foreign_key="person.id", description="null: a command of the office")
    filed_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    bytes_removed_at: datetime | None = Field(default=None, sa_type=Instant, description="the store may lack it since")
    version: int = 1


class EvidenceDownload(SQLModel, table=True):
    """Somebody who had the bytes of a file."""

    __tablename__ = "evidence_download"
    __table_args__ = (Index("ix_evidence_download_in_order", "evidence_id", "at", "id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    evidence_id: str = Field(foreign_key="evidence.id")
    person_id: str | None = Field(default=None, foreign_key="person.id", description="null: a command of the office")
    role: Role = Field(sa_type=EnumText(Role))
    at: datetime = Field(sa_type=Instant)


@sealed(by="protocol_version_id", frozen=True)
class FrozenEvidence(SealedRow, table=True):
    """A file that was in force when a version of the protocol was frozen."""

    __tablename__ = "frozen_evidence"
    __table_args__ = (UniqueConstraint("protocol_version_id", "evidence_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    protocol_version_id: str = Field(foreign_key="protocol_version.id", index=True)
    evidence_id: str = Field(foreign_key="evidence.id", index=True)
    sha256: str


@sealed()
class EvidenceRequest(SealedRow, table=True):
    """What one organisation is asked to file, by a link that its person holds."""

    __tablename__ = "evidence_request"

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    kind: str
    evidence_class: DocumentClass = Field(sa_type=EnumText(DocumentClass))
    asked_at: datetime = Field(sa_type=Instant)
