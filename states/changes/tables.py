"""Rows of the record of changes: appended and sealed, never changed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field, Index

from states.rights.authors import Via
from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, Json


class RecordKind(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"


@sealed(apart="number", frozen=True)
class ChangeRecord(SealedRow, table=True):
    """One field of one row that somebody changed, or a whole row that somebody made or removed.

    Of a row that was made, `after` holds its fields by name; of one that was removed, `before`. Nothing here is a
    foreign key: the record outlives what it tells of.
    """

    __tablename__ = "change_record"
    __table_args__ = (
        Index("ix_change_record_subject", "noun", "subject_id", "at", "number"),
        Index("ix_change_record_collaboration", "collaboration_id", "at", "number"),
        Index("ix_change_record_partnership", "partnership_id", "at", "number"),
        Index("ix_change_record_person", "person_id", "at", "number"),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer(), "sqlite"))
    act: str = Field(description="the same for all that one transaction wrote")
    at: datetime = Field(sa_type=Instant)
    via: Via = Field(sa_type=EnumText(Via))
    key: str = Field(description="id of the token or link, name of the command or flow")
    route: str = Field(default="", description="method and path of the API by which it came, without what they name")
    role: str = ""
    person_id: str | None = None
    organisation_id: str | None = Field(default=None, description="for which the author acts")
    operator: str = Field(default="", description="the account that ran a command")
    noun: str = Field(description="the table of what was changed")
    subject_id: str = Field(description="its key; the parts of one that has several are joined by /")
    partnership_id: str | None = None
    collaboration_id: str | None = None
    kind: RecordKind = Field(sa_type=EnumText(RecordKind))
    field: str = ""
    before: object = Field(default=None, sa_type=Json, nullable=True)
    after: object = Field(default=None, sa_type=Json, nullable=True)
