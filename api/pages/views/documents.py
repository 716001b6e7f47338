"""The documents of a case: issued and being made, asked for, read, printed again."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, DOCUMENT, Allowed
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.dossier_lines import being_made
from api.pages.forms import UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.views.cases import title_as_read
from api.routes.documents.document_editions import post_edition
from api.routes.documents.documents import (
    OF_A_COLLABORATION,
    DocumentOut,
    LanguageIn,
    RequestIn,
    get_bundle,
    get_content,
    list_documents,
    list_editions,
    post_language,
    post_request,
    shown_to,
)
from states.archive.tables import BETWEEN, DocumentKind, IssuedDocument
from states.collaborations.tables import Collaboration
from states.partners.queries import regions_of
from states.partners.tables import Partnership
from states.places.exonyms import region_said
from states.rights.access import Action

router = APIRouter()

OfCase = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_COLLABORATION))]
Ask = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.ASK_FOR_DOCUMENT))]
Read = Annotated[IssuedDocument, Depends(Allowed(DOCUMENT, Action.READ_DOCUMENT))]
Again = Annotated[IssuedDocument, Depends(Allowed(DOCUMENT, Action.ASK_FOR_DOCUMENT))]


@router.get("/cases/{collaboration_id}/documents")
def get_documents(request: Request, row: OfCase, session: Tx, actor: CurrentActor, cut: Page) -> Response:
    """Show the current documents of a case, and how many are being made."""
    listed = list_documents(session, actor, cut, None, collaboration=row.id, replaced=False, sort="-issued")
    may_ask = Abilities(session, actor, row)("ask_for_document")
    return page(
        request,
        "cases/documents.html",
        title=title_as_read(session, actor, row),
        listed=listed,
        of_regions=_regions_of_briefings(session, row, listed.items),
        listed_in=session.get_one(Partnership, row.partnership_id).language,
        making=being_made(session, row) if may_ask or listed.items else 0,
        kinds=OF_A_COLLABORATION if may_ask else (),
        regions=regions_of(session, row.partnership_id) if may_ask else (),
    )


def _regions_of_briefings(session: Session, row: Collaboration, listed: Sequence[DocumentOut]) -> dict[str, str]:
    """Return for which region each briefing is, by the document's id: else they look alike."""
    about = {one.id: one.subject_id.partition(BETWEEN)[2] for one in listed if one.kind is DocumentKind.BRIEFING}
    regions = regions_of(session, row.partnership_id) if about else []
    names = {one.id: region_said(one.name, one.codes) for one in regions}
    return {key: names[region_id] for key, region_id in about.items() if region_id in names}


@router.post("/cases/{collaboration_id}/documents")
def post_documents(sent: Form, row: Ask, session: Tx) -> Response:
    """Ask for a document on the case as it stands."""
    post_request(row, sent.read(RequestIn), session)
    return lead_to(f"/cases/{row.id}/documents", told="asked")


@router.get("/documents/{document_id}")
def get_document_page(request: Request, row: Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show a document's record and its editions."""
    can = Abilities(session, actor, row)
    return page(
        request,
        "cases/document.html",
        document=shown_to(session, actor, [row])[0],
        editions=list_editions(row, session, actor, lists.first(100)).items,
        may_ask=can("ask_for_document"),
        may_share=can("share_document"),
    )


@router.get("/documents/{document_id}/content")
def get_content_page(row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Give a document's bytes."""
    return get_content(row, session, actor, UNANSWERED)


@router.get("/documents/{document_id}/bundle")
def get_bundle_page(row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Give a document with the evidence that one may read behind it, to be printed."""
    return get_bundle(row, session, actor, UNANSWERED)


@router.post("/documents/{document_id}/languages")
def post_language_page(sent: Form, row: Again, session: Tx) -> Response:
    """Ask for a document in another language."""
    post_language(row, sent.read(LanguageIn), session)
    return lead_to(f"/documents/{row.id}", told="language")


@router.post("/documents/{document_id}/editions")
def post_edition_page(sent: Form, row: Again, session: Tx) -> Response:
    """Ask that a document be printed again by today's template, fonts and renderer."""
    del sent  # it says nothing but that it is one of our forms
    post_edition(row, session)
    return lead_to(f"/documents/{row.id}", told="asked")
