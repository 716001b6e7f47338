"""Routes of timetables: asked for, watched, cancelled, published."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session

from api.http.access import BROKERAGE, TIMETABLE, Allowed
from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.schemas import Listing
from api.routes.matchmaking.brokerage_schemas import (
    TimetableIn,
    TimetableOut,
    TimetableWithPlacesOut,
)
from states.computations.queries import computations_of, progress_of
from states.computations.service import cancel_computation
from states.computations.tables import Computation
from states.matchmaking.event_day.tables import BrokerageEvent
from states.matchmaking.timetable.service import KIND, publish_timetable, request_timetable, task_of, timetable_of
from states.rights.access import Action

router = APIRouter(tags=["brokerage"], route_class=Idempotent)

ReadEvent = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.READ_TIMETABLE))]
RunEvent = Annotated[BrokerageEvent, Depends(Allowed(BROKERAGE, Action.RUN_BROKERAGE))]
Read = Annotated[Computation, Depends(Allowed(TIMETABLE, Action.READ_TIMETABLE))]
Run = Annotated[Computation, Depends(Allowed(TIMETABLE, Action.RUN_BROKERAGE))]


@router.get("/events/{event_id}/timetables")
def list_timetables(event: ReadEvent, session: Tx, page: Page) -> Listing[TimetableOut]:
    """List the computations of an event's timetable, the newest first."""
    rows = page.each(session, lambda: computations_of(session, KIND, event.id))
    return page.cut(rows, lambda one: one.id, show=lambda part: [_outline(one) for one in part])


@router.post("/events/{event_id}/timetables", status_code=201)
def post_timetable(
    event: RunEvent, sent: TimetableIn, session: Tx, actor: CurrentActor, answer: Answered
) -> TimetableWithPlacesOut:
    """Ask for a timetable of an event; it is computed in the background, one at a time for an event."""
    row = request_timetable(session, event, person_id=person_of(actor), seconds=sent.seconds, keep=sent.keep)
    answer.created("get_timetable", timetable_id=row.id)
    return _answered(session, row, answer)


@router.get("/timetables/{timetable_id}")
def get_timetable(row: Read, session: Tx) -> TimetableWithPlacesOut:
    """Read a timetable: how far its computation is and, once it is done, the place of each meeting."""
    return _present(session, row)


@router.post("/timetables/{timetable_id}/cancellation")
def post_timetable_cancellation(row: Run, session: Tx, answer: Answered) -> TimetableWithPlacesOut:
    """Cancel a computation that waits or runs."""
    return _answered(session, cancel_computation(session, KIND, row), answer)


@router.post("/timetables/{timetable_id}/publication")
def post_publication(row: Run, session: Tx, answer: Answered) -> TimetableWithPlacesOut:
    """Put every meeting where the timetable has it, and let participants see it; refused if anything has changed."""
    publish_timetable(session, row)
    return _answered(session, row, answer)


def _answered(session: Session, row: Computation, answer: Answered) -> TimetableWithPlacesOut:
    answer.tag(row.version)
    return _present(session, row)


def _outline(row: Computation) -> TimetableOut:
    known = {**row.model_dump(), "event_id": row.subject_id, "keep": task_of(row).keep}
    return TimetableOut.model_validate({**known, **timetable_of(row).model_dump()})


def _present(session: Session, row: Computation) -> TimetableWithPlacesOut:
    lines, placements = progress_of(session, row.id), timetable_of(row).placements
    known = {
        **_outline(row).model_dump(),
        "placements": [
            {"meeting_id": key, "slot": slot, "table": table} for key, (slot, table) in sorted(placements.items())
        ],
        "progress": [{"at": line.at, **line.progress} for line in lines],
    }
    return TimetableWithPlacesOut.model_validate(known)
