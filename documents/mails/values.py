"""What each kind of mail is told: one model of plain values per kind, checked when entered and when written."""

import unicodedata
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from documents.mails.words import Answer, EventPart
from states.archive.tables import DocumentKind
from states.calendars.event_announcements import EventChange
from states.errors import BankableError
from states.mail.receipts import Receipt
from states.mail.tables import MailKind
from states.review.tables import Outcome
from states.rights.access import Role
from states.shapes import Unfit, shape_fault
from states.texts.titles import Title, kept_title, read_title


def _tidy(value: object) -> object:
    """Put a text on one line without characters that would break a header or turn its direction; None is no text."""
    if not isinstance(value, str):
        return "" if value is None else value
    line = " ".join(value.split())
    return "".join(one for one in line if unicodedata.category(one) not in {"Cc", "Cf"} or one == "\N{SOFT HYPHEN}")


def _known_zone(value: str) -> str:
    if value and value not in available_timezones():
        raise Unfit("mail_zone_unknown")
    return value


def _titled(value: object, tidy: ValidatorFunctionWrapHandler) -> Title:
    """Read a title of a playbook, and its own translations where it is kept with them."""
    title = read_title(value)
    return Title(tidy(title), {language: tidy(text) for language, text in title.own.items()})


Words = Annotated[str, BeforeValidator(_tidy)]
Line = Annotated[str, StringConstraints(min_length=1), BeforeValidator(_tidy)]
TitleLine = Annotated[Line, WrapValidator(_titled), PlainSerializer(kept_title, when_used="json")]
Link = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$")]
Zone = Annotated[str, BeforeValidator(_tidy), AfterValidator(_known_zone)]  # empty where none is meant


class MailValues(BaseModel):
    """Plain values of one mail; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class MailNotWritten(BankableError):
    """The mail cannot be written from these values; `problems` names each thing that is wrong."""

    code = "mail_not_written"

    def __init__(self, kind: MailKind, problems: list[str]) -> None:
        super().__init__(mail=kind, problems=tuple(problems))
        self.kind, self.problems = kind, tuple(problems)


class Reminder(MailValues):
    """One rung of a deadline's ladder, as it reads on the day of writing."""

    kind: Line = Field(description="of the deadline; one that `keys.Duty` does not know is called a deadline")
    title: Line
    due_on: date
    due_time: time | None = Field(default=None, description="local time in `time_zone`; none: the end of the day")
    time_zone: Zone = ""
    days: int = Field(description="calendar days since the due date; negative is before")
    rung: int = Field(description="working days from the due date; negative is before")
    role: Role | None = Field(default=None, description="for which the ladder names the recipient")
    waits_for: Role = Field(description="who owes it")
    escalation: bool = False
    legal: bool = Field(default=False, description="a deadline of law: nobody may switch its reminders off")
    link: Link

    @model_validator(mode="after")
    def _has_a_clock(self) -> Self:
        if self.due_time is not None and not self.time_zone:
            raise Unfit("mail_time_without_zone")
        return self


class DigestLine(MailValues):
    """One deadline of a digest."""

    kind: Line
    title: Line
    due_on: date
    days: int = Field(description="calendar days since the due date; negative is before")
    escalation: bool = False
    link: Link


class Digest(MailValues):
    """What waits for one person on one day, in one mail."""

    day: date
    lines: tuple[DigestLine, ...] = Field(min_length=1)
    link: Link = Field(description="the recipient's tasks")


class Invitation(MailValues):
    """What a reviewer may know before the declaration: title, regions, panel, date and where to answer."""

    title: Line
    regions: tuple[Line, ...] = ()
    panel: TitleLine
    due_on: date
    declaration: Link
    agreement: Link
    withdrawal: Link
    briefing: Link | None = Field(default=None, description="where a region's briefing stands; none for who scores")


class RoleGiven(MailValues):
    """A role that somebody was given, and the link by which that person takes it up."""

    partnership: Line
    role: Role
    speaks_for: Words = Field(default="", description="organisation or region, where the role speaks for one")
    until: date = Field(description="until when the link opens")
    link: Link


class Shortage(MailValues):
    """Seats that stay open; `open` are sentences of the assignment, in English."""

    title: Line
    panel: TitleLine
    open: tuple[Line, ...] = Field(min_length=1)
    answers: int = Field(ge=0, description="who may still answer")
    quorum: int = Field(ge=1)
    due_on: date
    link: Link


class Decision(MailValues):
    """A released decision: its outcome and conditions, never a score and never a reviewer."""

    title: Line
    panel: TitleLine
    outcome: Outcome
    conditions: tuple[Line, ...] = ()
    link: Link


class SignOff(MailValues):
    """A version that an organisation is asked to agree to, through a link that ends."""

    title: Line
    document: DocumentKind = DocumentKind.INVESTMENT_PROTOCOL
    version: Line
    organisation: Line
    until: AwareDatetime | date
    link: Link


class ProgressAsked(MailValues):
    """What an organisation is asked to say of a period, through a link that ends; `question` where it was returned."""

    title: Line
    organisation: Line
    starts_on: date
    ends_on: date
    question: Words = ""
    until: AwareDatetime | date
    link: Link


class SignOffRefused(MailValues):
    """What keeps an organisation from signing, for whoever can mend it."""

    title: Line
    version: Line
    organisation: Line
    reason: Words
    link: Link = Field(description="the sign-offs of the version")


class ScenarioStale(MailValues):
    """That a chosen scenario holds no longer, and how many reasons it has; what they say stands with the scenario."""

    title: Line
    scenario: Line
    reasons: int
    link: Link


