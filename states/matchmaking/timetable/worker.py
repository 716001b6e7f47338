"""The process that proves or searches, as its task says; nobody else imports the solver."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path

from states.computations.worker import Tell as TellLine
from states.computations.worker import serve
from states.matchmaking.timetable.effort import Effort
from states.matchmaking.timetable.formula import Verdict, Way
from states.matchmaking.timetable.mending import mend
from states.matchmaking.timetable.model import Form, Timetable
from states.matchmaking.timetable.replanning import Replanning
from states.matchmaking.timetable.search import Search
from states.matchmaking.timetable.tables_bound import fewest_breaks
from states.matchmaking.timetable.task import LARGE, Finding, Role, Task
from states.matchmaking.timetable.worth import Slots, least_breaks, worth

_TOTALIZED = 2_500  # meetings times their slots; above it the proof by cores has always been first
_YIELDING = 10  # how nice a proof is to the searches where they matter more

Tell = Callable[[Finding], None]


def prove(task: Task, tell: Tell) -> None:
    """Tell of ever higher bounds, then of a timetable with the fewest breaks, or that there is none.

    Fairness bounds the breaks of all where somebody has none. Timetables in which everybody has one, or two ..., may
    go as much higher: they matter only if what came before found nothing, or more breaks than they must have.
    """
    problem, people, effort = task.problem, len(task.problem.participants), Effort(task.seconds)
    if sum(map(len, problem.domains)) > LARGE:
        _yield_to_others()
    fair, least = problem.fairness, least_breaks(problem)
    highest = 0 if fair is None else max(min(map(len, problem.meetings_of), default=0) - 1, 0)
    best = inf
    for fewest in range(highest + 1):
        beyond = inf if fair is None or fewest == highest else people * (fewest + 1) + fair
        timetable = Timetable(problem)
        timetable.bound_breaks([None if fair is None else fair + fewest] * people, least, at_least=fewest)
        answer = timetable.formula.solve(
            effort,
            seed=task.seed,
            way=Way.CORE,
            on_bound=partial(_tell_bound, tell, min(best, beyond)),
        )
        if answer.verdict is Verdict.PROVEN:
            slots = timetable.slots(answer)
            best = min(best, worth(problem, slots).breaks)
            tell(Finding(slots=slots))
        elif answer.verdict is not Verdict.IMPOSSIBLE:
            return
        if best <= beyond < inf:
            break
    tell(Finding(impossible=True) if best == inf else Finding(bound=best))


def climb(task: Task, tell: Tell) -> None:
    """Ask for a timetable with as many breaks as must be, and for ever more until there is one.

    What few tables force is where it begins: where that is much, to find it out by cores takes very long. With
    fairness it ends where everybody could have a break, so that some may have more than fairness allows beside none.
    """
    problem, people, effort = task.problem, len(task.problem.participants), Effort(task.seconds)
    alone = sum(least_breaks(problem))
    fewest = max(alone, fewest_breaks(problem))
    tell(Finding(bound=fewest))
    form = Form.LINEAR if fewest > alone else Form.TOTALIZER
    if form is Form.TOTALIZER and sum(map(len, problem.domains)) > _TOTALIZED:
        return
    last = len(problem.meetings) * 2 if problem.fairness is None else people - 1
    for in_all in range(fewest, last + 1):
        timetable = Timetable(problem, form=form)
        timetable.bound_breaks([problem.fairness] * people, in_all=in_all)
        answer = timetable.formula.solve(effort, seed=task.seed, way=Way.ANY)
        if answer.values:
            tell(Finding(slots=timetable.slots(answer)))
        if answer.verdict is not Verdict.IMPOSSIBLE:
            return
        tell(Finding(bound=in_all + 1))


def _yield_to_others() -> None:
    os.nice(_YIELDING)
    # Linux shares time out among sessions, of which this process is one; a nice value counts within a session only.
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_YIELDING), encoding="ascii")


def _tell_bound(tell: Tell, known: float, bound: float) -> None:
    tell(Finding(bound=min(bound, known)))


def main(line: str, tell_line: TellLine) -> None:
    """Do a task."""
    task = Task.loads(line)

    def tell(finding: Finding) -> None:
        tell_line(replace(finding, by=task.seed).dumps())

    def better(slots: Slots) -> None:
        tell(Finding(slots=list(slots)))

    match task.role:
        case Role.SEARCH:
            Search(task.problem, seconds=task.seconds, seed=task.seed, tell=better).run()
        case Role.PROVE:
            prove(task, tell)
        case Role.CLIMB:
            climb(task, tell)
        case Role.REPLAN:
            Replanning(task, tell).run()
        case Role.MEND:
            tell(Finding(mend=mend(task.problem, seconds=task.seconds, seed=task.seed, tell=better)))


if __name__ == "__main__":
    serve(main)
