"""Routes of reminders: what would go out to whom, when and why; and the ledger of what went out and what did not."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlmodel.sql.expression import Select

from api.http.dependencies import InPartnership, Tx
from api.http.lookups import need_deadline_kind, people_by_email
from api.http.paging import Page
from api.http.schemas import Listing, Output
from states.clock import today
from states.deadlines.ledger import LEDGER_ORDER, LedgerLine, LineStatus, find_ledger, ledger_lines
from states.deadlines.preview import Channel, Foreseen, foresee
from states.deadlines.tables import Deadline, Reminder
from states.errors import Invalid
from states.mail.tables import Mail
from states.partners.tables import Person
from states.rights.access import Action, Actor

router = APIRouter(prefix="/reminders", tags=["deadlines"])

Reader = Annotated[Actor, Depends(InPartnership(Action.READ_MAILS))]
_MONTH = timedelta(days=30)
MOST_DAYS = 366


class ReminderOut(Output):
    """One line of the ledger: `at` is when it was sent, may be sent from, or was judged."""

    person: str
    rung: int
    planned_for: date
    escalation: bool
    status: LineStatus
    why: str
    at: datetime
    message_id: str


class LedgerLineOut(ReminderOut):
    deadline_id: str
    kind: str
    title: str
    due_on: date
    mail_id: str | None


class ForeseenOut(Output):
    """A reminder that would go out at that time if nothing were done until then."""

    deadline_id: str
    kind: str
    title: str
    due_on: date
    person: str
    rung: int = Field(description="working days from the due date; negative is before")
    day: date = Field(description="on which the rung falls")
    at: datetime
    channel: Channel = Field(description="none: the person has opted out of it")
    escalation: bool = Field(description="it tells of what somebody else has not done")


@router.get("/preview")
def list_foreseen(
    session: Tx,
    actor: Reader,
    page: Page,
    days: Annotated[int, Query(ge=0, le=MOST_DAYS)] = 30,
    person: Annotated[str | None, Query(description="e-mail address of who would be reminded", max_length=300)] = None,
    kind: Annotated[str | None, Query(description="of the deadline: evaluation, sign_off ...", max_length=40)] = None,
) -> Listing[ForeseenOut]:
    """List what would go out in the next days, to whom, when and why, if nothing were done until then."""
    people_by_email(session, actor.partnership_id, {"query.person": person})
    if kind is not None:
        need_deadline_kind(kind)
    found = [
        one
        for one in page.each(session, lambda: foresee(session, partnership_id=actor.partnership_id, days=days))
        if person in (None, one.person.email) and kind in (None, one.deadline.kind)
    ]
    return page.cut(found, lambda one: one.key, show=present_foreseen)


@router.get("")
def list_ledger(
    session: Tx,
    actor: Reader,
    page: Page,
    first: Annotated[date | None, Query(alias="from", description="a month ago where it is left out")] = None,
    last: Annotated[date | None, Query(alias="to", description="today where it is left out")] = None,
    status: LineStatus | None = None,
) -> Listing[LedgerLineOut]:
    """List the ledger of the reminders that were planned for these days: what became of each, and why."""
    return page.read(
        session,
        ledger_of_days(actor.partnership_id, first, last, status),
        *LEDGER_ORDER,
        show=lambda found: present_ledger(ledger_lines(found)),
    )


def ledger_of_days(
    partnership_id: str, first: date | None, last: date | None, status: LineStatus | None
) -> Select[Reminder, Deadline, Person, Mail]:
    """Return the query of the ledger of these days, of the last month where none are named; raise `Invalid`."""
    until = last or today()
    since = first or max(until, date.min + _MONTH) - _MONTH
    if until < since:
        raise Invalid("ends_before_it_begins", field="to", remedy="give_days_in_order", until=until, since=since)
    return find_ledger(partnership_id, first=since, last=until, status=status)


def present_lines(lines: Sequence[LedgerLine]) -> list[ReminderOut]:
    """Return what is shown of ledger lines beside their deadline."""
    return [ReminderOut(**_line(line)) for line in lines]


def present_foreseen(found: Sequence[Foreseen]) -> list[ForeseenOut]:
    """Return what is shown of reminders that would go out."""
    return [
        ForeseenOut(
            deadline_id=one.deadline.id,
            person=one.person.label,
            **{name: getattr(one.deadline, name) for name in ("kind", "title")},
            **{name: getattr(one, name) for name in ("due_on", "rung", "day", "at", "channel", "escalation")},
        )
        for one in found
    ]


def present_ledger(lines: Sequence[LedgerLine]) -> list[LedgerLineOut]:
    """Return what is shown of ledger lines, each with its deadline."""
    return [
        LedgerLineOut(
            **_line(line),
            **{name: getattr(line.deadline, name) for name in ("kind", "title", "due_on")},
            deadline_id=line.deadline.id,
            mail_id=line.mail_id,
        )
        for line in lines
    ]


def _line(line: LedgerLine) -> dict[str, Any]:
    names = ("rung", "planned_for", "escalation", "status", "why", "at", "message_id")
    return {"person": line.person.label} | {name: getattr(line, name) for name in names}
