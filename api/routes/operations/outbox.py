"""Routes of the outbox: the events that flows answer, and those that were set aside tried again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from sqlmodel import col

from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Listing, Output
from states.errors import Missing
from states.outbox.queries import EventLine, EventState, count_events, event_by_id, event_lines, in_state
from states.outbox.service import retry
from states.outbox.tables import OutboxEvent
from states.rights.access import Action, Actor, Scope, require

router = APIRouter(prefix="/events", tags=["outbox"], route_class=Idempotent)

Reader = Annotated[Actor, Depends(InPartnership(Action.READ_OUTBOX))]


class OutboxEventOut(Output):
    id: str
    sequence: int = Field(description="the order in which events happened")
    name: str
    collaboration_id: str | None
    cause_id: str | None = Field(description="the line of the history that it follows from")
    state: EventState
    created_at: datetime
    attempts: int = Field(description="tries that failed")
    again_at: datetime | None = Field(description="when it is tried again")
    behind: int | None = Field(description="sequence of the earlier event of its collaboration that it waits for")
    done_at: datetime | None
    dead_at: datetime | None = Field(description="when it was set aside, after its last try")
    last_error: str
    overtaken: int = Field(description="how many later events of its collaboration went on past it, set aside")
    notes: list[str] = Field(description="of each flow that did nothing with it, why")


@dataclass(frozen=True)
class OfEvent:
    """An event of the outbox by its id."""

    action: Action

    def __call__(self, outbox_id: str, session: Tx, actor: CurrentActor) -> OutboxEvent:
        """Return the row, or raise `Missing` or `Denied`."""
        row = event_by_id(session, outbox_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("event", outbox_id)
        require(actor, self.action, Scope(row.partnership_id))
        return row


Retry = Annotated[OutboxEvent, Depends(OfEvent(Action.RETRY_EVENT))]


@router.get("")
def list_outbox(
    session: Tx,
    actor: Reader,
    page: Page,
    state: EventState | None = None,
    collaboration: Annotated[str | None, Query(description="the id of a collaboration", max_length=40)] = None,
) -> Listing[OutboxEventOut]:
    """List the events of the partnership, the newest first."""
    where = [col(OutboxEvent.partnership_id) == actor.partnership_id]
    where += [] if state is None else [in_state(state)]
    where += [] if collaboration is None else [col(OutboxEvent.collaboration_id) == collaboration]
    total = count_events(session, *where)
    page.cut(range(total))  # only for the links to its neighbours: the database cuts
    lines = event_lines(session, *where, limit=page.limit, offset=page.offset)
    return Listing(items=[_shown(line) for line in lines], total=total)


@router.post("/{outbox_id}/retry", responses=refusals(409))
def post_retry(row: Retry, session: Tx) -> OutboxEventOut:
    """Give an event that was set aside all its tries again; it comes late: its flow looks whether it still holds."""
    retry(session, row.id)
    session.refresh(row)
    (line,) = event_lines(session, col(OutboxEvent.id) == row.id, limit=1)
    return _shown(line)


def _shown(line: EventLine) -> OutboxEventOut:
    row = line.event.model_dump(include=set(OutboxEventOut.model_fields))
    return OutboxEventOut(
        **row,
        state=line.state,
        again_at=line.again_at,
        behind=line.behind,
        overtaken=line.overtaken,
        notes=list(line.notes),
    )
