"""Routes of what is due, and of the ledger of reminders."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.dependencies import InPartnership, Tx
from api.paging import Page
from api.reach import OfDeadline, deadline_actions, scopes
from api.schemas import Listing, Output
from states.access import Action, Actor, Role, may
from states.clock import today
from states.deadlines.ledger import LedgerLine, LineStatus, ledger_of
from states.deadlines.queries import open_deadlines
from states.deadlines.tables import Deadline, DeadlineState

router = APIRouter(prefix="/deadlines", tags=["deadlines"])

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Read = Annotated[Deadline, Depends(OfDeadline(Action.READ_DEADLINES))]


class DeadlineOut(Output):
    id: str
    collaboration_id: str | None
    kind: str
    title: str
    owner_role: Role
    due_on: date
    opened_at: datetime
    closed_at: datetime | None
    state: DeadlineState
    overdue: bool


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


@router.get("")
def list_deadlines(
    session: Tx,
    actor: Insider,
    page: Page,
    collaboration: Annotated[str | None, Query(description="the id of a collaboration", max_length=40)] = None,
) -> Listing[DeadlineOut]:
    """List the open deadlines that the token may read, the most urgent first."""
    rows = [
        row
        for row in open_deadlines(session, actor.partnership_id)
        if collaboration is None or row.collaboration_id == collaboration
    ]
    allowed = scopes(session, actor, [row.collaboration_id for row in rows])
    shown = [
        row
        for row in rows
        for scope in [replace(allowed[row.collaboration_id], person_id=row.owner_person_id)]
        if all(may(actor, action, scope) for action in deadline_actions(actor, row))
    ]
    return Listing(items=[_deadline(row) for row in page.cut(shown)], total=len(shown))


@router.get("/{deadline_id}")
def get_deadline(row: Read) -> DeadlineOut:
    """Read a deadline, open or not."""
    return _deadline(row)


@router.get("/{deadline_id}/reminders")
def list_reminders(row: Read, session: Tx, page: Page) -> Listing[ReminderOut]:
    """List the reminders of a deadline: each rung for each recipient stands here once for ever."""
    lines = ledger_of(session, [row.id])
    return Listing(items=[_reminder(line) for line in page.cut(lines)], total=len(lines))


def _reminder(line: LedgerLine) -> ReminderOut:
    shown = {name: getattr(line, name) for name in ReminderOut.model_fields if name != "person"}
    return ReminderOut(person=line.person.label, **shown)


def _deadline(row: Deadline) -> DeadlineOut:
    overdue = row.state is DeadlineState.OPEN and row.due_on < today()
    return DeadlineOut(**row.model_dump(include=_SHOWN), overdue=overdue)


_SHOWN = set(DeadlineOut.model_fields) & set(Deadline.model_fields)
