"""What it costs that SQLite waits for the disk at each commit, and how long writers wait for one another."""

import os
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter, sleep

import pytest

from states.outbox.service import publish
from states.settings import settings
from states.storage import begin, engine, turns
from tests.bench.moving.ours import mover
from tests.bench.moving.work import Task
from tests.copies import copy_row, seal_copies
from tests.factories import a_collaboration, a_world

ROUNDS, WARM_UP = 200, 20
WRITERS, WRITES, IN_TURN = 8, 40, 4
LEVELS = ("NORMAL", "FULL")


@pytest.mark.bench
@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_price_of_a_commit_that_outlives_a_power_cut() -> None:
    with begin() as session:
        world = a_world(session)
        row = a_collaboration(world)
        keys, version = copy_row(session, row, 2 * (ROUNDS + WARM_UP)), row.version
        seal_copies(session, keys)
    waiting = iter([Task(key, version) for key in keys])
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


@pytest.mark.bench
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize("pause", [0, 0.05])
def test_writers_in_a_queue_beside_writers_without_one(installation: Path, pause: float) -> None:
    waited: dict[bool, list[float]] = {True: [], False: []}
    context = get_context("spawn")
    with context.Pool(WRITERS, _prepare, (str(installation), context.Barrier(WRITERS))) as writers:
        for number in range(2 * IN_TURN):
            queued = number % 4 in (0, 3)
            for took in writers.starmap(_write, [(queued, pause)] * WRITERS, chunksize=1):
                waited[queued] += took
    for queued, seconds in waited.items():
        p50, p99 = median(seconds), quantiles(seconds, n=100)[-1]
        print(
            f"\n{WRITERS} writers, {pause} s between, {'in a queue' if queued else 'without one'}: "
            f"p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms, max {max(seconds) * 1e3:.0f} ms"
        )
    p99_of = {queued: quantiles(seconds, n=100)[-1] for queued, seconds in waited.items()}
    print(f"p99 in a queue is {p99_of[True] / p99_of[False]:.2f} of that without")


_start: Barrier


def _prepare(home: str, start: Barrier) -> None:
    global _start
    _start = start
    os.environ.update(BANKABLE_HOME=home, BANKABLE_DATABASE_URL="")


def _write(queued: bool, pause: float) -> list[float]:
    """Write small transactions, each after so many seconds on average; return how long each took."""
    chance, took = Random(), []
    turns._KNOWN = queued
    engine().dispose()
    with begin(read_only=True) as session:
        session.connection()
    _start.wait()
    for _ in range(WRITES):
        sleep(chance.expovariate(1 / pause) if pause else 0)
        began = perf_counter()
        with begin() as session:
            publish(session, "nobody.answers", partnership_id="p")
        took.append(perf_counter() - began)
    return took
