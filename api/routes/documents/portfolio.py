"""Routes that ask for the portfolio book of a partnership: for its office, or for one of its organisations."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.http.access import PARTNERSHIP, Allowed, AllowedOrganisation, OrganisationAccess
from api.http.dependencies import Tx
from api.http.idempotency import Idempotent
from api.routes.documents.documents import RequestOut
from states.archive.portfolios import ask_for_portfolio
from states.archive.tables import DocumentKind
from states.partners.tables import Partnership
from states.rights.access import Action

router = APIRouter(tags=["documents"], route_class=Idempotent)

OfOffice = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.ASK_FOR_PORTFOLIO))]
Own = Annotated[OrganisationAccess, Depends(AllowedOrganisation(Action.ASK_FOR_PORTFOLIO))]


@router.post("/partnerships/{partnership}/portfolio", status_code=202)
def post_portfolio(row: OfOffice, session: Tx) -> RequestOut:
    """Ask for the book of all cases as they stand, for the office; a flow renders it, then it is in the list."""
    asked = ask_for_portfolio(session, row.id)
    return RequestOut(message_id=asked.id, kind=DocumentKind.PORTFOLIO)


@router.post("/partnerships/{partnership}/organisations/{organisation}/portfolio", status_code=202)
def post_organisation_portfolio(found: Own, session: Tx) -> RequestOut:
    """Ask for the book of the cases in which an organisation is a partner, for its own people."""
    asked = ask_for_portfolio(session, found.partnership.id, organisation_id=found.row.id)
    return RequestOut(message_id=asked.id, kind=DocumentKind.PORTFOLIO)
