"""Competitors and conflicts that an organisation declares: neither side is suggested to the other, nor told why."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.dependencies import Tx
from api.http.paging import Page
from api.pages.forms import OWN_FORM, Form
from api.pages.rendering import lead_to, page
from api.pages.views.profiles import pool_rights
from api.routes.matchmaking import consents
from states.matchmaking.consents.tables import AvoidanceKind
from states.partners.queries import organisations_of
from states.rights.access import confined_to

router = APIRouter(prefix="/avoidances")


@router.get("")
def get_avoidances(request: Request, session: Tx, actor: consents.Reader, cut: Page) -> Response:
    """List whom the own organisation avoids; a manager sees all."""
    members = [(one.slug, one.name) for one, _ in organisations_of(session, actor.partnership_id)]
    return page(
        request,
        "profiles/avoidances.html",
        can=pool_rights(actor),
        listed=consents.list_avoidances(session, actor, cut),
        kinds=list(AvoidanceKind),
        organisations=members,
        names=dict(members),
        for_all=confined_to(actor) is None,
    )


@router.post("")
def post_avoidance_page(sent: Form, session: Tx, actor: consents.Declarer) -> Response:
    """Declare a competitor or a conflict."""
    consents.post_avoidance(sent.read(consents.AvoidanceIn), session, actor)
    return lead_to("/avoidances", told="declared")


@router.post("/{avoidance_id}", dependencies=[OWN_FORM])
def post_withdrawal(row: consents.Withdraw, session: Tx) -> Response:
    """Withdraw what was declared."""
    consents.delete_avoidance(row, session)
    return lead_to("/avoidances", told="withdrawn")
