"""What came of meetings and other contacts, from the request to the money."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.dependencies import Tx
from api.pages.rendering import page
from api.pages.views.profiles import pool_rights
from api.routes.matchmaking import outcomes
from states.crossings.matchmaking.funnel import FunnelBy

router = APIRouter(prefix="/funnel")


@router.get("")
def get_funnel_page(request: Request, session: Tx, actor: outcomes.FunnelReader, by: str = "") -> Response:
    """Count by event, cluster or region."""
    wanted = FunnelBy(by) if by in set(FunnelBy) else FunnelBy.EVENT
    found = outcomes.get_funnel(session, actor, by=wanted)
    return page(request, "profiles/funnel.html", can=pool_rights(actor), found=found, by=wanted, ways=list(FunnelBy))
