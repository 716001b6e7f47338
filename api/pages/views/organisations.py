"""An organisation as the partnership knows it, and the cases in which it takes part."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlmodel import col, select
from starlette.responses import Response

from api.http.dependencies import InPartnership, Tx
from api.http.paging import Page
from api.pages.forms import UNANSWERED
from api.pages.pipeline import case_lines
from api.pages.rendering import page
from api.pages.views.figures import has_figures
from api.pages.views.profiles import pool_rights
from api.routes.partnerships.organisations import get_organisation
from states.collaborations.queries import ORDERS, find_collaborations
from states.collaborations.tables import Collaboration, Member
from states.partners.tables import Partnership
from states.review.access import REVIEWERS
from states.rights.access import Action, Actor
from states.rights.conditions import permitted_where
from states.storage.paging import sorted_by

router = APIRouter(prefix="/organisations")

Insider = Annotated[Actor, Depends(InPartnership(Action.READ_PARTNERSHIP))]


@router.get("/{organisation}")
def get_organisation_page(request: Request, organisation: str, session: Tx, actor: Insider, cut: Page) -> Response:
    """Show an organisation; to whom scores, none of its cases: that would tell who is behind one."""
    partnership = session.get_one(Partnership, actor.partnership_id)
    shown = get_organisation(partnership, organisation, session, UNANSWERED)
    listed = None
    if actor.role not in REVIEWERS:
        of = select(Member.collaboration_id).where(Member.organisation_id == shown.id, col(Member.left_on).is_(None))
        readable = permitted_where(session, actor, Collaboration, Action.READ_COLLABORATION)
        query = find_collaborations(actor.partnership_id, readable, col(Collaboration.id).in_(of))
        order = sorted_by(ORDERS, "-opened", col(Collaboration.id))
        listed = cut.read(session, query, *order, show=lambda rows: case_lines(session, actor, rows))
    return page(
        request,
        "search/organisation.html",
        organisation=shown,
        partnership=partnership.slug,
        listed=listed,
        pool=pool_rights(actor),
        figures=has_figures(actor, shown.id),
    )
