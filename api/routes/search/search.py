"""The route of search: what is on record by its words, as the token may read it."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from api.http.dependencies import InPartnership, Tx
from api.http.paging import Page
from api.http.schemas import Listing, Output, Text
from api.http.searching import Wanted
from states.archive.tables import DocumentKind
from states.crossings.search import Hit, hits, search
from states.partners.tables import Partnership
from states.rights.access import Action, Actor
from states.search import SearchKind

router = APIRouter(tags=["search"])

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]


class HitOut(Output):
    kind: SearchKind
    id: str
    title: Text = Field(description="or the name of an organisation")
    document: DocumentKind | None = Field(description="which document of its collaboration; null for all else")
    edition: int | None = Field(description="of a document; null for all else")
    replaced: bool | None = Field(
        description="whether another edition, or a newer file, has replaced it; null for all but documents and evidence"
    )
    evidence: str | None = Field(description="kind of a piece of evidence; null for all else")
    link: str = Field(description="the address at which it is read")


@router.get("/search")
def search_everything(
    request: Request,
    session: Tx,
    actor: Insider,
    words: Wanted,
    page: Page,
    kind: Annotated[SearchKind | None, Query(description="find these alone")] = None,
) -> Listing[HitOut]:
    """Find what may be read by its words: collaborations, organisations, documents and evidence.

    Those with all words in the title come first, then the newest. What the token may not read, or not yet, is not
    searched.
    """
    partnership = session.get_one(Partnership, actor.partnership_id)

    def address(hit: Hit) -> str:
        route, named = {
            SearchKind.COLLABORATION: ("get_collaboration", {"collaboration_id": hit.id}),
            SearchKind.ORGANISATION: ("get_organisation", {"partnership": partnership.slug, "organisation": hit.slug}),
            SearchKind.DOCUMENT: ("get_document", {"document_id": hit.id}),
            SearchKind.EVIDENCE: ("get_evidence", {"evidence_id": hit.id}),
        }[hit.kind]
        return str(request.app.url_path_for(route, **named))

    def show(rows: Sequence[tuple[SearchKind, str]]) -> list[HitOut]:
        return [
            HitOut(
                kind=hit.kind,
                id=hit.id,
                title=hit.title,
                document=hit.document,
                edition=hit.edition,
                replaced=hit.replaced,
                evidence=hit.evidence,
                link=address(hit),
            )
            for hit in hits(session, actor, rows)
        ]

    found = search(session, words, actor, tuple(SearchKind) if kind is None else (kind,))
    return page.read(session, found.query, *found.order, show=show)
