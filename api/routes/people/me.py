"""Routes of the person who asks: who that is, what is to be done next, the yearly agreement, declared ties."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends
from pydantic import BeforeValidator, Field
from sqlmodel import Session, col, select

from api.http.conditional import Answered
from api.http.dependencies import InPartnership, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.lookups import OfOfficer, cases_where, organisations_named
from api.http.paging import Page
from api.http.schemas import Listing, Output, Text
from api.routes.review.conflict_schemas import RelationIn, RelationOut
from states.clock import now
from states.collaborations.tables import Collaboration
from states.crossings.rights.collaborations import blindings_behind
from states.partners.queries import organisation_slugs
from states.partners.tables import Organisation, Partnership, Person, Region, RoleGrant
from states.review.conflicts.service import agree, declare_relation
from states.review.conflicts.tables import Relation
from states.rights.access import Action, Actor, Role, TokenScope
from states.rights.blinding import Blinding
from states.tasks.queries import tasks_of
from states.tasks.task import Task, TaskKind, TaskState
from states.texts.read_back import said_to_wait

Out = TypeVar("Out")

router = APIRouter(prefix="/me", tags=["me"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Reviewer = Annotated[Actor, Depends(InPartnership(Action.DECLARE))]


class TaskOut(Output):
    title: Annotated[Text, BeforeValidator(said_to_wait)]
    kind: TaskKind
    link: str
    round_id: str | None
    due_on: date | None
    overdue: bool
    state: TaskState


class GrantOut(Output):
    since: datetime
    until: datetime | None
    region: str | None
    organisation: str | None
    expertise: list[str]


class MeOut(Output):
    person: str = Field(description="who, by role")
    role: Role
    partnership: str
    grant: GrantOut
    scopes: list[TokenScope]


class AgreementOut(Output):
    year: int
    agreed_at: datetime


@router.get("")
def get_me(actor: Insider, session: Tx) -> MeOut:
    """Read who the token speaks for: the role, the grant behind it, and what the token was made for."""
    person = session.get_one(Person, person_of(actor))
    query = select(RoleGrant).where(
        RoleGrant.person_id == person.id,
        RoleGrant.partnership_id == actor.partnership_id,
        RoleGrant.role == actor.role,
    )
    grant = session.exec(query).one()
    region = session.get(Region, grant.region_id) if grant.region_id else None
    organisation = session.get(Organisation, grant.organisation_id) if grant.organisation_id else None
    return MeOut(
        person=person.label,
        role=actor.role,
        partnership=session.get_one(Partnership, actor.partnership_id).slug,
        grant=GrantOut(
            since=grant.since,
            until=grant.until,
            region=region.slug if region else None,
            organisation=organisation.slug if organisation else None,
            expertise=grant.expertise,
        ),
        scopes=[scope for scope in TokenScope if scope in actor.scopes],
    )


@router.get("/tasks")
def list_tasks(actor: Insider, session: Tx, page: Page, officer: OfOfficer = None) -> Listing[TaskOut]:
    """List what is to be done next, the most urgent first, each with its link, deadline and state.

    With an officer only that of cases of this officer, which are the actor's to do all the same.
    """

    def show(part: Sequence[Task]) -> list[TaskOut]:
        return present_tasks(part, blindings_behind(session, actor, [task.collaboration_id for task in part]))

    return cut_tasks(actor, session, page, officer, show=show)


def cut_tasks(
    actor: Actor, session: Session, page: Page, officer: str | None, *, show: Callable[[Sequence[Task]], list[Out]]
) -> Listing[Out]:
    """Return a page of what is to be done next, of cases of an officer alone where one is named."""
    found = page.each(session, lambda: tasks_of(session, actor))
    if of_officer := cases_where(session, actor, col(Collaboration.id), officer):
        query = select(Collaboration.id).where(Collaboration.partnership_id == actor.partnership_id, *of_officer)
        cases = set(session.exec(query))
        found = [one for one in found if one.collaboration_id in cases]
    return page.cut(found, lambda one: f"{one.kind.value}:{one.path}", show=show)


def present_tasks(part: Sequence[Task], blindings: Mapping[str | None, Blinding]) -> list[TaskOut]:
    """Return what is shown of tasks; `blindings` of their collaborations, by id."""
    return [blindings[task.collaboration_id].over(_task(task)) for task in part]


def _task(task: Task) -> TaskOut:
    return TaskOut(
        title=task.title,
        kind=task.kind,
        link=f"/api/v1{task.path}",
        round_id=task.round_id,
        due_on=task.due_on,
        overdue=task.overdue,
        state=task.state,
    )


@router.post("/agreement", status_code=201)
def post_agreement(actor: Reviewer, session: Tx) -> AgreementOut:
    """Agree to the rules of the review for this year; a second time changes nothing."""
    row = agree(session, partnership_id=actor.partnership_id, person_id=person_of(actor))
    return AgreementOut(year=row.year, agreed_at=row.agreed_at)


@router.get("/relations")
def list_relations(actor: Reviewer, session: Tx, page: Page) -> Listing[RelationOut]:
    """List the own ties to organisations that are on record."""
    query = (
        select(Relation).where(Relation.person_id == person_of(actor)).order_by(col(Relation.since), col(Relation.id))
    )
    rows = page.each(session, lambda: session.exec(query).all())
    return page.cut(rows, lambda one: one.id, show=lambda part: _relations(session, part))


@router.post("/relations", status_code=201)
def post_relation(actor: Reviewer, sent: RelationIn, session: Tx, answer: Answered) -> RelationOut:
    """Put a tie to an organisation on record, present or past: likely conflicts are proposed from it."""
    wanted = {"organisation": sent.organisation}
    organisation = organisations_named(session, actor.partnership_id, wanted)["organisation"]
    row = declare_relation(
        session,
        Relation(
            person_id=person_of(actor),
            organisation_id=organisation.id,
            tie=sent.tie,
            since=sent.since,
            until=sent.until,
            declared_at=now(),
        ),
    )
    answer.created("list_relations")
    return _relations(session, [row])[0]


def _relations(session: Session, rows: Sequence[Relation]) -> list[RelationOut]:
    slugs = organisation_slugs(session, {row.organisation_id for row in rows})
    return [
        RelationOut(id=row.id, organisation=slugs[row.organisation_id], tie=row.tie, since=row.since, until=row.until)
        for row in rows
    ]
