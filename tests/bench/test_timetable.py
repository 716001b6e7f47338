"""Timetables: published optima, generated events and changes on the day, beside what is usual, in the same run."""

import json
import resource
import subprocess
import sys
from dataclasses import replace
from itertools import product
from random import Random
from time import perf_counter

import pytest

from states.matchmaking.timetable.checker import check
from states.matchmaking.timetable.dzn import read
from states.matchmaking.timetable.problem import Problem, Schedule
from states.matchmaking.timetable.replan import replan
from states.matchmaking.timetable.solver import solve
from states.matchmaking.timetable.worth import worth
from tests.bench.generated_events import a_generated_event, a_planted_event
from tests.bench.published import FOLDER, OPTIMA

pytestmark = pytest.mark.bench

LIMIT = 30.0


def first_fit(event: Problem) -> list[int | None]:
    """Place each meeting in the first slot that all have free and that has a table, as platforms do."""
    busy: set[tuple[int, int]] = set()
    room = [len(tables) for tables in event.shared]
    places: list[int | None] = []
    for meeting, domain in zip(event.meetings, event.domains, strict=True):
        fits = (t for t in domain if room[t] and not any((one, t) in busy for one in meeting.participants))
        slot = next(fits, None)
        places.append(slot)
        if slot is not None:
            room[slot] -= 1
            busy |= {(one, slot) for one in meeting.participants}
    return places


def plain(event: Problem, seconds: float) -> str:
    asked = f"{event.dumps()}\n{seconds}\n"
    command = [sys.executable, "-m", "tests.bench.plain_timetable"]
    said = json.loads(subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout)
    found = "none" if said["breaks"] is None else f"{said['breaks']}{' proven' if said['proven'] else ''}"
    return f"{found:>10} in {said['seconds']:5.1f} s"


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the published instances are not here")
def test_the_published_instances_beside_first_fit_and_the_plain_model() -> None:
    print(f"\nFairness 2, at most {LIMIT:.0f} s each; first-fit: unplaced, breaks; plain model: two workers.")
    print("instance         breaks proven published seconds   first-fit   plain CP-SAT model")
    seen = {}
    for file in sorted(FOLDER.glob("*.dzn")):
        event = read(file.read_text(encoding="utf-8"))
        found = solve(event, seconds=LIMIT)
        usual = worth(event, first_fit(event))
        seen[file.stem] = (found.breaks, found.proven, check(event, found.schedule, breaks=found.breaks))
        print(
            f"{file.stem:16} {found.breaks:6} {'yes' if found.proven else 'no':>6} {OPTIMA.get(file.stem, '?'):>9} "
            f"{found.seconds:7.1f} {usual.unplaced:5} {usual.breaks:5}   {plain(event, LIMIT)}",
            flush=True,
        )

    assert {name: seen[name] for name in OPTIMA} == {name: (breaks, True, []) for name, breaks in OPTIMA.items()}


SHAPES = [(42, 125, 8, 16), (46, 184, 10, 19), (60, 237, 10, 25), (70, 154, 21, 12), (78, 302, 22, 22)]
EXTENSIONS = {  # shares of who is away, of fixed and of ordered meetings
    "as it is": (0.0, 0.0, 0.0),
    "away": (0.2, 0.0, 0.0),
    "fixed": (0.0, 0.1, 0.0),
    "ordered": (0.0, 0.0, 0.15),
    "all of them": (0.15, 0.05, 0.1),
}


@pytest.mark.parametrize(
    ("shape", "extension"), list(product(SHAPES, EXTENSIONS)), ids=lambda one: one if isinstance(one, str) else one[0]
)
def test_a_hundred_events_in_the_image_of_the_published_ones(shape: tuple[int, int, int, int], extension: str) -> None:
    """Four events of each shape and extension; `-k "hundred and 60-ordered"` takes one row of the table.

    Processor seconds are those of all processes: of 60 two quiet cores need 30 by the clock.
    """
    away, fixed, ordered = EXTENSIONS[extension]
    morning = 13 if shape[2] > 20 else None
    said = []
    for seed in range(4):
        event = a_planted_event(*shape, seed=seed, morning=morning, away=away, fixed=fixed, ordered=ordered)
        before = _processor()
        found = solve(event, seconds=LIMIT)
        proven = "proven" if found.proven else f"not proven (bound {found.bound})"
        said.append(f"{found.breaks} {proven} {_processor() - before:.1f} of the processor, {found.seconds:.1f} s")
        assert check(event, found.schedule, breaks=found.breaks) == []
    print(f"\n{shape!s:20} {extension:12} {'; '.join(said)}", flush=True)


def _processor() -> float:
    """Return the seconds of the processor that children took which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize(
    ("size", "seconds"),
    [((100, 400, 16), 60), ((200, 1000, 20), 60), ((500, 2500, 24), 120), ((1000, 5000, 30), 300)],
    ids=str,
)
def test_generated_events(size: tuple[int, int, int], seconds: int) -> None:
    event = a_generated_event(*size)
    usual = worth(event, first_fit(event))

    command = [sys.executable, "-m", "tests.bench.timetable_run", *map(str, (*size, seconds))]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    print(f"\n{size[0]} participants x {size[1]} meetings x {size[2]} slots, at most {seconds} s:")
    print(f"  {said}")
    print(f"  first-fit: {usual.unplaced} unplaced, {usual.breaks} breaks")
    assert said["faults"] == []
    assert said["unplaced"] == 0


def test_a_change_on_the_day() -> None:
    whole = a_generated_event(200, 1020, 20)
    morning = replace(whole, meetings=whole.meetings[:1000])
    found = solve(morning, seconds=30)
    away = set(Random(1).sample(range(200), 10))
    kept = [number for number, one in enumerate(whole.meetings) if not away & set(one.participants)]
    event = replace(whole, meetings=tuple(whole.meetings[number] for number in kept))
    before = Schedule(tuple(found.schedule.places[number] if number < 1000 else None for number in kept))

    began = perf_counter()
    changed = replan(event, before, seconds=5)
    seconds = perf_counter() - began
    anew = solve(event, seconds=seconds)

    others = sum(old != new and old is not None for old, new in zip(before.slots, anew.schedule.slots, strict=True))
    late = sum(number >= 1000 for number in kept)
    print(
        f"\n200 x 1,000 x 20, after 10 no-shows ({1000 + late - len(kept)} meetings fall away), {late} late requests:"
    )
    print(
        f"  {len(changed.moved)} moved (at least {changed.fewest_moved}), {len(changed.unplaced)} unplaced, "
        f"{changed.breaks} breaks in {seconds:.1f} s"
    )
    print(f"  scheduled anew in the same time: {others} moved, {len(anew.unplaced)} unplaced, {anew.breaks} breaks")
    assert changed.unplaced == ()
    assert [one for one in check(event, changed.schedule) if not one.startswith("fairness")] == []
