"""Routes of brokerage events: how the meetings of an event are arranged, and its slots."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.http.access import BROKERAGE, EVENT, Allowed
from api.http.conditional import Answered, MaybeMatch, PreconditionRequired
from api.http.dependencies import Tx
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Listing, kept
from api.routes.matchmaking.brokerage_schemas import BrokerageIn, BrokerageOut, SlotOut
from states.matchmaking.event_day.setup import event_slots, sessions_of, set_up_event
from states.matchmaking.event_day.tables import BrokerageEvent
from states.partners.tables import PartnershipEvent
from states.rights.access import Action

router = APIRouter(prefix="/events/{event_id}", tags=["brokerage"], route_class=Idempotent)

Read = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.READ_BROKERAGE))]
Arrange = Annotated[PartnershipEvent, Depends(Allowed(EVENT, Action.RUN_BROKERAGE))]


@router.put("/brokerage")
def put_brokerage(
    event: Arrange, version: MaybeMatch, sent: BrokerageIn, session: Tx, answer: Answered
) -> BrokerageOut:
    """Arrange the meetings of an event; a change of what is there needs If-Match, and slots on which availabilities
    or placed meetings rest stay. What is left out stays too."""
    known = session.get(BrokerageEvent, event.id)
    if version is None and known is not None:
        raise PreconditionRequired
    return _answered(set_up_event(session, event, kept(sent, known).setup(), expected_version=version), answer)


@router.get("/brokerage")
def get_brokerage(row: Read, answer: Answered) -> BrokerageOut:
    """Read how the meetings of an event are arranged."""
    return _answered(row, answer)


@router.get("/slots")
def list_slots(row: Read, page: Page) -> Listing[SlotOut]:
    """List the slots of an event; they follow from its sessions, breaks and lengths."""
    slots = event_slots(row)
    return page.cut(slots, lambda one: one.number, show=lambda part: [SlotOut.model_validate(one) for one in part])


def _answered(row: BrokerageEvent, answer: Answered) -> BrokerageOut:
    answer.tag(row.version)
    return BrokerageOut.model_validate(row.model_dump() | {"event_id": row.id, "sessions": sessions_of(row)})
