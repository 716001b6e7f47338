"""Routes of shared papers: one paper for somebody outside by a link; and what its holder reads, without a token."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlmodel import Session, col

from api.http.access import DOCUMENT, Allowed
from api.http.dependencies import CurrentActor, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Input, Line, Listing, Output
from api.routes.documents.public_verification import GenuineOut, genuine
from states.archive.absence import read
from states.archive.sealed_copies import seals_of
from states.archive.shares.queries import Openings, counted, openings_of, shares_of
from states.archive.shares.service import MOST_DAYS, end_share, open_share, share_by_id, share_document, share_link
from states.archive.shares.tables import DocumentShare, DocumentShareOpening, Opened
from states.archive.tables import IssuedDocument
from states.errors import Missing
from states.partners.tables import Partnership
from states.rights.access import Action
from states.storage import begin

router = APIRouter(tags=["documents"], route_class=Idempotent)

Share = Annotated[IssuedDocument, Depends(Allowed(DOCUMENT, Action.SHARE_DOCUMENT))]


class ShareIn(Input):
    model_config = example(recipient="Banca Alpina, credit department", days=30)

    recipient: Annotated[Line, Field(max_length=200)] = Field(description="whom it is meant for")
    days: int = Field(default=30, ge=1, le=MOST_DAYS, description="after which the link ends")


class ShareOut(Output):
    id: str
    recipient: str
    shared_by: str | None = Field(description="id of a person; null: a command of the office")
    shared_at: datetime
    expires_at: datetime
    ended_at: datetime | None = Field(description="when somebody ended it")
    openings: int = Field(description="how often its link was used")
    last_opened_at: datetime | None


class ShareMadeOut(ShareOut):
    link: str = Field(description="shown this once; whoever has it reads this paper until it ends")


class OpeningOut(Output):
    opened: Opened
    at: datetime


class SharedPaperOut(Output):
    """What the holder of a link is shown."""

    partnership: str
    title: str
    recipient: str
    size: int = Field(description="bytes of the file")
    is_sealed: bool
    expires_at: datetime
    document: GenuineOut


@router.post("/documents/{document_id}/shares", status_code=201)
def post_share(row: Share, sent: ShareIn, session: Tx, actor: CurrentActor) -> ShareMadeOut:
    """Make a link by which somebody outside reads one edition: it ends, counts who opens it, and can be ended."""
    share, text = share_document(session, row, recipient=sent.recipient, days=sent.days, person_id=actor.person_id)
    [shown] = _shown(session, [share])
    return ShareMadeOut(**shown.model_dump(), link=share_link(text))


@router.get("/documents/{document_id}/shares")
def list_shares(row: Share, session: Tx, page: Page) -> Listing[ShareOut]:
    """List with whom a document was shared, the first one first, and how often each link was used."""
    order = col(DocumentShare.shared_at), col(DocumentShare.id)
    return page.read(session, shares_of(row.id), *order, show=lambda rows: _shown(session, rows))


@router.delete("/documents/{document_id}/shares/{share_id}", status_code=204)
def delete_share(row: Share, share_id: str, session: Tx) -> Response:
    """End a share at once."""
    end_share(session, _of_document(session, row, share_id))
    return Response(status_code=204)


@router.get("/documents/{document_id}/shares/{share_id}/openings")
def list_openings(row: Share, share_id: str, session: Tx, page: Page) -> Listing[OpeningOut]:
    """List each time that the link of a share was used, the first one first."""
    share = _of_document(session, row, share_id)
    order = col(DocumentShareOpening.at), col(DocumentShareOpening.id)
    return page.read(session, openings_of(share.id), *order, show=_openings)


@router.get("/links/share/{token}", tags=["links"], responses=refusals(410))
def get_share_link(token: str) -> SharedPaperOut:
    """Read what a link shares: which paper, of whom, until when, and whether a newer edition exists."""
    return shared_paper(token)


@router.get(
    "/links/share/{token}/content",
    tags=["links"],
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}},
        **refusals(410),
    },
)
def get_share_content(token: str) -> Response:
    """Read the file of a shared paper, with its seal where it has one."""
    return shared_content(token)


def shared_paper(token: str) -> SharedPaperOut:
    """Return what the holder of a link is shown, and note that somebody looked."""
    with begin() as session:
        share, row = open_share(session, token, Opened.LOOKED)
        copy = seals_of(session, [row.id]).get(row.id)
        return SharedPaperOut(
            partnership=session.get_one(Partnership, share.partnership_id).name,
            title=row.title,
            recipient=share.recipient,
            size=row.size if copy is None else copy.size,
            is_sealed=copy is not None,
            expires_at=share.expires_at,
            document=genuine(session, row),
        )


def shared_content(token: str) -> Response:
    """Return the file of a shared paper, and note that somebody had it."""
    with begin() as session:
        _, row = open_share(session, token, Opened.HAD_FILE)
        copy = seals_of(session, [row.id]).get(row.id)
        digest = row.sha256 if copy is None else copy.sha256
        content = read(session, digest)
    headers = {
        "Content-Disposition": f'inline; filename="{row.kind.value}-{digest[:8]}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


def _of_document(session: Session, row: IssuedDocument, share_id: str) -> DocumentShare:
    share = share_by_id(session, share_id)
    if share.document_id != row.id:
        raise Missing("document_share", share_id)
    return share


def _openings(rows: Sequence[DocumentShareOpening]) -> list[OpeningOut]:
    return [OpeningOut.model_validate(row, from_attributes=True) for row in rows]


def _shown(session: Session, rows: Sequence[DocumentShare]) -> list[ShareOut]:
    openings = counted(session, [row.id for row in rows])
    return [
        ShareOut(
            **row.model_dump(include=set(ShareOut.model_fields) & set(DocumentShare.model_fields)),
            openings=openings.get(row.id, Openings()).count,
            last_opened_at=openings.get(row.id, Openings()).last_at,
        )
        for row in rows
    ]
