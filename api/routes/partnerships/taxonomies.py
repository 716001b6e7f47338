"""Routes of the words in which a partnership's matchmaking speaks: read them, choose or bring them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from api.http.access import PARTNERSHIP, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Input, Line, Listing, Output, Slug
from states.matchmaking.suggestions.chosen_taxonomy import bring_taxonomy, choose_taxonomy, taxonomy_of
from states.matchmaking.suggestions.taxonomy import LANGUAGES, MOST_NODES, Node
from states.partners.tables import Partnership
from states.rights.access import Action

router = APIRouter(prefix="/partnerships/{partnership}/taxonomy", tags=["partnerships"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]


class KeywordIn(Input):
    model_config = example(code="SOIL.SENSORS", en="Soil sensors", de="Bodensensoren")

    code: Slug = Field(description="capitals and digits; a dot goes down: SOIL.WATER lies in SOIL")
    en: Line = Field(description="label in English")
    de: str = Field(default="", max_length=200)
    fr: str = Field(default="", max_length=200)
    it: str = Field(default="", max_length=200)
    pl: str = Field(default="", max_length=200)


class TaxonomyIn(Input):
    model_config = example(name="medtech")

    name: Slug | None = Field(default=None, description="medtech, nace, or own for one's own again")
    nodes: list[KeywordIn] | None = Field(default=None, max_length=MOST_NODES, description="a taxonomy of one's own")


class KeywordOut(Output):
    code: str
    parent: str | None
    depth: int
    labels: dict[str, str] = Field(description="by language; in English always")


class TaxonomyOut(Output):
    taxonomy: str = Field(description="name of one that is shipped, or own")
    edition: str
    keywords: int


@router.get("")
def list_keywords(row: Read, session: Tx, page: Page) -> Listing[KeywordOut]:
    """List the keywords by which profiles are found, each after its parent."""
    nodes = list(taxonomy_of(session, row.id).nodes.values())
    return page.cut(nodes, lambda one: one.code, show=lambda part: [_present(one) for one in part])


@router.put("")
def put_taxonomy(row: Edit, version: IfMatch, sent: TaxonomyIn, session: Tx, answer: Answered) -> TaxonomyOut:
    """Choose a taxonomy by name, or bring one's own; codes in use are kept. The ETag is the partnership's."""
    if sent.nodes is not None:
        nodes: list[dict[str, Any]] = [one.model_dump() for one in sent.nodes]
        found = bring_taxonomy(session, row, nodes, expected_version=version)
    else:
        found = choose_taxonomy(session, row, sent.name or "", expected_version=version)
    answer.tag(row.version)
    return TaxonomyOut(taxonomy=row.taxonomy, edition=found.version, keywords=len(found.nodes))


def _present(node: Node) -> KeywordOut:
    labels = {language: node.labels[language] for language in LANGUAGES if language in node.labels}
    return KeywordOut(code=node.code, parent=node.parent, depth=node.depth, labels=labels)
