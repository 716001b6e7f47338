"""A program for the tests: it proves and searches many small events in one process, as the solving processes do.

In a process of its own, because solvers that exclude each other must not be loaded by the test run.
"""

import json
import sys

from states.matchmaking.timetable.problem import Problem
from states.matchmaking.timetable.search import Search
from states.matchmaking.timetable.task import Finding, Role, Task
from states.matchmaking.timetable.worker import climb, prove


def found(problem: Problem) -> list[list[str]]:
    """Return what each of the two proofs tells, and what a short search finds, as lines."""
    told: list[list[Finding]] = [[], [], []]
    prove(Task(Role.PROVE, problem, 20.0, 1), told[0].append)
    climb(Task(Role.CLIMB, problem, 20.0, 1), told[1].append)
    Search(problem, seconds=0.1, seed=1, tell=lambda slots: told[2].append(Finding(slots=list(slots)))).run()
    return [[finding.dumps() for finding in into] for into in told]


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(found(Problem.loads(line))), flush=True)
