"""Tables for a timetable whose slots are settled: booth owners stay, and everybody else changes seldom."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from states.matchmaking.timetable.problem import Place, Problem, Schedule
from states.matchmaking.timetable.worth import Slots


def seat(problem: Problem, slots: Slots, *, before: Schedule | None = None) -> Schedule:
    """Give each meeting its table: the one it had `before` if it stays in its slot, else where its people were last."""
    places: list[Place | None] = [None] * len(slots)
    needing = set(problem.seated)
    last: dict[int, int] = {}  # the table where a participant was last
    for slot, tables in enumerate(problem.shared):
        here = [number for number, at in enumerate(slots) if at == slot]
        free = dict.fromkeys(tables)
        chosen = {number: problem.booths[number] for number in here}
        seated = [number for number in here if number in needing]
        # Whatever table is left is the last wish of each.
        wishes = [*_kept(seated, slot, before), *_stays(problem, seated, last), *product(seated, tables)]
        for number, table in wishes:
            if table in free and chosen[number] is None:
                chosen[number] = table
                del free[table]
        for number, given in chosen.items():
            places[number] = Place(slot, given)
            if given is not None:
                last |= dict.fromkeys(problem.meetings[number].participants, given)
    return Schedule(tuple(places))


def _kept(seated: Sequence[int], slot: int, before: Schedule | None) -> Iterator[tuple[int, int]]:
    """Yield the meetings that were in this slot already, with their tables."""
    for number in seated:
        place = before.places[number] if before and number < len(before.places) else None
        if place is not None and place.slot == slot and place.table is not None:
            yield number, place.table


def _stays(problem: Problem, seated: Sequence[int], last: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Yield meetings with a table where some of their people were last, those where most were first."""
    wishes: dict[tuple[int, int], int] = {}
    for number in seated:
        for one in problem.meetings[number].participants:
            if one in last:
                wishes[number, last[one]] = wishes.get((number, last[one]), 0) + 1
    yield from sorted(wishes, key=lambda wish: (-wishes[wish], wish))
