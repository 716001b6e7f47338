"""Routes of a partnership's events: brokerage days, plenaries, sessions."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from api.conditional import Answered
from api.dependencies import Tx
from api.idempotency import Idempotent
from api.paging import Page
from api.problems import refusals
from api.reach import OfPartnership
from api.schemas import Input, Line, Listing, Output, Prose
from states.access import Action
from states.errors import Missing
from states.partners.queries import events_of
from states.partners.registry import add_event
from states.partners.tables import EventKind, Partnership, PartnershipEvent

router = APIRouter(tags=["events"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(OfPartnership(Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(OfPartnership(Action.EDIT_PARTNERSHIP))]


class EventIn(Input):
    name: Line
    kind: EventKind
    held_on: Line = Field(description='as exact as it is known: "2020-10-24", "October 2020", "mid-2020"')
    place: Line | None = None
    information: Prose = ""
    illustrative: bool = False


class EventOut(Output):
    id: str
    name: str
    kind: EventKind
    held_on: str = Field(description='a date that may be partial: "2020-03", "2020-mid"')
    place: str
    information: str
    illustrative: bool


@router.get("/partnerships/{partnership}/events")
def list_events(row: Read, session: Tx, page: Page) -> Listing[EventOut]:
    """List the events in the order of their dates, which may be partial."""
    rows = events_of(session, row.id)
    return Listing(items=[EventOut.model_validate(one) for one in page.cut(rows)], total=len(rows))


@router.post("/partnerships/{partnership}/events", status_code=201, responses=refusals(409))
def post_event(row: Edit, sent: EventIn, session: Tx, answer: Answered) -> EventOut:
    """Add an event; its date may be known in part."""
    event = add_event(session, row, **sent.model_dump(exclude_none=True))
    answer.created("get_event", partnership=row.slug, event_id=event.id)
    answer.tag(event.id)
    return EventOut.model_validate(event)


@router.get("/partnerships/{partnership}/events/{event_id}")
def get_event(row: Read, event_id: str, session: Tx, answer: Answered) -> EventOut:
    """Read an event; it never changes."""
    event = session.get(PartnershipEvent, event_id)
    if event is None or event.partnership_id != row.id:
        raise Missing("event", event_id)
    answer.tag(event.id)
    return EventOut.model_validate(event)
