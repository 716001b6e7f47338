"""The ledger of reminders as one reads it: for each line what became of it, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select
from sqlmodel.sql.expression import Select

from states.deadlines.tables import Deadline, Reminder, ReminderState, Why
from states.mail.tables import Mail, MailKind, MailState
from states.partners.tables import Person
from states.storage.text_order import by_text


class LineStatus(StrEnum):
    """`planned` waits for its hour or its digest; `uncertain` may have been delivered, and is to be resolved."""

    PLANNED = "planned"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


_STATUS = {
    MailState.WAITING: LineStatus.PLANNED,
    MailState.OFFERED: LineStatus.PLANNED,
    MailState.SENT: LineStatus.SENT,
    MailState.UNCERTAIN: LineStatus.UNCERTAIN,
    MailState.FAILED: LineStatus.FAILED,
    MailState.WITHDRAWN: LineStatus.SUPPRESSED,
}


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One rung for one recipient: what became of it, why, and when; `escalation`: it told of somebody else's delay.

    `at` is when it was sent; while it is planned, from when it may be sent; else when it was judged.
    """

    deadline: Deadline
    person: Person
    date_revision: int
    owner_revision: int
    rung: int
    planned_for: date
    escalation: bool
    status: LineStatus
    why: str
    at: datetime
    mail_id: str | None
    message_id: str

    @property
    def key(self) -> str:
        parts = (self.deadline.id, self.date_revision, self.owner_revision, self.person.id, self.rung)
        return ":".join(map(str, parts))


def ledger_of(session: Session, deadline_ids: Sequence[str]) -> list[LedgerLine]:
    """Return the ledger lines of these deadlines in the order of their dates."""
    of_deadlines = _reminders().where(col(Reminder.deadline_id).in_(deadline_ids))
    return ledger_lines(session.exec(of_deadlines.order_by(*LEDGER_ORDER)).all())


LEDGER_ORDER = (col(Reminder.planned_for), by_text(Person.label), col(Reminder.rung), col(Reminder.id))


def find_ledger(
    partnership_id: str, *, first: date, last: date, status: LineStatus | None = None
) -> Select[Reminder, Deadline, Person, Mail]:
    """Return the query of a partnership's ledger between two days, to be read in `LEDGER_ORDER` into `ledger_lines`."""
    planned = (col(Reminder.planned_for) >= first, col(Reminder.planned_for) <= last)
    query = _reminders().where(Deadline.partnership_id == partnership_id, *planned)
    return query if status is None else query.where(_in_status(status))


def ledger_lines(found: Sequence[tuple[Reminder, Deadline, Person, Mail]]) -> list[LedgerLine]:
    """Return the lines of what `find_ledger` finds."""
    return [_line(*one) for one in found]


def _reminders() -> Select[Reminder, Deadline, Person, Mail]:
    return (
        select(Reminder, Deadline, Person, Mail)
        .join(Deadline, col(Deadline.id) == col(Reminder.deadline_id))
        .join(Person, col(Person.id) == col(Reminder.person_id))
        .join(Mail, col(Mail.id) == col(Reminder.mail_id), isouter=True)
    )


def _in_status(status: LineStatus) -> ColumnElement[bool]:
    """Return the condition of `_fate`: of the mail, where the reminder has one."""
    by_mail = col(Mail.state).in_([state for state, fate in _STATUS.items() if fate is status])
    waits = [ReminderState.PLANNED] if status is LineStatus.PLANNED else [ReminderState.SUPPRESSED]
    without = status in (LineStatus.PLANNED, LineStatus.SUPPRESSED)
    unmailed = and_(col(Mail.id).is_(None), col(Reminder.state).in_(waits))
    return or_(by_mail, unmailed) if without else by_mail


def _line(line: Reminder, deadline: Deadline, person: Person, mail: Mail | None) -> LedgerLine:
    status, why, at = _fate(line, mail)
    return LedgerLine(
        deadline,
        person,
        line.date_revision,
        line.owner_revision,
        line.rung,
        line.planned_for,
        line.escalation,
        status,
        why,
        at,
        line.mail_id,
        mail.message_id if mail is not None else "",
    )


def _fate(line: Reminder, mail: Mail | None) -> tuple[LineStatus, str, datetime]:
    if mail is None:
        status = LineStatus.PLANNED if line.state is ReminderState.PLANNED else LineStatus.SUPPRESSED
        return status, line.why.value, line.at
    status = _STATUS[mail.state]
    merged = Why.DIGEST.value if mail.kind is MailKind.DIGEST else ""
    why = mail.why or mail.last_error or merged
    return status, why, mail.sent_at or (mail.not_before if status is LineStatus.PLANNED else line.at)
