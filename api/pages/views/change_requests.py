"""Changes of what was agreed on: described, asked for, answered by whoever must agree, carried out."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form, Typed
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.routes.implementation import change_requests as routes
from states.collaborations.tables import Collaboration
from states.crossings.rights.agreements import lead_scope, region_scope
from states.errors import Missing
from states.implementation.tables import ChangeState, KindOfChange
from states.rights.access import Action, Actor, may

router = APIRouter(prefix="/cases/{collaboration_id}/change-requests")

_STEPS: Mapping[str, Callable[..., object]] = {
    "asking": routes.post_change_request_asking,
    "carrying-out": routes.post_change_request_carrying_out,
    "revision": routes.post_change_request_revision,
}
_OPEN_IN: Mapping[ChangeState, tuple[str, ...]] = {
    ChangeState.DRAFT: ("asking", "withdrawal"),
    ChangeState.ASKED: ("revision", "withdrawal"),
    ChangeState.APPROVED: ("carrying-out", "withdrawal"),
    ChangeState.REFUSED: ("revision",),
}


def _edits(session: Session, actor: Actor, row: Collaboration) -> bool:
    return may(actor, Action.EDIT_CHANGE_REQUESTS, lead_scope(session, row))


@router.get("")
def get_changes_page(request: Request, row: routes.Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show every change that was described, and how far it has come."""
    return page(
        request,
        "funding/changes.html",
        case=row,
        can=Abilities(session, actor, row),
        edits=_edits(session, actor, row),
        changes=routes.list_change_requests(row, session, lists.whole()).items,
    )


@router.get("/new")
def get_new_change(request: Request, row: routes.Edit) -> Response:
    """Show the form by which a change is described."""
    return page(request, "funding/change_form.html", case=row, one=None, kinds=list(KindOfChange))


@router.post("/new")
def post_new_change(sent: Form, row: routes.Edit, session: Tx, actor: CurrentActor) -> Response:
    """Describe a change; nobody is asked yet."""
    wanted = sent.read(routes.ChangeRequestIn, differences=_differences(sent))
    made = routes.post_change_request(row, wanted, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/change-requests/{made.number}", told="described")


@router.get("/{number}")
def get_change_page(request: Request, row: routes.Read, number: int, session: Tx, actor: CurrentActor) -> Response:
    """Show a change, who must agree to it, and to each hand the step that is its own."""
    one = routes.get_change_request(row, number, session, UNANSWERED)
    edits = _edits(session, actor, row)
    return page(
        request,
        "funding/change.html",
        case=row,
        one=one,
        edits=edits and one.state is ChangeState.DRAFT,
        steps=_OPEN_IN.get(one.state, ()) if edits else (),
        answers=may(actor, Action.ANSWER_CHANGE_REQUEST, region_scope(session, actor, row)),
    )


@router.get("/{number}/edit")
def get_change_form(request: Request, row: routes.Edit, number: int, session: Tx) -> Response:
    """Show the form by which a draft is corrected."""
    one = routes.get_change_request(row, number, session, UNANSWERED)
    return page(request, "funding/change_form.html", case=row, one=one, kinds=list(KindOfChange))


@router.post("/{number}/edit")
def post_change_form(sent: Form, row: routes.Edit, number: int, session: Tx) -> Response:
    """Correct the description of a draft."""
    wanted = sent.read(routes.ChangeRequestPatch, keep_empty=("shifted",), differences=_differences(sent))
    routes.patch_change_request(row, number, must_match(sent.version), wanted, session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/change-requests/{number}", told="described")


@router.post("/{number}/approvals/{approval}")
def post_answer_page(
    sent: Form, row: routes.Decide, number: int, approval: int, session: Tx, actor: CurrentActor
) -> Response:
    """Agree to a change, or refuse it."""
    routes.post_change_answer(row, number, approval, sent.read(routes.ChangeAnswerIn), session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/change-requests/{number}", told="answered")


@router.post("/{number}/withdrawal")
def post_withdrawal_page(sent: Form, row: routes.Edit, number: int, session: Tx) -> Response:
    """Withdraw a change that nobody wants any more."""
    wanted = sent.read(routes.ChangeWithdrawalIn)
    routes.post_change_request_withdrawal(row, number, must_match(sent.version), wanted, session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/change-requests/{number}", told="withdrawn")


@router.post("/{number}/{step}")
def post_step_page(sent: Form, row: routes.Edit, number: int, step: str, session: Tx) -> Response:
    """Ask everybody who must agree, carry the change out, or bring it back into a draft."""
    if step not in _STEPS:
        raise Missing("change_request", step)
    _STEPS[step](row, number, must_match(sent.version), session, UNANSWERED)
    return lead_to(f"/cases/{row.id}/change-requests/{number}", told=step)


def _differences(sent: Typed) -> object:
    return sent.values().get("differences", [])
