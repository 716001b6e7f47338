"""Flows of brokerage events: compute a timetable, and end what nobody answered or renewed in time."""

from prefect import flow

from flows.computing import compute
from flows.subjects import run_name
from states.matchmaking.interests.service import expire_interests
from states.matchmaking.meetings.requests import expire_requests
from states.matchmaking.profiles.service import expire_profiles
from states.matchmaking.timetable.service import COMPUTING
from states.storage import begin


@flow(name="schedule-event", flow_run_name=run_name)
def schedule_event(message_id: str) -> dict[str, str]:
    """Compute the timetable that a `timetable.requested` message asks for."""
    return compute(message_id, COMPUTING, consumer="schedule_event")


@flow(name="expire-unanswered", flow_run_name=run_name)
def expire_unanswered() -> dict[str, int]:
    """End the requests and interests that nobody answered in time, and the profiles that nobody renewed."""
    with begin() as session:
        return {
            "meetings": len(expire_requests(session)),
            "interests": len(expire_interests(session)),
            "profiles": len(expire_profiles(session)),
        }
