"""What it costs that SQLite waits for the disk at each commit: a move with synchronous=FULL beside one with NORMAL."""

from statistics import median
from time import perf_counter

import pytest

from states.settings import settings
from states.storage import begin, engine
from tests.bench.moving.ours import mover
from tests.bench.moving.work import Task
from tests.copies import copy_row
from tests.factories import a_collaboration, a_world

ROUNDS, WARM_UP = 200, 20
LEVELS = ("NORMAL", "FULL")


@pytest.mark.bench
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_price_of_a_commit_that_outlives_a_power_cut() -> None:
    with begin() as session:
        world = a_world(session)
        row = a_collaboration(world)
        waiting = iter([Task(key, row.version) for key in copy_row(session, row, 2 * (ROUNDS + WARM_UP))])
    move = mover(settings().database)
    seconds: dict[str, list[float]] = {level: [] for level in LEVELS}
    for number in range(ROUNDS + WARM_UP):
        for level in LEVELS if number % 2 else reversed(LEVELS):
            _set(level)
            began = perf_counter()
            move(next(waiting))
            seconds[level].append(perf_counter() - began)
    normal, full = (median(seconds[level][WARM_UP:]) for level in LEVELS)
    print(f"\nA move on SQLite: NORMAL {normal * 1e3:.2f} ms, FULL {full * 1e3:.2f} ms: {full / normal:.2f} times")


def _set(level: str) -> None:
    """Set it on the one connection that the pool of this process lends to one at a time."""
    connection = engine().raw_connection()
    connection.cursor().execute(f"PRAGMA synchronous={level}")
    connection.close()
