"""Rows of checklists: each round of a list in a case, and the answers given in it."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, UniqueConstraint

from states.seals import SealedRow, sealed
from states.storage import EnumText, Instant, Json, new_id, new_list


class ChecklistState(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"
    SIGNED_OFF = "signed_off"
    REOPENED = "reopened"
    SUPERSEDED = "superseded"


@sealed()
class Checklist(SealedRow, table=True):
    """One round of a checklist; a new round leaves the former one as it was."""

    __tablename__ = "checklist"
    __table_args__ = (UniqueConstraint("collaboration_id", "key", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id")
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    key: str = Field(description="of a checklist of the playbook")
    number: int = Field(description="1, 2, 3 ... within the collaboration and key")
    playbook: str = Field(description="name@version by which it is filled")
    state: ChecklistState = Field(default=ChecklistState.OPEN, sa_type=EnumText(ChecklistState))
    began_at: datetime = Field(sa_type=Instant)
    began_by: str | None = Field(default=None, foreign_key="person.id", description="null: a command of the office")
    signed_off_at: datetime | None = Field(default=None, sa_type=Instant)
    signed_off_by: str | None = Field(default=None, foreign_key="person.id")
    reopened: int = Field(default=0, description="how often it was reopened")
    reason: str = Field(default="", description="why it was reopened last, or why this round was begun")
    version: int = 1


@sealed(by="checklist_id")
class ChecklistAnswer(SealedRow, table=True):
    """What was answered to an item; it is answered anew, never removed."""

    __tablename__ = "checklist_answer"
    __table_args__ = (UniqueConstraint("checklist_id", "item"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    checklist_id: str = Field(foreign_key="checklist.id")
    item: str = Field(description="key of an item of the list")
    value: str = Field(description="yes, no, not_applicable; a text; a whole number; empty: taken back")
    comment: str = ""
    evidence_ids: list[str] = Field(default_factory=new_list, sa_type=Json, description="files on which it rests")
    answered_at: datetime = Field(sa_type=Instant)
    answered_by: str | None = Field(default=None, foreign_key="person.id", description="null: a command of the office")
    seconded_at: datetime | None = Field(default=None, sa_type=Instant)
    seconded_by: str | None = Field(default=None, foreign_key="person.id", description="the second person")
    written_in: int = Field(description="the version of the list that this answer made")
    version: int = 1