class Meeting(MailValues):
    """When and where people meet; a time without a time zone is told in the recipient's own."""

    starts_at: AwareDatetime | date | None = None
    ends_at: AwareDatetime | date | None = None
    time_zone: Zone = ""
    place: Words = Field(default="", description="town, room, table, or the address of a call")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_at is None or self.starts_at is None:
            return self
        if type(self.starts_at) is not type(self.ends_at) or self.ends_at < self.starts_at:
            raise Unfit("mail_ends_before_it_starts")
        return self


class Event(Meeting):
    """An event of the partnership; the calendar entry is attached to the mail."""

    change: EventChange
    changed: tuple[EventPart, ...] = ()
    reason: Words = Field(default="", description="why it was changed or cancelled")
    title: Line
    starts_at: AwareDatetime | date
    link: Link


class Undelivered(MailValues):
    """A mail that did not arrive, for whoever can mend the address; no `reason` where its fate is unclear."""

    whom: Line = Field(description="label of the person, no address")
    subject: Line
    reason: Words = Field(default="", description="what the mail server said")
    others: int = Field(default=0, ge=0, description="how many more there are, in the list alone")
    link: Link = Field(description="the ledger of mails")


class MeetingRequest(Meeting):
    """At a brokerage event, `asking` wants to meet `asked`."""

    event: Line
    asking: Line
    asked: Line
    message: Words = ""
    until: AwareDatetime | date
    link: Link


class MeetingAnswer(Meeting):
    """What `asked` answered to `asking`."""

    event: Line
    asking: Line
    asked: Line
    answer: Answer
    link: Link


class AgendaMeeting(Meeting):
    """One line of an agenda: with whom, when and where."""

    organisation: Line
    starts_at: AwareDatetime


class AgendaPublished(MailValues):
    """The meetings of one organisation at an event."""

    event: Line
    organisation: Line
    time_zone: Zone = Field(description="of the event")
    meetings: tuple[AgendaMeeting, ...] = ()
    link: Link


class InterestReceived(MailValues):
    """An expression of interest in `about`, what the recipient's organisation offers or seeks."""

    organisation: Line = Field(description="who is interested")
    about: Line
    message: Words = ""
    until: AwareDatetime | date
    link: Link


class InterestAnswered(MailValues):
    """What `organisation` answered to an expression of interest in `about`."""

    organisation: Line
    about: Line
    answer: Answer
    link: Link


class OutcomeAsked(Meeting):
    """What came of a meeting of `organisation` with `met`?"""

    event: Line
    organisation: Line
    met: Line
    until: AwareDatetime | date
    link: Link


class SectionGiven(MailValues):
    """Sections that somebody is to write; a `question` where one came back."""

    title: Line
    sections: tuple[TitleLine, ...] = Field(min_length=1)
    note: Words = ""
    question: Words = ""
    until: AwareDatetime | date
    link: Link


class SectionHandedIn(MailValues):
    """That a section was handed in, for who gave it."""

    title: Line
    section: TitleLine
    by: Line
    link: Link


class Question(MailValues):
    """A question that somebody is to answer; `asked_by` names an organisation or a role, never a reviewer."""

    title: Line
    about: Line
    asked_by: Line
    question: Line
    until: AwareDatetime | date
    link: Link


class QuestionAnswered(MailValues):
    """What was answered, for who asked; without words where the reader is to judge blind."""

    title: Line
    about: Line
    question: Line
    answered_by: Words = ""
    answer: Words = ""
    link: Link


class ReceiptOf(MailValues):
    """What was received, by its hash, and which date comes next."""

    title: Line
    what: Receipt
    named: Words = ""
    version: Words = ""
    sha256: Line
    received_at: AwareDatetime
    next_on: date | None = None
    link: Link


class SignIn(MailValues):
    """A link that signs its reader in, once and for a short while."""

    until: AwareDatetime
    link: Link


VALUES: Mapping[MailKind, type[MailValues]] = {
    MailKind.REMINDER: Reminder,
    MailKind.DIGEST: Digest,
    MailKind.INVITATION: Invitation,
    MailKind.ROLE_GIVEN: RoleGiven,
    MailKind.SHORTAGE: Shortage,
    MailKind.DECISION: Decision,
    MailKind.SIGN_OFF: SignOff,
    MailKind.SIGN_OFF_REFUSED: SignOffRefused,
    MailKind.SCENARIO_STALE: ScenarioStale,
    MailKind.EVENT: Event,
    MailKind.UNDELIVERED: Undelivered,
    MailKind.MEETING_REQUEST: MeetingRequest,
    MailKind.MEETING_ANSWER: MeetingAnswer,
    MailKind.AGENDA_PUBLISHED: AgendaPublished,
    MailKind.INTEREST_RECEIVED: InterestReceived,
    MailKind.INTEREST_ANSWERED: InterestAnswered,
    MailKind.OUTCOME_ASKED: OutcomeAsked,
    MailKind.PROGRESS_ASKED: ProgressAsked,
    MailKind.SECTION_GIVEN: SectionGiven,
    MailKind.SECTION_HANDED_IN: SectionHandedIn,
    MailKind.QUESTION: Question,
    MailKind.ANSWER: QuestionAnswered,
    MailKind.RECEIPT: ReceiptOf,
    MailKind.SIGN_IN: SignIn,
}


def read(kind: MailKind, values: Mapping[str, object]) -> MailValues:
    """Read the values of a mail from JSON, or raise `MailNotWritten` with the place of each fault."""
    try:
        return VALUES[kind].model_validate(values)
    except ValidationError as error:
        problems = [str(shape_fault(one, otherwise=kind.value)) for one in error.errors()]
        raise MailNotWritten(kind, problems) from error


def values_of(kind: MailKind, /, **fields: object) -> dict[str, object]:
    """Check the values of a mail and return them as JSON keeps them, or raise `MailNotWritten`."""
    return read(kind, fields).model_dump(mode="json")
