"""What a reviewer says once, for every round: the yearly agreement, and ties to organisations."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.dependencies import Tx, person_of
from api.pages.forms import OWN_FORM, UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.partnerships.organisations import list_organisations
from api.routes.people.me import Reviewer, list_relations, post_agreement, post_relation
from api.routes.review.conflict_schemas import RelationIn
from states.partners.tables import Partnership
from states.review.conflicts.service import agreed
from states.review.conflicts.tables import Tie

router = APIRouter(prefix="/reviewing")


@router.get("")
def get_reviewing_page(request: Request, actor: Reviewer, session: Tx, lists: Lists) -> Response:
    """Show the agreement of this year and the ties on record, each with its form."""
    partnership = session.get_one(Partnership, actor.partnership_id)
    known = list_organisations(partnership, session, actor, lists.whole(), None)
    return page(
        request,
        "rounds/reviewing.html",
        agrees=agreed(session, partnership_id=actor.partnership_id, person_id=person_of(actor)),
        ties=list_relations(actor, session, lists.whole()).items,
        kinds=list(Tie),
        organisations=[(one.slug, one.name) for one in known.items],
    )


@router.post("/agreement", dependencies=[OWN_FORM])
def post_yearly_agreement(actor: Reviewer, session: Tx) -> Response:
    """Agree to the rules of the review for this year."""
    post_agreement(actor, session)
    return lead_to("/reviewing", told="agreed")


@router.post("")
def post_tie(sent: Form, actor: Reviewer, session: Tx) -> Response:
    """Put a tie to an organisation on record."""
    post_relation(actor, sent.read(RelationIn), session, UNANSWERED)
    return lead_to("/reviewing", told="tied")
