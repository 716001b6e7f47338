"""Flows of brokerage events: compute a timetable, and end what nobody answered or renewed in time."""

from prefect import flow

from flows.acting import as_clock
from flows.computing import compute
from flows.consuming import Results
from flows.subjects import run_name
from flows.sweep import Sweep, sweep
from states.matchmaking.interests.service import expire_interests, unanswered_interests
from states.matchmaking.meetings.requests import expire_requests, unanswered_requests
from states.matchmaking.profiles.service import expire_profiles, overdue_profiles
from states.matchmaking.timetable.service import COMPUTING

MEETINGS = Sweep("expire_unanswered", "meeting", unanswered_requests, expire_requests)
INTERESTS = Sweep("expire_unanswered", "interest", unanswered_interests, expire_interests)
PROFILES = Sweep("expire_unanswered", "profile", overdue_profiles, expire_profiles)


@flow(name="schedule-event", flow_run_name=run_name)
@as_clock
def schedule_event(message_ids: tuple[str, ...]) -> Results:
    """Compute the timetables that `timetable.requested` messages ask for."""
    return compute(message_ids, COMPUTING, consumer="schedule_event")


@flow(name="expire-unanswered", flow_run_name=run_name)
@as_clock
def expire_unanswered() -> dict[str, int]:
    """End the requests and interests that nobody answered in time, and the profiles that nobody renewed."""
    return {
        "meetings": sum(map(len, sweep(MEETINGS))),
        "interests": sum(map(len, sweep(INTERESTS))),
        "profiles": sum(map(len, sweep(PROFILES))),
    }
