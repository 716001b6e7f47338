"""Rows of the investment protocol: the sections being written, and the versions frozen from them."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from states.storage import Instant, Json, new_id


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


class ProtocolVersion(SQLModel, table=True):
    """A version that cannot change any more: reviews refer to its digest."""

    __tablename__ = "protocol_version"
    __table_args__ = (UniqueConstraint("collaboration_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    number: int
    content: dict[str, object] = Field(sa_type=Json, description="section key -> content")
    illustrative: list[str] = Field(default_factory=list, sa_type=Json, description="keys of illustrative sections")
    sha256: str = Field(description="over the canonical JSON of `content`")
    frozen_at: datetime = Field(sa_type=Instant)
