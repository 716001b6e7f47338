"""Sections that are given to people, and what became of a section: its history, a write taken back, one restored."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import ASSIGNMENT, COLLABORATION, Allowed, AssignmentAccess
from api.http.conditional import UNWRITTEN, must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.forms import UNANSWERED, Form, Typed
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.section_forms import writes
from api.routes.changes.changes import OfCase, list_collaboration_changes
from api.routes.protocol import assignments as routes
from api.routes.protocol.assignments import (
    AssignmentPatch,
    GivingIn,
    HandingOverIn,
    ReturnIn,
    TakingBackIn,
    list_writers,
)
from api.routes.protocol.comparisons import get_section_change, post_section_undoing
from api.routes.protocol.protocols import Edit, SectionIn, SectionsView, definition_of, put_section
from states.changes.queries import ChangesOf
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.crossings.rights.parts import writes_every_part
from states.playbooks.editions import playbook_of
from states.protocol.assignments.states import LIVE
from states.protocol.assignments.tables import AssignmentState
from states.protocol.queries import drafts_of
from states.protocol.tables import SectionDraft
from states.rights.access import Action

router = APIRouter()

ReadDraft = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROTOCOL))]
ReadOne = Annotated[AssignmentAccess, Depends(Allowed(ASSIGNMENT, Action.READ_PROTOCOL))]
EditOne = Annotated[AssignmentAccess, Depends(Allowed(ASSIGNMENT, Action.EDIT_PROTOCOL))]


@router.get("/cases/{collaboration_id}/sections-given")
def get_sections_given_page(
    request: Request, row: ReadDraft, session: Tx, actor: CurrentActor, lists: Lists
) -> Response:
    """Show what was given to whom, and the form by which more is."""
    gives = writes_every_part(session, actor, row)
    return page(
        request,
        "protocol/given.html",
        case=row,
        given=list(reversed(routes.list_assignments(row, session, actor, lists.whole()).items)),
        sections=playbook_of(session, row).protocol if gives else [],
        people=_people(session, row, lists) if gives else [],
    )


@router.post("/cases/{collaboration_id}/sections-given")
def post_sections_given_page(sent: Form, row: Edit, session: Tx, actor: CurrentActor) -> Response:
    """Give one or more sections to somebody, who is told by mail."""
    wanted = sent.read(GivingIn, lists=("sections",), **_person(sent))
    routes.post_assignments(row, wanted, session, actor)
    return lead_to(f"/cases/{row.id}/sections-given", told="given")


@router.get("/section-assignments/{assignment_id}")
def get_assignment_page(request: Request, found: ReadOne, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show what was given to whom, and what may be done with it now."""
    row = found.collaboration
    gives = writes_every_part(session, actor, row)
    return page(
        request,
        "protocol/assignment.html",
        case=row,
        one=routes.shown(session, row, [found.row])[0],
        live=found.row.state in LIVE,
        handed_in=found.row.state is AssignmentState.HANDED_IN,
        mine=found.row.person_id == actor.person_id,
        gives=gives,
        people=_people(session, row, lists) if gives else [],
    )


@router.post("/section-assignments/{assignment_id}")
def post_assignment_page(sent: Form, found: EditOne, session: Tx, actor: CurrentActor) -> Response:
    """Give a section another day or another note."""
    wanted = sent.read(AssignmentPatch, note=sent.get("note"))
    routes.patch_assignment(found, must_match(sent.version), wanted, session, actor, UNANSWERED)
    return lead_to(f"/section-assignments/{found.row.id}", told="changed")


@router.post("/section-assignments/{assignment_id}/handing-in")
def post_handing_in_page(sent: Form, found: EditOne, session: Tx, actor: CurrentActor) -> Response:
    """Hand a section in as it stands."""
    routes.post_handing_in(found, must_match(sent.version), session, actor, UNANSWERED)
    return lead_to(f"/section-assignments/{found.row.id}", told="handed_in")


