"""The words in which the partnership's matchmaking speaks: read, chosen, or brought as a list of one's own."""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form
from api.pages.rendering import lead_to, page
from api.pages.views.partnership import Edit, Read, abilities
from api.routes.partnerships.taxonomies import TaxonomyIn, put_taxonomy
from states.matchmaking.suggestions.chosen_taxonomy import OWN, taxonomy_of
from states.matchmaking.suggestions.taxonomy import LANGUAGES, SHIPPED, Node

router = APIRouter(prefix="/partnership/taxonomy")


@router.get("")
def get_taxonomy_page(request: Request, row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show the keywords by which profiles are found, and the choice of others."""
    nodes = list(taxonomy_of(session, row.id).nodes.values())
    return page(
        request,
        "partnership/taxonomy.html",
        row=row,
        can=abilities(actor, row),
        nodes=nodes,
        names=[*SHIPPED, *((OWN,) if row.taxonomy == OWN else ())],
        lines="\n".join(map(_line, nodes)) if row.taxonomy == OWN else "",
        columns=["CODE", *LANGUAGES],
    )


@router.post("")
def post_taxonomy_page(sent: Form, row: Edit, session: Tx) -> Response:
    """Choose a taxonomy by name, or bring one's own."""
    if sent.get("then") == "bring":
        said = sent.read(TaxonomyIn, nodes=list(_nodes(sent.get("lines"))))
    else:
        said = sent.read(TaxonomyIn)
    put_taxonomy(row, must_match(sent.version), said, session, UNANSWERED)
    return lead_to("/partnership/taxonomy", told="saved")


def _line(node: Node) -> str:
    return "; ".join((node.code, *(node.labels.get(language, "") for language in LANGUAGES))).rstrip("; ")


def _nodes(lines: str) -> Iterator[dict[str, str]]:
    """Yield a keyword for each line: its code and its labels, as a spreadsheet pastes them or with semicolons."""
    for line in filter(str.strip, lines.splitlines()):
        cells = [cell.strip() for cell in line.replace("\t", ";").split(";")]
        yield dict(zip(("code", *LANGUAGES), cells, strict=False))
