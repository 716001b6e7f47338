"""Load changes the time and not the answer: a solver ends by its own work, however long that takes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from states.matchmaking.timetable.replan import replan
from states.matchmaking.timetable.solver import solve
from tests.bench.generated_events import a_generated_event, a_planted_event

_BURNERS = 4
_BURN = "while True: pass"


@contextmanager
def busy() -> Iterator[None]:
    """Let others have most of the machine within the block."""
    burners = [subprocess.Popen([sys.executable, "-c", _BURN]) for _ in range(_BURNERS)]
    try:
        yield
    finally:
        for one in burners:
            one.kill()
            one.wait()


@pytest.mark.long
def test_what_is_not_proven_is_the_same_on_a_busy_machine_place_by_place() -> None:
    event = a_planted_event(70, 154, 21, 12, seed=1, morning=13)

    quiet = solve(event, seconds=0.5)
    with busy():
        loaded = solve(event, seconds=0.5)

    assert not quiet.proven
    assert (loaded.schedule, loaded.breaks, loaded.bound) == (quiet.schedule, quiet.breaks, quiet.bound)


def test_what_is_proven_is_proven_on_a_busy_machine() -> None:
    event = a_planted_event(20, 40, 8, 6, seed=1)

    quiet = solve(event, seconds=5)
    with busy():
        loaded = solve(event, seconds=5)

    assert quiet.proven
    assert (loaded.proven, loaded.breaks, loaded.bound) == (True, quiet.breaks, quiet.bound)


@pytest.mark.long
def test_what_is_impossible_is_explained_in_the_same_words() -> None:
    event = a_planted_event(20, 40, 8, 3, seed=1)  # forty meetings, twenty-four places

    quiet = solve(event, seconds=0.5)
    with busy():
        loaded = solve(event, seconds=0.5)

    assert quiet.impossible
    assert (loaded.schedule, loaded.explanation) == (quiet.schedule, quiet.explanation)


@pytest.mark.long
def test_a_change_on_the_day_is_the_same() -> None:
    event = a_generated_event(20, 60, 10)
    before = solve(event, seconds=0.2).schedule
    changed = a_generated_event(20, 60, 10, away=0.4)

    quiet = replan(changed, before, seconds=0.3)
    with busy():
        loaded = replan(changed, before, seconds=0.3)

    assert (loaded.schedule, loaded.moved, loaded.fewest_moved) == (quiet.schedule, quiet.moved, quiet.fewest_moved)
