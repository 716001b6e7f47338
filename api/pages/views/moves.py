"""The moves of a case: what is open and what is closed by which reasons, the check before one, the receipt after."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.timeline import title_of
from api.pages.views.cases import title_as_read
from api.routes.collaborations.deadlines import list_deadlines
from api.routes.collaborations.moves import (
    HandingOverOut,
    MoveIn,
    UndoIn,
    UndoingOut,
    get_history_line,
    get_journey,
    get_moves,
    get_undoing,
    post_move,
    post_undoing,
)
from states.collaborations.tables import Collaboration
from states.crossings.merging import handing_over
from states.lifecycle.undoing import NothingToUndo
from states.playbooks.editions import playbook_of
from states.rights.access import Action, Actor

router = APIRouter(prefix="/cases/{collaboration_id}/moves")

Read = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_PROGRESS))]
Knock = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.MOVE_COLLABORATION))]


@router.get("")
def get_moves_page(request: Request, row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show every move: what is open leads to its check, what is closed has each reason and who mends it."""
    lifecycle = get_moves(row, session, actor)
    playbook = playbook_of(session, row)
    return page(
        request,
        "cases/moves.html",
        case=row,
        title=title_as_read(session, actor, row),
        lifecycle=lifecycle,
        stages=playbook.stages,
        undoing=_undoing(session, actor, row),
    )


@router.get("/made/{number}")
def get_receipt(request: Request, row: Read, number: int, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show what a move was, what follows from it and when; and the way back while there is one."""
    line = get_history_line(row, number, session, actor)
    playbook = playbook_of(session, row)
    step = next(one for one in get_journey(row, session, actor).steps if one.number == number)
    undoing = _undoing(session, actor, row)
    return page(
        request,
        "cases/move_made.html",
        case=row,
        title=title_as_read(session, actor, row),
        line=line,
        move_title=title_of(playbook, line),
        stages=playbook.stages,
        messages=[one for one in step.messages if one.name == "document.requested"],
        deadlines=list_deadlines(session, actor, lists.first(5), collaboration=row.id),
        undoing=undoing if undoing is not None and undoing.number == number else None,
        lifecycle=get_moves(row, session, actor),
    )


@router.get("/{name}")
def get_check(request: Request, row: Knock, name: str, session: Tx, actor: CurrentActor) -> Response:
    """Show what a move would do, before it is made."""
    lifecycle = get_moves(row, session, actor)
    move = next((one for one in lifecycle.moves if one.name == name), None)
    if move is None:
        return lead_to(f"/cases/{row.id}/moves")  # somebody has moved it on
    playbook = playbook_of(session, row)
    made = playbook.move(name, stage=row.stage)
    goes = HandingOverOut.model_validate(handing_over(session, row)) if made and made.hands_over and move.open else None
    return page(
        request,
        "cases/move.html",
        case=row,
        title=title_as_read(session, actor, row),
        move=move,
        lifecycle=lifecycle,
        here=playbook.stages[row.stage],
        target=playbook.stages[move.to],
        panel=playbook.panels.get(playbook.stages[move.to].panel or ""),
        undo_within=0 if made and made.hands_over else playbook.undo_within,
        goes=goes,
    )


@router.post("")
def post_move_page(sent: Form, row: Knock, session: Tx, actor: CurrentActor) -> Response:
    """Make a move, and show what follows."""
    wanted = sent.read(MoveIn)
    line = post_move(row, must_match(sent.version), wanted, session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/moves/made/{line.number}")  # type: ignore[union-attr] # no dry run


@router.post("/undoing")
def post_undoing_page(sent: Form, row: Knock, session: Tx, actor: CurrentActor) -> Response:
    """Take the last move back, and show what follows."""
    line = post_undoing(row, must_match(sent.version), sent.read(UndoIn), session, actor, UNANSWERED)
    return lead_to(f"/cases/{row.id}/moves/made/{line.number}")


def _undoing(session: Session, actor: Actor, row: Collaboration) -> UndoingOut | None:
    try:
        return get_undoing(row, session, actor)
    except NothingToUndo:
        return None
