"""Rows of what is due: the deadline; the ledgers of its reminders and of the mails that an event causes."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from states.access import Role
from states.storage import EnumText, Instant, Json, new_id


class DeadlineState(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class ReminderState(StrEnum):
    """`handed_over`: given to the mail server, not yet known to be accepted."""

    HANDED_OVER = "handed_over"
    SENT = "sent"
    SUPERSEDED = "superseded"
    FAILED = "failed"


class Deadline(SQLModel, table=True):
    """Something that waits for somebody until a date."""

    __tablename__ = "deadline"

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str | None = Field(default=None, index=True, description="no foreign key: a layer above")
    kind: str = Field(description="stage, evaluation, position, report ...")
    subject_id: str = Field(index=True, description="the row that waits")
    title: str
    owner_role: Role = Field(sa_type=EnumText(Role))
    owner_person_id: str | None = Field(default=None, foreign_key="person.id", description="none: all of the role")
    ladder: list[dict[str, object]] = Field(sa_type=Json, description="rungs as in the playbook: days, to")
    nuts: str = Field(default="", description="site whose working days count")
    due_on: date = Field(index=True)
    opened_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    state: DeadlineState = Field(default=DeadlineState.OPEN, sa_type=EnumText(DeadlineState), index=True)


class Reminder(SQLModel, table=True):
    """One line of the ledger: one rung of a deadline's ladder for one recipient, once for ever."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("deadline_id", "person_id", "rung"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    deadline_id: str = Field(foreign_key="deadline.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    rung: int = Field(description="working days relative to the due date; negative is before")
    state: ReminderState = Field(sa_type=EnumText(ReminderState))
    planned_for: date
    at: datetime = Field(sa_type=Instant)
    message_id: str = ""
    detail: str = ""


class NoticeKind(StrEnum):
    """What a mail tells of."""

    INVITATION = "invitation"
    SHORTAGE = "shortage"
    DECISION = "decision"


class Notice(SQLModel, table=True):
    """One line of the ledger of mails that an event causes: one subject for one recipient, once for ever."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("kind", "subject_id", "person_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    kind: NoticeKind = Field(sa_type=EnumText(NoticeKind))
    subject_id: str = Field(description="the seat, the event or the round that it tells of")
    person_id: str = Field(foreign_key="person.id")
    state: ReminderState = Field(sa_type=EnumText(ReminderState))
    at: datetime = Field(sa_type=Instant)
    message_id: str = ""
    detail: str = ""
