"""Routes of editions: a document printed again, or all that are due for it; and whether a file is genuine."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query
from pydantic import Field
from sqlmodel import col

from api.http.access import DOCUMENT, Allowed
from api.http.dependencies import InPartnership, Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.lookups import need_collaboration
from api.http.schemas import Input, Output, Text
from api.routes.documents.documents import DocumentOut, RequestOut, shown_to
from documents.languages import LANGUAGES
from documents.printing import printing
from states.archive.editions import differences
from states.archive.queries import find_outdated
from states.archive.service import ask_for_edition, ask_for_editions
from states.archive.tables import Because, DocumentKind, IssuedDocument
from states.archive.verification import Verdict, verify_file
from states.rights.access import Action, Actor
from states.rights.conditions import permitted_where
from states.storage.paging import read_part

router = APIRouter(tags=["documents"], route_class=Idempotent)

Ask = Annotated[IssuedDocument, Depends(Allowed(DOCUMENT, Action.ASK_FOR_DOCUMENT))]
Asker = Annotated[Actor, Depends(InPartnership(Action.ASK_FOR_DOCUMENT))]
Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]

AT_ONCE = 500


class EditionsIn(Input):
    model_config = example(kind="investment-protocol")

    kind: DocumentKind
    collaboration_id: str | None = Field(default=None, description="of one collaboration alone")


class OutdatedOut(Output):
    id: str
    collaboration_id: str | None
    title: Text
    edition: int
    because: list[Because] = Field(description="in what the printing of today differs")


class EditionsOut(Output):
    dry_run: bool
    asked: list[OutdatedOut]
    left: int = Field(description="how many more there are: ask once more for the next")


class VerificationOut(Output):
    verdict: Verdict = Field(
        description="`unaltered`: issued here, and these are its bytes; `extended`: so it begins, and somebody has"
        " added to it; `altered`: it carries the code or identifier of a document that was issued here, but other"
        " bytes; `unknown`: no document that the token may read"
    )
    document: DocumentOut | None = Field(description="which one, which edition, and whether it was replaced")


@router.post("/documents/{document_id}/editions", status_code=202)
def post_edition(row: Ask, session: Tx) -> RequestOut:
    """Ask that a document be printed again, with the content that it had, by today's template, fonts and renderer.

    A flow prints it. Where other bytes come out they are the next edition; where the same ones do nothing is replaced.
    """
    return RequestOut(message_id=ask_for_edition(session, row, printing(row.kind, row.language)).id, kind=row.kind)


@router.post("/documents/editions", status_code=202)
def post_editions(
    sent: EditionsIn,
    session: Tx,
    actor: Asker,
    dry_run: Annotated[bool, Query(description="say what would be printed again and change nothing")] = False,
    limit: Annotated[int, Query(ge=1, le=AT_ONCE, description="how many at most, the oldest first")] = AT_ONCE,
) -> EditionsOut:
    """Ask that documents of a kind be printed again: all current ones that another template, font or renderer
    printed."""
    need_collaboration(session, actor, sent.collaboration_id)
    today = {language: printing(sent.kind, language) for language in LANGUAGES}
    readable = permitted_where(session, actor, IssuedDocument, Action.ASK_FOR_DOCUMENT)
    query = find_outdated(session, actor.partnership_id, sent.kind, today, readable)
    if sent.collaboration_id is not None:
        query = query.where(IssuedDocument.collaboration_id == sent.collaboration_id)
    part = read_part(session, query, (col(IssuedDocument.issued_at), col(IssuedDocument.id)), limit=limit)
    asked = [
        OutdatedOut(
            id=row.id,
            collaboration_id=row.collaboration_id,
            title=shown.title,
            edition=row.edition,
            because=list(differences(row, today[row.language])),
        )
        for row, shown in zip(part.items, shown_to(session, actor, part.items), strict=True)
    ]
    if not dry_run:
        ask_for_editions(session, part.items)
    return EditionsOut(dry_run=dry_run, asked=asked, left=part.total - len(asked))


@router.post("/documents/verification")
def post_verification(
    session: Tx,
    actor: Insider,
    file: Annotated[bytes, Body(media_type="application/pdf", description="the file as it was received")],
) -> VerificationOut:
    """Say whether a file is a document that was issued here, which edition, whether it was replaced or altered."""
    readable = permitted_where(session, actor, IssuedDocument, Action.READ_DOCUMENT)
    found = verify_file(session, file, col(IssuedDocument.partnership_id) == actor.partnership_id, readable)
    [shown] = shown_to(session, actor, [found.document]) if found.document is not None else [None]
    return VerificationOut(verdict=found.verdict, document=shown)
