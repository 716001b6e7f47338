"""Who takes part in a case: joining, another part, leaving; and what is open after that."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.collaborations.collaborations import MemberIn, present
from api.routes.collaborations.members import (
    MemberPatch,
    delete_member,
    list_open_points,
    patch_member,
    post_member,
)
from states.collaborations.tables import Collaboration, MemberPart
from states.partners.queries import organisations_of
from states.rights.access import Action

router = APIRouter(prefix="/cases/{collaboration_id}/members")

Edit = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_COLLABORATION))]


@router.get("")
def get_members(request: Request, row: Edit, session: Tx, lists: Lists) -> Response:
    """Show the partners with what may be changed of each, and what is still open of those who left."""
    [shown] = present(session, [row])
    here = {one.organisation for one in shown.members}
    others = [one for one, _membership in organisations_of(session, row.partnership_id) if one.slug not in here]
    return page(
        request,
        "cases/members.html",
        case=shown,
        others=[(one.slug, f"{one.name} ({one.nuts or one.country})") for one in others],
        parts=list(MemberPart),
        open_points=list_open_points(row, session, lists.first(50)).items,
    )


@router.post("")
def post_member_page(sent: Form, row: Edit, session: Tx, actor: CurrentActor) -> Response:
    """Let an organisation join."""
    post_member(row, must_match(sent.version), sent.read(MemberIn), session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/members", told="joined")


@router.post("/{organisation}")
def post_member_change(sent: Form, row: Edit, organisation: str, session: Tx, actor: CurrentActor) -> Response:
    """Change a partner's part, or what it brings in."""
    wanted = sent.read(MemberPatch, contribution=sent.get("contribution"))
    patch_member(row, must_match(sent.version), organisation, wanted, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/members", told="changed")


@router.post("/{organisation}/leaving")
def post_leaving(sent: Form, row: Edit, organisation: str, session: Tx, actor: CurrentActor) -> Response:
    """Let a partner leave; a lead names who leads from then on."""
    version = must_match(sent.version)
    lead, heir = sent.get("next_lead") or None, sent.get("costs_to") or None
    delete_member(row, version, organisation, session, actor, next_lead=lead, costs_to=heir)
    return lead_to(f"/cases/{row.id}/members", told="left")
