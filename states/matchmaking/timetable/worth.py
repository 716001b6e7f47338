"""What a timetable is worth: meetings without a place, then unfairness, then breaks; and its fewest breaks."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from states.matchmaking.timetable.problem import Problem

Slots = Sequence[int | None]  # of each meeting, none where it has no place


class Worth(NamedTuple):
    """What a timetable is judged by, less being better, in this order.

    `unfair` is by how much the most and the fewest breaks of a participant differ beyond the problem's fairness.
    """

    unplaced: int
    unfair: int
    breaks: int


class Departure(NamedTuple):
    """What a changed timetable is judged by, less being better, in this order; `moved` counts meetings.

    Whoever stays away leaves breaks to others: nobody is moved for fairness' sake.
    """

    unplaced: int
    moved: int
    unfair: int
    breaks: int


def worth(problem: Problem, slots: Slots) -> Worth:
    """Judge a timetable."""
    counts = breaks_of(problem, slots)
    spread = max(counts, default=0) - min(counts, default=0)
    unfair = 0 if problem.fairness is None else max(spread - problem.fairness, 0)
    return Worth(sum(slot is None for slot in slots), unfair, sum(counts))


def breaks_of(problem: Problem, slots: Slots) -> list[int]:
    """Count each participant's breaks."""
    return [_breaks(slot for number in held if (slot := slots[number]) is not None) for held in problem.meetings_of]


def _breaks(slots: Iterable[int]) -> int:
    busy = set(slots)
    return max(sum(slot + 1 not in busy for slot in busy) - 1, 0)


def moved(before: Slots, slots: Slots) -> tuple[int, ...]:
    """Return the meetings that had a slot and have another one now."""
    return tuple(
        number
        for number, (old, new) in enumerate(zip(before, slots, strict=True))
        if old is not None and new is not None and old != new
    )


def departure(problem: Problem, before: Slots, slots: Slots) -> Departure:
    """Judge a timetable that should keep to the one before."""
    unplaced, unfair, count = worth(problem, slots)
    return Departure(unplaced, len(moved(before, slots)), unfair, count)


_State = tuple[int, int, bool]  # meetings so far, of these in the present run of one session, busy in the last slot


def least_breaks(problem: Problem) -> list[int]:
    """Return for each participant a number of breaks below which no timetable that places all meetings can go."""
    return [_least(problem, one) for one in range(len(problem.participants))]


def _least(problem: Problem, one: int) -> int:
    """Go through the slots, knowing only which of them some meeting could use and how many each session must hold."""
    meetings = problem.meetings_of[one]
    usable = {slot for number in meetings for slot in problem.domains[number]}
    fixed = {slot for number in meetings if (slot := problem.meetings[number].slot) is not None}
    tied = Counter(problem.meetings[number].session for number in meetings)
    sessions = [slot.session for slot in problem.slots]
    changes = [at for at in range(1, len(sessions)) if sessions[at] != sessions[at - 1]]
    runs = Counter(sessions[at] for at in (0, *changes)) if sessions else Counter[int]()
    fewest: dict[_State, int] = {(0, 0, False): 0}
    for slot, session in enumerate(sessions):
        after: dict[_State, int] = {}
        ends = slot + 1 == len(sessions) or sessions[slot + 1] != session
        # A session that comes back later may hold its meetings there.
        wanted = tied[session] if ends and runs[session] == 1 else 0
        for (held, inside, on), count in fewest.items():
            steps = [] if slot in fixed else [((held, inside, False), count)]
            if slot in usable and held < len(meetings):
                steps.append(((held + 1, inside + 1, True), count + (not on)))
            for (total, here, busy), number in steps:
                if here >= wanted:
                    state = (total, 0 if ends else here, busy)
                    after[state] = min(after.get(state, number), number)
        fewest = after
    return max(min((count for (held, _, _), count in fewest.items() if held == len(meetings)), default=1) - 1, 0)
