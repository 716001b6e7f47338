"""Compute the timetable that a run asks for: the best one there is, or the one that moves fewest meetings."""

from collections.abc import Callable

from states.matchmaking.timetable.bounds import least_breaks
from states.matchmaking.timetable.event_problem import EventProblem
from states.matchmaking.timetable.explain import explain
from states.matchmaking.timetable.replan import Replanned, replan
from states.matchmaking.timetable.solver import Outcome, Progress, solve


def compute_timetable(
    found: EventProblem,
    *,
    seconds: float,
    keep: bool,
    on_progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> Outcome:
    """Return the best timetable of an event within so many seconds, with the explanation where not all have a place.

    With `keep`, and where something has a place, it moves as few meetings as possible; `proven` then says that none
    moves fewer, and only counting explains what has no place.
    """
    if keep and any(place is not None for place in found.standing.places):
        return _kept(found, replan(found.problem, found.standing, seconds=seconds, cancelled=cancelled))
    return solve(
        found.problem,
        seconds=seconds,
        before=found.standing,
        names=found.names,
        on_progress=on_progress,
        cancelled=cancelled,
    )


def _kept(found: EventProblem, changed: Replanned) -> Outcome:
    reasons = explain(found.problem, found.names) if changed.unplaced else ()
    return Outcome(
        schedule=changed.schedule,
        breaks=changed.breaks,
        unplaced=changed.unplaced,
        unfair=changed.unfair,
        bound=sum(least_breaks(found.problem)),
        proven=changed.proven,
        impossible=bool(reasons),
        cancelled=changed.cancelled,
        seconds=changed.seconds,
        explanation=reasons,
    )
