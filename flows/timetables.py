"""Flows of brokerage events: compute a timetable, and end what nobody answered or renewed in time."""

from prefect import flow
from prefect.runtime import flow_run

from flows import stopping
from flows.acting import as_clock
from flows.subjects import run_name
from states.errors import BankableError
from states.matchmaking.event_day.queries import run_by_id
from states.matchmaking.event_day.tables import RunState
from states.matchmaking.interests.service import expire_interests
from states.matchmaking.meetings.requests import expire_requests
from states.matchmaking.profiles.service import expire_profiles
from states.matchmaking.timetable.computing import compute_timetable
from states.matchmaking.timetable.service import begin_run, note_progress, record_schedule
from states.matchmaking.timetable.solver import Progress
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.storage import begin


class ComputationBrokenOff(BankableError):
    """The runner was asked to stop; another one computes the timetable anew."""

    code = "computation_broken_off"


@flow(name="schedule-event", flow_run_name=run_name)
@as_clock
def schedule_event(message_id: str) -> dict[str, str]:
    """Compute the timetable that a `timetable.requested` event asks for; a second delivery changes nothing.

    It runs in processes of its own, killed as soon as the run is cancelled: what was found until then is kept.
    """
    with begin() as session:
        row = run_by_id(session, message_by_id(session, message_id).payload["timetable"])
        found = begin_run(session, row)
    watch = _Watch(row.id)
    outcome = found and compute_timetable(
        found, seconds=row.seconds, keep=row.keep, on_progress=watch.note, cancelled=watch.over
    )
    if outcome and outcome.cancelled and not stopping.going():
        raise ComputationBrokenOff(f"The computation of timetable {row.id} was broken off: the runner stops.")
    with begin() as session:
        if not consume(session, message_id, consumer="schedule_event", flow_run_id=flow_run.id):
            return {"timetable": row.id, "because": "computed before"}
        row = run_by_id(session, row.id)
        if outcome:
            record_schedule(session, row, outcome, explanation=outcome.explanation)
        return {"timetable": row.id, "state": row.state.value}


class _Watch:
    """Writes down how far a computation is, and looks whether somebody has cancelled it."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id

    def note(self, progress: Progress) -> None:
        with begin() as session:
            row = run_by_id(session, self._run_id)
            note_progress(session, row, breaks=progress.breaks, unplaced=progress.unplaced, bound=progress.bound)

    def over(self) -> bool:
        if not stopping.going():
            return True
        with begin(read_only=True) as session:
            return run_by_id(session, self._run_id).state is not RunState.RUNNING


@flow(name="expire-unanswered", flow_run_name=run_name)
@as_clock
def expire_unanswered() -> dict[str, int]:
    """End the requests and interests that nobody answered in time, and the profiles that nobody renewed."""
    with begin() as session:
        return {
            "meetings": len(expire_requests(session)),
            "interests": len(expire_interests(session)),
            "profiles": len(expire_profiles(session)),
        }
