"""Solving in processes: optimal, explained, reported on the way, cancelled at once, and nothing left behind."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pytest

from states.matchmaking.timetable.checker import check
from states.matchmaking.timetable.explain import Cause
from states.matchmaking.timetable.problem import Meeting, Participant, Place, Problem, ProblemInvalid, Schedule
from states.matchmaking.timetable.solver import Progress, _Race, solve
from states.matchmaking.timetable.task import Finding, Mend
from tests.bench.generated_events import a_generated_event
from tests.states.matchmaking.timetable.samples import away, meetings, people, slots
from tests.waiting import wait_until

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes by /proc")


def test_all_is_placed_with_the_fewest_breaks() -> None:
    # Participant 0 is away in the middle: one break, and the others need none.
    event = Problem(slots(5, tables=1), people(5, p0=away(2)), meetings((0, 1), (0, 2), (0, 3), (0, 4)), fairness=2)
    told: list[Progress] = []

    found = solve(event, seconds=20, on_progress=told.append)

    assert (found.breaks, found.bound, found.proven, found.unplaced) == (1, 1, True, ())
    assert (found.unfair, found.impossible, found.cancelled, found.explanation) == (0, False, False, ())
    assert check(event, found.schedule, breaks=1) == []
    assert (told[-1].unplaced, told[-1].breaks, told[-1].bound) == (0, 1, 1)


def test_an_event_without_meetings_is_done() -> None:
    found = solve(Problem(slots(2), people(2), ()), seconds=20)

    assert (found.schedule, found.proven, found.breaks) == (Schedule(()), True, 0)


def test_what_points_nowhere_is_refused_with_every_fault() -> None:
    event = Problem(
        slots(2),
        (Participant(frozenset({2}), most=-1), Participant()),
        (Meeting((0, 2)), Meeting((1,)), Meeting((1, 1, 0), slot=5)),
        ((0, 3),),
        fairness=-1,
    )

    with pytest.raises(ProblemInvalid) as refused:
        solve(event)

    assert [(fault.place, fault.message) for fault in refused.value.faults] == [
        ("participants.0.forbidden", "there is no slot 2"),
        ("participants.0.most", "is -1"),
        ("meetings.0.participants", "there is no participant 2"),
        ("meetings.1.participants", "are fewer than two"),
        ("meetings.2.participants", "1 is there 2 times"),
        ("meetings.2.slot", "there is no slot 5"),
        ("precedences.0", "there is no meeting 3"),
        ("fairness", "is -1"),
    ]


@pytest.mark.long
def test_meetings_that_do_not_fit_together_are_explained_with_the_fewest_changes() -> None:
    # Each of three has two meetings and two slots; a slot holds one of the three meetings only.
    event = Problem(slots(3), people(3, p0=away(2), p1=away(2), p2=away(2)), meetings((0, 1), (1, 2), (0, 2)))

    found = solve(event, seconds=30)

    assert (found.impossible, found.proven, len(found.unplaced)) == (True, False, 1)
    assert check(event, found.schedule, breaks=found.breaks) == []
    (reason,) = found.explanation
    assert (reason.cause, reason.message) == (Cause.TOGETHER, "2 of 3 meetings fit together, and no more")
    drop, free = reason.mends
    assert (drop, free.count("slot 3 for participant")) == (f"drop meeting {reason.meetings[0] + 1}", 2)


@pytest.mark.long
def test_fairness_that_cannot_be_kept_is_explained_with_the_least_that_can() -> None:
    event = Problem(slots(3), people(3, p0=away(1)), meetings((0, 1), (0, 2)), fairness=0)

    found = solve(event, seconds=30)

    assert (found.impossible, found.unplaced, found.unfair) == (True, (), 1)
    assert [(one.cause, one.mends) for one in found.explanation] == [(Cause.FAIRNESS, ("allow a difference of 1",))]
    assert solve(replace(event, fairness=1), seconds=30).proven is True


def test_a_timetable_that_only_lacks_fairness_shows_what_difference_is_enough() -> None:
    event = Problem(slots(5), people(3, p0=away(1, 3)), meetings((0, 1), (0, 2), (0, 1)), fairness=0)
    race = _Race(event, None, lambda: False)

    race.learn(Finding(impossible=True, slots=[0, 2, 4]))

    assert race.mending == Mend(fairness=2)  # two breaks, one and none


@pytest.mark.long
def test_what_counting_explains_still_has_as_many_placed_as_can_be() -> None:
    event = Problem(slots(2, tables=1), people(8), meetings((0, 1), (2, 3), (4, 5), (6, 7)))

    found = solve(event, seconds=30)

    assert (found.impossible, len(found.unplaced)) == (True, 2)
    assert [one.cause for one in found.explanation] == [Cause.TABLES, Cause.TOGETHER]
    assert found.explanation[1].mends[1] == "set up 1 more tables in every slot"


def test_tables_stay_and_booth_owners_sit_at_their_own() -> None:
    fixed = (Meeting((0, 1), slot=0), Meeting((2, 3), slot=0), Meeting((0, 4), slot=1), Meeting((5, 3), slot=1))
    event = Problem(slots(2, tables=3), people(6, p5=Participant(booth=8)), fixed)
    before = Schedule((Place(0, 3), Place(0, 1), None, None))

    found = solve(event, seconds=20, before=before)

    assert found.schedule.places == (Place(0, 3), Place(0, 1), Place(1, 3), Place(1, 8))


def test_a_search_that_is_cancelled_gives_the_best_so_far_at_once() -> None:
    event = a_generated_event(200, 1000, 20)
    told: list[Progress] = []
    before = getrusage(RUSAGE_CHILDREN).ru_utime

    found = solve(event, seconds=300, on_progress=told.append, cancelled=lambda: len(told) > 2)

    assert (found.cancelled, found.proven, found.unplaced) == (True, False, ())
    assert getrusage(RUSAGE_CHILDREN).ru_utime - before < 150  # of the 300 that each process has
    assert check(event, found.schedule, breaks=found.breaks)[1:] == []  # fairness may not be reached yet
    assert _children() == []


def test_time_that_is_too_short_for_a_process_still_gives_a_timetable() -> None:
    event = a_generated_event(40, 120, 12)

    found = solve(event, seconds=0.01)

    assert (len(found.schedule.places), found.proven, found.cancelled) == (120, False, False)
    assert [fault for fault in check(event, found.schedule) if not fault.startswith("fairness")] == []


@needs_proc
def test_whoever_is_killed_leaves_no_process_behind() -> None:
    asking = (
        "from tests.bench.generated_events import a_generated_event\n"
        "from states.matchmaking.timetable.solver import solve\n"
        "solve(a_generated_event(200, 1000, 20), seconds=300, on_progress=lambda _: print('on', flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", asking], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        workers = _children(parent.pid)
        parent.kill()

    assert len(workers) == 3
    wait_until(lambda: not any(_alive(one) for one in workers))


@needs_proc
def test_a_killed_worker_leaves_the_others_at_work() -> None:
    event = a_generated_event(30, 60, 8)
    killed: list[int] = []

    def kill_one() -> bool:
        if not killed and (workers := _children()):
            os.kill(workers[-1], signal.SIGKILL)
            killed.append(workers[-1])
        return False

    found = solve(event, seconds=60, cancelled=kill_one)

    assert (len(killed), found.proven, check(event, found.schedule, breaks=found.breaks)) == (1, True, [])


def test_whoever_asks_never_loads_the_solver() -> None:
    asking = "import sys, states.matchmaking.timetable.solver, states.matchmaking.timetable.replan\n"
    said = subprocess.run(
        [sys.executable, "-c", asking + "print([one for one in sys.modules if 'ortools' in one])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert said == "[]\n"


def _children(process: int | None = None) -> list[int]:
    """Return the solving processes that a process has started, this one without a number."""
    tasks = Path(f"/proc/{process or os.getpid()}/task").iterdir()
    started = [int(child) for task in tasks for child in (task / "children").read_text(encoding="ascii").split()]
    return [child for child in started if _alive(child)]


def _alive(process: int) -> bool:
    try:
        return b"timetable.worker" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False
