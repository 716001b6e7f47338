"""Rows of matchmaking: who met or wrote to whom, and the collaboration that came of it."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from states.storage import EnumText, Instant, new_id


class ContactKind(StrEnum):
    MEETING = "meeting"
    EXPRESSION_OF_INTEREST = "expression_of_interest"


class ContactStatus(StrEnum):
    """A meeting is held or missed; an expression of interest is accepted, declined, or withdrawn by its sender.

    Withdrawn is also what was recorded by mistake; it has a `withdraw_reason`.
    """

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    HELD = "held"
    NO_SHOW = "no_show"
    WITHDRAWN = "withdrawn"


class Contact(SQLModel, table=True):
    """A meeting at an event, or an expression of interest, between two organisations."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_by_record", "partnership_id", "recorded_at", "id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    kind: ContactKind = Field(sa_type=EnumText(ContactKind))
    event_id: str | None = Field(default=None, foreign_key="partnership_event.id")
    requester_id: str = Field(foreign_key="organisation.id", index=True)
    host_id: str = Field(foreign_key="organisation.id", index=True)
    subject: str
    status: ContactStatus = Field(sa_type=EnumText(ContactStatus))
    held_on: date | None = None
    recorded_at: datetime = Field(sa_type=Instant)
    collaboration_id: str | None = Field(default=None, foreign_key="collaboration.id", index=True)
    withdraw_reason: str = Field(default="", description="why it should not have been recorded; empty: it should")
    version: int = 1
    illustrative: bool = False
