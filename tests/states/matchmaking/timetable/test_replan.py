"""A timetable changed on the day: who need not move stays, and the number of moves is the least there is."""

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from states.matchmaking.timetable.checker import check
from states.matchmaking.timetable.problem import Meeting, Place, Problem, ProblemInvalid, Schedule
from states.matchmaking.timetable.replan import replan
from tests.states.matchmaking.timetable.samples import meetings, people, slots


def test_a_late_request_goes_where_there_is_room_and_makes_the_fewest_breaks() -> None:
    event = Problem(slots(6), people(3), meetings((0, 1), (0, 1), (0, 2)))
    before = Schedule((Place(1, 1), Place(2, 1), None))

    found = replan(event, before, seconds=20)

    assert (found.moved, found.fewest_moved, found.proven, found.breaks) == ((), 0, True, 0)
    assert found.schedule.places[:2] == before.places[:2]
    assert found.schedule.slots[2] in (0, 3)


def test_a_late_request_that_needs_a_move_gets_one() -> None:
    # Participant 2 comes in slot 1 alone, where participant 0 meets participant 1 so far.
    event = Problem(slots(2), people(3), (Meeting((0, 1)), replace(Meeting((0, 2)), slot=1)), fairness=2)

    found = replan(event, Schedule((Place(1, 2), None)), seconds=20)

    assert (found.moved, found.fewest_moved, found.proven, found.unplaced) == ((0,), 1, True, ())
    assert found.schedule.slots == (0, 1)


def test_what_is_past_or_locked_stays_and_nothing_new_is_put_there() -> None:
    event = Problem(
        slots(4), people(4), (Meeting((0, 1), slot=0), Meeting((0, 2), earliest=2), Meeting((0, 3), earliest=2))
    )

    found = replan(event, Schedule((Place(0, 1), Place(3, 1), None)), seconds=20)

    assert (found.schedule.slots, found.moved) == ((0, 3, 2), ())
    assert check(event, found.schedule, breaks=found.breaks) == []


def test_a_place_that_is_gone_counts_as_moved() -> None:
    event = Problem(slots(3), people(2), (Meeting((0, 1), earliest=1),))

    found = replan(event, Schedule((Place(0, 1),)), seconds=20)

    assert (found.moved, found.fewest_moved, found.proven) == ((0,), 1, True)


def test_what_cannot_be_placed_is_left_and_no_more_is_moved_than_that_needs() -> None:
    event = Problem(slots(2), people(4), meetings((0, 1), (0, 2), (0, 3)))

    found = replan(event, Schedule((Place(0, 1), Place(1, 1), None)), seconds=20)

    assert (found.moved, len(found.unplaced), found.proven) == ((), 1, True)


@pytest.mark.parametrize("seed", range(4))
def test_the_fewest_moves_are_what_trying_everything_finds(seed: int) -> None:
    chance = Random(seed)
    pairs = [tuple(chance.sample(range(4), 2)) for _ in range(5)]
    event = Problem(slots(4, tables=2), people(4), meetings(*pairs))
    before = Schedule((*[Place(0, 1)] * 0, *[Place(slot, 1) for slot in range(4)], None))

    found = replan(event, before, seconds=20)

    moves = [
        sum(old is not None and old != new for old, new in zip(before.slots, tried, strict=True))
        for tried in product(range(4), repeat=5)
        if not check(event, Schedule(tuple(Place(slot, 1 + (tried[:n].count(slot))) for n, slot in enumerate(tried))))
    ]
    assert (len(found.moved), found.fewest_moved, found.unplaced) == (min(moves), min(moves), ())


def test_what_points_nowhere_is_refused() -> None:
    with pytest.raises(ProblemInvalid):
        replan(Problem(slots(1), people(1), (Meeting((0, 1)),)), Schedule((None,)))


def test_a_change_that_is_cancelled_keeps_what_stands() -> None:
    event = Problem(slots(6), people(3), meetings((0, 1), (0, 1), (0, 2)))

    found = replan(event, Schedule((Place(1, 1), Place(2, 1), None)), cancelled=lambda: True)

    assert (found.cancelled, found.moved, found.unplaced) == (True, (), ())
