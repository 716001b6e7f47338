"""The timetable of an event: computed with its progress, what cannot be and why, published as a whole."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import TIMETABLE, Allowed
from api.http.dependencies import CurrentActor, Tx
from api.pages.event_heads import event_head
from api.pages.forms import OWN_FORM, UNANSWERED, Form
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.routes.matchmaking import timetables
from api.routes.matchmaking.brokerage_schemas import TimetableIn, TimetableWithPlacesOut
from api.routes.matchmaking.meeting_schemas import MeetingOut
from api.routes.matchmaking.meeting_views import present_meetings
from states.computations.tables import ComputationState
from states.matchmaking.event_day.queries import find_meetings, participants_of
from states.matchmaking.event_day.tables import BrokerageEvent, MeetingState
from states.rights.access import Action, Actor

router = APIRouter()

GOES_ON = frozenset({ComputationState.WAITING, ComputationState.RUNNING})
_TO_BE_PLACED = (MeetingState.ACCEPTED, MeetingState.SCHEDULED, MeetingState.MOVED)
_READ = Allowed(TIMETABLE, Action.READ_TIMETABLE)


@router.get("/events/{event_id}/timetable")
def get_timetable_page(
    request: Request,
    event: timetables.ReadEvent,
    session: Tx,
    actor: CurrentActor,
    lists: Lists,
    run: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Show a computation: how far it is, or the place of each meeting, what has none and why."""
    runs = timetables.list_timetables(event, session, lists.whole()).items
    shown = next((one.id for one in runs if run in (None, one.id)), None)
    found = timetables.get_timetable(_READ(session, actor, timetable_id=shown), session) if shown else None
    meetings = {one.id: one for one in _meetings(session, actor, event)}
    return page(
        request,
        "brokerage/timetable.html",
        head=event_head(session, actor, event.id),
        runs=runs,
        run=found,
        goes_on=found is not None and found.state in GOES_ON,
        meetings=meetings,
        to_place=sum(one.state in _TO_BE_PLACED for one in meetings.values()),
        places=_places(found) if found else [],
        people={row.id: f"{owner.name}: {row.label}" for row, owner in participants_of(session, event.id)},
    )


def _meetings(session: Session, actor: Actor, event: BrokerageEvent) -> list[MeetingOut]:
    rows = session.exec(find_meetings(event.id)).all()
    return present_meetings(session, actor, event, rows)


def _places(found: TimetableWithPlacesOut) -> list[tuple[int, list[tuple[int | None, str]]]]:
    """Return the meetings of each slot that has any, by table."""
    by_slot: dict[int, list[tuple[int | None, str]]] = {}
    for one in found.placements:
        by_slot.setdefault(one.slot, []).append((one.table, one.meeting_id))
    return [(slot, sorted(by_slot[slot], key=lambda one: (one[0] or 0, one[1]))) for slot in sorted(by_slot)]


@router.post("/events/{event_id}/timetable")
def post_timetable_page(sent: Form, event: timetables.RunEvent, session: Tx, actor: CurrentActor) -> Response:
    """Ask for a timetable."""
    made = timetables.post_timetable(event, sent.read(TimetableIn), session, actor, UNANSWERED)
    return lead_to(f"/events/{event.id}/timetable", run=made.id)


@router.get("/timetables/{timetable_id}")
def get_one_timetable(row: timetables.Read) -> Response:
    """Lead to where a computation lies among those of its event."""
    return lead_to(f"/events/{row.subject_id}/timetable", run=row.id)


@router.post("/timetables/{timetable_id}/cancellation", dependencies=[OWN_FORM])
def post_cancelling(row: timetables.Run, session: Tx) -> Response:
    """Cancel a computation; the best that it has found stays."""
    timetables.post_timetable_cancellation(row, session, UNANSWERED)
    return lead_to(f"/events/{row.subject_id}/timetable", run=row.id, told="cancelled")


@router.post("/timetables/{timetable_id}/publication", dependencies=[OWN_FORM])
def post_publishing(row: timetables.Run, session: Tx) -> Response:
    """Put every meeting where the timetable has it, and let participants see it."""
    timetables.post_publication(row, session, UNANSWERED)
    return lead_to(f"/events/{row.subject_id}/timetable", run=row.id, told="published")
