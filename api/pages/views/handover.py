"""All cases of somebody handed over at once: what would go over is shown first."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import Form, read_as
from api.pages.pipeline import office_people
from api.pages.rendering import lead_to, page
from api.pages.views.partnership import Own
from api.routes.collaborations.officers import HandoverIn, post_officer_handover
from states.partners.tables import Partnership, Person
from states.rights.access import Action

router = APIRouter(prefix="/partnership/handover")

AssignAll = Annotated[Partnership, Depends(Own(Action.ASSIGN_OFFICER))]
Key = Annotated[str, Query(max_length=40)]


@router.get("")
def get_handover_page(
    request: Request, row: AssignAll, session: Tx, actor: CurrentActor, person: Key = "", to: Key = ""
) -> Response:
    """Ask whose cases go over to whom, and show which these are."""
    people = office_people(session, actor)
    found = None
    if person:
        asked = _asked(session, dict(people), person, to, reason="?")
        found = post_officer_handover(row, asked, session, actor, dry_run=True).cases
    return page(request, "partnership/handover.html", row=row, people=people, person=person, to=to, found=found)


@router.post("")
def post_handover_page(sent: Form, row: AssignAll, session: Tx, actor: CurrentActor) -> Response:
    """Hand the cases over."""
    people = dict(office_people(session, actor))
    asked = _asked(session, people, sent.get("person"), sent.get("to"), reason=sent.get("reason"))
    post_officer_handover(row, asked, session, actor)
    return lead_to("/partnership/handover", told="done")


def _asked(session: Session, people: dict[str, str], person: str, to: str, *, reason: str) -> HandoverIn:
    """Return what is asked as the API has it: people by their addresses; only those of the office may be named."""
    named = {
        place: session.get_one(Person, key).email for place, key in (("person", person), ("to", to)) if key in people
    }
    return read_as(HandoverIn, {**named, "reason": reason})
