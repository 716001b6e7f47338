"""Rows of discretion: whom an organisation does not want to be suggested to, and what participants consent to."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from states.storage import EnumText, Instant, new_id


class AvoidanceKind(StrEnum):
    """Why two organisations are kept apart."""

    COMPETITOR = "competitor"
    CONFLICT = "conflict"


class Avoidance(SQLModel, table=True):
    """An organisation's declaration that another one is a competitor, or that it has a conflict with it.

    It holds until it is withdrawn, for both directions. Nobody sees it but who declared it and the managers.
    """

    __tablename__ = "avoidance"

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True, description="who declares")
    avoided_id: str = Field(foreign_key="organisation.id", description="whom")
    kind: AvoidanceKind = Field(sa_type=EnumText(AvoidanceKind))
    note: str = ""
    declared_by: str = Field(foreign_key="person.id")
    declared_at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class ConsentPurpose(StrEnum):
    """What a participant may consent to: an entry in the booklet, its contact shown, being recorded."""

    BOOKLET = "booklet"
    CONTACT = "contact"
    RECORDING = "recording"


class Consent(SQLModel, table=True):
    """A participant's word on one purpose, under one version of the text; the newest word counts, none is no."""

    __tablename__ = "consent"

    id: int | None = Field(default=None, primary_key=True)
    participant_id: str = Field(foreign_key="participant.id", index=True)
    purpose: ConsentPurpose = Field(sa_type=EnumText(ConsentPurpose))
    given: bool
    text_version: str = Field(description="of states/matchmaking/consents/consents.yaml")
    evidence: str = Field(default="", description="how it was given, where the organiser recorded it")
    recorded_by: str = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)
