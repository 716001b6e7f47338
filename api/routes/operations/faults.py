"""Routes of what fails: rows that a sweep leaves out, since when and why, until they pass."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlmodel import col

from api.http.dependencies import CurrentActor, InPartnership, Tx
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Listing, Output
from states.errors import Missing
from states.rights.access import Action, Actor, Scope, require
from states.sweeps.queries import NEWEST_FIRST, find_faults
from states.sweeps.service import retry_fault
from states.sweeps.tables import SweepFault

router = APIRouter(prefix="/operations/faults", tags=["faults"], route_class=Idempotent)

Reader = Annotated[Actor, Depends(InPartnership(Action.READ_FAULTS))]


class SweepFaultOut(Output):
    id: str
    sweep: str = Field(description="what goes through the rows: a flow, or what is read")
    noun: str = Field(description="kind of the row that is left out")
    subject_id: str
    error: str
    times: int = Field(description="tries that failed in a row")
    first_at: datetime
    last_at: datetime
    next_at: datetime = Field(description="not tried before")
    ended_at: datetime | None = Field(description="when it passed, or was due no more")


@dataclass(frozen=True)
class OfFault:
    """What fails in the actor's partnership, by its id."""

    action: Action

    def __call__(self, fault_id: str, session: Tx, actor: CurrentActor) -> SweepFault:
        """Return the row, or raise `Missing` or `Denied`."""
        row = session.get(SweepFault, fault_id)
        if row is None or row.partnership_id != actor.partnership_id:
            raise Missing("fault", fault_id)
        require(actor, self.action, Scope(actor.partnership_id))
        return row


Retry = Annotated[SweepFault, Depends(OfFault(Action.RETRY_FAULT))]


@router.get("")
def list_faults(session: Tx, actor: Reader, page: Page, ended: bool = False) -> Listing[SweepFaultOut]:
    """List which rows of the partnership are left out at present, or were until they passed, the newest first."""
    query = find_faults(col(SweepFault.partnership_id) == actor.partnership_id, ended=ended)
    return page.read(
        session, query, *NEWEST_FIRST, show=lambda part: [SweepFaultOut.model_validate(row) for row in part]
    )


@router.post("/{fault_id}/retry")
def post_fault_retry(row: Retry, session: Tx) -> SweepFaultOut:
    """Let a row be tried with the next sweep, whatever its pause: its cause is mended."""
    return SweepFaultOut.model_validate(retry_fault(session, row.id))
