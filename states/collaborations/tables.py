"""Rows of the aggregate: the collaboration, its members, its history."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint, col

from states.rights.access import Role
from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, new_id
from states.storage.text_order import by_text


class MemberPart(StrEnum):
    LEAD = "lead"
    PARTNER = "partner"


@sealed(apart="slug title summary working_area_id illustrative")
class Collaboration(SealedRow, table=True):
    """An interregional collaboration; only `states.lifecycle.move` writes its stage."""

    __tablename__ = "collaboration"
    __table_args__ = (
        UniqueConstraint("partnership_id", "slug"),
        Index("ix_collaboration_by_opening", "partnership_id", "opened_at", "id"),
        Index("ix_collaboration_by_stage", "partnership_id", "stage", "opened_at", "id"),
        Index("ix_collaboration_by_stage_since", "partnership_id", "stage_since", "id"),
        Index("ix_collaboration_by_time_in_stage", "partnership_id", "stage", "stage_since", "id"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    slug: str
    title: str
    summary: str = ""
    working_area_id: str | None = Field(default=None, foreign_key="working_area.id")
    playbook: str = Field(description="name@version of the playbook that it began with")
    stage: str = Field(index=True)
    stage_since: datetime = Field(sa_type=Instant)
    opened_at: datetime = Field(sa_type=Instant)
    illustrative: bool = Field(default=False, description="some of its facts are made up for a demonstration")
    consortium: int | None = Field(default=None, description="counts each new lead and each partner that left")
    merges_into_id: str | None = Field(
        default=None, foreign_key="collaboration.id", index=True, description="named before that"
    )
    version: int = Field(default=1, description="counts every change; the optimistic lock")


Index(
    "ix_collaboration_by_title", col(Collaboration.partnership_id), by_text(Collaboration.title), col(Collaboration.id)
)


class Member(SQLModel, table=True):
    """An organisation's part in a collaboration, at its site."""

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("collaboration_id", "organisation_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    part: MemberPart = Field(sa_type=EnumText(MemberPart))
    contribution: str = Field(default="", description="what it brings in")
    joined_on: date
    left_on: date | None = None


class CaseOfficer(SQLModel, table=True):
    """Who of the office looks after a collaboration, and who steps in; both are empty once nobody does any more."""

    __tablename__ = "case_officer"

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id")
    collaboration_id: str = Field(foreign_key="collaboration.id", unique=True)
    officer_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    deputy_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    version: int = 1


@sealed(frozen=True, chained=True)
class HistoryLine(SealedRow, table=True):
    """One move, as it was made; lines are only ever added, and each seals the one before."""

    __tablename__ = "history_line"
    __table_args__ = (UniqueConstraint("collaboration_id", "number"), Index("ix_history_line_by_time", "at", "id"))

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the collaboration")
    at: datetime = Field(sa_type=Instant)
    move: str
    from_stage: str
    to_stage: str
    actor_role: Role = Field(sa_type=EnumText(Role))
    actor_person_id: str | None = Field(default=None, foreign_key="person.id")
    reason: str = ""
