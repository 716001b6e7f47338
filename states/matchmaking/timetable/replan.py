"""A timetable changed on the day: after no-shows, late requests and walk-ins, with as few meetings moved as can be.

Whoever asks builds the new problem: without the meetings that fell away, with those that came, with what is locked or
past fixed in its slot, and with `earliest` for what is still to come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from states.computations.host import Processes
from states.matchmaking.timetable.draft import Draft, seat
from states.matchmaking.timetable.problem import Problem, Schedule, validate
from states.matchmaking.timetable.task import SOLVER, Role, Task
from states.matchmaking.timetable.worth import Slots, departure, moved


@dataclass(frozen=True, slots=True)
class Replanned:
    """The changed timetable; `moved` are the meetings with another slot than before, `fewest_moved` a bound on them.

    `proven` if no timetable that places as many meetings moves fewer; `failures` say how the process ended, if it did
    so before its work was done.
    """

    schedule: Schedule
    moved: tuple[int, ...]
    fewest_moved: int
    proven: bool
    breaks: int
    unplaced: tuple[int, ...]
    unfair: int
    cancelled: bool
    seconds: float
    failures: tuple[str, ...] = ()


def replan(
    problem: Problem,
    before: Schedule,
    *,
    seconds: float = 5.0,
    seed: int = 1,
    cancelled: Callable[[], bool] = lambda: False,
) -> Replanned:
    """Place all meetings, moving as few as possible of those that have a place before, then with the fewest breaks.

    `before` holds the place of each meeting of the problem, none for new ones. `seconds` is work, as in
    `solver.solve`. Raises `ProblemInvalid`.
    """
    validate(problem)
    began = perf_counter()
    old = before.slots
    draft = Draft(problem, seed=seed, slots=old)
    draft.fill()  # whatever becomes of the process, there is an answer
    best: Slots = draft.slots
    judged, fewest, stopped = departure(problem, old, best), 0, False
    with Processes(SOLVER, [Task(Role.REPLAN, problem, seconds, seed, old)], seconds=seconds) as found:
        for finding in found:
            if finding and finding.slots is not None and (value := departure(problem, old, finding.slots)) < judged:
                best, judged = finding.slots, value
            if finding and finding.fewest_moved is not None:
                fewest = max(fewest, finding.fewest_moved)
            stopped = cancelled()
            if stopped:
                break
    schedule, changed = seat(problem, best, before=before), moved(old, best)
    return Replanned(
        schedule=schedule,
        moved=changed,
        fewest_moved=fewest,
        proven=len(changed) == fewest,
        breaks=judged.breaks,
        unplaced=schedule.unplaced,
        unfair=judged.unfair,
        cancelled=stopped,
        seconds=perf_counter() - began,
        failures=tuple(found.failures),
    )
