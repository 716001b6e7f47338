"""Both proofs say what trying every timetable says, and what they and the search find keeps every rule."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest

from states.matchmaking.timetable.checker import check
from states.matchmaking.timetable.draft import seat
from states.matchmaking.timetable.problem import Meeting, Problem
from states.matchmaking.timetable.tables_bound import fewest_breaks
from states.matchmaking.timetable.task import Finding
from states.matchmaking.timetable.worth import breaks_of, least_breaks, worth
from tests import laws
from tests.states.matchmaking.timetable import samples
from tests.states.matchmaking.timetable.samples import a_small_event, meetings, people

pytestmark = pytest.mark.law

EVENTS = [a_small_event(seed) for seed in laws.of(range(60), range(2, 60, 3))]


@pytest.fixture(scope="module")
def told() -> list[list[list[Finding]]]:
    """Return for each event what the two proofs and the search told."""
    command = [sys.executable, "-m", "tests.states.matchmaking.timetable.solving"]
    asked = "\n".join(event.dumps() for event in EVENTS)
    said = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout
    return [[[Finding.loads(one) for one in part] for part in json.loads(line)] for line in said.splitlines()]


def fewest_by_trying(problem: Problem) -> int | None:
    """Try every timetable that places all meetings; return the fewest breaks."""
    counts = []
    for slots in product(*problem.domains):
        taken = Counter(slots[number] for number in problem.seated)
        if all(taken[slot] <= len(tables) for slot, tables in enumerate(problem.shared)):
            schedule = seat(problem, slots)
            if not check(problem, schedule):
                counts.append(sum(breaks_of(problem, slots)))
    return min(counts, default=None)


def test_both_proofs_agree_with_trying_everything(told: list[list[list[Finding]]]) -> None:
    expected = [fewest_by_trying(event) for event in EVENTS]

    proven = [parts[0][-1] for parts in told]
    assert [None if one.impossible else one.bound for one in proven] == expected
    for event, (_, climbed, _), count in zip(EVENTS, told, expected, strict=True):
        bound = max(one.bound for one in climbed if one.bound is not None)
        found = [worth(event, one.slots).breaks for one in climbed if one.slots is not None]
        assert count is None or bound <= count
        if count is not None and (event.fairness is None or count < len(event.participants)):
            assert (bound, found) == (count, [count])
        else:
            assert found == []
    assert {None, 0, 1, 2} <= set(expected)  # the events are worth the trial


def test_what_is_found_keeps_every_rule(told: list[list[list[Finding]]]) -> None:
    faults = [
        fault
        for event, parts in zip(EVENTS, told, strict=True)
        for part in parts
        for finding in part
        if finding.slots is not None
        for fault in check(event, seat(event, finding.slots))
        if not fault.startswith("fairness")
    ]

    assert faults == []


def test_the_search_places_all_where_that_is_possible(told: list[list[list[Finding]]]) -> None:
    possible = [event for event, parts in zip(EVENTS, told, strict=True) if not parts[0][-1].impossible]
    last = [parts[2][-1].slots or () for parts in told if not parts[0][-1].impossible]

    unplaced = [worth(event, slots).unplaced for event, slots in zip(possible, last, strict=True)]

    assert len(possible) > len(EVENTS) / 3
    assert sum(unplaced) == 0


def test_nobody_can_have_fewer_breaks_than_the_bound_says() -> None:
    for event in EVENTS:
        bounds = least_breaks(event)
        for slots in product(*event.domains):
            counts = breaks_of(event, slots)
            distinct = all(len({slots[n] for n in held}) == len(held) for held in event.meetings_of)
            assert not distinct or all(bound <= count for bound, count in zip(bounds, counts, strict=True))


def test_what_few_tables_force_is_never_more_than_what_there_is() -> None:
    events = [replace(event, meetings=tuple(map(_at_shared_tables, event.meetings))) for event in EVENTS]
    events = [
        replace(event, participants=tuple(replace(one, booth=None) for one in event.participants)) for event in events
    ]
    fewest = [(event, fewest_by_trying(event)) for event in events]
    possible = [(event, count) for event, count in fewest if count is not None]

    assert all(fewest_breaks(event) <= count for event, count in possible)
    assert len(possible) > len(EVENTS) / 3


def test_few_tables_force_breaks_that_nobody_alone_would_need() -> None:
    pairs = meetings((0, 1), (0, 2), (0, 3), (0, 4), (1, 3), (1, 4), (2, 3), (2, 4))
    crowded = Problem(samples.slots(4, tables=2), people(5), pairs)

    assert (sum(least_breaks(crowded)), fewest_breaks(crowded), fewest_by_trying(crowded)) == (0, 2, 2)


def _at_shared_tables(meeting: Meeting) -> Meeting:
    return replace(meeting, participants=meeting.participants[:2], online=False)
