"""Rows of what is due: the deadline with its history, the dates that others hang on, the ledger of reminders."""

from datetime import date, datetime, time
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from states.rights.access import Role
from states.storage import EnumText, Instant, Json, new_id


class DeadlineState(StrEnum):
    """`waived`: nobody needs to do it any more, with a reason; `cancelled`: what it waited for is gone."""

    OPEN = "open"
    DONE = "done"
    WAIVED = "waived"
    CANCELLED = "cancelled"


class ChangeKind(StrEnum):
    EXTENDED = "extended"
    MOVED = "moved"
    WAIVED = "waived"
    REASSIGNED = "reassigned"


class ReminderState(StrEnum):
    """`planned`: to be told by its mail, or by the next digest while it has none; else `why` says why not."""

    PLANNED = "planned"
    SUPPRESSED = "suppressed"


class Why(StrEnum):
    """Why a reminder waits, or is not sent at all; `digest`: it waits for its reader's next one, or is in one."""

    NONE = ""
    DIGEST = "digest"
    DONE = "done"
    WAIVED = "waived"
    CANCELLED = "cancelled"
    MOVED = "moved"
    REASSIGNED = "reassigned"
    SUPERSEDED = "superseded"
    PAST = "past"
    OPTED_OUT = "opted_out"


class Anchor(SQLModel, table=True):
    """A date that deadlines hang on (the closing of a call, an event); when it moves, they move."""

    __tablename__ = "anchor"
    __table_args__ = (UniqueConstraint("kind", "subject_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    kind: str = Field(description="call, event ...")
    subject_id: str
    title: str
    day: date
    at_time: time | None = Field(default=None, description="local time in `time_zone`; none: the end of the day")
    time_zone: str = ""


class Deadline(SQLModel, table=True):
    """Something that waits for somebody until a date."""

    __tablename__ = "deadline"
    __table_args__ = (
        Index("ix_deadline_by_day", "partnership_id", "state", "due_on", "id"),
        Index("ix_deadline_by_opening", "partnership_id", "state", "opened_at", "id"),
        Index("ix_deadline_by_kind", "partnership_id", "state", "kind"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    collaboration_id: str | None = Field(default=None, index=True, description="no foreign key: a layer above")
    kind: str = Field(description="stage, evaluation, position, report ...")
    subject_id: str = Field(index=True, description="the row that waits")
    title: str
    owner_role: Role = Field(sa_type=EnumText(Role))
    owner_organisation_id: str | None = Field(default=None, foreign_key="organisation.id", description="of the role")
    owner_person_id: str | None = Field(default=None, foreign_key="person.id", description="none: all of the role")
    deputy_person_id: str | None = Field(default=None, foreign_key="person.id")
    chair_role: Role | None = Field(
        default=None, sa_type=EnumText(Role), description="whom a rung to the chair reaches"
    )
    personal: bool = Field(default=False, description="only its owner can answer: it is not reassigned by hand")
    legal: bool = Field(default=False, description="set by law or a call: neither waived, extended nor opted out of")
    ladder: list[dict[str, object]] = Field(sa_type=Json, description="rungs as in the playbook: days, to")
    nuts: str = Field(default="", description="site whose working days count")
    due_on: date = Field(index=True)
    due_time: time | None = Field(default=None, description="local time in `time_zone`; none: the end of the day")
    time_zone: str = ""
    anchor_id: str | None = Field(default=None, foreign_key="anchor.id", index=True)
    anchor_days: int = Field(default=0, description="working days from the anchor's day; negative is before")
    date_revision: int = Field(default=1, description="counts the dates it has had; each is reminded of anew")
    date_revised_at: datetime = Field(sa_type=Instant, description="since when it is due then")
    owner_revision: int = Field(default=0, description="counts its owners; each is told anew, at once")
    sequence: int = Field(default=0, description="counts every change that a calendar shows")
    opened_at: datetime = Field(sa_type=Instant)
    changed_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    state: DeadlineState = Field(default=DeadlineState.OPEN, sa_type=EnumText(DeadlineState), index=True)
    next_check_at: datetime | None = Field(
        default=None, sa_type=Instant, index=True, description="when a rung may be due"
    )
    version: int = 1


class DeadlineChange(SQLModel, table=True):
    """A change of a deadline by a person, or by the date that it hangs on."""

    __tablename__ = "deadline_change"
    __table_args__ = (UniqueConstraint("deadline_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    deadline_id: str = Field(foreign_key="deadline.id", index=True)
    number: int = Field(description="1, 2, 3 ... within the deadline")
    kind: ChangeKind = Field(sa_type=EnumText(ChangeKind))
    before: str
    after: str
    reason: str
    actor_role: Role = Field(sa_type=EnumText(Role))
    actor_person_id: str | None = Field(default=None, foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)


class Reminder(SQLModel, table=True):
    """One line of the ledger: one rung of a ladder (for one date and owner) and one recipient, once for ever.

    What became of it once it was planned stands in its mail.
    """

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("deadline_id", "date_revision", "owner_revision", "person_id", "rung"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    deadline_id: str = Field(foreign_key="deadline.id", index=True)
    date_revision: int
    owner_revision: int = Field(
        default=0, description="for which owner in turn; 0 for whoever is told of another's delay"
    )
    person_id: str = Field(foreign_key="person.id", index=True)
    rung: int = Field(description="working days relative to the due date; negative is before")
    planned_for: date
    escalation: bool = False
    state: ReminderState = Field(sa_type=EnumText(ReminderState))
    why: Why = Field(default=Why.NONE, sa_type=EnumText(Why))
    at: datetime = Field(sa_type=Instant)
    mail_id: str | None = Field(default=None, foreign_key="mail.id", index=True)
