"""A case: what it is, what may be done with it, and the move itself."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form
from api.pages.rendering import lead_to, page
from api.routes.collaborations.moves import MoveIn, get_moves, post_move
from states.collaborations.tables import Collaboration
from states.rights.access import Action

router = APIRouter(prefix="/cases")

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROGRESS))]
Knock = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.MOVE_COLLABORATION))]


@router.get("/{collaboration_id}/moves")
def get_moves_page(request: Request, row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show every move: what is open as a button, what is closed with each reason and who mends it."""
    return page(request, "cases/moves.html", case=row, lifecycle=get_moves(row, session, actor))


@router.post("/{collaboration_id}/moves")
def post_move_page(sent: Form, row: Knock, session: Tx, actor: CurrentActor) -> Response:
    """Make a move, and show the moves that are open then."""
    wanted = sent.read(MoveIn)
    post_move(row, must_match(sent.version), wanted, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/moves", told="moved")
