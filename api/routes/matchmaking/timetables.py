"""Routes of timetables: asked for, watched, cancelled, published."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session

from api.http.conditional import Answered
from api.http.dependencies import CurrentActor, Tx, person_of
from api.http.idempotency import Idempotent
from api.http.paging import Page
from api.http.problems import refusals
from api.http.schemas import Listing
from api.matchmaking_reach import OfBrokerage, OfTimetable
from api.routes.matchmaking.brokerage_schemas import (
    PlacementOut,
    ProgressOut,
    TimetableIn,
    TimetableOut,
    TimetableWithPlacesOut,
)
from states.matchmaking.event_day.queries import lines_of, runs_of
from states.matchmaking.event_day.tables import BrokerageEvent, TimetableRun
from states.matchmaking.timetable.service import cancel_run, publish_timetable, request_timetable
from states.rights.access import Action

router = APIRouter(tags=["brokerage"], route_class=Idempotent)

ReadEvent = Annotated[BrokerageEvent, Depends(OfBrokerage(Action.READ_TIMETABLE))]
RunEvent = Annotated[BrokerageEvent, Depends(OfBrokerage(Action.RUN_BROKERAGE))]
Read = Annotated[TimetableRun, Depends(OfTimetable(Action.READ_TIMETABLE))]
Run = Annotated[TimetableRun, Depends(OfTimetable(Action.RUN_BROKERAGE))]


@router.get("/events/{event_id}/timetables")
def list_timetables(event: ReadEvent, session: Tx, page: Page) -> Listing[TimetableOut]:
    """List the computations of an event's timetable, the newest first."""
    rows = runs_of(session, event.id)
    return Listing(items=[TimetableOut.model_validate(row) for row in page.cut(rows)], total=len(rows))


@router.post("/events/{event_id}/timetables", status_code=201, responses=refusals(409))
def post_timetable(
    event: RunEvent, sent: TimetableIn, session: Tx, actor: CurrentActor, answer: Answered
) -> TimetableWithPlacesOut:
    """Ask for a timetable; it is computed in the background, one at a time for an event."""
    row = request_timetable(session, event, person_id=person_of(actor), seconds=sent.seconds, keep=sent.keep)
    answer.created("get_timetable", timetable_id=row.id)
    return _answered(session, row, answer)


@router.get("/timetables/{timetable_id}")
def get_timetable(row: Read, session: Tx) -> TimetableWithPlacesOut:
    """Read a computation with its progress and, once it is done, the place of each meeting, published or not."""
    return _present(session, row)


@router.post("/timetables/{timetable_id}/cancellation", responses=refusals(409))
def post_timetable_cancellation(row: Run, session: Tx, answer: Answered) -> TimetableWithPlacesOut:
    """Cancel a computation that waits or runs."""
    return _answered(session, cancel_run(session, row), answer)


@router.post("/timetables/{timetable_id}/publication", responses=refusals(409))
def post_publication(row: Run, session: Tx, answer: Answered) -> TimetableWithPlacesOut:
    """Put every meeting where the timetable has it, and let participants see it; refused if anything has changed."""
    publish_timetable(session, row)
    return _answered(session, row, answer)


def _answered(session: Session, row: TimetableRun, answer: Answered) -> TimetableWithPlacesOut:
    answer.tag(row.version)
    return _present(session, row)


def _present(session: Session, row: TimetableRun) -> TimetableWithPlacesOut:
    return TimetableWithPlacesOut(
        **TimetableOut.model_validate(row).model_dump(),
        placements=[
            PlacementOut.model_validate({"meeting_id": key, "slot": slot, "table": table})
            for key, (slot, table) in sorted(row.placements.items())
        ],
        progress=[ProgressOut.model_validate(line) for line in lines_of(session, row.id)],
    )
