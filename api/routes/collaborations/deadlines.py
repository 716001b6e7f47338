"""Routes of what is due: read, extended, waived and handed over with a reason; and the ledger of its reminders."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from pydantic import BeforeValidator, Field
from sqlmodel import Session, col, select

from api.http.access import DEADLINE, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import OfCollaboration, OfOfficer, cases_where, need_collaboration, people_by_email
from api.http.paging import Page
from api.http.schemas import Input, Listing, Named, Output, Prose, Text, TimeOfDay
from api.routes.operations.reminders import ForeseenOut, ReminderOut, present_foreseen, present_lines
from states.clock import now, today
from states.crossings.deadlines.followers import waive_deadline
from states.crossings.rights.collaborations import blindings_behind
from states.deadlines.ledger import ledger_of
from states.deadlines.preview import what_if
from states.deadlines.queries import ORDERS, changes_of, find_open_deadlines
from states.deadlines.service import date_faults, extend, reassign
from states.deadlines.tables import ChangeKind, Deadline, DeadlineChange, DeadlineState
from states.errors import Invalid
from states.partners.tables import Organisation, Person
from states.places.working_days import remark
from states.rights.access import Action, Actor, Role
from states.rights.conditions import permitted_where
from states.storage.paging import sorted_by
from states.texts.read_back import said_to_wait

router = APIRouter(prefix="/deadlines", tags=["deadlines"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Read = Annotated[Deadline, Depends(Allowed(DEADLINE, Action.READ_DEADLINES))]
Change = Annotated[Deadline, Depends(Allowed(DEADLINE, Action.CHANGE_DEADLINE))]


class DeadlineOut(Output):
    id: str
    collaboration_id: str | None
    kind: str
    title: Annotated[Text, BeforeValidator(said_to_wait)]
    owner_role: Role
    owner_organisation: Named | None = Field(description="whose people it waits for, by name")
    owner_person: str | None = Field(description="whom it waits for, by role; null: everybody of the role")
    deputy: str | None
    due_on: date
    due_time: TimeOfDay | None = Field(description="local time in `time_zone`; null: the end of the day")
    time_zone: str
    legal: bool = Field(description="set by law or a call: neither extended nor waived here")
    opened_at: datetime
    closed_at: datetime | None
    state: DeadlineState
    overdue: bool
    remark: str | None = Field(description="why its last day is an odd one: nobody works then where it waits")
    sequence: int = Field(description="counts every change that a calendar shows")
    version: int


class ExtensionIn(Input):
    model_config = example(due_on="2027-06-30", reason="Two of the partners asked for it.")

    due_on: date
    reason: Prose


class WaiverIn(Input):
    model_config = example(reason="The partners have signed on paper.")

    reason: Prose


class AssignmentIn(Input):
    model_config = example(person="project_manager@medtech.example.org", reason="Away until June.")

    person: str | None = Field(default=None, max_length=300, description="e-mail address; null: everybody of the role")
    deputy: str | None = Field(default=None, max_length=300, description="e-mail address of who steps in; null: nobody")
    reason: Prose


class ChangeOut(Output):
    number: int
    kind: ChangeKind
    before: Text
    after: Text
    reason: Text
    by: Role
    person: str | None = Field(description="who did it, by role; null where a date that it hangs on moved")
    at: datetime


class WhatIfOut(Output):
    due_on: date
    goes: list[ForeseenOut] = Field(description="reminders that would not go out any more")
    stays: list[ForeseenOut] = Field(description="reminders that would go out as they do now")
    comes: list[ForeseenOut] = Field(description="reminders that would go out instead")


@router.get("")
def list_deadlines(
    session: Tx,
    actor: Insider,
    page: Page,
    collaboration: OfCollaboration = None,
    officer: OfOfficer = None,
    sort: Literal["due", "-due", "opened", "-opened"] = "due",
) -> Listing[DeadlineOut]:
    """List the open deadlines that the token may read, the most urgent first."""
    need_collaboration(session, actor, collaboration)
    readable = permitted_where(session, actor, Deadline, Action.READ_DEADLINES)
    of_officer = cases_where(session, actor, col(Deadline.collaboration_id), officer)
    return page.read(
        session,
        find_open_deadlines(actor.partnership_id, readable, *of_officer, collaboration_id=collaboration),
        *sorted_by(ORDERS, sort, col(Deadline.id)),
        show=lambda rows: _shown_to(session, actor, rows),
    )


@router.get("/{deadline_id}")
def get_deadline(row: Read, session: Tx, actor: CurrentActor, answer: Answered) -> DeadlineOut:
    """Read a deadline, open or not; its ETag is what a change sends back as If-Match."""
    answer.tag(row.version)
    return _shown_to(session, actor, [row])[0]


@router.get("/{deadline_id}/history")
def list_changes(row: Read, session: Tx, actor: CurrentActor, page: Page) -> Listing[ChangeOut]:
    """List how a deadline was changed, from its first change on: by whom, why, from what to what."""
    found = page.each(session, lambda: changes_of(session, [row.id]))
    blinding = blindings_behind(session, actor, [row.collaboration_id])[row.collaboration_id]
    return page.cut(
        found, lambda one: one.number, show=lambda part: [blinding.over(one) for one in _changes(session, part)]
    )


def _changes(session: Session, part: Sequence[DeadlineChange]) -> list[ChangeOut]:
    people = _labels(session, [key for one in part for key in (one.actor_person_id, one.before, one.after)])
    return [
        ChangeOut(
            **one.model_dump(include={"number", "kind", "reason", "at"}),
            before=people.get(one.before, one.before),
            after=people.get(one.after, one.after),
            by=one.actor_role,
            person=people.get(one.actor_person_id or ""),
        )
        for one in part
    ]


@router.get("/{deadline_id}/reminders")
def list_reminders(row: Read, session: Tx, page: Page) -> Listing[ReminderOut]:
    """List the reminders of a deadline: each rung for each recipient stands here once for ever."""
    lines = page.each(session, lambda: ledger_of(session, [row.id]))
    return page.cut(lines, lambda one: one.key, show=present_lines)


@router.get("/{deadline_id}/what-if")
def get_what_if(row: Change, session: Tx, due_on: date) -> WhatIfOut:
    """Tell what another last day would change: which reminders would go, and which would come. Changes nothing."""
    if faults := date_faults(due_on, before=row.due_on):
        raise Invalid(faults=faults)
    as_it_is, moved = (present_foreseen(side) for side in what_if(session, row, due_on=due_on))
    return WhatIfOut(
        due_on=due_on,
        goes=[one for one in as_it_is if one not in moved],
        stays=[one for one in as_it_is if one in moved],
        comes=[one for one in moved if one not in as_it_is],
    )


@router.post("/{deadline_id}/extension")
def post_deadline_extension(
    row: Change, version: IfMatch, sent: ExtensionIn, session: Tx, actor: CurrentActor, answer: Answered
) -> DeadlineOut:
    """Give a deadline another last day, with a reason; what waits to be sent for the old one is withdrawn."""
    extend(session, row, due_on=sent.due_on, reason=sent.reason, actor=actor, expected_version=version)
    return _changed(session, row, answer)


@router.post("/{deadline_id}/waiver")
def post_waiver(
    row: Change, version: IfMatch, sent: WaiverIn, session: Tx, actor: CurrentActor, answer: Answered
) -> DeadlineOut:
    """End a deadline because nobody needs to do it any more, with a reason."""
    waive_deadline(session, row, reason=sent.reason, actor=actor, expected_version=version)
    return _changed(session, row, answer)


@router.post("/{deadline_id}/assignment")
def post_assignment(
    row: Change, version: IfMatch, sent: AssignmentIn, session: Tx, actor: CurrentActor, answer: Answered
) -> DeadlineOut:
    """Hand a deadline to one person, or to all of its role (`person` null), and name a deputy; the new owner is told at
    once."""
    people = people_by_email(session, row.partnership_id, {"person": sent.person, "deputy": sent.deputy})
    reassign(
        session,
        row,
        person_id=people.get("person"),
        deputy_person_id=people.get("deputy"),
        reason=sent.reason,
        actor=actor,
        expected_version=version,
    )
    return _changed(session, row, answer)


def _changed(session: Session, row: Deadline, answer: Answered) -> DeadlineOut:
    answer.tag(row.version)
    return present_deadlines(session, [row])[0]


def _shown_to(session: Session, actor: Actor, rows: Sequence[Deadline]) -> list[DeadlineOut]:
    blindings = blindings_behind(session, actor, [row.collaboration_id for row in rows])
    shown = present_deadlines(session, rows)
    return [blindings[one.collaboration_id].over(one) for one in shown]


def present_deadlines(session: Session, rows: Sequence[Deadline]) -> list[DeadlineOut]:
    """Return what is shown of deadlines, with the labels of whom they wait for."""
    people = _labels(session, [key for row in rows for key in (row.owner_person_id, row.deputy_person_id)])
    names = select(Organisation.id, Organisation.name).where(
        col(Organisation.id).in_({row.owner_organisation_id for row in rows})
    )
    organisations = dict(session.exec(names).all())
    return [
        DeadlineOut(
            **row.model_dump(include=_SHOWN),
            owner_organisation=organisations.get(row.owner_organisation_id or ""),
            owner_person=people.get(row.owner_person_id or ""),
            deputy=people.get(row.deputy_person_id or ""),
            overdue=row.state is DeadlineState.OPEN and _is_past(row),
            remark=str(remark(row.due_on, nuts=row.nuts) or "") or None,
        )
        for row in rows
    ]


def _is_past(row: Deadline) -> bool:
    if row.due_time is None or not row.time_zone:
        return row.due_on < today()
    return datetime.combine(row.due_on, row.due_time, ZoneInfo(row.time_zone)) < now()


def _labels(session: Session, keys: Sequence[str | None]) -> dict[str, str]:
    return dict(session.exec(select(Person.id, Person.label).where(col(Person.id).in_(set(keys)))).all())


_SHOWN = set(DeadlineOut.model_fields) & set(Deadline.model_fields)
