"""What would have to change for all meetings to fit, asked of the solver; only solving processes import it."""

from collections.abc import Callable
from dataclasses import replace

from states.matchmaking.timetable.effort import Effort
from states.matchmaking.timetable.exchanges import Exchanges
from states.matchmaking.timetable.explain import shortage
from states.matchmaking.timetable.formula import FALSE, TRUE, Verdict, Way
from states.matchmaking.timetable.model import Timetable
from states.matchmaking.timetable.problem import Problem
from states.matchmaking.timetable.task import Mend
from states.matchmaking.timetable.worth import Slots


def mend(problem: Problem, *, seconds: float, seed: int, tell: Callable[[Slots], None]) -> Mend:
    """Find the fewest meetings to drop, forbidden slots to free and tables to add, and tell of timetables without them.

    Each kind of change has a quarter of the work.
    """
    each = seconds / 4
    timetable = Timetable(problem, droppable=True)
    timetable.formula.minimise((one, 1) for one in timetable.dropped.values())
    answer = timetable.formula.solve(Effort(each), seed=seed, way=Way.RELAXED)
    if not answer.values:
        return Mend()
    slots = timetable.slots(answer)
    tell(slots)
    dropped = [number for number, slot in enumerate(slots) if slot is None]
    for better in Exchanges(problem, seed=seed, slots=slots).anneal(Effort(each), min(each / 4, 1.0)):
        tell(better)
    if not dropped:
        return Mend(fairness=_fairness(problem, seconds=each, seed=seed))
    return Mend(
        drop=dropped,
        certain=answer.verdict is Verdict.PROVEN,
        free=_free(problem, seconds=each, seed=seed),
        tables=_tables(problem, seconds=each, seed=seed),
    )


def _free(problem: Problem, *, seconds: float, seed: int) -> list[tuple[int, int]] | None:
    """Return the fewest participants' slots to free, of those that are forbidden."""
    opened = replace(problem, participants=tuple(replace(one, forbidden=frozenset()) for one in problem.participants))
    timetable = Timetable(opened)
    literals = {
        (one, slot): timetable.busy[one][slot]
        for one, participant in enumerate(problem.participants)
        if one in timetable.busy
        for slot in participant.forbidden
    }
    timetable.formula.minimise((literal, 1) for literal in literals.values() if literal not in (TRUE, FALSE))
    answer = timetable.formula.solve(Effort(seconds), seed=seed, way=Way.RELAXED)
    if not answer.values:
        return None
    return sorted(key for key, literal in literals.items() if literal not in (TRUE, FALSE) and answer.values[literal])


def _tables(problem: Problem, *, seconds: float, seed: int) -> int | None:
    """Return how many tables more in every slot would do: the fewest, unless the search for fewer was too much work."""
    seated = {number: problem.domains[number] for number in problem.seated}
    most, each = len(seated), seconds / 4
    if not Timetable(_with_tables(problem, most)).formula.solve(Effort(each), seed=seed, way=Way.ANY).values:
        return None
    least = 1
    while least < most and shortage(seated, {slot: len(free) + least for slot, free in enumerate(problem.shared)}):
        least += 1
    tries = range(least, min(least + 3, most))
    return next((more for more in tries if _fits(_with_tables(problem, more), seconds=each, seed=seed)), most)


def _with_tables(problem: Problem, more: int) -> Problem:
    known = {table for slot in problem.slots for table in slot.tables}
    known |= {one.booth for one in problem.participants if one.booth is not None}
    first = max(known, default=0) + 1
    added = tuple(range(first, first + more))
    return replace(problem, slots=tuple(replace(slot, tables=slot.tables + added) for slot in problem.slots))


def _fairness(problem: Problem, *, seconds: float, seed: int) -> int | None:
    """Return the least fairness that all meetings can be placed with."""
    if problem.fairness is None:
        return None
    most = max((len(held) - 1 for held in problem.meetings_of), default=0)
    for fairness in range(problem.fairness + 1, most + 1):
        for fewest in range(max(min(map(len, problem.meetings_of)), 1)):
            timetable = Timetable(problem)
            timetable.bound_breaks([fairness + fewest] * len(problem.participants), at_least=fewest)
            if timetable.formula.solve(Effort(seconds / most), seed=seed, way=Way.ANY).values:
                return fairness
    return None


def _fits(problem: Problem, *, seconds: float, seed: int) -> bool:
    """Tell whether all meetings were placed, by exchanges first: where tables are scarce they are the quicker."""
    draft = Exchanges(problem, seed=seed)
    draft.fill()
    for _ in draft.anneal(Effort(seconds), seconds / 2):
        if not draft.unplaced:
            return True
    return bool(Timetable(problem).formula.solve(Effort(seconds / 2), seed=seed, way=Way.RELAXED).values)
