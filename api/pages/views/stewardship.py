"""What an administrator does with a partnership: tokens seen and ended, closed and opened again, a case taken in."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import Tx
from api.http.forms import SentForm
from api.http.paging import Page
from api.pages.forms import OWN_FORM, UNANSWERED, Form
from api.pages.languages import speaking_to
from api.pages.rendering import lead_to, page
from api.pages.views.partnership import Own, OwnIn
from api.routes.partnerships import partnerships
from api.routes.people import tokens
from states.casefile.taking import take_in
from states.partners.tables import Partnership
from states.rights.access import Action
from states.storage import begin

router = APIRouter(prefix="/partnership")

ReadTokens = Annotated[Partnership, Depends(Own(Action.READ_TOKENS))]
RevokeTokens = Annotated[Partnership, Depends(Own(Action.REVOKE_TOKEN))]
Close = Annotated[Partnership, Depends(Own(Action.CLOSE_PARTNERSHIP))]
TakeIn = Annotated[Partnership, Depends(Own(Action.TAKE_IN_CASE))]
IntoOwn = Annotated[Callable[[Session], Partnership], Depends(OwnIn(Action.TAKE_IN_CASE))]


@router.get("/tokens")
def get_all_tokens_page(request: Request, row: ReadTokens, session: Tx, cut: Page) -> Response:
    """List the tokens by which programs act in the partnership, whoever made them."""
    return page(request, "partnership/tokens.html", row=row, tokens=tokens.list_tokens(row, session, cut))


@router.post("/tokens/{token_id}/end", dependencies=[OWN_FORM])
def post_any_token_end(row: RevokeTokens, token_id: str, session: Tx) -> Response:
    """End a token at once, whoever has it."""
    tokens.delete_token(row, token_id, session)
    return lead_to("/partnership/tokens", told="ended")


@router.get("/closing")
def get_closing_page(request: Request, row: Close) -> Response:
    """Ask why the partnership closes, or offer to open it again."""
    return page(request, "partnership/closing.html", row=row)


@router.post("/closing")
def post_closing_page(sent: Form, row: Close, session: Tx) -> Response:
    """Close the partnership, or open it again."""
    version = must_match(sent.version)
    if sent.get("then") == "reopen":
        partnerships.post_partnership_reopening(row, version, session, UNANSWERED)
        return lead_to("/partnership", told="reopened")
    closing = sent.read(partnerships.PartnershipClosingIn)
    partnerships.post_partnership_closing(row, version, closing, session, UNANSWERED)
    return lead_to("/partnership", told="closed")


@router.get("/case-file")
def get_taking_page(request: Request, row: TakeIn) -> Response:
    """Ask for the file of a case of another installation."""
    return page(request, "partnership/case_file.html", row=row, taken=None, checked=False)


@router.post("/case-file")
def post_taking_page(request: Request, into: IntoOwn, sent: Form) -> Response:
    """Check the file of a case, or take it in: all of it, or nothing and every fault."""
    [(file, _)] = SentForm({}, [(file, name) for _, file, name in sent.files]).need_files(1)
    checked = "dry_run" in sent
    with NamedTemporaryFile(suffix=".case.zip") as kept:
        shutil.copyfileobj(file, kept)
        kept.flush()
        taken = take_in(Path(kept.name), into=into, dry_run=checked)
    with begin(read_only=True) as session, speaking_to(request.state.language):
        return page(request, "partnership/case_file.html", row=into(session), taken=taken, checked=checked)
