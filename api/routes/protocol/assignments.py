"""Routes of sections that are given to people: given, read, handed in, returned, handed over and taken back."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlmodel import Session, col

from api.http.access import ASSIGNMENT, COLLABORATION, Allowed, AssignmentAccess
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import ID, example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Output, Prose
from api.routes.protocol.protocols import definition_of
from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.rights.parts import writes_every_part
from states.crossings.section_assignments import (
    Giving,
    ask_anew,
    give_sections,
    hand_in,
    hand_over,
    possible_writers,
    return_section,
    take_back,
)
from states.partners.queries import organisation_slugs, person_labels
from states.playbooks.editions import playbook_of
from states.protocol.assignments.queries import find_assignments
from states.protocol.assignments.states import LIVE
from states.protocol.assignments.tables import AssignmentState, SectionAssignment
from states.rights.access import Action
from states.texts.titles import Said

router = APIRouter(tags=["protocol"], route_class=Idempotent)

ReadAll = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROTOCOL))]
Give = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_PROTOCOL))]
Read = Annotated[AssignmentAccess, Depends(Allowed(ASSIGNMENT, Action.READ_PROTOCOL))]
Edit = Annotated[AssignmentAccess, Depends(Allowed(ASSIGNMENT, Action.EDIT_PROTOCOL))]

Organisation = Annotated[
    str, Field(max_length=100, description="short name of the member, where the person speaks for several")
]


class GivingIn(Input):
    model_config = example(sections=["market"], person=ID, note="Who pays for it, and how many are there?")

    sections: list[Line] = Field(min_length=1, max_length=100, description="their keys in the playbook")
    person: Line = Field(description="id of somebody whom `GET .../protocol/writers` lists")
    organisation: Organisation = ""
    due_on: date | None = Field(default=None, description="left out: by the playbook")
    note: Prose = Field(default="", description="what is asked")


class AssignmentPatch(Input):
    model_config = example(note="Two pages will do.")

    due_on: date | None = Field(default=None, description="its reminders begin anew")
    note: Prose | None = None


class HandingOverIn(Input):
    model_config = example(person=ID)

    person: Line = Field(description="id of somebody whom `GET .../protocol/writers` lists")
    organisation: Organisation = ""
    due_on: date | None = Field(default=None, description="left out: as it is")
    note: Prose | None = Field(default=None, description="left out: as it is")


class ReturnIn(Input):
    model_config = example(question="Which of the two competitors is certified?")

    question: Prose
    due_on: date | None = Field(default=None, description="left out: by the playbook")


class TakingBackIn(Input):
    model_config = example(reason="The lead writes it.")

    reason: Prose


class WriterOut(Output):
    person: str = Field(description="id")
    label: str = Field(description="by function")
    organisation: str | None = Field(description="short name of the member; null: the office")


class AssignmentOut(Output):
    id: str
    collaboration_id: str
    section: str
    title: Said = Field(description="of the section")
    person_id: str
    person: str = Field(description="by function")
    organisation: str | None = Field(description="short name of the member; null: the office")
    note: str
    due_on: date
    overdue: bool
    given_by: str | None = Field(description="by function; null: a command of the office")
    given_at: datetime
    state: AssignmentState
    remark: str = Field(description="the question with which it was returned, or why it ended")
    handed_in_at: datetime | None
    sha256: str = Field(description="of the section as it was handed in last; empty: never")
    version: int


class GivenOut(Output):
    items: list[AssignmentOut]


@router.get("/collaborations/{collaboration_id}/protocol/writers")
def list_writers(row: Give, session: Tx, page: Page) -> Listing[WriterOut]:
    """List who may be given a section: the people of the members, and the office."""
    found = page.each(session, lambda: possible_writers(session, row))
    return page.cut(
        found,
        lambda one: f"{one.person.id}:{one.organisation.id if one.organisation else ''}",
        show=lambda part: [
            WriterOut(
                person=one.person.id,
                label=one.person.label,
                organisation=one.organisation.slug if one.organisation else None,
            )
            for one in part
        ],
    )


@router.post("/collaborations/{collaboration_id}/protocol/assignments", status_code=201)
def post_assignments(row: Give, sent: GivingIn, session: Tx, actor: CurrentActor) -> GivenOut:
    """Give one or more sections to somebody, who writes their texts from now on; the lead and the office do so.

    The person is told by mail, with a link by which the sections are written without an account.
    """
    wanted = Giving(sent.sections, sent.person, sent.organisation, sent.due_on, sent.note)
    return GivenOut(items=shown(session, row, give_sections(session, row, wanted, actor=actor)))


@router.get("/collaborations/{collaboration_id}/protocol/assignments")
def list_assignments(
    row: ReadAll,
    session: Tx,
    actor: CurrentActor,
    page: Page,
    state: AssignmentState | None = None,
    open: Annotated[bool, Query(description="given or returned alone")] = False,
    mine: Annotated[bool, Query(description="your own alone")] = False,
    overdue: Annotated[bool, Query(description="those whose day has passed alone")] = False,
    section: Annotated[str | None, Query(max_length=100)] = None,
) -> Listing[AssignmentOut]:
    """List the sections that were given, oldest first; a partner that does not lead sees those of its own people."""
    if section is not None:
        definition_of(session, row, section)
    own = None if writes_every_part(session, actor, row) else actor.organisation_id
    states = {state} if state is not None else set(AssignmentState)
    found = find_assignments(
        row.id,
        states=states & set(LIVE) if open else states,
        section=section,
        person_id=actor.person_id or "" if mine else None,
        organisation_id=own,
        overdue=overdue,
    )
    order = (col(SectionAssignment.given_at), col(SectionAssignment.id))
    return page.read(session, found, *order, show=lambda rows: shown(session, row, rows))


@router.get("/section-assignments/{assignment_id}")
def get_assignment(found: Read, session: Tx, answer: Answered) -> AssignmentOut:
    """Read what was given to whom; its ETag is what a change of it sends back as If-Match."""
    return _shown(session, found, answer)


@router.patch("/section-assignments/{assignment_id}")
def patch_assignment(
    found: Edit, version: IfMatch, sent: AssignmentPatch, session: Tx, actor: CurrentActor, answer: Answered
) -> AssignmentOut:
    """Give a section another day or another note; its writer is told."""
    said = {"due_on": sent.due_on, "note": sent.note, "actor": actor, "expected_version": version}
    ask_anew(session, found.collaboration, found.row, **said)  # type: ignore[arg-type]
    return _shown(session, found, answer)


@router.post("/section-assignments/{assignment_id}/handing-in")
def post_handing_in(found: Edit, version: IfMatch, session: Tx, actor: CurrentActor, answer: Answered) -> AssignmentOut:
    """Hand a section in as it stands: its writer writes it no more, and who gave it is told."""
    hand_in(session, found.collaboration, found.row, actor=actor, expected_version=version)
    return _shown(session, found, answer)


@router.post("/section-assignments/{assignment_id}/return")
def post_return(
    found: Edit, version: IfMatch, sent: ReturnIn, session: Tx, actor: CurrentActor, answer: Answered
) -> AssignmentOut:
    """Give a section back with a question: its writer writes it again, until a new day."""
    return_section(
        session,
        found.collaboration,
        found.row,
        question=sent.question,
        due_on=sent.due_on,
        actor=actor,
        expected_version=version,
    )
    return _shown(session, found, answer)


@router.post("/section-assignments/{assignment_id}/handing-over")
def post_handing_over(
    found: Edit, version: IfMatch, sent: HandingOverIn, session: Tx, actor: CurrentActor, answer: Answered
) -> AssignmentOut:
    """Hand a section over to somebody else, who is told; what was written stays."""
    hand_over(
        session,
        found.collaboration,
        found.row,
        person_id=sent.person,
        organisation=sent.organisation,
        due_on=sent.due_on,
        note=sent.note,
        actor=actor,
        expected_version=version,
    )
    return _shown(session, found, answer)


@router.post("/section-assignments/{assignment_id}/taking-back")
def post_taking_back(
    found: Edit, version: IfMatch, sent: TakingBackIn, session: Tx, actor: CurrentActor, answer: Answered
) -> AssignmentOut:
    """Take a section back, with a reason; what was written stays."""
    take_back(session, found.collaboration, found.row, reason=sent.reason, actor=actor, expected_version=version)
    return _shown(session, found, answer)


def _shown(session: Session, found: AssignmentAccess, answer: Answered) -> AssignmentOut:
    answer.tag(found.row.version)
    return shown(session, found.collaboration, [found.row])[0]


def shown(session: Session, row: Collaboration, given: Sequence[SectionAssignment]) -> list[AssignmentOut]:
    """Return what was given in a collaboration with names in the place of ids, in a fixed number of statements."""
    titles = {one.key: one.title for one in playbook_of(session, row).protocol}
    organisations = organisation_slugs(session, {one.organisation_id for one in given if one.organisation_id})
    people = person_labels(session, {key for one in given for key in (one.person_id, one.given_by) if key})
    return [
        AssignmentOut(
            **one.model_dump(include=_SHOWN - {"given_by"}),
            title=titles.get(one.section, one.section),
            person=people[one.person_id],
            organisation=organisations.get(one.organisation_id or ""),
            overdue=one.state in LIVE and one.due_on < today(),
            given_by=people.get(one.given_by or ""),
        )
        for one in given
    ]


_SHOWN = set(AssignmentOut.model_fields) & set(SectionAssignment.model_fields)
