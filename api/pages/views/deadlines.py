"""What is due in a case: the list, and a deadline with its history, its reminders and what may be changed of it."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.http.access import COLLABORATION, DEADLINE, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.forms import UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.views.cases import title_as_read
from api.routes.collaborations.deadlines import (
    AssignmentIn,
    ExtensionIn,
    WaiverIn,
    get_deadline,
    get_what_if,
    list_changes,
    list_deadlines,
    list_reminders,
    post_assignment,
    post_deadline_extension,
    post_waiver,
)
from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.deadlines.service import date_faults
from states.deadlines.tables import Deadline, DeadlineState
from states.rights.access import Action

router = APIRouter()

OfCase = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_DEADLINES))]
Read = Annotated[Deadline, Depends(Allowed(DEADLINE, Action.READ_DEADLINES))]
Change = Annotated[Deadline, Depends(Allowed(DEADLINE, Action.CHANGE_DEADLINE))]


@router.get("/cases/{collaboration_id}/deadlines")
def get_deadlines(request: Request, row: OfCase, session: Tx, actor: CurrentActor, cut: Page) -> Response:
    """Show what is due in a case, the most urgent first."""
    return page(
        request,
        "cases/deadlines.html",
        title=title_as_read(session, actor, row),
        listed=list_deadlines(session, actor, cut, collaboration=row.id),
    )


@router.get("/deadlines/{deadline_id}")
def get_deadline_page(
    request: Request,
    row: Read,
    session: Tx,
    actor: CurrentActor,
    lists: Lists,
    due_on: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Show a deadline; with another day also what that would change, before it is changed."""
    may = Abilities(session, actor, row)
    change = may("change_deadline") and row.state is DeadlineState.OPEN and not row.legal
    wanted = _day(due_on)
    asked = wanted if wanted != row.due_on else None
    faults = date_faults(asked, before=row.due_on) if asked is not None else []
    case = collaboration_by_id(session, row.collaboration_id) if row.collaboration_id else None
    return page(
        request,
        "cases/deadline.html",
        case=case,
        title=title_as_read(session, actor, case) if case else "",
        deadline=get_deadline(row, session, actor, UNANSWERED),
        changes=list_changes(row, session, actor, lists.first(100)).items,
        reminders=list_reminders(row, session, lists.first(100)).items if change else [],
        may_change=change,
        personal=row.personal,
        wanted=wanted,
        faults=faults,
        what_if=get_what_if(row, session, asked) if asked is not None and change and not faults else None,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@router.post("/deadlines/{deadline_id}/extension")
def post_extension(sent: Form, row: Change, session: Tx, actor: CurrentActor) -> Response:
    """Give a deadline another last day, with a reason."""
    post_deadline_extension(row, must_match(sent.version), sent.read(ExtensionIn), session, actor, UNANSWERED)
    return lead_to(f"/deadlines/{row.id}", told="extended")


@router.post("/deadlines/{deadline_id}/waiver")
def post_waiver_page(sent: Form, row: Change, session: Tx, actor: CurrentActor) -> Response:
    """End a deadline because nobody needs to do it any more."""
    post_waiver(row, must_match(sent.version), sent.read(WaiverIn), session, actor, UNANSWERED)
    return lead_to(f"/deadlines/{row.id}", told="waived")


@router.post("/deadlines/{deadline_id}/assignment")
def post_assignment_page(sent: Form, row: Change, session: Tx, actor: CurrentActor) -> Response:
    """Hand a deadline to one person, or to all of its role."""
    post_assignment(row, must_match(sent.version), sent.read(AssignmentIn), session, actor, UNANSWERED)
    return lead_to(f"/deadlines/{row.id}", told="handed")
