"""Routes of the outbox: the messages that flows answer, and those that are stuck tried again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import col

from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.idempotency import Idempotent
from api.http.lookups import OfCollaboration, need_collaboration
from api.http.paging import Page
from api.http.schemas import Listing, Output
from states.errors import Missing
from states.outbox.queries import (
    NEWEST_FIRST,
    MessageLine,
    in_state,
    message_by_id,
    message_lines,
    messages,
    told,
)
from states.outbox.service import retry
from states.outbox.states import MessageState
from states.outbox.tables import OutboxMessage
from states.rights.access import Action, Actor, Scope, require

router = APIRouter(prefix="/operations/outbox-messages", tags=["outbox"], route_class=Idempotent)

Reader = Annotated[Actor, Depends(InPartnership(Action.READ_OUTBOX))]


class OutboxMessageOut(Output):
    id: str
    sequence: int = Field(description="the order in which they were written")
    name: str
    collaboration_id: str | None
    cause_id: str | None = Field(description="the line of the history that it follows from")
    state: MessageState
    created_at: datetime
    handed_over_at: datetime | None = Field(description="since when it waits for the flow run that is to answer it")
    leased_until: datetime | None = Field(description="when it is free again, unless the lease is renewed")
    flow_run_id: str | None = Field(description="the flow run that is to answer it, or that ended it")
    tries_failed: int = Field(description="tries that failed by its own fault; after the last one it is set aside")
    tries_broken_off: int = Field(description="tries that an outage ended; there is no last one")
    again_at: datetime | None = Field(description="when it is tried again")
    behind: int | None = Field(description="sequence of the earlier message of its collaboration that it waits for")
    done_at: datetime | None
    dead_at: datetime | None = Field(description="when it was set aside, after its last try")
    last_error: str
    overtaken: int = Field(description="how many later messages of its collaboration went on past it, set aside")
    notes: list[str] = Field(description="of each flow that did nothing with it, why")


@dataclass(frozen=True)
class OfMessage:
    """A message of the outbox by its id."""

    action: Action

    def __call__(self, outbox_id: str, session: Tx, actor: CurrentActor) -> OutboxMessage:
        """Return the row, or raise `Missing` or `Denied`."""
        row = message_by_id(session, outbox_id)
        if row.partnership_id != actor.partnership_id:
            raise Missing("outbox_message", outbox_id)
        require(actor, self.action, Scope(row.partnership_id))
        return row


Retry = Annotated[OutboxMessage, Depends(OfMessage(Action.RETRY_MESSAGE))]


@router.get("")
def list_outbox(
    session: Tx,
    actor: Reader,
    page: Page,
    state: MessageState | None = None,
    collaboration: OfCollaboration = None,
) -> Listing[OutboxMessageOut]:
    """List the messages of the partnership, the newest first."""
    need_collaboration(session, actor, collaboration)
    where = [col(OutboxMessage.partnership_id) == actor.partnership_id]
    where += [] if state is None else [in_state(state)]
    where += [] if collaboration is None else [col(OutboxMessage.collaboration_id) == collaboration]
    return page.read(
        session,
        messages(*where),
        NEWEST_FIRST,
        show=lambda part: [_shown(line) for line in told(session, part)],
    )


@router.post("/{outbox_id}/retry")
def post_retry(row: Retry, session: Tx) -> OutboxMessageOut:
    """Try a message again at once, with all its tries, unless it is done; its flow looks whether it still holds."""
    retry(session, row.id)
    session.refresh(row)
    (line,) = message_lines(session, col(OutboxMessage.id) == row.id, limit=1)
    return _shown(line)


def _shown(line: MessageLine) -> OutboxMessageOut:
    row = line.message.model_dump(include=set(OutboxMessageOut.model_fields))
    return OutboxMessageOut(
        **row,
        state=line.state,
        again_at=line.again_at,
        behind=line.behind,
        overtaken=line.overtaken,
        notes=list(line.notes),
    )
