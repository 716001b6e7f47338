"""The command `bankable events solve`: schedule a published B2B instance and say how good the timetable is."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from api.commands.files import file_text
from states.matchmaking.timetable.checker import check
from states.matchmaking.timetable.dzn import PUBLISHED_FAIRNESS, read
from states.matchmaking.timetable.problem import Problem
from states.matchmaking.timetable.solver import Outcome, Progress, solve


def solve_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="an instance (.dzn)")],
    seconds: Annotated[
        float,
        typer.Option(
            min=0.1,
            help="how much to search: the work of so many seconds of a quiet core, for each process; a busy machine "
            "takes longer and finds the same",
        ),
    ] = 30.0,
    fairness: Annotated[
        int, typer.Option(min=-1, help="largest difference of two participants' breaks; -1: any")
    ] = PUBLISHED_FAIRNESS,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object instead of lines")] = False,
) -> None:
    """Schedule an event with the fewest breaks; Ctrl-C ends the search and prints the best so far.

    Participants, meetings and slots are numbered from 1, as in the file. The exit code is 0 where the timetable is
    proven to have the fewest breaks, 1 where it is impossible to place all meetings and keep fairness, which the
    explanation explains, 2 where the file has faults, and 3 where the search ended before its end.
    """
    problem = read(file_text(file), fairness=None if fairness < 0 else fairness)
    with _interruptible() as interrupted:
        outcome = solve(problem, seconds=seconds, on_progress=_show, cancelled=interrupted.is_set)
    faults = check(problem, outcome.schedule, breaks=outcome.breaks)
    if as_json:
        typer.echo(json.dumps(_object(outcome, faults)))
    else:
        for line in _lines(problem, outcome, faults):
            typer.echo(line)
    raise typer.Exit(1 if outcome.impossible else 0 if outcome.proven and not faults else 3)


@contextmanager
def _interruptible() -> Iterator[Event]:
    """Turn Ctrl-C within the block into an event."""
    interrupted = Event()
    earlier = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, earlier)


def _show(progress: Progress) -> None:
    typer.echo(
        f"{progress.seconds:6.1f} s  unplaced {progress.unplaced}  breaks {progress.breaks}  bound {progress.bound}",
        err=True,
    )


def _object(outcome: Outcome, faults: list[str]) -> dict[str, object]:
    return {
        "breaks": outcome.breaks,
        "proven": outcome.proven,
        "bound": outcome.bound,
        "unplaced": [number + 1 for number in outcome.unplaced],
        "unfair": outcome.unfair,
        "impossible": outcome.impossible,
        "cancelled": outcome.cancelled,
        "seconds": round(outcome.seconds, 3),
        "faults": faults,
        "failures": outcome.failures,
        "meetings": [
            {"meeting": number, "slot": place.slot + 1 if place else None, "table": place.table if place else None}
            for number, place in enumerate(outcome.schedule.places, start=1)
        ],
        "explanation": [
            {
                **asdict(reason),
                "meetings": [number + 1 for number in reason.meetings],
                "participants": [number + 1 for number in reason.participants],
                "slots": [number + 1 for number in reason.slots],
            }
            for reason in outcome.explanation
        ],
    }


def _lines(problem: Problem, outcome: Outcome, faults: list[str]) -> Iterator[str]:
    yield f"breaks    {outcome.breaks}"
    yield f"proven    {'yes' if outcome.proven else 'no'}"
    yield f"bound     {outcome.bound}"
    yield f"unplaced  {len(outcome.unplaced)}"
    yield f"seconds   {outcome.seconds:.1f}"
    for fault in faults:
        yield f"not kept  {fault}"
    for failure in outcome.failures:
        yield f"failed    {failure}"
    if outcome.impossible:
        yield "Not all of this can be had:"
    for reason in outcome.explanation:
        yield f"- {reason.message}"
        for mend in reason.mends:
            yield f"    mended by: {mend}"
    yield "meeting  slot  table  participants"
    for number, (meeting, place) in enumerate(zip(problem.meetings, outcome.schedule.places, strict=True), start=1):
        who = ", ".join(str(one + 1) for one in meeting.participants)
        slot, table = (place.slot + 1, place.table) if place else ("-", "-")
        yield f"{number:7}  {slot:>4}  {table:>5}  {who}"
