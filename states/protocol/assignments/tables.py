"""Rows of sections that were given to somebody to write."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from states.storage import EnumText, Instant, new_id


class AssignmentState(StrEnum):
    """`lapsed`: whoever had it writes here no more."""

    GIVEN = "given"
    RETURNED = "returned"
    HANDED_IN = "handed_in"
    TAKEN_BACK = "taken_back"
    LAPSED = "lapsed"


class SectionAssignment(SQLModel, table=True):
    """One section in the hands of one person until a day; who had it before stands in the record of changes."""

    __tablename__ = "section_assignment"
    __table_args__ = (
        Index("ix_section_assignment_in_order", "collaboration_id", "given_at", "id"),
        Index("ix_section_assignment_of_person", "person_id", "state"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str = Field(foreign_key="collaboration.id")
    section: str = Field(description="its key in the playbook")
    person_id: str = Field(foreign_key="person.id")
    organisation_id: str | None = Field(
        default=None, foreign_key="organisation.id", description="for which the person writes; null: the office"
    )
    note: str = Field(default="", description="what is asked")
    due_on: date
    turn: int = Field(default=1, description="counts how often it was asked: given, returned, handed over, other day")
    given_by: str | None = Field(default=None, foreign_key="person.id", description="null: a command of the office")
    given_at: datetime = Field(sa_type=Instant)
    state: AssignmentState = Field(default=AssignmentState.GIVEN, sa_type=EnumText(AssignmentState))
    remark: str = Field(default="", description="the question with which it was returned, or why it ended")
    handed_in_at: datetime | None = Field(default=None, sa_type=Instant)
    sha256: str = Field(default="", description="of the section as it was handed in last")
    version: int = 1
