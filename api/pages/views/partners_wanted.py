"""Which kind of partner would mend what stands against a case, and who in the partnership is one."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.dependencies import CurrentActor, Tx
from api.pages.languages import present_language
from api.pages.rendering import page
from api.pages.rights import Abilities
from api.routes.matchmaking import partners_wanted
from states.crossings.rights.collaborations import blinding_of
from states.matchmaking.suggestions.chosen_taxonomy import taxonomy_of

router = APIRouter()


@router.get("/cases/{collaboration_id}/partners-wanted")
def get_partners_wanted_page(request: Request, row: partners_wanted.Read, session: Tx, actor: CurrentActor) -> Response:
    """Show what a partner would mend, and who fits."""
    found, tree = partners_wanted.get_partners_wanted(row, session), taxonomy_of(session, row.partnership_id)
    return page(
        request,
        "profiles/wanted.html",
        case=row,
        title=blinding_of(session, actor, row).text(row.title),
        can=Abilities(session, actor, row),
        found=found,
        about=[tree.label(one, present_language()) for one in found.about if one in tree.nodes],
    )
