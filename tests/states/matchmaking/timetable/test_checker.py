"""The check finds each rule that a timetable breaks, and nothing in one that keeps all."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from states.matchmaking.timetable.checker import check
from states.matchmaking.timetable.draft import seat
from states.matchmaking.timetable.effort import Effort
from states.matchmaking.timetable.exchanges import Exchanges
from states.matchmaking.timetable.problem import Meeting, Participant, Place, Problem, Schedule
from states.matchmaking.timetable.worth import breaks_of, worth
from tests.states.matchmaking.timetable.samples import a_small_event, away, meetings, people, slots

EVENT = Problem(
    slots(4, tables=2, mornings=2),
    people(6, p1=away(0), p2=Participant(booth=7), p3=Participant(most_per_session=1), p4=Participant(most=2)),
    (
        Meeting((0, 1), session=1),
        Meeting((0, 2)),
        Meeting((3, 4), slot=0),
        Meeting((3, 5), earliest=2),
        Meeting((4, 5), online=True),
    ),
    ((0, 3),),
)
RIGHT = (Place(1, 1), Place(0, 7), Place(0, 1), Place(2, 1), Place(1, None))


def faults(*changes: tuple[int, Place | None], breaks: int | None = None, event: Problem = EVENT) -> list[str]:
    places: list[Place | None] = list(RIGHT)
    for number, place in changes:
        places[number] = place
    return check(event, Schedule(tuple(places)), breaks=breaks)


def test_a_right_timetable_has_no_fault() -> None:
    assert faults(breaks=1) == []


def test_a_meeting_without_a_place_breaks_no_rule() -> None:
    assert faults((0, None)) == []


@pytest.mark.parametrize(
    ("number", "place", "expected"),
    [
        (0, Place(4, 1), ["meeting 0: there is no slot 4"]),
        (0, Place(-1, 1), ["meeting 0: there is no slot -1"]),
        (
            0,
            Place(2, 2),
            [
                "meeting 0: slot 2 is not in session 1",
                "meeting 0: is not before meeting 3",
            ],
        ),
        (
            0,
            Place(0, 2),
            ["meeting 0: slot 0 is forbidden to participant 1", "participant 0: 2 meetings in slot 0"],
        ),
        (2, Place(1, 2), ["meeting 2: is fixed in slot 0, not 1", "participant 4: 2 meetings in slot 1"]),
        (
            3,
            Place(1, 2),
            [
                "meeting 3: slot 1 is before 2",
                "participant 5: 2 meetings in slot 1",
                "participant 3: 2 meetings in session 1, more than 1",
                "meeting 0: is not before meeting 3",
            ],
        ),
        (4, Place(1, 2), ["meeting 4: is online and has table 2"]),
        (3, Place(2, None), ["meeting 3: has no table"]),
        (1, Place(0, 2), ["meeting 1: is at table 2, not at booth 7"]),
        (3, Place(2, 7), ["meeting 3: table 7 is not there for it in slot 2"]),
        (3, Place(2, 3), ["meeting 3: table 3 is not there for it in slot 2"]),
    ],
)
def test_each_rule_broken_is_found(number: int, place: Place, expected: list[str]) -> None:
    assert faults((number, place)) == expected


def test_a_table_taken_twice_is_found() -> None:
    event = Problem(slots(1), people(4), meetings((0, 1), (2, 3)))

    assert check(event, Schedule((Place(0, 5), Place(0, 5)))) == ["table 5: meetings 0, 1 in slot 0"]


def test_too_many_meetings_in_all_are_found() -> None:
    event = replace(EVENT, participants=(*EVENT.participants[:4], Participant(most=1), EVENT.participants[5]))

    assert faults(event=event) == ["participant 4: 2 meetings, more than 1"]


def test_other_breaks_than_claimed_are_found() -> None:
    assert faults(breaks=3) == ["breaks: 1, not 3"]


def test_more_difference_than_fair_is_found() -> None:
    assert faults(event=replace(EVENT, fairness=1)) == []
    assert faults(event=replace(EVENT, fairness=0)) == ["fairness: from 0 to 1 breaks, 0 may lie between"]


def test_places_of_another_event_are_found() -> None:
    assert check(EVENT, Schedule(RIGHT[:2])) == ["2 places for 5 meetings"]


@given(seed=some.integers(0, 10_000), times=some.integers(1, 3))
def test_whatever_the_search_by_exchanges_does_keeps_the_rules(seed: int, times: int) -> None:
    event = a_small_event(seed)
    draft = Exchanges(event, seed=seed)

    draft.fill()
    found: list[Sequence[int | None]] = [list(draft.slots)]
    for _ in range(times):
        found += map(list, draft.anneal(Effort(0.005), 0.005))
        found.append(list(draft.slots))

    for one in found:
        faults = check(event, seat(event, one), breaks=worth(event, one).breaks)
        assert [fault for fault in faults if not fault.startswith("fairness")] == []
    assert (len(draft.unplaced), sum(breaks_of(event, draft.slots))) == worth(event, draft.slots)[::2]
