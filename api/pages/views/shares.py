"""A paper for somebody outside, such as a bank: shared by a link that ends, counts its openings and can be ended."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import DOCUMENT, Allowed
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import Form, read_form
from api.pages.languages import speaking_to
from api.pages.lists import ListParts, Lists
from api.pages.rendering import lead_to, page
from api.routes.documents import shares
from states.archive.tables import IssuedDocument
from states.rights.access import Action

router = APIRouter()

Share = Annotated[IssuedDocument, Depends(Allowed(DOCUMENT, Action.SHARE_DOCUMENT))]


@router.get("/documents/{document_id}/shares")
def get_shares(request: Request, row: Share, session: Tx, lists: Lists) -> Response:
    """Show with whom a paper was shared, how often each link was used, and the form of the next link."""
    return _page(request, row, session, lists)


@router.post("/documents/{document_id}/shares")
def post_share(sent: Form, request: Request, row: Share, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Make a link and show it this once."""
    made = shares.post_share(row, sent.read(shares.ShareIn), session, actor)
    with speaking_to(request.state.language):
        return _page(request, row, session, lists, link=made.link)


@router.post("/documents/{document_id}/shares/{share_id}/end", dependencies=[Depends(read_form)])
def post_end(row: Share, share_id: str, session: Tx) -> Response:
    """End a link at once."""
    shares.delete_share(row, share_id, session)
    return lead_to(f"/documents/{row.id}/shares", told="ended")


def _page(request: Request, row: IssuedDocument, session: Session, lists: ListParts, *, link: str = "") -> Response:
    return page(
        request,
        "documents/shares.html",
        document=row,
        shares=shares.list_shares(row, session, lists.whole()).items,
        link=link,
    )


@router.get("/links/share/{token}")
def get_shared(request: Request, token: str) -> Response:
    """Show what a link shares: which paper, of whom, until when, and whether a newer edition exists."""
    return page(request, "links/share.html", paper=shares.shared_paper(token))


@router.get("/links/share/{token}/content")
def get_shared_content(token: str) -> Response:
    """Hand out the file of a shared paper."""
    return shares.shared_content(token)