@router.post("/section-assignments/{assignment_id}/return")
def post_return_page(sent: Form, found: EditOne, session: Tx, actor: CurrentActor) -> Response:
    """Give a section back with a question."""
    routes.post_return(found, must_match(sent.version), sent.read(ReturnIn), session, actor, UNANSWERED)
    return lead_to(f"/section-assignments/{found.row.id}", told="returned")


@router.post("/section-assignments/{assignment_id}/handing-over")
def post_handing_over_page(sent: Form, found: EditOne, session: Tx, actor: CurrentActor) -> Response:
    """Hand a section over to somebody else."""
    wanted = sent.read(HandingOverIn, **_person(sent))
    routes.post_handing_over(found, must_match(sent.version), wanted, session, actor, UNANSWERED)
    return lead_to(f"/section-assignments/{found.row.id}", told="handed_over")


@router.post("/section-assignments/{assignment_id}/taking-back")
def post_taking_back_page(sent: Form, found: EditOne, session: Tx, actor: CurrentActor) -> Response:
    """Take a section back, with a reason."""
    routes.post_taking_back(found, must_match(sent.version), sent.read(TakingBackIn), session, actor, UNANSWERED)
    return lead_to(f"/section-assignments/{found.row.id}", told="taken_back")


@router.get("/cases/{collaboration_id}/protocol/{key}/history")
def get_section_history_page(
    request: Request, row: OfCase, key: str, session: Tx, actor: CurrentActor, cut: Page
) -> Response:
    """Show each write of a section, the newest first: who, when, and what it was before."""
    section = definition_of(session, row, key)
    draft = _draft(session, row, key)
    wanted = ChangesOf(noun="section_draft", subject_id=draft.id if draft else "")
    return page(
        request,
        "protocol/history.html",
        case=row,
        chapter=section,
        changes=list_collaboration_changes(row, session, actor, cut, wanted),
        version=draft.version if draft else UNWRITTEN,
        me=actor.person_id,
        can=Abilities(session, actor, row),
    )


@router.post("/cases/{collaboration_id}/protocol/{key}/changes/{number}/undoing")
def post_section_undoing_page(
    sent: Form, row: Edit, key: str, number: int, session: Tx, actor: CurrentActor
) -> Response:
    """Take one write of a section back, as long as nobody wrote the same fields since."""
    post_section_undoing(row, key, number, must_match(sent.version), session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/protocol/{key}", told="restored")


@router.post("/cases/{collaboration_id}/protocol/{key}/changes/{number}/restoring")
def post_section_restoring_page(
    sent: Form, row: Edit, key: str, number: int, session: Tx, actor: CurrentActor
) -> Response:
    """Write a section as it stood after one of its writes: as far as who asks writes it."""
    section = definition_of(session, row, key)
    then, view = get_section_change(row, key, number, session).after, SectionsView.of(session, actor, row)
    content: dict[str, Any] = {one.key: then.get(one.key) for one in section.fields if writes(view, section, one)}
    put_section(row, key, must_match(sent.version), SectionIn(content=content), session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/protocol/{key}", told="restored")


def _draft(session: Session, row: Collaboration, key: str) -> SectionDraft | None:
    return next((one for one in drafts_of(session, [row.id])[row.id] if one.key == key), None)


def _people(session: Session, row: Collaboration, lists: Lists) -> list[tuple[str, str]]:
    """Return who may be given a section, as `person:organisation`."""
    names = {one.organisation.slug: one.organisation.name for one in members_of(session, [row.id])[row.id]}
    return [
        (
            f"{one.person}:{one.organisation or ''}",
            ", ".join(filter(None, (names.get(one.organisation or ""), one.label))),
        )
        for one in list_writers(row, session, lists.whole()).items
    ]


def _person(sent: Typed) -> dict[str, Any]:
    person, _, organisation = sent.get("person").partition(":")
    return {"person": person, "organisation": organisation}
