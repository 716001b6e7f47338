"""Rows of the investment protocol: sections, frozen versions, what partners sign, and reviews of the risks."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from states.seals import SealedRow, sealed
from states.storage import Instant, Json, new_id, new_list


class SectionDraft(SQLModel, table=True):
    """One section as it stands now; `content` maps a field's key to its text or its table's rows."""

    __tablename__ = "section_draft"
    __table_args__ = (UniqueConstraint("collaboration_id", "key"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    key: str
    content: dict[str, object] = Field(sa_type=Json)
    illustrative: bool = False
    updated_at: datetime = Field(sa_type=Instant)
    version: int = 1


@sealed(frozen=True)
class ProtocolVersion(SealedRow, table=True):
    """A version that cannot change any more: reviews refer to its digest."""

    __tablename__ = "protocol_version"
    __table_args__ = (UniqueConstraint("collaboration_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    number: int
    content: dict[str, object] = Field(sa_type=Json, description="section key -> content")
    illustrative: list[str] = Field(default_factory=new_list, sa_type=Json, description="keys of illustrative sections")
    sha256: str = Field(description="over the canonical JSON of `content`")
    frozen_at: datetime = Field(sa_type=Instant)
    consortium: int | None = Field(default=None, description="the collaboration's then; another one voids it")


@sealed(by="protocol_version_id")
class SignOff(SealedRow, table=True):
    """What an organisation says of its part in a frozen version: asked, then signed, or refused until it signs."""

    __tablename__ = "sign_off"
    __table_args__ = (UniqueConstraint("protocol_version_id", "organisation_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    protocol_version_id: str = Field(foreign_key="protocol_version.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    asked_at: datetime = Field(sa_type=Instant)
    signed_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by: str | None = Field(default=None, foreign_key="person.id", description="who signed, or refused last")
    refused_because: str = Field(default="", description="why it is not signed; empty where it is, or nobody answered")
    version: int = 1


@sealed(frozen=True)
class RiskReview(SealedRow, table=True):
    """A look at the risk register of a frozen version, and what came of it."""

    __tablename__ = "risk_review"
    __table_args__ = (UniqueConstraint("collaboration_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    number: int
    protocol_version_id: str = Field(foreign_key="protocol_version.id")
    note: str
    reviewed_by: str = Field(foreign_key="person.id")
    reviewed_at: datetime = Field(sa_type=Instant)
