"""Rows of law: the documents that an office adds, and the texts behind them and behind frozen cases."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, UniqueConstraint

from states.clock import now
from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, new_id


class DocumentState(StrEnum):
    """How far an office relies on a document."""

    DRAFT = "draft"
    VERIFIED = "verified"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@sealed(frozen=True)
class RuleText(SealedRow, table=True):
    """A text by its SHA-256: the file of a document as it was sent, or the joined books under a frozen case."""

    __tablename__ = "rule_text"

    digest: str = Field(primary_key=True)
    text: str
    kept_at: datetime = Field(default_factory=now, sa_type=Instant)


@sealed()
class RuleDocument(SealedRow, table=True):
    """A version of a rule set, an aid map or cohesion categories that an office added; its text never changes."""

    __tablename__ = "rule_document"
    __table_args__ = (UniqueConstraint("partnership_id", "slug", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    kind: str = Field(description="rule_set, aid_map or cohesion")
    slug: str = Field(description="the id that the document gives itself")
    number: int = Field(description="the version that the document gives itself")
    title: str
    eli: str
    valid_from: date
    valid_to: date | None = None
    text_digest: str = Field(foreign_key="rule_text.digest")
    state: DocumentState = Field(default=DocumentState.DRAFT, sa_type=EnumText(DocumentState))
    added_by: str = Field(foreign_key="person.id")
    added_as: str = Field(description="the role in which somebody added it")
    added_at: datetime = Field(default_factory=now, sa_type=Instant)
    verified_by: str | None = Field(default=None, foreign_key="person.id", description="never who added it")
    verified_as: str = ""
    verified_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant, description="superseded or withdrawn")
    reason: str = Field(default="", description="why it was superseded or withdrawn")
    version: int = 1
