"""What a funding mix costs to find, exactly, beside two other engines on the same program; and how it grows.

The cases are made up (partners / cost items / instruments). Seconds are of the clock, those in brackets of the
processor: a busy machine shows in the difference.
"""

import json
import subprocess
import sys
from statistics import median
from typing import Any

import pytest

pytestmark = pytest.mark.bench

Size = tuple[int, int, int]
SMALL, MIDDLE, LARGE = (6, 30, 25), (12, 80, 60), (30, 200, 100)
CENT = 10_000  # units of private cash


def run(what: str, size: Size, seed: int, limit: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.funding_run", what, *map(str, (*size, seed, limit))]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    said: dict[str, Any] = json.loads(output.splitlines()[-1])  # HiGHS says things of its own before
    return said


def tell(what: str, runs: list[dict[str, Any]]) -> None:
    seconds, worked = ([one[key] for one in runs] for key in ("seconds", "cpu"))
    more = ", ".join(
        f"{key} {[one[key] for one in runs]}" for key in ("mixes", "breaches", "complete") if key in runs[0]
    )
    proven = [one["proven"] if isinstance(one["proven"], int) else sum(one["proven"]) for one in runs]
    print(
        f"  {what:8} median {median(seconds):6.2f} s ({median(worked):.2f}), longest {max(seconds):6.2f} s "
        f"({max(worked):.2f}), at most {max(one['megabytes'] for one in runs)} MB; proven {proven}"
        f"{'; ' + more if more else ''}"
    )


@pytest.mark.parametrize(
    ("size", "seeds", "limit", "engines"),
    [
        (SMALL, range(9), 20, ("CP_SAT", "HIGHS", "GSCIP")),
        (MIDDLE, range(2), 30, ("CP_SAT", "HIGHS")),
        (LARGE, range(1), 120, ("CP_SAT", "HIGHS")),
    ],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) and isinstance(value[0], int) else "",
)
def test_one_optimum_beside_other_engines(size: Size, seeds: range, limit: int, engines: tuple[str, ...]) -> None:
    found = {engine: [run(engine, size, seed, limit) for seed in seeds] for engine in engines}

    print(f"\none optimum of {'/'.join(map(str, size))}, gap, private cash, applications, time; {limit} s at most:")
    for engine, runs in found.items():
        tell(engine, runs)
    for other in engines[1:]:
        for ours, theirs in zip(found["CP_SAT"], found[other], strict=True):
            _agree(ours, theirs)


def _agree(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Hold two engines to the same sums as far as both have proven them: gap, private cash, applications."""
    for place, apart in enumerate((1, CENT, 0.5)):
        if not (ours["proven"][place] and theirs["proven"][place]):
            break
        assert abs(ours["sums"][place] - theirs["sums"][place]) < apart


@pytest.mark.parametrize(
    ("size", "seeds", "limit"),
    [(SMALL, range(5), 30), (MIDDLE, range(1), 60), (LARGE, range(1), 120)],
    ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_all_named_mixes(size: Size, seeds: range, limit: int) -> None:
    runs = [run("all", size, seed, limit) for seed in seeds]

    print(f"\nall named mixes of {'/'.join(map(str, size))}, {limit} s of work at most:")
    tell("CP_SAT", runs)
    assert [one["breaches"] for one in runs] == [0 for _ in runs]
