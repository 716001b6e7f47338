"""Rows of shared papers and of each opening."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, new_id


@sealed()
class DocumentShare(SealedRow, table=True):
    """One edition of a document for somebody outside, by a link."""

    __tablename__ = "document_share"
    __table_args__ = (Index("ix_document_share_in_order", "document_id", "shared_at", "id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str | None = Field(default=None, foreign_key="collaboration.id", index=True)
    document_id: str = Field(foreign_key="issued_document.id")
    recipient: str = Field(description="whom it is meant for, as the office calls them")
    shared_by: str | None = Field(
        default=None, foreign_key="person.id", index=True, description="null: a command of the office"
    )
    shared_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1


class Opened(StrEnum):
    """What somebody did with a link."""

    LOOKED = "looked"
    HAD_FILE = "had_file"


class DocumentShareOpening(SQLModel, table=True):
    """Somebody who used a link; of whom nothing is known."""

    __tablename__ = "document_share_opening"
    __table_args__ = (Index("ix_document_share_opening_in_order", "share_id", "at", "id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    share_id: str = Field(foreign_key="document_share.id")
    opened: Opened = Field(sa_type=EnumText(Opened))
    at: datetime = Field(sa_type=Instant)
