"""Rows of the mail ledger: every mail whatever causes it, and how each person wants to be written to."""

from datetime import datetime, time
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from states.storage import EnumText, Instant, Json, new_id, new_list


class MailKind(StrEnum):
    """What a mail is about; documents.mails has a text for each."""

    REMINDER = "reminder"
    DIGEST = "digest"
    INVITATION = "invitation"
    ROLE_GIVEN = "role_given"
    SHORTAGE = "shortage"
    DECISION = "decision"
    SIGN_OFF = "sign_off"
    SIGN_OFF_REFUSED = "sign_off_refused"
    SCENARIO_STALE = "scenario_stale"
    EVENT = "event"
    UNDELIVERED = "undelivered"
    MEETING_REQUEST = "meeting_request"
    MEETING_ANSWER = "meeting_answer"
    AGENDA_PUBLISHED = "agenda_published"
    INTEREST_RECEIVED = "interest_received"
    INTEREST_ANSWERED = "interest_answered"
    OUTCOME_ASKED = "outcome_asked"
    PROGRESS_ASKED = "progress_asked"
    SECTION_GIVEN = "section_given"
    SECTION_HANDED_IN = "section_handed_in"
    QUESTION = "question"
    ANSWER = "answer"
    RECEIPT = "receipt"
    SIGN_IN = "sign_in"


class MailState(StrEnum):
    """How far a mail has come.

    `offered`: a runner is handing it over at this moment. `uncertain`: it was being handed over when the answer got
    lost, so nobody knows whether it was delivered; never sent again before that is resolved.
    """

    WAITING = "waiting"
    OFFERED = "offered"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Mail(SQLModel, table=True):
    """One mail to one person, once for ever by its key; its text is made when it is sent."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_due", "state", "not_before"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    key: str = Field(unique=True, description="what it tells whom: a second mail with it is never entered")
    kind: MailKind = Field(sa_type=EnumText(MailKind))
    topic: str = Field(description="what one may opt out of: the kind, or the kind and more (reminder.evaluation)")
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    values: dict[str, object] = Field(sa_type=Json, description="what the text is made of")
    optional: bool = Field(default=False, description="may be opted out of")
    attachment: str = Field(default="", description="reference such as event:<id>, resolved when the mail is sent")
    message_id: str = Field(unique=True, description="without angle brackets; the same at every try")
    created_at: datetime = Field(sa_type=Instant)
    not_before: datetime = Field(sa_type=Instant)
    site: str | None = Field(
        default=None, description="every try keeps to working days there and to quiet hours; none: to no hours"
    )
    state: MailState = Field(default=MailState.WAITING, sa_type=EnumText(MailState))
    why: str = Field(default="", description="key of the reason for the state: opted_out, tries_used_up ...")
    unwanted: str = Field(default="", description="withdrawn while it was handed over: why it is not sent again")
    tries_failed: int = Field(default=0, description="tries that a server answered with 'later'")
    leased_by: str | None = None
    leased_until: datetime | None = Field(default=None, sa_type=Instant, description="in the machine's time")
    via: str = Field(default="", description="where it was offered last: smtp or folder")
    last_error: str = ""
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    resolved_by: str = Field(default="", description="who said what became of it: a person's id, log or folder")
    told_at: datetime | None = Field(default=None, sa_type=Instant, description="project managers know that it failed")


class MailPreference(SQLModel, table=True):
    """How a person wants to be written to; who has no row is served by the defaults."""

    __tablename__ = "mail_preference"

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id", unique=True)
    quiet_from: time = Field(default=time(19), description="local time of the person")
    quiet_until: time = Field(default=time(7), description="local time; equal to quiet_from: no quiet hours")
    digest: bool = Field(default=False, description="reminders of a day in one mail")
    digest_at: int = Field(default=7, description="local hour, 0 to 23")
    opted_out: list[str] = Field(default_factory=new_list, sa_type=Json, description="topics, as in Mail.topic")
    version: int = 1
