"""Search over all that the reader may read, by kind; each thing with its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.http.dependencies import InPartnership, Tx
from api.http.paging import Page
from api.http.schemas import Listing, Output, Text
from api.pages.lists import Lists
from api.pages.rendering import page
from api.pages.words import word
from states.archive.tables import DocumentKind
from states.crossings.search import Hit, hits, search
from states.errors import Invalid
from states.rights.access import Action, Actor
from states.search import SearchKind
from states.search.words import LONGEST, read_words

router = APIRouter()

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]

_OF_EACH = 8
_PLACES = {
    SearchKind.COLLABORATION: "/cases/{id}",
    SearchKind.ORGANISATION: "/organisations/{slug}",
    SearchKind.DOCUMENT: "/documents/{id}",
    SearchKind.EVIDENCE: "/evidence/{id}",
}


class FoundOut(Output):
    """Something that was found, and its page."""

    title: Text
    place: str
    about: str
    replaced: bool | None


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind: the first ones, and how many there are."""

    kind: SearchKind
    listed: Listing[FoundOut]


@router.get("/search")
def get_search(
    request: Request,
    session: Tx,
    actor: Insider,
    cut: Page,
    lists: Lists,
    q: Annotated[str, Query(max_length=LONGEST)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show what is found by these words: some of each kind, or all of one."""
    only = SearchKind(kind) if kind in set(SearchKind) else None

    def show(rows: Sequence[tuple[SearchKind, str]]) -> list[FoundOut]:
        return [_found(hit) for hit in hits(session, actor, rows)]

    groups, fault = list[Group](), ""
    if q.strip():
        try:
            words = read_words(q, field="query.q")
            for one in [only] if only else SearchKind:
                found = search(session, words, actor, (one,))
                part = cut if only else lists.first(_OF_EACH)
                groups.append(Group(one, part.read(session, found.query, *found.order, show=show)))
        except Invalid as error:
            if error.faults[0].place != "query.q":
                raise
            fault = f"{error.faults[0].message} {error.faults[0].remedy}"
    return page(
        request,
        "search/search.html",
        q=q.strip(),
        kind=only,
        kinds=list(SearchKind),
        groups=[one for one in groups if one.listed.total],
        total=sum(one.listed.total for one in groups),
        fault=fault,
    )


def _found(hit: Hit) -> FoundOut:
    kind: DocumentKind | None = hit.document
    about = word(kind) if kind is not None else (hit.evidence or "").replace("_", " ")
    place = _PLACES[hit.kind].format(id=hit.id, slug=hit.slug)
    return FoundOut(title=hit.title, place=place, about=about, replaced=hit.replaced)
