"""Routes of issued documents: their list, their records, their bytes; and asking for one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlmodel import Session, col

from api.http.access import COLLABORATION, DOCUMENT, Allowed
from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.idempotency import Idempotent
from api.http.lookups import OfCollaboration, need_collaboration
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Input, Listing, Output, Text
from api.http.searching import Narrowing
from documents.gathering import current_subject
from states.archive.queries import ORDERS, find_documents
from states.archive.store import read_bytes
from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.collaborations.tables import Collaboration
from states.crossings.rights.collaborations import blindings_behind
from states.crossings.search import matching
from states.errors import Invalid, Missing, Refusal, Refused
from states.outbox.service import publish
from states.rights.access import Action, Actor
from states.rights.conditions import permitted_where
from states.search import SearchKind
from states.storage.paging import sorted_by

router = APIRouter(tags=["documents"], route_class=Idempotent)

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]
Read = Annotated[IssuedDocument, Depends(Allowed(DOCUMENT, Action.READ_DOCUMENT))]
Ask = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.ASK_FOR_DOCUMENT))]

OF_A_COLLABORATION = (DocumentKind.INVESTMENT_PROTOCOL, DocumentKind.REVIEW_DOSSIER, DocumentKind.PROPOSAL)


class RequestIn(Input):
    kind: DocumentKind


class RequestOut(Output):
    message_id: str = Field(description="the outbox message that asks for it; the journey shows what became of it")
    kind: DocumentKind


class DocumentOut(Output):
    id: str
    collaboration_id: str | None
    subject_id: str
    kind: DocumentKind
    document_class: DocumentClass
    title: Text
    sha256: str
    size: int = Field(description="bytes")
    issued_at: datetime


class KindUnfit(Invalid):
    """The document is not one of a collaboration."""

    code = "document_kind_unfit"


class NothingToShow(Refused):
    """What the document would show does not exist yet."""

    code = "nothing_to_show"


@router.get("/documents")
def list_documents(
    session: Tx,
    actor: Insider,
    page: Page,
    words: Narrowing,
    collaboration: OfCollaboration = None,
    kind: DocumentKind | None = None,
    sort: Literal["issued", "-issued"] = "issued",
) -> Listing[DocumentOut]:
    """List the documents that the token may read, in the order of their issue."""
    need_collaboration(session, actor, collaboration)
    readable = permitted_where(session, actor, IssuedDocument, Action.READ_DOCUMENT)
    found = matching(session, SearchKind.DOCUMENT, words, actor)
    return page.read(
        session,
        find_documents(actor.partnership_id, readable, found, collaboration_id=collaboration, kind=kind),
        *sorted_by(ORDERS, sort, col(IssuedDocument.id)),
        show=lambda rows: _shown_to(session, actor, rows),
    )


@router.get("/documents/{document_id}")
def get_document(row: Read, session: Tx, actor: CurrentActor, answer: Answered) -> DocumentOut:
    """Read a document's record; it never changes."""
    answer.tag(row.id)
    return _shown_to(session, actor, [row])[0]


def _shown_to(session: Session, actor: Actor, rows: Sequence[IssuedDocument]) -> list[DocumentOut]:
    blindings = blindings_behind(session, actor, [row.collaboration_id for row in rows])
    return [blindings[row.collaboration_id].over(DocumentOut.model_validate(row)) for row in rows]


@router.get(
    "/documents/{document_id}/content",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_content(row: Read, answer: Answered) -> Response:
    """Read a document's bytes; the ETag is their SHA-256."""
    answer.tag(row.sha256)
    headers = {
        "ETag": f'"{row.sha256}"',
        "Content-Disposition": f'inline; filename="{row.kind.value}-{row.sha256[:8]}.pdf"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    return Response(read_bytes(row.sha256), media_type="application/pdf", headers=headers)


@router.post("/collaborations/{collaboration_id}/documents", status_code=202, responses=refusals(409))
def post_request(row: Ask, sent: RequestIn, session: Tx) -> RequestOut:
    """Ask for a document on the collaboration as it stands; a flow renders it, then it is in the list."""
    if sent.kind not in OF_A_COLLABORATION:
        known = OF_A_COLLABORATION
        raise KindUnfit(
            "no_document_of_collaboration", field="kind", remedy="one_of", kind=sent.kind, known=tuple(known)
        )
    subject_id = _subject(session, row, sent.kind)
    event = publish(
        session,
        "document.requested",
        partnership_id=row.partnership_id,
        collaboration_id=row.id,
        kind=sent.kind.value,
        subject_id=subject_id,
    )
    return RequestOut(message_id=event.id, kind=sent.kind)


def _subject(session: Session, row: Collaboration, kind: DocumentKind) -> str:
    try:
        return current_subject(session, kind, collaboration_id=row.id)
    except Missing:
        text, where = _NOTHING[kind]
        reason = Refusal("nothing_to_show", text=text, mend_by=("project_manager",), where=where)
        raise NothingToShow([reason]) from None


_NOTHING = {
    DocumentKind.INVESTMENT_PROTOCOL: ("protocol_not_frozen", "protocol/versions"),
    DocumentKind.REVIEW_DOSSIER: ("no_round_opened", "rounds"),
    DocumentKind.PROPOSAL: ("no_scenario_yet", "scenarios"),
}
