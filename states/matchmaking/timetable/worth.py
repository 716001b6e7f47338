"""What a timetable is worth: meetings without a place, then unfairness, then breaks."""

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
